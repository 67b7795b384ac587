//! Functions of a company's own, in JavaScript: each called in a process apart, bounded, killed and replaced when need be.
//!
//! The engine is C: a script that has eaten its memory may abort it, and some of its loops never ask
//! whether they may go on. None of that may reach the process that collects, so a *worker* runs it: the
//! same program, which can open nothing and knows neither the time nor chance.

mod fault;
mod frames;
mod engine;
mod worker;
mod process;
mod trouble;
mod turns;
mod digits;
mod returned;
mod samples;

pub use fault::Fault;
pub use samples::{Difference, Unfit};
pub use worker::work;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::value::{RawValue, to_raw_value};

use crate::clock::Clock;
use crate::model::{Made, Map};
use frames::Given;
use process::{Broken, Process};
use trouble::Troubles;
use turns::{Permits, RUNNING_MAX, Turns};

/// Most processes that wait for a call.
const IDLE_MAX: usize = RUNNING_MAX;
/// So long a payload waits for its turn to call a function.
const TURN_SECONDS_MAX: Duration = Duration::from_secs(1);
/// After so long, no more functions are called with a payload that somebody waits for.
const PAYLOAD_SECONDS_MAX: Duration = Duration::from_secs(4);

/// The workers, and the way to them.
pub struct Functions {
    /// This one, but in tests.
    program: PathBuf,
    idle: Mutex<Vec<Process>>,
    turns: Turns,
    troubles: Troubles,
    clock: Clock,
    /// How deep what they give may nest.
    depth_max: usize,
}

impl std::fmt::Debug for Functions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Functions").field("program", &self.program).finish_non_exhaustive()
    }
}

/// What a function makes of one event: several, one, or none.
pub type Answer = Result<Vec<Made>, Fault>;

/// How long a payload waits for functions.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For each turn.
    turn: Duration,
    /// For all of them: until then, by the monotonic clock.
    until: Duration,
}

impl Patience {
    /// Of whoever would rather wait than have it otherwise.
    pub const ENDLESS: Self = Self { turn: Duration::from_secs(3_600), until: Duration::MAX };
}

/// The right to call a function with events of one payload.
#[derive(Debug)]
pub struct Turn {
    functions: Arc<Functions>,
    code: Arc<str>,
    until: Duration,
    permits: Arc<Permits>,
}

impl Turn {
    /// What the function makes of each event, given as documents. Nobody's thread is kept but one of its own.
    pub async fn call(&self, events: Vec<Map>) -> Vec<Answer> {
        let count = events.len();
        let Self { functions, code, until, permits } = self;
        let (functions, code, until) = (Arc::clone(functions), Arc::clone(code), *until);
        // Whoever waits may go away; the call goes on, and so does its turn.
        let permits = Arc::clone(permits);
        let work = move || {
            let _permits = permits;
            functions.call(&code, &events, until)
        };
        let answers = tokio::task::spawn_blocking(work).await;
        answers.unwrap_or_else(|_| vec![Err(Fault::of_ours(fault::NOBODY)); count])
    }
}

impl Functions {
    /// Nobody works until the first call.
    #[must_use]
    pub fn new(program: PathBuf, clock: Clock, depth_max: usize) -> Self {
        let troubles = Troubles::new(clock.clone());
        Self { program, idle: Mutex::default(), turns: Turns::new(), troubles, clock, depth_max }
    }

    /// That of a payload which somebody waits for, from now on.
    #[must_use]
    pub fn patience(&self) -> Patience {
        Patience { turn: TURN_SECONDS_MAX, until: self.clock.elapsed() + PAYLOAD_SECONDS_MAX }
    }

    /// A turn to call this function.
    ///
    /// # Errors
    /// There is none for as long as the payload has patience.
    pub async fn turn(
        self: &Arc<Self>,
        code: &Arc<str>,
        patience: Patience,
    ) -> Result<Turn, Fault> {
        let Patience { turn, until } = patience;
        if self.clock.elapsed() >= until {
            return Err(Fault::of_ours(fault::LATE));
        }
        let permits = self.turns.take(code, turn).await;
        let permits = permits.ok_or_else(|| Fault::of_ours(fault::BUSY))?;
        let (functions, code) = (Arc::clone(self), Arc::clone(code));
        Ok(Turn { functions, code, until, permits: Arc::new(permits) })
    }

    /// What the function makes of each event. It waits for the worker, which has a bound: as long as a call
    /// may take.
    fn call(&self, code: &Arc<str>, events: &[Map], until: Duration) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(events.len());
        while let Some(rest) = events.get(answers.len()..).filter(|rest| !rest.is_empty()) {
            if let Some(why) = self.keeps_off(code, until) {
                answers.extend(rest.iter().map(|_| Err(Fault::of_ours(why))));
                break;
            }
            let before = answers.len();
            match self.ask(code, rest) {
                Ok((raw, is_done)) => {
                    let read = rest.iter().zip(raw).map(|(event, raw)| self.read(event, raw));
                    answers.extend(read);
                    // A worker that ends with its answer has kept nobody waiting.
                    if is_done && answers.len() > before {
                        self.troubles.note(code, true);
                    }
                }
                Err(broken) => {
                    self.troubles.note(code, false);
                    answers.push(Err(broken.into()));
                }
            }
        }
        answers
    }

    /// Why it is not called now.
    fn keeps_off(&self, code: &Arc<str>, until: Duration) -> Option<&'static str> {
        let is_late = self.clock.elapsed() >= until;
        let is_off = || self.troubles.keep_off(code).then_some(fault::OFF);
        is_late.then_some(fault::LATE).or_else(is_off)
    }

    /// Whether it is code that can be called.
    ///
    /// # Errors
    /// What is wrong with it.
    fn reads(&self, code: &Arc<str>) -> Result<(), Fault> {
        let mut process = self.process(code)?;
        let loaded = process.load(code)?;
        self.rest(process);
        loaded.map(|_| ())
    }

    fn read(&self, event: &Map, raw: Result<Box<RawValue>, Fault>) -> Answer {
        returned::read(&raw?, event, self.depth_max)
    }

    /// The answers to the first events, at least one, and whether the worker goes on.
    fn ask(&self, code: &Arc<str>, events: &[Map]) -> Result<(Given, bool), Broken> {
        let events: Vec<_> = events.iter().filter_map(|event| to_raw_value(event).ok()).collect();
        let mut process = self.process(code)?;
        let number = match process.load(code)? {
            Ok(number) => number,
            Err(fault) => {
                self.rest(process);
                return Ok((events.iter().map(|_| Err(fault.clone())).collect(), true));
            }
        };
        let (answers, ends) = process.call(number, events)?;
        if answers.is_empty() {
            return Err(Broken::Ended);
        }
        if !ends {
            self.rest(process);
        }
        Ok((answers, !ends))
    }

    /// One that knows the function or can learn it; one that knows too many ends. The system may have
    /// ended some, since they are the first to go when memory is short.
    fn process(&self, code: &Arc<str>) -> Result<Process, Broken> {
        while let Some(mut process) = self.idle() {
            if process.is_alive() && process.has_room_for(code) {
                return Ok(process);
            }
        }
        Process::start(&self.program)
    }

    fn idle(&self) -> Option<Process> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn rest(&self, process: Process) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(process);
        }
    }
}
