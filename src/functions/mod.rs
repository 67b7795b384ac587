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
mod digits;
mod returned;
mod samples;

pub use fault::Fault;
pub use samples::{Difference, Unfit};
pub use worker::work;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::value::{RawValue, to_raw_value};

use crate::clock::Clock;
use crate::model::{Made, Map};
use frames::Given;
use process::{Broken, Process};
use trouble::Troubles;

/// Most processes that wait for a call.
const IDLE_MAX: usize = 8;

/// The workers, and the way to them.
pub struct Functions {
    /// This one, but in tests.
    program: PathBuf,
    idle: Mutex<Vec<Process>>,
    troubles: Troubles,
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

impl Functions {
    /// Nobody works until the first call.
    #[must_use]
    pub fn new(program: PathBuf, clock: Clock, depth_max: usize) -> Self {
        Self { program, idle: Mutex::default(), troubles: Troubles::new(clock), depth_max }
    }

    /// What the function makes of each event, given as documents. It waits for the worker, which has
    /// a bound: as long as a call may take.
    pub fn call(&self, code: &Arc<str>, events: &[Map]) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(events.len());
        while let Some(rest) = events.get(answers.len()..).filter(|rest| !rest.is_empty()) {
            if self.troubles.keep_off(code) {
                answers.extend(rest.iter().map(|_| Err(Fault::of_ours(fault::OFF))));
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
