//! The most frequent values of a field, and how many people there are.

use super::{Field, Scope};

/// The most frequent values.
#[derive(Clone, Debug)]
pub struct Top {
    /// Of which events.
    pub scope: Scope,
    /// Of this field.
    pub field: Field,
    /// So many.
    pub limit: usize,
}

impl Top {
    /// Rows of `value`, `count` and `people` (distinct ones), the most frequent first.
    #[must_use]
    pub fn sql(&self) -> String {
        format!(
            "SELECT {} AS value, count(*) AS count, count(DISTINCT profile_id) AS people \
             FROM events WHERE {} GROUP BY value ORDER BY count DESC, value LIMIT {}",
            self.field.text(),
            self.scope.sql(),
            self.limit
        )
    }
}

/// How many there are.
#[derive(Clone, Debug)]
pub struct People {
    /// Behind which events.
    pub scope: Scope,
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
