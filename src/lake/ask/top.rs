//! The most frequent values of a field.

use serde::{Deserialize, Serialize};

use super::{Field, Question, Scope};
use crate::lake::{LakeError, Moment, Span};

/// The most frequent values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Top {
    /// Of which events.
    pub scope: Scope,
    /// Of this field.
    pub field: Field,
    /// So many.
    pub limit: usize,
}

/// How often there is a value.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TopRow {
    /// The value, as a text. Left out for the events that have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub value: Option<String>,
    /// Events that have it.
    pub count: u64,
    /// Distinct people behind them.
    pub people: u64,
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

impl Question for Top {
    type Answer = Vec<TopRow>;

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<Vec<TopRow>, LakeError> {
        moment.read(&self.sql())
    }
}
