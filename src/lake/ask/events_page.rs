//! Events in a scope, newest first, page by page.

use serde::{Deserialize, Serialize};

use super::newest::events;
use super::{Page, Part, Question, Scope};
use crate::lake::{LakeError, Moment, Span};
use crate::model::Map;

/// A page of events, as columns of history, absent ones left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventsPage {
    /// Which events.
    pub scope: Scope,
    /// Which of them, newest first.
    pub part: Part,
}

impl Question for EventsPage {
    type Answer = Page<Map>;

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<Page<Map>, LakeError> {
        events(moment, &self.scope.sql(), &self.part)
    }
}
