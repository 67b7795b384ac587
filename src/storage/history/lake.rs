//! What the database says of the lake: its files, what is in none of them, and what changes that.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{ProfileId, Time};
use crate::storage::{TailRow, Through};

/// What a reader has already.
#[derive(Clone, Debug, Default)]
pub struct TailSeen {
    /// Of each stream, rounds up to this one.
    pub rounds: HashMap<Arc<str>, u64>,
    /// Of each stream, mergers up to this round.
    pub merges: HashMap<Arc<str>, u64>,
    /// It does not want to know of mergers.
    pub without_merges: bool,
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
    /// Grows whenever something is changed after it was written (events removed, from rounds or from files; mergers
    /// taken back). A reader that knows another number has to read all rounds again.
    pub edition: i64,
    /// Mergers that the reader has not seen, in order.
    pub merges: Vec<Merged>,
    /// Whether anybody was ever merged; filled in by the reader, who remembers.
    pub any_merged: bool,
    /// Ids of people whose erasure is under way: nobody may see their events.
    pub hidden: Vec<ProfileId>,
}

/// A Parquet file of the lake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// When the first of them came in, and the last; none where the catalogue does not say.
    pub received: Option<(Time, Time)>,
    /// It holds every column that this Kith knows; an older one's does not.
    pub is_whole: bool,
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
    /// Where they lie, by every name that the catalogue may have for it; the first is its usual one.
    pub places: Vec<String>,
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
