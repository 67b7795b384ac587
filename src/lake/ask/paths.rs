//! What follows what: the ways that people take through a visit.

use serde::{Deserialize, Serialize};

use super::{Filter, Invalid, Question, Scope};
use crate::lake::{LakeError, Moment, OLDEST_FIRST, Span};

/// Fewest and most events of a path.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=6;

/// The most frequent sequences of event types within a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Paths {
    /// Which events are on the way; others are passed over.
    pub scope: Scope,
    /// Where a path begins.
    pub start: Filter,
    /// Events of a path; a visit that ends sooner gives a shorter one.
    pub length: usize,
    /// So many paths.
    pub limit: usize,
}

/// A sequence of events, and how frequent it is.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PathRow {
    /// The types of the events.
    pub path: Vec<String>,
    /// How often it was taken.
    pub count: u64,
    /// By how many distinct people.
    pub people: u64,
}

impl Paths {
    /// Rows of `path` (a list of types), `count` and `people`, the most frequent first.
    ///
    /// # Errors
    /// [`Invalid`] for paths of less than two or more than six events.
    pub fn sql(&self) -> Result<String, Invalid> {
        if !LENGTHS.contains(&self.length) {
            let (least, most) = (LENGTHS.start(), LENGTHS.end());
            return Err(Invalid(format!("a path has {least} to {most} events")));
        }
        Ok(format!(
            "WITH way AS (SELECT profile_id, ({start}) IS TRUE AS begins, \
             list(type) OVER (PARTITION BY session_id ORDER BY {OLDEST_FIRST} \
             ROWS BETWEEN CURRENT ROW AND {further} FOLLOWING) AS path \
             FROM events WHERE session_id IS NOT NULL AND {scope}) \
             SELECT path, count(*) AS count, count(DISTINCT profile_id) AS people FROM way \
             WHERE begins AND len(path) > 1 GROUP BY path ORDER BY count DESC, path LIMIT {limit}",
            start = self.start.sql(),
            further = self.length - 1,
            scope = self.scope.sql(),
            limit = self.limit,
        ))
    }
}

impl Question for Paths {
    type Answer = Vec<PathRow>;

    fn check(&self) -> Result<(), Invalid> {
        self.sql().map(drop)
    }

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<Vec<PathRow>, LakeError> {
        moment.read(&self.sql()?)
    }
}
