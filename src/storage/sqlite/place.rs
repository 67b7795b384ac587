//! Whether the files are still those that were opened: what goes into others is found by nobody.
//!
//! A file that is removed, moved away or replaced goes on for those who have it open, and all that is written into it
//! is gone with the process. So whoever is about to say that something lasts looks for it where the next start will.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::{Sqlite, lock};
use crate::storage::StorageError;

/// How the names of the database, of its log and of the log's index end.
const ENDS: [&str; 3] = ["db", "db-wal", "db-shm"];

/// What tells a file that somebody has open from all others: its disk, and its number there.
type Mark = (u64, u64);

/// The files as they were opened; one that was not there, or is only read, is none of them.
pub(super) type Opened = Vec<(PathBuf, Mark)>;

fn found(path: &Path) -> Option<Mark> {
    path.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// The files of the database at `path`, once a connection has it open.
pub(super) fn opened(path: &Path) -> Opened {
    let paths = ENDS.into_iter().map(|end| path.with_extension(end));
    paths.filter_map(|path| found(&path).map(|mark| (path, mark))).collect()
}

impl Sqlite {
    /// Whoever writes asks this first, and again before anybody is told: the next start is to find it.
    ///
    /// # Errors
    /// [`StorageError::Failed`] where one of the files is not what was opened.
    pub(super) fn must_be_in_place(&self) -> Result<(), StorageError> {
        match self.strayed() {
            None => Ok(()),
            Some(path) => Err(StorageError::Failed(format!(
                "somebody has removed, moved or replaced {}; what was in it cannot be added to",
                path.display()
            ))),
        }
    }

    /// A file that is not what was opened; the database before others.
    pub(super) fn strayed(&self) -> Option<PathBuf> {
        let opened = lock(&self.opened);
        let strayed = opened.iter().find(|(path, mark)| found(path) != Some(*mark));
        strayed.map(|(path, _)| path.clone())
    }
}
