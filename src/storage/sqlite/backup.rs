//! The database for those who only look: beside a running server, in a backup; and its copy.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::engine::integrity;
use super::format_of;
use super::reader::Reader;
use super::sql::Speaking;
use crate::model::Time;
use crate::storage::{Counted, DataFile, Sql, StorageError, check, format, history, people};

/// Pages copied in one step, 4 MiB. Each is synced: the disk's queue stays short, and rounds that
/// go on beside the copy wait for their own syncs only.
const STEP_PAGES: i32 = 1024;
/// Page cache of the copy while it is written, in KiB: nothing is read again.
const COPY_CACHE_KIB: i64 = 2048;

/// A database that is only read: nothing is made, and nothing is brought to a newer format.
#[derive(Debug)]
pub struct ReadOnly(Reader);

impl ReadOnly {
    /// Opens the file `path`.
    ///
    /// # Errors
    /// When it cannot be read, or is of another format than this Kith writes.
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        let reader = Reader::open(path)?;
        format::must_be_newest(format_of(&reader)?)?;
        Ok(Self(reader))
    }

    /// The files that hold history.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn files(&self) -> Result<Vec<DataFile>, StorageError> {
        self.0.ask(|connection| history::files(&mut Speaking(connection)))
    }

    /// How many profiles, sessions and events there are.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn count(&self, what: Counted) -> Result<u64, StorageError> {
        self.0.ask(|connection| people::count(&mut Speaking(connection), what))
    }

    /// Everything that is wrong in the database, one sentence each.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn check(&self) -> Result<Vec<String>, StorageError> {
        self.0.ask(|connection| {
            let mut problems = integrity(&mut Speaking(connection))?;
            problems.extend(check::check(&mut Speaking(connection))?);
            Ok(problems)
        })
    }

    /// Copies the database as it is at this moment into the new file `to`, on disk when this
    /// returns. `tell` hears how many bytes are copied, and of how many. `now` is the copy's time.
    ///
    /// # Errors
    /// See [`StorageError`]; what was copied is worth nothing then.
    pub fn copy(
        &self,
        to: &Path,
        now: Time,
        tell: &mut dyn FnMut(u64, u64),
    ) -> Result<(), StorageError> {
        // Open until all is copied. Without it each step would be a moment of its own, and begin
        // anew when a round was written since the last: under load it would never end.
        let mut copy = fresh(to)?;
        let file = File::open(to).map_err(fault)?;
        self.0.ask(|connection| {
            let moment = connection.unchecked_transaction()?;
            moment.query_row("SELECT count(*) FROM meta", [], |_| Ok(()))?;
            step_by_step(&moment, &mut copy, &file, tell)?;
            Ok(moment.commit()?)
        })?;
        settle(&mut copy, now)?;
        copy.close().map_err(|(_, error)| error)?;
        file.sync_all().map_err(fault)
    }
}

/// An empty database that nobody needs when it is not finished.
fn fresh(path: &Path) -> Result<Connection, StorageError> {
    File::create_new(path).map_err(fault)?;
    let copy = Connection::open(path)?;
    copy.pragma_update(None, "journal_mode", "OFF")?;
    copy.pragma_update(None, "synchronous", "OFF")?;
    copy.pragma_update(None, "cache_size", -COPY_CACHE_KIB)?;
    Ok(copy)
}

fn step_by_step(
    from: &Connection,
    to: &mut Connection,
    file: &File,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<(), StorageError> {
    let page: u64 = from.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    let backup = Backup::new(from, to)?;
    loop {
        let step = backup.step(STEP_PAGES)?;
        file.sync_data().map_err(fault)?;
        let progress = backup.progress();
        let [all, left] = [progress.pagecount, progress.remaining]
            .map(|pages| u64::try_from(pages).unwrap_or(0) * page);
        tell(all.saturating_sub(left), all);
        if step == StepResult::Done {
            return Ok(());
        }
        if step != StepResult::More {
            return Err(StorageError::Failed("the copy is in use by somebody".to_owned()));
        }
    }
}

/// Makes the copy whole in itself: a file without a log beside it, whose catalogue knows the files
/// that hold history and no others. Those that only older snapshots need are not in a backup.
fn settle(copy: &mut Connection, now: Time) -> Result<(), StorageError> {
    let transaction = copy.transaction()?;
    let database: &mut dyn Sql = &mut Speaking(&transaction);
    let gone = history::expire_old(database, now, Duration::ZERO)?;
    history::forget_files(database, &gone)?;
    history::locate(database, history::BESIDE)?;
    transaction.commit()?;
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn fault(error: std::io::Error) -> StorageError {
    StorageError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::storage::{Sqlite, StorageError};

    /// Several steps of pages.
    const STEPS: i64 = 4;

    fn database(folder: &Path) -> Connection {
        let config = Config::for_testing(folder.to_owned());
        drop(Sqlite::open(folder, &config.storage, Time::default(), [7; 32]).unwrap());
        let database = Connection::open(folder.join("kith.db")).unwrap();
        let fill = "CREATE TABLE much (bytes BLOB); INSERT INTO much VALUES (zeroblob(1))";
        database.execute_batch(fill).unwrap();
        let bytes = STEPS * i64::from(STEP_PAGES) * 4096;
        database.execute("UPDATE much SET bytes = zeroblob($1)", [bytes]).unwrap();
        database
    }

    #[test]
    fn what_is_written_between_two_steps_is_not_in_the_copy() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, to) = (database(folder.path()), folder.path().join("copy"));
        let mut told = Vec::new();
        let mut tell = |done, all| {
            told.push((done, all));
            assert!(told.len() <= 100, "it begins anew and never ends");
            writer.execute("INSERT INTO much VALUES (x'01')", []).unwrap();
        };
        let original = ReadOnly::open(&folder.path().join("kith.db")).unwrap();
        original.copy(&to, Time::default(), &mut tell).unwrap();
        let (last, steps) = (*told.last().unwrap(), told.len());
        assert!(last.0 == last.1 && steps > usize::try_from(STEPS).unwrap(), "{told:?}");
        let copy = ReadOnly::open(&to).unwrap();
        assert_eq!(copy.check().unwrap(), [""; 0]);
        let rows = |database: &Reader| -> usize {
            let count = |database: &Connection| {
                Ok(database.query_row("SELECT count(*) FROM much", [], |row| row.get(0))?)
            };
            database.ask(count).unwrap()
        };
        assert_eq!((rows(&copy.0), rows(&original.0)), (1, 1 + steps));
    }

    #[test]
    fn a_copy_is_one_file_and_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        drop(database(folder.path()));
        let place = tempfile::tempdir().unwrap();
        let to = place.path().join("copy");
        let original = ReadOnly::open(&folder.path().join("kith.db")).unwrap();
        original.copy(&to, Time::default(), &mut |_, _| ()).unwrap();
        drop(ReadOnly::open(&to).unwrap().files().unwrap());
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
        // By SQLite's format: 1 says that there is no log beside it.
        assert_eq!(std::fs::read(&to).unwrap()[18..20], [1, 1]);
        let again = original.copy(&to, Time::default(), &mut |_, _| ()).unwrap_err();
        assert!(again.to_string().contains("exists"), "{again}");
    }

    #[test]
    fn another_format_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let database = database(folder.path());
        let open = || ReadOnly::open(&folder.path().join("kith.db"));
        database.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(open().unwrap_err(), StorageError::Newer { found: 99, .. }));
        database.pragma_update(None, "user_version", 1).unwrap();
        assert!(open().unwrap_err().to_string().contains("of format 1"));
    }
}
