//! The process as its server has it.

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;

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
}

/// It is gone, and what it was told can be told to another.
pub(super) fn ended(why: impl std::fmt::Display) -> LakeError {
    LakeError::Again(format!("the process that writes files has ended: {why}"))
}

impl Process {
    /// Starts one.
    pub(super) fn start(program: &Path) -> Result<Self, LakeError> {
        let nobody = |error: io::Error| {
            LakeError::Again(format!("no process that writes files can be had: {error}"))
        };
        // Whoever stops the server at a terminal does not stop it as well: a job ends in order.
        let mut command = apart::command(program, COMMAND);
        let started = apart::Process::start(command.process_group(0).env(ALLOCATOR.0, ALLOCATOR.1));
        Ok(Self { apart: started.map_err(nobody)?, is_there: true })
    }

    /// Its line, for whoever is to cut it.
    pub(super) fn line(&self) -> io::Result<UnixStream> {
        self.apart.to.try_clone()
    }

    /// Whether it can be told more.
    pub(super) fn is_there(&self) -> bool {
        self.is_there
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
        let mut say = || {
            apart::write(&mut self.apart.to, said)?;
            rows.iter().try_for_each(|row| self.apart.to.write_all(&row.packed))
        };
        say().map_err(|error| self.how_it_ended(&error))
    }

    fn hear<T: DeserializeOwned>(&mut self) -> Result<T, LakeError> {
        apart::read(&mut self.apart.from).map_err(|error| self.how_it_ended(&error))?
    }

    /// After a word that did not come through whatever comes next would be taken for its answer.
    fn how_it_ended(&mut self, error: &io::Error) -> LakeError {
        self.is_there = false;
        // It has closed its end, or is of no use any more.
        drop(self.apart.child.kill());
        match self.apart.child.wait() {
            Ok(status) => ended(status),
            Err(_) => ended(error),
        }
    }
}
