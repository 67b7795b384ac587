//! Copying the log into the database, off the commit thread but for the last few pages.

use std::time::Duration;

use rusqlite::Connection;

use super::{Sqlite, anew, lock, open};
use crate::storage::StorageError;

/// SQLite's page, in bytes.
const PAGE_BYTES: u64 = 4096;

/// So much of the log is copied at a time, about. A round's sync waits until the disk has written the
/// pages of a step: what 2 MiB of log change takes it 4 ms, which one round in twenty met, and 32 MiB
/// 20 ms; of 256 KiB a round notices hardly anything. Few pages are written more often for it, since
/// those that change in every round are few.
const STEP_BYTES: u64 = 256 << 10;

/// How long a round may be delayed by those who still read from the log's end.
const READERS_WAIT: Duration = Duration::from_millis(5);

/// Where the log stands, in pages.
pub(super) struct Log {
    pub(super) written: u64,
    pub(super) copied: u64,
}

/// Copies the log a step at a time, and starts it anew when it has grown past the bound.
///
/// A passive checkpoint beside a busy writer seldom reaches the end of the log, and only a log that
/// was copied to its end, and that nobody reads, starts anew. So the bulk is copied beside the
/// rounds, and the few pages written meanwhile in the gap between two rounds, waiting for readers a
/// moment. Without that the log grows as long as there is load, and with it every read.
///
/// Says whether a step was copied and the next may be due soon. After a failure all of it is to be
/// copied again: of a failed sync the system speaks once, and then takes for written what may not be.
/// A full disk loses nothing: what could not be written counts as not copied.
pub(super) fn run(engine: &Sqlite) -> Result<bool, StorageError> {
    match step(engine) {
        Err(error @ StorageError::Failed(_)) => anew::run(engine).and(Err(error)),
        done => done,
    }
}

fn step(engine: &Sqlite) -> Result<bool, StorageError> {
    // A keeper that is opened now would make another.
    engine.must_be_in_place()?;
    let mut keeper = lock(&engine.keeper);
    let keeper = match keeper.as_mut() {
        Some(keeper) => keeper,
        None => keeper.insert(open::writer(&engine.path, &engine.config)?),
    };
    let bound = engine.config.checkpoint_bytes;
    let log = checkpoint(keeper, "NOOP")?;
    if log.written.saturating_sub(log.copied) * PAGE_BYTES < STEP_BYTES.min(bound) {
        return Ok(false);
    }
    let after = copy(engine, keeper)?;
    if after.written * PAGE_BYTES < bound {
        // Behind a long reader nothing more is copied until it ends.
        return Ok(after.copied > log.copied);
    }
    // Once more: what was written meanwhile would be copied and synced while rounds wait.
    copy(engine, keeper)?;
    engine.write(|writer| restart(writer))?;
    Ok(false)
}

/// As far as it goes beside the rounds. Synced here, since the restart syncs what is left to be.
fn copy(engine: &Sqlite, keeper: &Connection) -> Result<Log, StorageError> {
    let log = checkpoint(keeper, "PASSIVE")?;
    let failed = |error| StorageError::Failed(format!("the database could not be synced: {error}"));
    engine.file.sync_data().map_err(failed)?;
    Ok(log)
}

/// The last pages, and the log from its start again. Long readers are not waited for: the log
/// grows on until the next attempt.
fn restart(writer: &Connection) -> Result<(), StorageError> {
    writer.busy_timeout(READERS_WAIT)?;
    let restarted = checkpoint(writer, "RESTART");
    writer.busy_timeout(open::BUSY)?;
    restarted.map(|_| ())
}

/// Everything copied and the log's file emptied; false while somebody reads from it, whom rounds
/// need not wait for.
pub(super) fn truncate(writer: &Connection) -> Result<bool, StorageError> {
    writer.busy_timeout(READERS_WAIT)?;
    let busy = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    writer.busy_timeout(open::BUSY)?;
    Ok(busy? == 0)
}

pub(super) fn checkpoint(connection: &Connection, mode: &str) -> Result<Log, StorageError> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    let pages = |row: &rusqlite::Row<'_>, column| -> rusqlite::Result<u64> {
        Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
    };
    Ok(connection
        .query_row(&sql, [], |row| Ok(Log { written: pages(row, 1)?, copied: pages(row, 2)? }))?)
}
