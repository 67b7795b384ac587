//! Opening the file: settings, migrations, the installation's key.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::layout;
use crate::config::StorageConfig;
use crate::storage::{MIGRATIONS, StorageError, format};

/// How long the command line waits for the server's gap between two rounds.
pub(super) const BUSY: Duration = Duration::from_secs(30);
/// How often a new file is asked to be written with a log, and the pause between.
const TRIES_MAX: usize = 1000;
const PAUSE: Duration = Duration::from_millis(10);
/// SQLite's page, in bytes.
const PAGE_BYTES: u64 = 4096;
/// Page cache of the writer, in KiB. Hot index pages stay; the rest is the system's.
const WRITER_CACHE_KIB: i64 = 16 * 1024;

pub(super) fn writer(path: &Path, config: &StorageConfig) -> Result<Connection, StorageError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    keep_a_log(&connection)?;
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

/// Two may make a database at the same moment, and SQLite does not wait for whoever changes how a new
/// file is written.
fn keep_a_log(connection: &Connection) -> rusqlite::Result<()> {
    for _ in 1..TRIES_MAX {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                std::thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
    connection.pragma_update(None, "journal_mode", "WAL")
}

/// Brings the file to the newest format, all of it or nothing. Changes nothing when it has it: commands
/// that only look work on a full disk too.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StorageError> {
    let known = format::newest();
    if format_of(connection)? == known {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again: somebody who opened it at the same moment may have been faster.
    let found = format_of(&transaction)?;
    if found > known {
        return Err(StorageError::Newer { found, known });
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    layout::lay_out(&transaction, found)?;
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}

/// The format that the file is of.
pub(super) fn format_of(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;
    use crate::model::Time;
    use crate::storage::{Sqlite, StorageError};

    fn open(folder: &Path) -> Result<Sqlite, StorageError> {
        let config = Config::for_testing(folder.to_owned()).storage;
        Sqlite::open(folder, &config, Time::default(), [7; 32])
    }

    #[test]
    fn opening_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let _first = open(folder.path()).unwrap();
        let log = || std::fs::metadata(folder.path().join("kith.db-wal")).unwrap().len();
        let before = log();
        let _second = open(folder.path()).unwrap();
        assert_eq!(log(), before);
    }

    #[test]
    fn many_may_be_the_first_to_open() {
        for _ in 0..50 {
            let folder = tempfile::tempdir().unwrap();
            std::thread::scope(|scope| {
                let openers: Vec<_> = (0..4).map(|_| scope.spawn(|| open(folder.path()))).collect();
                let opened: Vec<_> = openers.into_iter().map(|one| one.join().unwrap()).collect();
                assert!(opened.iter().all(Result::is_ok), "{opened:?}");
            });
        }
    }
}
