//! What leaves the tables beside the rounds, a little at a time.

use super::{Sqlite, sql::Speaking};
use crate::storage::sql::{Sql, read_tail, values};
use crate::storage::{StorageError, TailRow};

/// Duplicate marks forgotten in one go; more wait for the next.
const FORGOTTEN_MAX: i64 = 10_000;
/// Rounds that leave the tail in one go: rounds to come wait for no longer than that takes.
const TRIMMED_MAX: i64 = 200;

/// Marks of days before `day`.
pub(super) fn forget_marks(engine: &Sqlite, day: i64) -> Result<(), StorageError> {
    let old = "SELECT hash FROM seen WHERE day < $1 LIMIT 1";
    if engine.look(|database| database.one(old, values![day], |_| Ok(())))?.is_none() {
        return Ok(());
    }
    let forget = "DELETE FROM seen WHERE hash IN (SELECT hash FROM seen WHERE day < $1 LIMIT $2)";
    engine.change(|database| database.execute(forget, values![day, FORGOTTEN_MAX]))?;
    Ok(())
}

/// Rounds that are in files and whose touches are in their sessions.
pub(super) fn tail(engine: &Sqlite) -> Result<(), StorageError> {
    let trim = "DELETE FROM tail WHERE rowid IN (SELECT tail.rowid FROM stream JOIN tail \
         ON tail.stream = stream.id AND tail.seq <= min(stream.flushed, stream.written_through) \
         LIMIT $1)";
    engine.write(|connection| Speaking(connection).execute(trim, values![TRIMMED_MAX]))?;
    Ok(())
}

/// Rounds whose touches may be missing from their sessions, oldest first.
pub(super) fn unfolded(
    database: &mut dyn Sql,
    visit: &mut dyn FnMut(TailRow),
) -> Result<(), StorageError> {
    let ask = "SELECT tail.stream, tail.seq, tail.rows FROM stream \
               JOIN tail ON tail.stream = stream.id AND tail.seq > stream.written_through \
               ORDER BY tail.stream, tail.seq";
    database.each(ask, &[], &mut |row| {
        visit(read_tail(row)?);
        Ok(std::ops::ControlFlow::Continue(()))
    })
}
