//! How many there are.

use serde::{Deserialize, Serialize};

use super::{Question, Scope};
use crate::lake::{LakeError, Moment, Span};

/// Whose an event is, in SQL: 64 bits instead of an id's 36 letters, hashed once where a file's
/// dictionary has it. That any two people out of ten million have the same happens in one of 400,000
/// installations, and then the two are counted as one.
pub(super) const WHO: &str = "hash(profile_id)";

/// How many there are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct People {
    /// Behind which events.
    pub scope: Scope,
}

/// How many there are.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PeopleRow {
    /// Events.
    pub events: u64,
    /// Distinct people behind them.
    pub people: u64,
    /// Distinct sessions in which they happened.
    pub sessions: u64,
}

impl People {
    /// One row of `events`, `people` and `sessions`.
    ///
    /// Ids are told apart by their hash, as in a funnel: letters take longer to remember. NULL has one
    /// too, which is taken off again where there is any.
    #[must_use]
    pub fn sql(&self) -> String {
        let distinct = |id: &str| {
            format!("count(DISTINCT hash({id})) - CAST(count({id}) < count(*) AS BIGINT)")
        };
        format!(
            "SELECT count(*) AS events, {} AS people, {} AS sessions FROM events WHERE {}",
            distinct("profile_id"),
            distinct("session_id"),
            self.scope.sql()
        )
    }
}

impl Question for People {
    type Answer = Vec<PeopleRow>;

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<Vec<PeopleRow>, LakeError> {
        moment.read(&self.sql())
    }
}
