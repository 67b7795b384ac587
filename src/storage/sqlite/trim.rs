//! What leaves the tables beside the rounds, a little at a time.

use super::{Sqlite, sql::Speaking};
use crate::storage::StorageError;
use crate::storage::sql::{Sql as _, values};

/// Duplicate marks forgotten in one go; more wait for the next.
const FORGOTTEN_MAX: i64 = 10_000;
/// Rounds that leave the tail in one go: rounds to come wait for no longer than that takes.
const TRIMMED_MAX: i64 = 200;

/// Marks of days before `day`; whether there were any.
pub(super) fn forget_marks(engine: &Sqlite, day: i64) -> Result<bool, StorageError> {
    if engine.expire_waiting(day)? {
        return Ok(true);
    }
    let old = "SELECT hash FROM seen WHERE day < $1 LIMIT 1";
    if engine.look(|database| database.one(old, values![day], |_| Ok(())))?.is_none() {
        return Ok(false);
    }
    let forget = "DELETE FROM seen WHERE hash IN (SELECT hash FROM seen WHERE day < $1 LIMIT $2)";
    engine.change(|database| database.execute(forget, values![day, FORGOTTEN_MAX]))?;
    Ok(true)
}

/// What is done with: rounds that are in files and whose touches are in their sessions. `CROSS JOIN` makes SQLite begin
/// with the few streams: by itself it goes through the whole tail, and rounds wait meanwhile.
const DONE: &str = "SELECT tail.rowid FROM stream CROSS JOIN tail \
     ON tail.stream = stream.id AND tail.seq <= min(stream.flushed, stream.written_through) \
     LIMIT $1";

/// Rounds that are done with; whether there were any. Mostly there are none, and whoever only looks makes nobody wait.
pub(super) fn tail(engine: &Sqlite) -> Result<bool, StorageError> {
    if engine.look(|database| database.one(DONE, values![1_i64], |_| Ok(())))?.is_none() {
        return Ok(false);
    }
    engine.write(|connection| Speaking(connection).execute(&trim(), values![TRIMMED_MAX]))?;
    Ok(true)
}

fn trim() -> String {
    format!("DELETE FROM tail WHERE rowid IN ({DONE})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MIGRATIONS;

    #[test]
    fn it_does_not_go_through_the_whole_tail() {
        let database = rusqlite::Connection::open_in_memory().expect("SQLite in memory");
        for migration in MIGRATIONS {
            database.execute_batch(migration).expect("a migration");
        }
        for statement in [DONE.to_owned(), trim()] {
            let explain = format!("EXPLAIN QUERY PLAN {}", statement.replace("$1", "1"));
            let mut plan = database.prepare(&explain).expect("a plan");
            let steps = plan.query_map([], |row| row.get::<_, String>(3)).expect("steps");
            let steps: Vec<String> = steps.collect::<Result<_, _>>().expect("texts");
            assert!(steps.iter().any(|step| step.starts_with("SEARCH tail")), "{steps:?}");
            assert!(!steps.iter().any(|step| step.starts_with("SCAN tail")), "{steps:?}");
        }
    }
}
