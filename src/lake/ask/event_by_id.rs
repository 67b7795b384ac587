//! One event.

use serde::{Deserialize, Serialize};

use super::Question;
use super::newest::{all_events, collected};
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
        let newest = format!("{} LIMIT 1", all_events(&equal("id", &self.0)));
        Ok(collected(moment, &newest)?.pop())
    }
}
