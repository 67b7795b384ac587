//! What must last: the contract between Kith and its database, and what may go wrong with it.

mod changes;
mod people;
mod quarantine;
mod held;
mod removed;
mod apart;
mod merges;
mod rebuilds;
mod standing;
mod standings;
mod history;
mod configuration;
mod audit;
mod unnaming;
mod nodes;
mod accounts;
mod leases;
mod clocks;
mod allowances;
mod vitals;
mod room;
mod lives;
mod moving;
mod lists;
mod edits;
mod tables;
mod check;
mod key;
mod format;
mod stored;
mod sql;
mod sqlite;
mod postgres;

pub use accounts::{
    KeyAdded, KeyHolder, StoredKey, StoredToken, StoredTotp, StoredUser, UserChange, UserChanged,
};
pub use allowances::{Numbers, Taken};
pub use audit::{AUDIT_KINDS, AuditRow, AuditSearch};
pub use changes::{
    Bound, Changes, Committed, Edit, Loaded, MergeRecord, Moved, Read, SessionRow, TailRow,
    Through, Wanted,
};
pub use configuration::{By, ConfigEdit, ConfigRecord, Configured};
pub use history::{
    ColumnRange, DataFile, ErasureReport, ErasureRow, LakeChange, LakeView, Landed, Merged,
    NewFile, Portion, TailSeen, TailSize, Waiting,
};
pub use lists::{Adding, ListBounds, ListRow, Listed, Member};
pub use merges::{
    HeldIdentifier, MERGES_READ_MAX, MergeId, MergeRow, NotAMergeId, Retold, TakenBack,
};
pub use moving::{MovedIn, move_in};
pub use nodes::NodeRow;
pub use people::{Counted, PeopleKind, PeopleRow, ProfileRow, VisitRow};
pub use postgres::{Postgres, citus, schema};
pub use quarantine::{QuarantineRow, Quarantined};
pub use rebuilds::{RebuildChange, RebuildExample, RebuildRow, RebuildState};
pub use sql::{Row, Sql, Value, Visit};
pub use sqlite::{ReadOnly, Sqlite, StillHeld};
pub use standing::Standing;
pub use standings::{MemberRow, Warmth};
pub(crate) use stored::moment;
pub use stored::{StoredProfile, StoredSession};
pub use vitals::{Doubts, PoolUse, Vitals};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::model::Time;

/// Every format so far, in order, in the common dialect. Never edited once released; a new format
/// is a new file.
const MIGRATIONS: [&str; 20] = [
    include_str!("migrations/0001_collector.sql"),
    include_str!("migrations/0002_lake.sql"),
    include_str!("migrations/0003_nodes.sql"),
    include_str!("migrations/0004_registry.sql"),
    include_str!("migrations/0005_accounts.sql"),
    include_str!("migrations/0006_traces.sql"),
    include_str!("migrations/0007_undo.sql"),
    include_str!("migrations/0008_links.sql"),
    include_str!("migrations/0009_quarantine.sql"),
    include_str!("migrations/0010_rebuilds.sql"),
    include_str!("migrations/0011_saved.sql"),
    include_str!("migrations/0012_held_events.sql"),
    include_str!("migrations/0013_audiences.sql"),
    include_str!("migrations/0014_allowances.sql"),
    include_str!("migrations/0015_packed.sql"),
    include_str!("migrations/0016_tallies.sql"),
    include_str!("migrations/0017_worths.sql"),
    include_str!("migrations/0018_layout.sql"),
    include_str!("migrations/0019_blocks.sql"),
    include_str!("migrations/0020_batches.sql"),
];

/// A database that holds Kith's state. An engine is what passes the conformance suite.
///
/// The calls block: the committer has threads of its own, and handlers ask from a pool of blocking
/// threads. What both engines say alike is said once, over [`Storage::read`] and [`Storage::write`]:
/// see `people`, `history`, `configuration`, `accounts`, `leases` and `allowances` beside this.
pub trait Storage: Send + Sync + 'static {
    /// Makes `stream` the only writer, from now on.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn claim(&self, stream: &str, now: Time) -> Result<(), StorageError>;

    /// Whether it is where the next start will look for it, as far as that can be told without changing anything.
    ///
    /// # Errors
    /// See [`StorageError`]: what would be stored now would be lost, or cannot be stored.
    fn is_there(&self) -> Result<(), StorageError>;

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

    /// Remembers from now on which marks of events may be kept, where nobody else writes: whoever brings many
    /// that are new need not look for each.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn remember_marks(&self) -> Result<(), StorageError> {
        Ok(())
    }

    /// All of `changes`, or none of them, on disk when this returns [`Committed::Done`].
    ///
    /// # Errors
    /// See [`StorageError`]; nothing was changed then, as far as anybody can know.
    fn commit(&self, changes: &Changes) -> Result<Committed, StorageError>;

    /// Those of `rows` that somebody else holds locked at this moment.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn locked(&self, rows: &Moved) -> Result<Moved, StorageError>;

    /// Asks anything, in the common dialect.
    ///
    /// # Errors
    /// See [`StorageError`], and what `ask` says.
    fn read(&self, moment: Reading, ask: &mut Ask<'_>) -> Result<(), StorageError>;

    /// Changes anything but what rounds write, in one transaction: all of it or nothing, on disk when
    /// this returns. Where others were in the way, `work` is run again from its beginning.
    ///
    /// # Errors
    /// See [`StorageError`], and what `work` says; nobody knows then whether it is on disk.
    fn write(&self, work: &mut Work<'_>) -> Result<(), StorageError>;

    /// Whether others write to it too: then a round is compared with what is there when it is
    /// committed, and nothing is held back.
    fn is_shared(&self) -> bool;

    /// Calls `changed` when another process has changed the configuration, where the database can
    /// tell. Whoever needs to know for certain asks for the version, too.
    fn watch_config(&self, changed: Arc<dyn Fn() + Send + Sync>);

    /// What to say in the transaction that changes the configuration, so that those who watch it
    /// elsewhere hear of it; none where the database cannot tell.
    fn announcement(&self) -> Option<&'static str>;

    /// What to ask it for the time by which all go who share it, in microseconds; none where nobody does.
    fn asks_time(&self) -> Option<&'static str>;

    /// Copies the log of the last rounds to where it lasts, beside the commits, a step at a time.
    /// Says whether it did: then the next step may be due in a few milliseconds.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn copy_log(&self) -> Result<bool, StorageError>;

    /// Does what else can be done beside the commits: forgets old duplicate marks, and rounds that nobody
    /// needs. Says whether there was anything to do: then more may wait.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn tidy_up(&self, now: Time) -> Result<bool, StorageError>;

    /// Overwrites what was deleted and still lies in the database's free space and its log. What it did not do of that.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn wipe(&self) -> Result<Vec<Unwiped>, StorageError>;

    /// How the connections to it go.
    fn vitals(&self) -> Vitals;

    /// The installation's key for hashes, made when the database was.
    fn key(&self) -> [u8; 32];

    /// Everything that is wrong with the data, one sentence each.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn check(&self) -> Result<Vec<String>, StorageError>;
}

/// The database that the settings name, for a command that only looks: nothing is made, and nothing is changed.
///
/// # Errors
/// See [`StorageError`]; [`StorageError::Unmade`], and [`StorageError::Older`] and [`StorageError::Newer`] where it is of another format.
pub fn to_look(config: &Config) -> Result<Arc<dyn Storage>, StorageError> {
    Ok(if config.database_url.is_empty() {
        Arc::new(Sqlite::open_to_read(&config.data_dir, &config.storage)?)
    } else {
        Arc::new(Postgres::open_to_look(&config.database_url, &config.storage)?)
    })
}

/// The database that the settings name, to be read only: it must be there, in the format of the server that asks.
///
/// # Errors
/// See [`StorageError`].
pub fn to_read(config: &Config) -> Result<Arc<dyn Storage>, StorageError> {
    Ok(if config.database_url.is_empty() {
        Arc::new(Sqlite::open_to_read(&config.data_dir, &config.storage)?)
    } else {
        Arc::new(Postgres::open_to_read(&config.database_url, &config.storage)?)
    })
}

/// What is asked in [`Storage::read`].
pub type Ask<'a> = dyn FnMut(&mut dyn Sql) -> Result<(), StorageError> + 'a;
/// What is done in [`Storage::write`].
pub type Work<'a> = dyn FnMut(&mut dyn Sql) -> Result<Settled, StorageError> + 'a;

/// Of which moment of the database answers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Each of its own.
    Each,
    /// All of one.
    AtOneMoment,
}

/// A table of which what was deleted still lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwiped {
    /// Its name.
    pub table: &'static str,
    /// What the database says.
    pub why: String,
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is committed.
    Kept,
    /// It is rolled back.
    Dropped,
}

impl dyn Storage + '_ {
    /// Asks, each statement at a moment of its own.
    fn ask<T>(
        &self,
        ask: impl FnMut(&mut dyn Sql) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.answer(Reading::Each, ask)
    }

    /// Asks at one moment of the database.
    fn look<T>(
        &self,
        ask: impl FnMut(&mut dyn Sql) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.answer(Reading::AtOneMoment, ask)
    }

    fn answer<T>(
        &self,
        moment: Reading,
        mut ask: impl FnMut(&mut dyn Sql) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let mut answer = None;
        self.read(moment, &mut |database| {
            answer = Some(ask(database)?);
            Ok(())
        })?;
        answer.ok_or_else(nobody_asked)
    }

    /// Changes in one transaction, all of it or nothing.
    fn change<T>(
        &self,
        mut work: impl FnMut(&mut dyn Sql) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.change_if(|database| Ok((work(database)?, Settled::Kept)))
    }

    /// The same, and `work` also says whether it is to be committed.
    fn change_if<T>(
        &self,
        mut work: impl FnMut(&mut dyn Sql) -> Result<(T, Settled), StorageError>,
    ) -> Result<T, StorageError> {
        let mut done = None;
        self.write(&mut |database| {
            let (result, settled) = work(database)?;
            done = Some(result);
            Ok(settled)
        })?;
        done.ok_or_else(nobody_asked)
    }
}

/// An engine that says it is well and has not run what it was given.
fn nobody_asked() -> StorageError {
    StorageError::Failed("the engine has not asked".to_owned())
}

/// Why the database did not do it; named after what the caller can do.
#[derive(Clone, Debug, Serialize, Deserialize, thiserror::Error)]
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
    /// It cannot be reached; it may be there in a moment.
    #[error("the database failed: {0}")]
    Away(String),
    /// The disk or the file failed; opening anew may help.
    #[error("the database failed: {0}")]
    Failed(String),
    /// Nobody has made it yet, and whoever opens it needs what is there.
    #[error("there is no data yet, which `kith serve` makes")]
    Unmade,
    /// An older Kith wrote this, and whoever opens it may not bring it to the newest format.
    #[error(
        "the data is of format {found}, and this Kith reads {known}; use the version that wrote it, \
         or let `kith serve` bring it to the new format first"
    )]
    Older {
        /// The format on disk.
        found: i64,
        /// The newest format this version knows.
        known: i64,
    },
    /// History lacks a column that this Kith reads; let a server add it, or use the version that wrote it.
    #[error(
        "history has no column {0} yet, which this Kith reads; use the version that wrote it, or let `kith serve` add \
         it first"
    )]
    LacksColumn(String),
    /// History has a column that a newer Kith has added; use that one.
    #[error(
        "history has the column {0}, which a newer Kith has added and this one does not know; start that version, or \
         restore a backup"
    )]
    UnknownColumn(String),
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
