//! Formats of the data: which is the newest, and who may open data of another.
//!
//! Whoever has the data for itself brings it to the newest format: a server, and what needs the folder as one does.
//! Whoever opens it beside a server, or only looks, may be of another version than that server, and leaves it as it
//! is.

use super::{MIGRATIONS, StorageError};

/// The newest that this Kith knows, which it writes.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Whether data of the format `found` can be read as it is; 0 is that of data that nobody has made yet.
pub(super) fn must_be_newest(found: i64) -> Result<(), StorageError> {
    let known = newest();
    if found == 0 {
        return Err(StorageError::Unmade);
    }
    match found.cmp(&known) {
        std::cmp::Ordering::Less => Err(StorageError::Older { found, known }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(StorageError::Newer { found, known }),
    }
}
