//! What must last: the contract between Kith and its database, and what may go wrong with it.

mod changes;
mod lake;
mod stored;
mod sql;
mod sqlite;
mod postgres;

pub use changes::{
    Bound, Changes, Committed, Edit, Loaded, MergeRecord, Moved, Read, SessionRow, StoredToken,
    StoredUser, TailRow, Through, Wanted,
};
pub use lake::{
    ColumnRange, DataFile, ErasureReport, ErasureRow, LakeChange, LakeStorage, LakeView, Landed,
    Merged, NewFile, PeopleKind, PeopleRow, Portion, TailSeen, TailSize, Waiting,
};
pub use postgres::{Postgres, citus, schema};
pub use sqlite::{ReadOnly, Sqlite, StillHeld};
pub use stored::{RedirectBody, SourceBody, StoredProfile, StoredSession};

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::model::{Profile, Time};

/// Every format so far, in order, in the common dialect. Never edited once released; a new format
/// is a new file.
const MIGRATIONS: [&str; 3] = [
    include_str!("migrations/0001_collector.sql"),
    include_str!("migrations/0002_lake.sql"),
    include_str!("migrations/0003_nodes.sql"),
];

/// A database that holds Kith's state. An engine is what passes the conformance suite.
///
/// The calls block: the committer has threads of its own, and handlers ask from a pool of blocking
/// threads.
pub trait Storage: LakeStorage + Send + Sync + 'static {
    /// Makes `stream` the only writer, from now on.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn claim(&self, stream: &str, now: Time) -> Result<(), StorageError>;

    /// Drops what the engine holds in memory and opens its files anew, after a failure.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn reopen(&self) -> Result<(), StorageError>;

    /// Everything the committer asks for, with all that it leads to.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn load(&self, wanted: &Wanted) -> Result<Loaded, StorageError>;

    /// All of `changes`, or none of them, on disk when this returns [`Committed::Done`].
    ///
    /// # Errors
    /// See [`StorageError`]; nothing was changed then, as far as anybody can know.
    fn commit(&self, changes: &Changes) -> Result<Committed, StorageError>;

    /// Whether others write to it too: then a round is compared with what is there when it is
    /// committed, and nothing is held back.
    fn is_shared(&self) -> bool;

    /// Calls `changed` when another process has changed the configuration, where the database can
    /// tell. Whoever needs to know for certain asks for the version, too.
    fn watch_config(&self, changed: Arc<dyn Fn() + Send + Sync>);

    /// Copies the log of the last rounds to where it lasts, beside the commits, a step at a time.
    /// Says whether it did: then the next step may be due in a few milliseconds.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn copy_log(&self) -> Result<bool, StorageError>;

    /// Does what else can be done beside the commits: forgets old duplicate marks.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn tidy_up(&self, now: Time) -> Result<(), StorageError>;

    /// Tail rows, newest round first, until `visit` breaks off.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn tail(&self, visit: &mut dyn FnMut(TailRow) -> ControlFlow<()>) -> Result<(), StorageError>;

    /// Tail rows whose touches may be missing from their sessions, oldest first (see
    /// [`Changes::written_through`]).
    ///
    /// # Errors
    /// See [`StorageError`].
    fn unfolded(&self, visit: &mut dyn FnMut(TailRow)) -> Result<(), StorageError>;

    /// The living profile that `id` leads to.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn profile(&self, id: &str) -> Result<Option<Profile>, StorageError>;

    /// A session.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn session(&self, id: &str) -> Result<Option<SessionRow>, StorageError>;

    /// How many profiles, sessions and events there are.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn count(&self, what: Counted) -> Result<u64, StorageError>;

    /// All configuration records of a kind, as `(id, body)`, sorted by id.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn config(&self, kind: &str) -> Result<Vec<(String, String)>, StorageError>;

    /// Grows with every configuration change, whoever makes it.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn config_version(&self) -> Result<i64, StorageError>;

    /// The user with this e-mail.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn user(&self, email: &str) -> Result<Option<StoredUser>, StorageError>;

    /// All users, sorted by e-mail.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn users(&self) -> Result<Vec<StoredUser>, StorageError>;

    /// The token with this hash.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn token(&self, hash: &str) -> Result<Option<StoredToken>, StorageError>;

    /// The installation's key for hashes, made when the database was.
    fn key(&self) -> [u8; 32];

    /// Everything that is wrong with the data, one sentence each.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn check(&self) -> Result<Vec<String>, StorageError>;
}

/// Things that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Living profiles.
    Profiles,
    /// Sessions.
    Sessions,
    /// Events.
    Events,
}

/// Why the database did not do it; named after what the caller can do.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StorageError {
    /// Make room, then it goes on by itself.
    #[error("the database is full: {0}")]
    Full(String),
    /// Others changed the same rows at that moment, and nothing was done: do it again.
    #[error("others changed the same rows: {0}")]
    Again(String),
    /// Another process owns the data now; this one must end.
    #[error("another process has taken over this data folder")]
    Lost,
    /// The disk or the file failed; opening anew may help.
    #[error("the database failed: {0}")]
    Failed(String),
    /// A newer Kith wrote this; use that one.
    #[error(
        "the data was written by a newer Kith (format {found}, this one knows {known}); \
         start that version, or restore a backup"
    )]
    Newer {
        /// The format on disk.
        found: i64,
        /// The newest format this version knows.
        known: i64,
    },
}
