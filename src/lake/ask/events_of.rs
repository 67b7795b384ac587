//! What a person did last.

use serde::{Deserialize, Serialize};

use super::newest::events;
use super::scope::equal;
use super::{Page, Part, Question};
use crate::lake::{LakeError, Moment, Span};
use crate::model::Map;

/// A person's newest events, as columns of history, absent ones left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventsOf {
    /// The person's id that lives.
    pub person: String,
    /// In this session only.
    pub session: Option<String>,
    /// At most so many.
    pub limit: usize,
}

impl Question for EventsOf {
    type Answer = Page<Map>;

    fn span(&self) -> Span {
        Span::ALWAYS
    }

    fn answer(self, moment: &Moment) -> Result<Page<Map>, LakeError> {
        let mut conditions = vec![equal("profile_id", &self.person)];
        conditions.extend(self.session.map(|session| equal("session_id", &session)));
        let part = Part { after: None, limit: self.limit };
        events(moment, &conditions.join(" AND "), &part)
    }
}
