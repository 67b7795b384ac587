//! What follows what: the ways that people take through a visit.

use super::{Invalid, Scope};

/// Fewest and most events of a path.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=6;

/// The most frequent sequences of event types within a session.
#[derive(Clone, Debug)]
pub struct Paths {
    /// Which events are on the way; others are passed over.
    pub scope: Scope,
    /// Where a path begins, as a condition of SQL.
    pub start: String,
    /// Events of a path; a visit that ends sooner gives a shorter one.
    pub length: usize,
    /// So many paths.
    pub limit: usize,
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
             list(type) OVER (PARTITION BY session_id ORDER BY time, id \
             ROWS BETWEEN CURRENT ROW AND {further} FOLLOWING) AS path \
             FROM events WHERE session_id IS NOT NULL AND {scope}) \
             SELECT path, count(*) AS count, count(DISTINCT profile_id) AS people FROM way \
             WHERE begins AND len(path) > 1 GROUP BY path ORDER BY count DESC, path LIMIT {limit}",
            start = self.start,
            further = self.length - 1,
            scope = self.scope.sql(),
            limit = self.limit,
        ))
    }
}
