//! Why nothing was accepted.

use serde::{Deserialize, Serialize};

use crate::storage::StorageError;

/// Nothing was accepted; ask again later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Unavailable {
    /// More wait than may wait.
    #[error("too much is waiting to be written")]
    Overloaded,
    /// The database is full.
    #[error("the disk or the database is full")]
    Full,
    /// The database fails, or is being opened anew.
    #[error("the database cannot be written to")]
    Storage,
    /// Other nodes were faster, again and again.
    #[error("other nodes change the same people at this moment")]
    Contended,
    /// The server is going down, or another has taken its data.
    #[error("the server is stopping")]
    Stopping,
}

impl Unavailable {
    /// Stable, for programs and metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Overloaded => "overloaded",
            Self::Full => "storage_full",
            Self::Storage => "storage_unavailable",
            Self::Contended => "contended",
            Self::Stopping => "stopping",
        }
    }
}

impl From<&StorageError> for Unavailable {
    fn from(error: &StorageError) -> Self {
        match error {
            StorageError::Full(_) => Self::Full,
            StorageError::Failed(_) | StorageError::Away(_) => Self::Storage,
            StorageError::Again(_) => Self::Contended,
            StorageError::Lost
            | StorageError::Unmade
            | StorageError::Older { .. }
            | StorageError::LacksColumn(_)
            | StorageError::UnknownColumn(_)
            | StorageError::Newer { .. } => Self::Stopping,
        }
    }
}
