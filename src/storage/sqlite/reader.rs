//! Reading the file, also where nothing can be written.
//!
//! SQLite wants a log and its index beside the file, and makes them. Where it cannot and there are none, nobody has
//! the file open, and it is read as it stands: without a log, and without asking whether somebody else writes. Whoever
//! does begin to write meanwhile is noticed by the file, and what was read of it then is worth nothing.

use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::open::{BUSY, format_of};
use crate::storage::StorageError;

/// How the log's name ends.
const LOG: &str = "db-wal";
const FLAGS: OpenFlags = OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// A connection that only reads.
#[derive(Debug)]
pub(super) struct Reader {
    connection: Connection,
    /// The file as it stood, where it is read so.
    stood: Option<Stood>,
}

impl Reader {
    /// Opens the file `path`.
    pub(super) fn open(path: &Path) -> Result<Self, StorageError> {
        let connection = opened(path, FLAGS)?;
        let is_shut = format_of(&connection).is_err_and(|error| cannot_write(&error));
        if is_shut && !path.with_extension(LOG).exists() {
            return Self::as_it_stands(path);
        }
        Ok(Self { connection, stood: None })
    }

    fn as_it_stands(path: &Path) -> Result<Self, StorageError> {
        // Before anything is read of it.
        let stood = Stood::of(path)?;
        let name = percent_encode(path.as_os_str().as_bytes(), NON_ALPHANUMERIC);
        let uri = format!("file:{name}?immutable=1");
        let connection = opened(Path::new(&uri), FLAGS | OpenFlags::SQLITE_OPEN_URI)?;
        Ok(Self { connection, stood: Some(stood) })
    }

    /// What `work` finds. Nothing, where somebody has written while it was read.
    pub(super) fn ask<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let found = work(&self.connection);
        if self.stood.as_ref().is_some_and(Stood::has_changed) {
            return Err(StorageError::Failed(
                "somebody has begun to write while it was read; ask again".to_owned(),
            ));
        }
        found
    }

    /// Whether it shows what is there by now: else it has to be opened again.
    pub(super) fn is_up_to_date(&self) -> bool {
        let is_shut =
            |stood: &Stood| !stood.has_changed() && !stood.path.with_extension(LOG).exists();
        self.stood.as_ref().is_none_or(is_shut)
    }
}

/// A file as it stood at a moment.
#[derive(Debug)]
struct Stood {
    path: PathBuf,
    was: Metadata,
}

impl Stood {
    fn of(path: &Path) -> Result<Self, StorageError> {
        let was = path.metadata().map_err(|error| StorageError::Failed(error.to_string()))?;
        Ok(Self { path: path.to_owned(), was })
    }

    /// Another file of the same name has changed it, too.
    fn has_changed(&self) -> bool {
        let marks = |one: &Metadata| {
            (one.dev(), one.ino(), one.len(), one.mtime(), one.mtime_nsec(), one.ctime_nsec())
        };
        self.path.metadata().map_or(true, |is| marks(&is) != marks(&self.was))
    }
}

fn opened(path: &Path, flags: OpenFlags) -> Result<Connection, StorageError> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn cannot_write(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::model::Time;
    use crate::storage::{Sqlite, format};

    /// As on a disk that is mounted to be read only, whoever asks.
    fn shut(folder: &Path) -> (PathBuf, Reader) {
        std::fs::create_dir_all(folder).unwrap();
        let config = Config::for_testing(folder.to_owned()).storage;
        drop(Sqlite::open(folder, &config, Time::default(), [7; 32]).unwrap());
        let path = folder.join("kith.db");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1, "without a log");
        let reader = Reader::as_it_stands(&path).unwrap();
        (path, reader)
    }

    fn format(reader: &Reader) -> Result<i64, StorageError> {
        reader.ask(|connection| Ok(format_of(connection)?))
    }

    #[test]
    fn what_nobody_has_open_is_read_where_nothing_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("100 %?#");
        let (_, reader) = shut(&folder);
        assert_eq!(format(&reader).unwrap(), format::newest());
        assert!(reader.is_up_to_date());
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "and none was made");
    }

    #[test]
    fn who_begins_to_write_meanwhile_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, reader) = shut(folder.path());
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("CREATE TABLE more (a); INSERT INTO more VALUES (1)").unwrap();
        assert!(format(&reader).is_ok(), "it is all in the log");
        assert!(!reader.is_up_to_date());
        writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        let torn = format(&reader).unwrap_err().to_string();
        assert!(torn.contains("begun to write"), "{torn}");
        drop(writer);
        assert!(!reader.is_up_to_date(), "also when it is over");
        assert!(format(&Reader::open(&path).unwrap()).is_ok());
    }
}
