//! Why the lake did not do it; named after what the caller can do.

use crate::storage::StorageError;

/// What may go wrong.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LakeError {
    /// The database: see there.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The question cannot be answered as it is asked: ask another.
    #[error("{0}")]
    Question(String),
    /// It took too long, or whoever asked has gone.
    #[error("the question took too long and was stopped")]
    Stopped,
    /// The question needs more memory or scratch than it may have: ask for less.
    #[error("the question needs more memory than it may take")]
    TooLarge,
    /// The question needs more files of history than may be on this machine: ask for less.
    #[error(
        "the question needs {bytes} bytes of files, and {bytes_max} may be on this machine: narrow \
         its time, or raise events.cache_bytes_max"
    )]
    TooManyFiles {
        /// What it needs.
        bytes: u64,
        /// What there may be.
        bytes_max: u64,
    },
    /// Other questions use the room that the files of this one need: ask again.
    #[error("other questions use the room for files")]
    Busy,
    /// A file is not where the catalogue says: look for a newer catalogue, or for the file.
    #[error("a file of the lake is missing: {0}")]
    Missing(String),
    /// A file could not be written or read: make room, look at the disk.
    #[error("the lake's files: {0}")]
    Disk(String),
}

impl LakeError {
    #[expect(clippy::needless_pass_by_value, reason = "for map_err")]
    pub(super) fn disk(error: std::io::Error) -> Self {
        Self::Disk(error.to_string())
    }
}

/// What DuckDB's error means for whoever asked. Its first word tells the kind.
impl From<duckdb::Error> for LakeError {
    fn from(error: duckdb::Error) -> Self {
        let text = error.to_string();
        if text.starts_with("INTERRUPT") {
            Self::Stopped
        } else if text.starts_with("Out of Memory") {
            Self::TooLarge
        } else if text.starts_with("IO Error") {
            Self::Disk(text)
        } else {
            Self::Question(text)
        }
    }
}
