//! Whether history knows somebody.

use serde::{Deserialize, Serialize};

use super::Question;
use super::scope::equal;
use crate::lake::{LakeError, Moment, Span};

/// Whether there is any event of this person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KnownInHistory(pub String);

impl Question for KnownInHistory {
    type Answer = bool;

    fn span(&self) -> Span {
        Span::ALWAYS
    }

    fn answer(self, moment: &Moment) -> Result<bool, LakeError> {
        let condition = equal("profile_id", &self.0);
        let sql = format!("SELECT count(*) FROM events WHERE {condition}");
        Ok(moment.number(&sql, &[])? > 0)
    }
}
