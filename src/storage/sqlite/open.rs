//! Opening the file: settings, migrations, the installation's key.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::config::StorageConfig;
use crate::storage::{MIGRATIONS, StorageError};

/// How long the command line waits for the server's gap between two rounds.
pub(super) const BUSY: Duration = Duration::from_secs(30);
/// SQLite's page, in bytes.
const PAGE_BYTES: u64 = 4096;
/// Page cache of the writer, in KiB. Hot index pages stay; the rest is the system's.
const WRITER_CACHE_KIB: i64 = 16 * 1024;

pub(super) fn writer(path: &Path, config: &StorageConfig) -> Result<Connection, StorageError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL: the log is synced at every commit. NORMAL would lose the last rounds in a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Checkpoints run beside the commits (see `Storage::copy_log`), never inside one.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // Deleted text is overwritten where its page is written anyway; free pages are wiped when
    // somebody is erased.
    connection.pragma_update(None, "secure_delete", "FAST")?;
    let pages = config.bytes_max.div_ceil(PAGE_BYTES);
    if pages > 0 {
        connection.pragma_update(
            None,
            "max_page_count",
            i64::try_from(pages).unwrap_or(i64::MAX),
        )?;
    }
    Ok(connection)
}

pub(super) fn reader(path: &Path) -> Result<Connection, StorageError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Brings the file to the newest format, all of it or nothing.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StorageError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(StorageError::Newer { found, known });
    }
    let transaction = connection.transaction()?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}
