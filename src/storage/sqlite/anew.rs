//! Opening the database anew after a failure, when only the log can be believed.

use std::sync::PoisonError;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::{Sqlite, checkpoint, lock, open, place};
use crate::storage::StorageError;

/// Closes every connection, and opens the log as after a crash: every page of it is copied again.
///
/// After a failed sync the system takes pages for written that the disk may not have, and SQLite
/// remembers, in memory that its connections share, that they were copied. So nobody may hold on to
/// that memory: those who read are waited for, and nobody copies when it closes. What another process
/// reads meanwhile keeps it; then the log is as it was before, and the next failure tries again.
///
/// A database that is not where it was is waited for: another that is put there, or made there, is not what was
/// acknowledged. What was in a log that somebody has removed goes into the database first.
///
/// # Errors
/// See [`StorageError`]; then nothing can be written until the next attempt.
pub(super) fn run(engine: &Sqlite) -> Result<(), StorageError> {
    let _nobody_reads = engine.reading.write().unwrap_or_else(PoisonError::into_inner);
    lock(&engine.readers).clear();
    let mut keeper = lock(&engine.keeper);
    let mut writer = lock(&engine.writer);
    match engine.strayed() {
        Some(path) if path == engine.path => engine.must_be_in_place()?,
        Some(_) => save(engine, writer.as_ref())?,
        None => {}
    }
    for connection in [keeper.take(), writer.take()].into_iter().flatten() {
        leave(connection);
    }
    *writer = Some(open::writer(&engine.path, &engine.config)?);
    *lock(&engine.opened) = place::opened(&engine.path);
    Ok(())
}

/// What is in the log, which nobody would find again, goes into the database.
fn save(engine: &Sqlite, writer: Option<&Connection>) -> Result<(), StorageError> {
    let Some(writer) = writer else { return Ok(()) };
    if !checkpoint::truncate(writer)? {
        return Err(StorageError::Failed("somebody reads from a log that was removed".to_owned()));
    }
    engine.file.sync_data().map_err(|error| StorageError::Failed(error.to_string()))
}

/// Closes without copying.
fn leave(connection: Connection) {
    let set = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    let left = set.and_then(|_| connection.close().map_err(|(_, error)| error));
    if let Err(error) = left {
        tracing::warn!(%error, "a connection to the database was not closed in order");
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::fd::OwnedFd;

    use super::*;
    use crate::config::Config;
    use crate::model::Time;
    use crate::storage::Storage as _;

    /// A handle that cannot be synced.
    fn broken() -> File {
        let (end, _) = std::io::pipe().unwrap();
        File::from(OwnedFd::from(end))
    }

    fn count(engine: &Sqlite) -> i64 {
        let sql = "SELECT count(*) FROM meta WHERE key LIKE 'kept%'";
        let count = engine.read(|reader| Ok(reader.query_row(sql, [], |row| row.get(0))?));
        count.unwrap()
    }

    fn log(engine: &Sqlite) -> checkpoint::Log {
        engine.write(|writer| checkpoint::checkpoint(writer, "NOOP")).unwrap()
    }

    #[test]
    fn after_a_failed_sync_the_whole_log_is_copied_again() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::for_testing(folder.path().to_owned()).storage;
        let mut engine = Sqlite::open(folder.path(), &config, Time::default(), [0; 32]).unwrap();
        let fill = |engine: &Sqlite, number: i64| {
            let sql = "INSERT INTO meta VALUES ('kept' || ?1, hex(zeroblob(300000)))";
            engine.write(|writer| Ok(writer.execute(sql, [number])?)).unwrap();
        };
        fill(&engine, 1);
        assert!(engine.copy_log().unwrap());
        assert!(log(&engine).copied > 0);
        assert_eq!(count(&engine), 1, "and a reader stays at rest");

        let good = std::mem::replace(&mut engine.file, broken());
        fill(&engine, 2);
        assert!(engine.copy_log().is_err());
        assert_eq!(log(&engine).copied, 0, "what was copied counts no more");
        assert!(log(&engine).written > 0, "and nothing has left the log");
        assert_eq!(count(&engine), 2);

        engine.file = good;
        assert!(engine.copy_log().unwrap());
        assert_eq!(log(&engine).copied, log(&engine).written);
        assert_eq!(count(&engine), 2);
    }
}
