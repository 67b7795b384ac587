//! A worker as its server has it: a process that is asked one thing at a time.

use std::collections::HashMap;
use std::io::{self, BufRead as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

use super::frames::{Answered, Asked, Given};
use super::worker::ENGINES_MAX;
use super::{Fault, fault};
use crate::apart;

/// The command that makes this program a worker.
const COMMAND: &str = "call-functions";
/// So long a worker may take to begin and to read a function.
const BEGIN_SECONDS_MAX: Duration = Duration::from_secs(10);
/// So long a call may take. Steps are counted, so only loops within the engine take that long.
const CALL_SECONDS_MAX: Duration = Duration::from_secs(2);

/// What takes longer than this takes what others leave: whoever sends what keeps workers busy does not keep
/// the processor from those who collect.
const QUICK: Duration = Duration::from_millis(50);
/// How much less it weighs then (see `nice(2)`).
#[cfg(target_os = "linux")]
const NICE: i32 = 15;

/// Why a worker cannot be asked again.
#[derive(Debug)]
pub(super) enum Broken {
    /// It could not be started.
    Nobody(io::Error),
    /// It ended, or did not answer.
    Ended,
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Nobody(error) => {
                tracing::error!(%error, "no worker for functions could be started");
                Self::of_ours(fault::NOBODY)
            }
            Broken::Ended => Self::of_ours(fault::STOPPED),
        }
    }
}

/// See the module.
pub(super) struct Process {
    apart: apart::Process,
    /// By what they say: the number under which the worker knows them.
    known: HashMap<Arc<str>, usize>,
    is_slow: bool,
}

impl Process {
    /// Starts one.
    pub(super) fn start(program: &Path) -> Result<Self, Broken> {
        // Times of day are the same on every machine.
        let started = apart::Process::start(apart::command(program, COMMAND).env("TZ", "UTC"));
        let apart = started.map_err(Broken::Nobody)?;
        Ok(Self { apart, known: HashMap::new(), is_slow: false })
    }

    /// The number of the function of this code, which the worker knows from now on.
    pub(super) fn load(&mut self, code: &Arc<str>) -> Result<Result<usize, Fault>, Broken> {
        if let Some(number) = self.known.get(code) {
            return Ok(Ok(*number));
        }
        let number = self.known.len();
        let asked = Asked::Load { number, code: code.to_string() };
        let Answered::Loaded(loaded) = self.ask(&asked, BEGIN_SECONDS_MAX)? else {
            return Err(Broken::Ended);
        };
        Ok(loaded.map(|()| {
            self.known.insert(Arc::clone(code), number);
            number
        }))
    }

    /// What the function gives for the first of these events, at least one of them, and whether the
    /// worker ends with the last.
    pub(super) fn call(
        &mut self,
        number: usize,
        events: Vec<Box<RawValue>>,
    ) -> Result<(Given, bool), Broken> {
        match self.ask(&Asked::Call { number, events }, CALL_SECONDS_MAX)? {
            Answered::Called { answers, ends } => Ok((answers, ends)),
            Answered::Loaded(_) => Err(Broken::Ended),
        }
    }

    /// Whether it knows this function, or has room for one more.
    pub(super) fn has_room_for(&self, code: &Arc<str>) -> bool {
        self.known.len() < ENGINES_MAX || self.known.contains_key(code)
    }

    /// Whether it was not ended by others.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.apart.child.try_wait(), Ok(None))
    }

    /// Whether a call has taken long.
    pub(super) fn is_slow(&self) -> bool {
        self.is_slow
    }

    fn ask(&mut self, asked: &Asked, most: Duration) -> Result<Answered, Broken> {
        let mut answer = || {
            self.apart.to.set_write_timeout(Some(most))?;
            apart::write(&mut self.apart.to, asked)?;
            if matches!(asked, Asked::Call { .. }) {
                self.apart.to.set_read_timeout(Some(QUICK))?;
                if self.apart.from.fill_buf().is_err_and(|error| is_of_time(&error)) {
                    self.weigh_less();
                }
            }
            self.apart.to.set_read_timeout(Some(most))?;
            apart::read(&mut self.apart.from)
        };
        answer().map_err(|_: io::Error| Broken::Ended)
    }

    fn weigh_less(&mut self) {
        self.is_slow = true;
        #[cfg(target_os = "linux")]
        {
            let pid =
                i32::try_from(self.apart.child.id()).ok().and_then(rustix::process::Pid::from_raw);
            if let Err(error) = rustix::process::setpriority_process(pid, NICE) {
                tracing::debug!(%error, "a worker for functions keeps its weight");
            }
        }
    }
}

/// Whether nothing came in time.
fn is_of_time(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
