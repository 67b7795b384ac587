//! Where files are written: a DuckDB in a process apart, for one job after the other.
//!
//! What DuckDB takes while it writes is gone soon after its work, and so are its faults: the process that collects
//! keeps the memory of a server that has no DuckDB, and outlives one that has ended itself. It is told in SQL what to do,
//! as a connection would be; the files that it may reach are the lake's and nothing else.

mod process;
mod still;
mod wire;
mod work;

pub(super) use wire::{Room, Row, Slice, Written};
pub use work::work;

use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::LakeError;
use crate::clock::Clock;
use crate::storage::TailRow;
use crate::telemetry::Telemetry;
use process::Process;
use still::Patience;
use wire::ToWorkshop;

/// A process that has had nothing to do for so long ends, when somebody looks ([`Workshops::rest`]).
const REST: Duration = Duration::from_secs(10);

/// The process, and the way to it: one job at a time.
pub(super) struct Workshops {
    /// This program, but in tests.
    program: PathBuf,
    clock: Clock,
    telemetry: Arc<Telemetry>,
    patience: Patience,
    known: Mutex<Option<Known>>,
    /// One that was killed, until it is gone: what the kernel holds it for would hold the next one as well.
    killed: Mutex<Option<Process>>,
    /// By which somebody else's process is ended.
    line: Mutex<Line>,
}

/// The way to the process past whoever has it.
enum Line {
    /// To the one that was started last.
    To(Option<UnixStream>),
    /// Nobody is to work any more.
    Cut,
}

/// A process that can be told something.
struct Known {
    process: Process,
    /// When its last job was over, by the clock's `elapsed`.
    since: Duration,
}

/// The process while it is somebody's; none once it has ended over what it was told.
pub(super) struct Workshop<'a> {
    known: MutexGuard<'a, Option<Known>>,
    of: &'a Workshops,
}

impl Workshops {
    /// Nobody works until the first job.
    pub(super) fn new(program: PathBuf, clock: Clock, telemetry: Arc<Telemetry>) -> Self {
        let line = Mutex::new(Line::To(None));
        let (known, killed) = (Mutex::default(), Mutex::default());
        let patience = Patience::USUAL;
        Self { program, clock, telemetry, patience, known, killed, line }
    }

    /// A DuckDB in `room`, once it is nobody's. All that another was given is gone from it.
    pub(super) fn enter(&self, room: Room) -> Result<Workshop<'_>, LakeError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut workshop = Workshop { known, of: self };
        let begin = ToWorkshop::Begin(room);
        // It may have been killed since.
        if workshop.call::<()>(&begin).is_err() {
            let process = self.start()?;
            *workshop.known = Some(Known { process, since: Duration::ZERO });
            workshop.call::<()>(&begin)?;
        }
        Ok(workshop)
    }

    /// Starts one, unless nobody is to work any more.
    fn start(&self) -> Result<Process, LakeError> {
        self.must_be_gone()?;
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let Line::To(to) = &mut *line else { return Err(process::ended("the server ends")) };
        let process = Process::start(&self.program, self.patience)?;
        *to = Some(process.line().map_err(LakeError::disk)?);
        Ok(process)
    }

    /// Whoever was killed before.
    fn must_be_gone(&self) -> Result<(), LakeError> {
        let mut killed = self.killed.lock().unwrap_or_else(PoisonError::into_inner);
        if killed.as_mut().is_some_and(Process::lingers) {
            let why = "it was killed and does not end, as where a disk does not answer";
            return Err(process::ended(why));
        }
        *killed = None;
        Ok(())
    }

    /// One that is of no use any more, and why it is not.
    fn leave(&self, mut process: Process) {
        if process.stood_still() {
            tracing::error!("the process that writes files stands still; it is replaced");
            self.telemetry.writing_process_stood_still();
        }
        if process.lingers() {
            *self.killed.lock().unwrap_or_else(PoisonError::into_inner) = Some(process);
        }
    }

    /// Ends the process, and whoever waits for its answer hears that it is gone: one that stands still would never
    /// give one. None begins from now on.
    pub(super) fn end(&self) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let Line::To(Some(to)) = std::mem::replace(&mut *line, Line::Cut) else { return };
        if let Err(error) = to.shutdown(Shutdown::Both) {
            tracing::debug!(%error, "the process that writes files is gone already");
        }
    }

    /// Ends the process when it has had nothing to do for a while.
    pub(super) fn rest(&self) {
        let Ok(mut known) = self.known.try_lock() else { return };
        let now = self.clock.elapsed();
        known.take_if(|known| now.saturating_sub(known.since) >= REST);
    }
}

impl Workshop<'_> {
    /// Lines of the tail, for as long as the job lasts: a slice for each file that they are for.
    pub(super) fn take(&mut self, rows: &[TailRow]) -> Result<Vec<Slice>, LakeError> {
        self.with(|process| process.take(rows))
    }

    /// Two in the place of one.
    pub(super) fn halve(&mut self, slice: &Slice) -> Result<Vec<Slice>, LakeError> {
        self.call(&ToWorkshop::Halve(slice.number))
    }

    /// Runs statements that give nothing.
    pub(super) fn run(&mut self, sql: String) -> Result<(), LakeError> {
        self.call(&ToWorkshop::Run(sql))
    }

    /// Runs a `COPY` with `RETURN_STATS`.
    pub(super) fn copy(&mut self, sql: String) -> Result<Written, LakeError> {
        self.call(&ToWorkshop::Copy(sql))
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

    fn call<T: DeserializeOwned>(&mut self, said: &ToWorkshop) -> Result<T, LakeError> {
        self.with(|process| process.call(said))
    }

    /// One that has failed at its own, not at what it was told, is not asked again.
    fn with<T>(
        &mut self,
        ask: impl FnOnce(&mut Process) -> Result<T, LakeError>,
    ) -> Result<T, LakeError> {
        let Some(known) = self.known.as_mut() else { return Err(process::ended("before")) };
        let answer = ask(&mut known.process);
        if let Some(known) = self.known.take_if(|known| !known.process.is_there()) {
            self.of.leave(known.process);
        }
        answer
    }
}

impl Drop for Workshop<'_> {
    fn drop(&mut self) {
        let is_over = self.call::<()>(&ToWorkshop::End).is_ok();
        let since = self.of.clock.elapsed();
        *self.known = self.known.take().filter(|_| is_over).map(|known| Known { since, ..known });
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use tempfile::TempDir;

    use super::*;
    use crate::model::Time;

    fn room(folder: &Path) -> Room {
        let [files, scratch] = [folder.to_owned(), folder.to_owned()];
        Room { memory: 1 << 28, scratch_bytes: 1 << 28, files, leads_to: None, scratch }
    }

    /// Such as one whose disk does not answer: it writes down that it was there, and stands still.
    #[cfg(target_os = "linux")]
    #[test]
    fn who_stands_still_is_told_of_and_replaced() {
        let folder = TempDir::new().unwrap();
        let (program, begun) = (folder.path().join("stands"), folder.path().join("begun"));
        let script = format!("#!/bin/sh\necho $$ >>{}\nexec sleep 1000\n", begun.display());
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let telemetry = Arc::new(Telemetry::new());
        let clock = Clock::set_to(Time::from_micros(0));
        let mut workshops = Workshops::new(program, clock, Arc::clone(&telemetry));
        workshops.patience.look = Duration::from_millis(10);
        for times in 1..=2 {
            let Err(LakeError::Again(why)) = workshops.enter(room(folder.path())).map(drop) else {
                panic!("it has answered")
            };
            assert!(why.contains("it did nothing"), "{why}");
            let counted = format!("kith_writing_processes_replaced_total {times}\n");
            assert!(telemetry.render().contains(&counted));
        }
        let begun = std::fs::read_to_string(begun).unwrap();
        let is_there = |pid: &str| Path::new("/proc").join(pid).exists();
        assert_eq!((begun.lines().count(), begun.lines().any(is_there)), (2, false));
    }
}
