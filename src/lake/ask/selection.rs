//! The reference's own question: how many events there are, and some of them.

use serde::{Deserialize, Serialize};

use super::newest::events_from;
use super::{Question, Scope};
use crate::lake::{LakeError, Moment, Span};
use crate::model::Map;

/// Some events, and how many there are of their kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Selection {
    /// Which events.
    pub scope: Scope,
    /// Of them, newest first, not so many first ones.
    pub skip: usize,
    /// And at most so many.
    pub limit: usize,
}

/// The answer to [`Selection`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Selected {
    /// How many there are in all.
    pub total: i64,
    /// Those that were asked for, as columns of history, absent ones left out.
    pub events: Vec<Map>,
}

impl Question for Selection {
    type Answer = Selected;

    fn span(&self) -> Span {
        Span::ALWAYS
    }

    fn answer(self, moment: &Moment) -> Result<Selected, LakeError> {
        let scope = self.scope.sql();
        let total = moment.number(&format!("SELECT count(*) FROM events WHERE {scope}"), &[])?;
        // A page may be asked for that is further on than DuckDB can count.
        let is_past_all = i64::try_from(self.skip).map_or(true, |skip| skip >= total);
        let events = if is_past_all {
            Vec::new()
        } else {
            events_from(moment, &scope, self.limit, self.skip)?
        };
        Ok(Selected { total, events })
    }
}
