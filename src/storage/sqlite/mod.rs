//! The embedded engine: one SQLite file, one writer, a few readers.

mod open;
mod reader;
mod layout;
mod lock;
mod place;
mod sql;
mod load;
mod commit;
mod checkpoint;
mod anew;
mod trim;
mod wipe;
mod marks;
mod engine;
mod backup;
pub(super) mod leaving;

pub use backup::ReadOnly;
pub use lock::StillHeld;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use rusqlite::{Connection, TransactionBehavior};

use self::marks::Marks;
use self::reader::Reader;
use self::sql::Speaking;
use super::sql::Sql;
use super::{Settled, StorageError, format, history, key};
use crate::config::StorageConfig;
use crate::model::Time;

/// An open data folder.
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    config: StorageConfig,
    key: [u8; 32],
    /// Only the commit thread and the command line ever take it, one after the other. None where the
    /// database is only read.
    writer: Mutex<Option<Connection>>,
    readers: Mutex<Vec<Reader>>,
    /// Held by whoever reads; whoever opens the database anew waits for them.
    reading: RwLock<()>,
    /// Copies the log into the database while rounds go on.
    keeper: Mutex<Option<Connection>>,
    /// Marks of event ids that wait to be entered, and which may be kept.
    marks: Mutex<Marks>,
    /// The files as they were opened.
    opened: Mutex<place::Opened>,
    /// The database file, to sync it. Last, since closing any handle of a file gives up all locks
    /// that the process has on it (POSIX): the connections must be gone by then.
    file: File,
}

impl Sqlite {
    /// Opens the database in `folder`, making or migrating it if need be. `key` is used only for a
    /// new installation.
    ///
    /// # Errors
    /// [`StorageError::Newer`] when a newer Kith wrote it; otherwise what the disk says.
    pub fn open(
        folder: &Path,
        config: &StorageConfig,
        now: Time,
        key: [u8; 32],
    ) -> Result<Self, StorageError> {
        let path = folder.join("kith.db");
        let mut writer = open::writer(&path, config)?;
        open::migrate(&mut writer)?;
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        history::found(&mut Speaking(&transaction), now)?;
        let key = key::key(&mut Speaking(&transaction), now, key)?;
        transaction.commit()?;
        let file = File::open(&path).map_err(|error| StorageError::Failed(error.to_string()))?;
        Ok(Self {
            config: config.clone(),
            key,
            writer: Mutex::new(Some(writer)),
            readers: Mutex::default(),
            reading: RwLock::default(),
            keeper: Mutex::default(),
            marks: Mutex::default(),
            opened: Mutex::new(place::opened(&path)),
            path,
            file,
        })
    }

    /// The same beside a server that may be running, and of another version: what is there of another format stays
    /// as it is, and nothing is made.
    ///
    /// # Errors
    /// [`StorageError::Unmade`] and [`StorageError::Older`] as well.
    pub fn open_beside(
        folder: &Path,
        config: &StorageConfig,
        now: Time,
        key: [u8; 32],
    ) -> Result<Self, StorageError> {
        let path = folder.join("kith.db");
        let found = if path.exists() { format_of(&Reader::open(&path)?)? } else { 0 };
        format::must_be_newest(found)?;
        Self::open(folder, config, now, key)
    }

    /// Opens the database in `folder` to read it; whoever writes has it open too.
    ///
    /// # Errors
    /// [`StorageError::Older`] and [`StorageError::Newer`] when it is of another format; otherwise what the disk
    /// says.
    pub fn open_to_read(folder: &Path, config: &StorageConfig) -> Result<Self, StorageError> {
        let path = folder.join("kith.db");
        let reader = Reader::open(&path)?;
        format::must_be_newest(format_of(&reader)?)?;
        let key = reader.ask(|connection| key::known(&mut Speaking(connection)))?;
        let file = File::open(&path).map_err(|error| StorageError::Failed(error.to_string()))?;
        Ok(Self {
            path,
            config: config.clone(),
            key,
            writer: Mutex::default(),
            readers: Mutex::new(vec![reader]),
            reading: RwLock::default(),
            keeper: Mutex::default(),
            marks: Mutex::default(),
            opened: Mutex::default(),
            file,
        })
    }

    /// Runs `work` on the writing connection, which is not there after the database could not be
    /// opened anew. What is done is done only where it is found again: see `place`.
    fn write<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let mut writer = lock(&self.writer);
        let Some(connection) = writer.as_mut() else {
            return Err(StorageError::Failed(
                "closed after a failure, or open to read only".to_owned(),
            ));
        };
        // Nothing is begun that would be refused, and kept all the same.
        self.must_be_in_place()?;
        let done = work(connection)?;
        self.must_be_in_place()?;
        Ok(done)
    }

    /// Runs `work` on a reading connection, out of those at rest or a new one.
    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let _reading = self.reading.read().unwrap_or_else(PoisonError::into_inner);
        let at_rest = lock(&self.readers).pop().filter(Reader::is_up_to_date);
        let reader = match at_rest {
            Some(reader) => reader,
            None => Reader::open(&self.path)?,
        };
        let result = reader.ask(work);
        let mut readers = lock(&self.readers);
        if result.is_ok() && readers.len() < self.config.readers_max {
            readers.push(reader);
        }
        result
    }
}

impl Sqlite {
    /// Asks in one read transaction: one moment of the database.
    fn look<T>(
        &self,
        ask: impl FnOnce(&mut dyn Sql) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        // Prepared once: reading two words anew was a fifth of what a server at rest took. After an error the
        // connection is not used again.
        let say =
            |connection: &Connection, word: &str| connection.prepare_cached(word)?.execute(());
        self.read(|connection| {
            say(connection, "BEGIN")?;
            let answer = ask(&mut Speaking(connection))?;
            say(connection, "COMMIT")?;
            Ok(answer)
        })
    }

    /// Changes in one transaction, all of it or nothing.
    fn change<T>(
        &self,
        work: impl FnOnce(&mut dyn Sql) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.change_if(|database| Ok((work(database)?, Settled::Kept)))
    }

    /// The same, and `work` also says whether it is to be committed.
    fn change_if<T>(
        &self,
        work: impl FnOnce(&mut dyn Sql) -> Result<(T, Settled), StorageError>,
    ) -> Result<T, StorageError> {
        self.write(|connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let (done, settled) = work(&mut Speaking(&transaction))?;
            // Dropped, the transaction rolls back.
            if settled == Settled::Kept {
                transaction.commit()?;
            }
            Ok(done)
        })
    }
}

fn format_of(reader: &Reader) -> Result<i64, StorageError> {
    reader.ask(|connection| Ok(open::format_of(connection)?))
}

/// A panic while a lock was held leaves nothing half done here: connections roll back by
/// themselves.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What SQLite's error means for the caller.
impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}
