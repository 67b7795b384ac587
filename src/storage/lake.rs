//! The lake's side of the contract: which files there are, and what changes them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::{StorageError, TailRow, Through};
use crate::model::{ProfileId, Time};

/// What a reader has already.
#[derive(Clone, Debug, Default)]
pub struct TailSeen {
    /// Of each stream, rounds up to this one.
    pub rounds: HashMap<Arc<str>, u64>,
    /// Of each stream, mergers up to this round.
    pub merges: HashMap<Arc<str>, u64>,
}

/// The oldest rounds that are in no file.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// See [`LakeView::edition`].
    pub edition: i64,
    /// For each stream that has some: its mark, up to which rounds are in files.
    pub marks: HashMap<Arc<str>, u64>,
    /// The rounds, stream by stream, in the order committed.
    pub rows: Vec<TailRow>,
    /// Whether others wait behind them.
    pub more: bool,
}

/// How much of the tail is taken at a time; one round at least.
#[derive(Clone, Copy, Debug)]
pub struct Portion {
    /// No further round when there are so many events.
    pub events: u64,
    /// No further round when they take so many bytes, decoded.
    pub bytes: u64,
}

/// Two people who became one.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The round that wrote it.
    pub at: Through,
    /// Whose id leads to the other from now on.
    pub loser: ProfileId,
    /// Who lives on.
    pub winner: ProfileId,
}

/// History at one moment of the database: files, and what is in none of them yet.
#[derive(Clone, Debug, Default)]
pub struct LakeView {
    /// The catalogue's snapshot.
    pub snapshot: i64,
    /// The files that hold history, oldest first.
    pub files: Vec<DataFile>,
    /// For each stream: rounds up to this one are in files.
    pub flushed: HashMap<Arc<str>, u64>,
    /// Rounds that are in no file and that the reader has not seen, in the order committed.
    pub rows: Vec<TailRow>,
    /// Grows whenever rounds are changed after they were written (events removed). A reader that
    /// knows another number has to read all of them again.
    pub edition: i64,
    /// Mergers that the reader has not seen, in order.
    pub merges: Vec<Merged>,
    /// Whether anybody was ever merged; filled in by the reader, who remembers.
    pub any_merged: bool,
    /// Ids of people whose erasure is under way: nobody may see their events.
    pub hidden: Vec<ProfileId>,
}

/// A Parquet file of the lake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// The catalogue's number.
    pub id: i64,
    /// Below the lake's folder.
    pub path: String,
    /// Events in it.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// The earliest event.
    pub from: Time,
    /// The latest event.
    pub to: Time,
}

impl DataFile {
    /// The day of its events, counted from 1970; none when they are of several.
    #[must_use]
    pub fn day(&self) -> Option<i64> {
        (self.from.day() == self.to.day()).then(|| self.from.day())
    }
}

/// A Parquet file that was written and is not in the catalogue yet.
#[derive(Clone, Debug, Default)]
pub struct NewFile {
    /// Below the lake's folder.
    pub path: String,
    /// Events in it.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// The size of its footer, which readers fetch first.
    pub footer_bytes: u64,
    /// The day of its events, counted from 1970; none when they are of several.
    pub day: Option<i64>,
    /// What is in its columns.
    pub columns: Vec<ColumnRange>,
}

/// What a file holds in one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnRange {
    /// The column's name.
    pub column: &'static str,
    /// Its size in the file.
    pub bytes: u64,
    /// Values that are not null.
    pub values: u64,
    /// Nulls.
    pub nulls: u64,
    /// The smallest value, as DuckLake writes it; for columns that are ranged.
    pub min: Option<String>,
    /// The largest.
    pub max: Option<String>,
}

/// What one job changes in the catalogue, all of it or nothing.
#[derive(Clone, Debug, Default)]
pub struct LakeChange {
    /// When.
    pub time: Time,
    /// The edition of the tail that was read; none when the tail does not matter.
    pub edition: Option<i64>,
    /// Streams whose mark moves: from the first to the second round.
    pub flushed: Vec<(Through, u64)>,
    /// New files.
    pub added: Vec<NewFile>,
    /// Files that hold history no more.
    pub ended: Vec<DataFile>,
    /// Replaced files need no grace: what they hold must be gone.
    pub at_once: bool,
}

/// What became of a [`LakeChange`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landed {
    /// It is on disk.
    Done,
    /// Somebody else has changed what it stood on; nothing was done.
    Overtaken,
}

/// Rows of people that a question reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeopleKind {
    /// Living profiles.
    Profiles,
    /// Sessions.
    Sessions,
}

/// A row of people, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleRow {
    /// Its id.
    pub id: String,
    /// A session's profile id, of the time it was written.
    pub profile: Option<String>,
    /// JSON.
    pub body: String,
}

/// How much waits to be moved into files, and how much is in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TailSize {
    /// Events in no file.
    pub events: u64,
    /// What they take, compressed.
    pub bytes: u64,
    /// Files of the lake.
    pub files: u64,
    /// What they take.
    pub file_bytes: u64,
}

/// An erasure that was asked for and is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureRow {
    /// Its number.
    pub id: String,
    /// When it was asked for.
    pub asked: Time,
    /// Every id of the person.
    pub people: Vec<ProfileId>,
}

/// How far an erasure is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureReport {
    /// When it was asked for.
    pub asked: Time,
    /// When it was done.
    pub done: Option<Time>,
    /// What was removed, as JSON, once it is done.
    pub report: Option<String>,
}

/// What the lake asks of the database: the second half of the contract.
pub trait LakeStorage {
    /// History at this moment, without what the reader has `seen`: one moment of the database.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn lake(&self, seen: &TailSeen) -> Result<LakeView, StorageError>;

    /// The oldest rounds that are in no file, of some streams or of all: one moment of the database.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn waiting(
        &self,
        portion: Portion,
        streams: Option<&[Arc<str>]>,
    ) -> Result<Waiting, StorageError>;

    /// All of `change` or nothing, on disk when this returns.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it is on disk.
    fn commit_lake(&self, change: &LakeChange) -> Result<Landed, StorageError>;

    /// The files that hold history.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn files(&self) -> Result<Vec<DataFile>, StorageError>;

    /// Tells readers from outside where the files lie.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn locate(&self, folder: &str) -> Result<(), StorageError>;

    /// Forgets snapshots older than `grace` but the newest, and returns files that have waited that
    /// long for nobody to need them.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn expire_snapshots(&self, now: Time, grace: Duration) -> Result<Vec<String>, StorageError>;

    /// These files have left the disk.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn forget_files(&self, paths: &[String]) -> Result<(), StorageError>;

    /// Every file that the catalogue knows, also those that wait to leave the disk.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn known_paths(&self) -> Result<Vec<String>, StorageError>;

    /// How much is where.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn tail_size(&self) -> Result<TailSize, StorageError>;

    /// Rows of people with ids after `after`, in their order, at most `limit`.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn people(
        &self,
        kind: PeopleKind,
        after: &str,
        limit: usize,
    ) -> Result<Vec<PeopleRow>, StorageError>;

    /// Erasures to be done, oldest first.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn erasures(&self) -> Result<Vec<ErasureRow>, StorageError>;

    /// How far an erasure is.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn erasure(&self, id: &str) -> Result<Option<ErasureReport>, StorageError>;

    /// Takes the lease `name` for `holder`, or keeps it; false while somebody else has it.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn lease(
        &self,
        name: &str,
        holder: &str,
        now: Time,
        length: Duration,
    ) -> Result<bool, StorageError>;

    /// Streams that have rounds in no file.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn streams_waiting(&self) -> Result<Vec<Arc<str>>, StorageError>;

    /// Overwrites what was deleted and still lies in the database's free space and its log.
    ///
    /// # Errors
    /// See [`StorageError`].
    fn wipe(&self) -> Result<(), StorageError>;
}
