//! What was deleted leaves the disk too: SQLite only forgets where it was.

use std::time::Duration;

use rusqlite::Connection;

use super::{Sqlite, checkpoint, lock};
use crate::storage::StorageError;

/// How often the log is tried to be emptied, and the pause between: as long as a question may take.
const TRIES_MAX: usize = 600;
const PAUSE: Duration = Duration::from_millis(100);

/// So much free space is overwritten in one commit, in bytes: rounds wait for no longer than that
/// takes.
const STEP_BYTES: i64 = 4 << 20;

/// Fills the free pages with zeroes and gives them back. Within pages nothing is left over: those
/// who delete overwrite (`secure_delete`, see `open`). Then the log starts anew, which also holds
/// old pages.
pub(super) fn run(engine: &Sqlite) -> Result<(), StorageError> {
    engine.write(|writer| {
        writer.execute_batch("CREATE TABLE IF NOT EXISTS wipe (zeroes BLOB NOT NULL)")?;
        Ok(())
    })?;
    while engine.write(|writer| fill(writer))? {}
    engine.write(|writer| {
        writer.execute_batch("DROP TABLE wipe")?;
        Ok(())
    })?;
    drop(lock(&engine.readers).drain(..).collect::<Vec<_>>());
    for _ in 0..TRIES_MAX {
        if engine.write(|writer| checkpoint::truncate(writer))? {
            return Ok(());
        }
        std::thread::sleep(PAUSE);
    }
    Err(StorageError::Failed("somebody reads from the log for too long".to_owned()))
}

/// One step. False when nothing free is left.
fn fill(writer: &Connection) -> Result<bool, StorageError> {
    let pages = |sql| writer.query_row(sql, [], |row| row.get::<_, i64>(0));
    let free = pages("PRAGMA freelist_count")? * pages("PRAGMA page_size")?;
    if free <= pages("PRAGMA page_size")? {
        return Ok(false);
    }
    let bytes = free.min(STEP_BYTES);
    writer.execute("INSERT INTO wipe VALUES (zeroblob($1))", [bytes])?;
    Ok(true)
}
