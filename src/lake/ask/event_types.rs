//! Which types of events there are.

use serde::{Deserialize, Serialize};

use super::newest::rfc3339;
use super::{Question, Scope};
use crate::lake::{LakeError, Moment, Span};

/// Sources that are named of each type.
const SOURCES_MAX: usize = 20;

/// The types of events.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventTypes {
    /// Of which events.
    pub scope: Scope,
    /// So many types.
    pub limit: usize,
}

/// A type of events.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EventTypeRow {
    /// Its name, as events have it.
    #[serde(rename = "type")]
    #[schema(rename = "type")]
    pub kind: String,
    /// Events of it.
    pub events: u64,
    /// Distinct people behind them.
    pub people: u64,
    /// When the first happened, as RFC 3339.
    pub first_seen: String,
    /// When the last happened.
    pub last_seen: String,
    /// Who sends it, sorted; 20 at most.
    pub sources: Vec<String>,
}

impl EventTypes {
    /// Rows as [`EventTypeRow`] has them, the most frequent first.
    #[must_use]
    pub fn sql(&self) -> String {
        format!(
            "SELECT type, count(*) AS events, \
             count(DISTINCT hash(profile_id)) - CAST(count(profile_id) < count(*) AS BIGINT) AS people, \
             min(time) AS first_seen, max(time) AS last_seen, \
             list_sort(list(DISTINCT source_id))[:{SOURCES_MAX}] AS sources \
             FROM events WHERE {} GROUP BY type ORDER BY events DESC, type LIMIT {}",
            self.scope.sql(),
            self.limit
        )
    }
}

impl Question for EventTypes {
    type Answer = Vec<EventTypeRow>;

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<Vec<EventTypeRow>, LakeError> {
        let mut rows: Vec<EventTypeRow> = moment.read(&self.sql())?;
        for row in &mut rows {
            row.first_seen = rfc3339(&row.first_seen);
            row.last_seen = rfc3339(&row.last_seen);
        }
        Ok(rows)
    }
}
