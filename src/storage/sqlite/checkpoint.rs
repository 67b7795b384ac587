//! Copying the log into the database, off the commit thread but for the last few pages.

use std::time::Duration;

use rusqlite::Connection;

use super::{Sqlite, lock, open};
use crate::storage::StorageError;

/// SQLite's page, in bytes.
const PAGE_BYTES: u64 = 4096;

/// How long a round may be delayed by those who still read from the log's end.
const READERS_WAIT: Duration = Duration::from_millis(5);

/// Where the log stands, in pages.
struct Log {
    written: u64,
    copied: u64,
}

/// Copies the log when it has grown past the bound.
///
/// A passive checkpoint beside a busy writer never reaches the end of the log, and only a log that
/// was copied to its end, and that nobody reads, starts anew. So the bulk is copied beside the
/// rounds, and the few pages written meanwhile in the gap between two rounds, waiting for readers a
/// moment. Without that the log grows as long as there is load, and with it every read.
pub(super) fn run(engine: &Sqlite) -> Result<(), StorageError> {
    let mut keeper = lock(&engine.keeper);
    let keeper = match keeper.as_mut() {
        Some(keeper) => keeper,
        None => keeper.insert(open::writer(&engine.path, &engine.config)?),
    };
    let log = checkpoint(keeper, "NOOP")?;
    if log.written.saturating_sub(log.copied) * PAGE_BYTES < engine.config.checkpoint_bytes {
        return Ok(());
    }
    let log = checkpoint(keeper, "PASSIVE")?;
    if log.copied < log.written {
        // Twice: the second has only what was written during the first.
        checkpoint(keeper, "PASSIVE")?;
    }
    // The last step syncs the database while rounds wait: nearly all of it is done here.
    engine.file.sync_data().map_err(|error| StorageError::Failed(error.to_string()))?;
    engine.write(|writer| restart(writer))
}

/// The last pages, and the log from its start again. Long readers are not waited for: the log
/// grows on until the next attempt.
fn restart(writer: &Connection) -> Result<(), StorageError> {
    writer.busy_timeout(READERS_WAIT)?;
    let restarted = checkpoint(writer, "RESTART");
    writer.busy_timeout(open::BUSY)?;
    restarted.map(|_| ())
}

fn checkpoint(connection: &Connection, mode: &str) -> Result<Log, StorageError> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    let pages = |row: &rusqlite::Row<'_>, column| -> rusqlite::Result<u64> {
        Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
    };
    Ok(connection
        .query_row(&sql, [], |row| Ok(Log { written: pages(row, 1)?, copied: pages(row, 2)? }))?)
}
