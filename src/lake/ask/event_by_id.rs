//! One event.

use serde::{Deserialize, Serialize};

use super::Question;
use super::newest::events_from;
use super::scope::equal;
use crate::lake::{LakeError, Moment, Span};
use crate::model::Map;

/// The event with this id, as columns of history, absent ones left out: of several sources' events
/// with one id, the newest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventById(pub String);

impl Question for EventById {
    type Answer = Option<Map>;

    fn span(&self) -> Span {
        Span::ALWAYS
    }

    fn answer(self, moment: &Moment) -> Result<Option<Map>, LakeError> {
        Ok(events_from(moment, &equal("id", &self.0), 1, 0)?.pop())
    }
}
