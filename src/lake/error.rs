//! Why the lake did not do it; named after what the caller can do.

use serde::{Deserialize, Serialize};

use super::blame::may_be_of_a_file;
use crate::committer::Unavailable;
use crate::storage::StorageError;

/// What may go wrong.
#[derive(Clone, Debug, Serialize, Deserialize, thiserror::Error)]
pub enum LakeError {
    /// The database: see there.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The committer did not take a change: see there.
    #[error(transparent)]
    Refused(#[from] Unavailable),
    /// Others changed the same at that moment: do it again.
    #[error("{0}")]
    Again(String),
    /// The machine gives no thread: do it again when it has less to do.
    #[error("no thread could be had: {0}")]
    NoThread(String),
    /// The question cannot be answered as it is asked: ask another.
    #[error("{0}")]
    Question(String),
    /// The process that was answering it has ended over it: ask another.
    #[error("the question ended the process that was answering it: {0}")]
    Broke(String),
    /// As many questions are being answered as may be: ask again.
    #[error("as many questions are being answered as may be")]
    Waits,
    /// The process that was to answer it is not there: ask again.
    #[error("nobody could answer: {0}")]
    Nobody(String),
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
    /// A file could not be written or read: make room, look at the disk or at S3.
    #[error("the lake's files: {0}")]
    Disk(String),
    /// A setting cannot be so: change it.
    #[error("{0}")]
    Setting(String),
    /// What was written is not what was read, and so nothing was changed: report it.
    #[error("{0}")]
    Defect(String),
}

impl LakeError {
    #[expect(clippy::needless_pass_by_value, reason = "for map_err")]
    pub(crate) fn disk(error: std::io::Error) -> Self {
        Self::Disk(error.to_string())
    }
}

/// How DuckDB says that a file is not there any more.
const GONE: [&str; 2] = ["No files found", "No such file or directory"];

/// How DuckDB says that a text was to be compared with JSON, which it then reads as JSON as well.
const NO_JSON: &str = "Malformed JSON";
/// What was meant then.
const AS_TEXT: &str =
    "A value in JSON is a text with ->>, and a number with a cast: properties->>'plan' = 'pro'";

/// What DuckDB's error means for whoever asked. Its first word tells the kind. Of what may be a file's fault, whoever has
/// the files knows whether it is: see [`super::Moment::blame`].
impl From<duckdb::Error> for LakeError {
    fn from(error: duckdb::Error) -> Self {
        let text = error.to_string();
        if text.starts_with("INTERRUPT") {
            Self::Stopped
        } else if text.starts_with("Out of Memory") {
            Self::TooLarge
        } else if text.starts_with("IO Error") && GONE.iter().any(|said| text.contains(said)) {
            Self::Missing(text)
        } else if text.starts_with("IO Error") || may_be_of_a_file(&text) {
            Self::Disk(text)
        } else if text.contains(NO_JSON) {
            Self::Question(format!("{AS_TEXT}. {text}"))
        } else {
            Self::Question(text)
        }
    }
}
