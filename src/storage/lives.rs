//! Lives of committers that are over: their rows leave once nothing needs them.
//!
//! Each start of a committer is a life with a row in `stream`, and where nodes share a database a lease of that
//! name. A life is over when nobody has kept its lease for as long as [`LEFT`]. Its row is needed while rounds of it
//! are in the tail: it says which of them are in files. Mergers name the round they were in, and stay; but readers
//! follow them life by life, so they begin anew when a life with mergers leaves.

use std::time::Duration;

use super::sql::{Sql, values};
use super::{Storage, StorageError, edits};
use crate::model::Time;

/// How long nobody must have kept a life's lease. A node that was stopped for longer and goes on finds its life
/// gone, commits nothing, and begins another.
const LEFT: Duration = Duration::from_secs(600);
/// So many leave in one go: this is looked for every half a minute, and rounds wait for no longer than it takes.
const LIVES_MAX: usize = 100;

/// Lives that began long ago, that nobody keeps, and of which no round is left. `$1` is the life of this node, `$2`
/// the moment since when nobody must have kept it.
const OVER: &str = "SELECT id, merged FROM stream WHERE id <> $1 AND started_at < $2 \
    AND events = 0 AND bytes = 0 \
    AND NOT EXISTS (SELECT 1 FROM lease WHERE lease.name = stream.id AND lease.until >= $2) \
    AND NOT EXISTS (SELECT 1 FROM tail WHERE tail.stream = stream.id) LIMIT $3";

impl dyn Storage + '_ {
    /// Takes away the rows of lives that are over, and leases that ran out long ago; `own` is this node's life.
    /// How many lives left.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn bury(&self, own: &str, now: Time) -> Result<usize, StorageError> {
        let before = now.minus(LEFT).micros();
        let old = "SELECT count(*) FROM lease WHERE until < $1";
        let is_any = self.ask(|database| {
            let lives = over(database, own, before)?;
            Ok(!lives.is_empty() || database.number(old, values![before])? > 0)
        })?;
        if !is_any {
            return Ok(0);
        }
        self.change(|database| {
            let mut left = 0;
            for (id, merged) in &over(database, own, before)? {
                left += leave(database, id, *merged)?;
            }
            database.execute("DELETE FROM lease WHERE until < $1", values![before])?;
            Ok(left)
        })
    }
}

/// Each with whether anybody was merged in it.
fn over(
    database: &mut dyn Sql,
    own: &str,
    before: i64,
) -> Result<Vec<(String, bool)>, StorageError> {
    let read = |row: &dyn super::Row| Ok((row.string(0)?, row.number(1)? > 0));
    database.all(OVER, values![own, before, LIVES_MAX], read)
}

/// Unless a round of it has come in since: whoever commits one changes the row.
fn leave(database: &mut dyn Sql, id: &str, has_merged: bool) -> Result<usize, StorageError> {
    let leave = "DELETE FROM stream WHERE id = $1 AND events = 0 AND bytes = 0";
    if database.execute(leave, values![id])? == 0 {
        return Ok(0);
    }
    if has_merged {
        edits::new_edition(database)?;
    }
    Ok(1)
}
