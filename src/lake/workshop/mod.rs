//! Where files are written: a DuckDB in a process apart, for one job after the other.
//!
//! What DuckDB takes while it writes is gone with its work, and so are its faults: the process that collects keeps
//! the memory of a server that has no DuckDB, and outlives one that has ended itself. It is told in SQL what to do,
//! as a connection would be; the files that it may reach are the lake's and nothing else.

mod process;
mod wire;
mod work;

pub(super) use wire::{Room, Row, Slice, Written};
pub use work::work;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::LakeError;
use crate::clock::Clock;
use crate::storage::TailRow;
use process::Process;
use wire::ToWorkshop;

/// A process that has had nothing to do for so long ends.
const REST: Duration = Duration::from_secs(10);

/// The process, and the way to it: one job at a time.
pub(super) struct Workshops {
    /// This program, but in tests.
    program: PathBuf,
    clock: Clock,
    /// The one that did the last job, and when that was over, by the clock's span.
    idle: Mutex<Option<(Process, Duration)>>,
}

/// The process while it is somebody's.
pub(super) struct Workshop<'a> {
    /// None when it has ended over what it was told.
    process: Option<Process>,
    idle: MutexGuard<'a, Option<(Process, Duration)>>,
    clock: &'a Clock,
}

impl Workshops {
    /// Nobody works until the first job.
    pub(super) fn new(program: PathBuf, clock: Clock) -> Self {
        Self { program, clock, idle: Mutex::default() }
    }

    /// A DuckDB in `room`, once it is nobody's. All that another was given is gone from it.
    pub(super) fn enter(&self, room: &Room<'_>) -> Result<Workshop<'_>, LakeError> {
        let mut idle = self.idle();
        let begin = ToWorkshop::Begin(room.clone());
        // It may have been killed since.
        let last = idle.take().map(|(process, _)| process);
        let last = last.and_then(|mut last| last.call::<()>(&begin).is_ok().then_some(last));
        let process = match last {
            Some(process) => process,
            None => self.begin(&begin)?,
        };
        Ok(Workshop { process: Some(process), idle, clock: &self.clock })
    }

    fn begin(&self, begin: &ToWorkshop<'_>) -> Result<Process, LakeError> {
        let mut process = Process::start(&self.program)?;
        process.call::<()>(begin)?;
        Ok(process)
    }

    /// Ends the process when it has had nothing to do for a while.
    pub(super) fn rest(&self) {
        let Ok(mut idle) = self.idle.try_lock() else { return };
        let now = self.clock.elapsed();
        idle.take_if(|(_, since)| now.saturating_sub(*since) >= REST);
    }

    fn idle(&self) -> MutexGuard<'_, Option<(Process, Duration)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workshop<'_> {
    /// Lines of the tail, for as long as the job lasts: a slice for each file that they are for.
    pub(super) fn take(&mut self, rows: &[TailRow]) -> Result<Vec<Slice>, LakeError> {
        self.with(|process| process.take(rows))
    }

    /// Two in the place of one.
    pub(super) fn halve(&mut self, slice: &Slice) -> Result<[Slice; 2], LakeError> {
        self.with(|process| process.call(&ToWorkshop::Halve(slice.number)))
    }

    /// Runs statements that give nothing.
    pub(super) fn run(&mut self, sql: String) -> Result<(), LakeError> {
        self.with(|process| process.call(&ToWorkshop::Run(sql)))
    }

    /// Runs a `COPY` with `RETURN_STATS`.
    pub(super) fn copy(&mut self, sql: String) -> Result<Written, LakeError> {
        self.with(|process| process.call(&ToWorkshop::Copy(sql)))
    }

    /// The rows of a query whose columns are texts.
    pub(super) fn rows(&mut self, sql: String) -> Result<Vec<Row>, LakeError> {
        self.with(|process| process.rows(sql))
    }

    /// The number that a query gives, as a text.
    pub(super) fn count(&mut self, sql: String) -> Result<u64, LakeError> {
        let count = self.rows(sql)?.into_iter().flatten().flatten().next();
        let count = count.and_then(|count| count.parse().ok());
        count.ok_or_else(|| LakeError::Defect("a count is no number".to_owned()))
    }

    /// One that has failed at its own, not at what it was told, is not asked again.
    fn with<T>(
        &mut self,
        ask: impl FnOnce(&mut Process) -> Result<T, LakeError>,
    ) -> Result<T, LakeError> {
        let Some(mut process) = self.process.take() else { return Err(process::ended("before")) };
        let answer = ask(&mut process);
        if process.is_there() {
            self.process = Some(process);
        }
        answer
    }
}

impl Drop for Workshop<'_> {
    fn drop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        if process.call::<()>(&ToWorkshop::End).is_ok() {
            *self.idle = Some((process, self.clock.elapsed()));
        }
    }
}

impl<'a> Room<'a> {
    /// With the files that are read and written, and a folder for what is put aside.
    pub(super) fn new(memory: u64, scratch_bytes: u64, files: &'a Path, scratch: &'a Path) -> Self {
        Self { memory, scratch_bytes, files: files.into(), scratch: scratch.into() }
    }
}
