//! The process as its server has it.

use std::io::{self, ErrorKind, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::still::{Patience, Patient, Still};
use super::wire::{Packed, Row, Slice, ToWorkshop};
use crate::apart;
use crate::lake::LakeError;
use crate::storage::TailRow;

/// The command that makes this program the process.
const COMMAND: &str = "write-files";
/// What is said to DuckDB's allocator (jemalloc's `MALLOC_CONF`): what it has freed it keeps for ten seconds, until
/// the next files are written. It would give it back within one, and the system clears each page that is taken anew.
const ALLOCATOR: (&str, &str) = ("DUCKDB_JE_MALLOC_CONF", "dirty_decay_ms:10000");

/// See the module.
pub(super) struct Process {
    apart: apart::Process,
    is_there: bool,
    /// It was not waited for any longer.
    stood_still: bool,
    still: Still,
}

/// It is gone, and what it was told can be told to another.
pub(super) fn ended(why: impl std::fmt::Display) -> LakeError {
    LakeError::Again(format!("the process that writes files has ended: {why}"))
}

impl Process {
    /// Starts one.
    pub(super) fn start(program: &Path, patience: Patience) -> Result<Self, LakeError> {
        let nobody = |error: io::Error| {
            LakeError::Again(format!("no process that writes files can be had: {error}"))
        };
        // Whoever stops the server at a terminal does not stop it as well: a job ends in order.
        let mut command = apart::command(program, COMMAND);
        let started = apart::Process::start(command.process_group(0).env(ALLOCATOR.0, ALLOCATOR.1));
        let apart = started.map_err(nobody)?;
        apart.to.set_read_timeout(Some(patience.look)).map_err(nobody)?;
        apart.to.set_write_timeout(Some(patience.look)).map_err(nobody)?;
        let still = Still::of(apart.child.id(), patience);
        Ok(Self { apart, is_there: true, stood_still: false, still })
    }

    /// Its line, for whoever is to cut it.
    pub(super) fn line(&self) -> io::Result<UnixStream> {
        self.apart.to.try_clone()
    }

    /// Whether it can be told more.
    pub(super) fn is_there(&self) -> bool {
        self.is_there
    }

    /// Whether it is of no use any more since it has stood still.
    pub(super) fn stood_still(&self) -> bool {
        self.stood_still
    }

    /// Whether it was killed, and the kernel has it still.
    pub(super) fn lingers(&mut self) -> bool {
        !self.is_there && self.apart.ended().is_none()
    }

    /// Says something, and waits for the answer.
    pub(super) fn call<T: DeserializeOwned>(&mut self, said: &ToWorkshop) -> Result<T, LakeError> {
        self.say(said, &[])?;
        self.hear()
    }

    /// Hands rows of the tail over as they are: there they are unpacked.
    pub(super) fn take(&mut self, rows: &[TailRow]) -> Result<Vec<Slice>, LakeError> {
        let packed = rows.iter().map(|row| Packed {
            stream: Arc::clone(&row.at.stream),
            seq: row.at.seq,
            bytes: row.packed.len(),
        });
        self.say(&ToWorkshop::Take(packed.collect()), rows)?;
        self.hear()
    }

    /// All rows of an answer.
    pub(super) fn rows(&mut self, sql: String) -> Result<Vec<Row>, LakeError> {
        self.say(&ToWorkshop::Rows(sql), &[])?;
        let mut all = Vec::new();
        loop {
            let some: Vec<Row> = self.hear()?;
            if some.is_empty() {
                return Ok(all);
            }
            all.extend(some);
        }
    }

    fn say(&mut self, said: &ToWorkshop, rows: &[TailRow]) -> Result<(), LakeError> {
        self.still.begin();
        let mut to = Patient { line: &mut self.apart.to, still: &mut self.still };
        let said = apart::write(&mut to, said)
            .and_then(|()| rows.iter().try_for_each(|row| to.write_all(&row.packed)));
        said.map_err(|error| self.how_it_ended(&error))
    }

    fn hear<T: DeserializeOwned>(&mut self) -> Result<T, LakeError> {
        self.still.begin();
        let mut from = Patient { line: &mut self.apart.from, still: &mut self.still };
        apart::read(&mut from).map_err(|error| self.how_it_ended(&error))?
    }

    /// After a word that did not come through whatever comes next would be taken for its answer.
    fn how_it_ended(&mut self, error: &io::Error) -> LakeError {
        self.is_there = false;
        self.stood_still = error.kind() == ErrorKind::TimedOut;
        // It has closed its end, or is of no use any more.
        match self.apart.end() {
            Some(status) if !self.stood_still => ended(status),
            _ => ended(error),
        }
    }
}
