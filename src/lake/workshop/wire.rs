//! What a server and the process that writes files say to each other.
//!
//! Each thing said is answered with a `Result` of what its variant names. What is wrong with SQL is an answer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::{EventsConfig, QueryConfig};

/// To the process.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToWorkshop {
    /// Have a DuckDB in which nobody has left anything: `()`.
    Begin(Room),
    /// Have these rows of the tail, whose packed bytes follow in their order: [`Slice`]s.
    Take(Vec<Packed>),
    /// Divide the slice of this number: two [`Slice`]s in its place.
    Halve(u64),
    /// Run this: `()`.
    Run(String),
    /// Write a file by this: [`Written`].
    Copy(String),
    /// Ask this: [`Row`]s, in several answers, the last of which is empty.
    Rows(String),
    /// Have nothing: `()`.
    End,
}

/// What a DuckDB may take, and which files it can reach.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::lake) struct Room {
    /// Memory, in bytes. What needs more is put aside in `scratch`.
    pub(in crate::lake) memory: u64,
    /// Room in `scratch`, in bytes.
    pub(in crate::lake) scratch_bytes: u64,
    /// The lake's files.
    pub(in crate::lake) files: PathBuf,
    /// Where that leads: a link may lead elsewhere the next time.
    pub(in crate::lake) leads_to: Option<PathBuf>,
    /// What is put aside lies here, and what is on its way out.
    pub(in crate::lake) scratch: PathBuf,
}

impl Room {
    /// As the settings have it, over the files in this folder.
    pub(in crate::lake) fn of(
        (events, query): (&EventsConfig, &QueryConfig),
        files: &Path,
        scratch: &Path,
    ) -> Self {
        Self {
            memory: events.memory_bytes_max,
            scratch_bytes: query.scratch_bytes_max,
            files: files.to_owned(),
            leads_to: files.canonicalize().ok(),
            scratch: scratch.to_owned(),
        }
    }
}

/// A row of the tail.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Packed {
    pub(super) stream: Arc<str>,
    pub(super) seq: u64,
    pub(super) bytes: usize,
}

/// Lines that go into one file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lake) struct Slice {
    /// By which SQL finds them.
    pub(in crate::lake) number: u64,
    /// The day that their events are of, counted from 1970; none for several.
    pub(in crate::lake) day: Option<i64>,
    /// How many.
    pub(in crate::lake) lines: usize,
}

/// What DuckDB says of a file it has written.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::lake) struct Written {
    pub(in crate::lake) count: u64,
    pub(in crate::lake) file_size_bytes: u64,
    pub(in crate::lake) footer_size_bytes: u64,
    /// For each column what is in it, as texts.
    pub(in crate::lake) columns: BTreeMap<String, BTreeMap<String, String>>,
}

/// Texts, by columns.
pub(in crate::lake) type Row = Vec<Option<String>>;
