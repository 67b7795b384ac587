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
mod suspects;
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

use serde_json::value::RawValue;

use crate::clock::Clock;
use crate::model::{Made, Map};
use digits::Digits;
use frames::Given;
use process::{Broken, Process};
use suspects::Suspects;
use turns::{Permits, RUNNING_MAX, Turns};

/// Most processes that wait for a call.
const IDLE_MAX: usize = RUNNING_MAX;
/// So long a payload waits for its turn to call a function.
const TURN_SECONDS_MAX: Duration = Duration::from_secs(1);
/// So many workers are stopped with events of one payload that somebody waits for: with several of them, and
/// with the one that it was.
const STOPS_MAX: u32 = 2;
/// After so long, no more functions are called with a payload that somebody waits for.
const PAYLOAD_SECONDS_MAX: Duration = Duration::from_secs(4);

/// The workers, and the way to them.
pub struct Functions {
    /// This one, but in tests.
    program: PathBuf,
    idle: Mutex<Vec<Process>>,
    turns: Turns,
    suspects: Suspects,
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

/// For whom a function is called: who sends what it is called with, as far as that can be told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller(Arc<str>);

impl Caller {
    /// Somebody who sends through a source.
    #[must_use]
    pub fn new(source: &str, who: &str) -> Self {
        Self(format!("{source} {who}").into())
    }

    /// Whoever writes functions.
    #[must_use]
    pub fn author() -> Self {
        Self("".into())
    }
}

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
    caller: Caller,
    until: Duration,
    permits: Arc<Permits>,
}

impl Turn {
    /// What the function makes of each event, given as documents. Nobody's thread is kept but one of its own.
    pub async fn call(&self, events: Vec<Map>) -> Vec<Answer> {
        let count = events.len();
        let Self { functions, code, caller, until, permits } = self;
        let (functions, code, until) = (Arc::clone(functions), Arc::clone(code), *until);
        let caller = caller.clone();
        // Whoever waits may go away; the call goes on, and so does its turn.
        let permits = Arc::clone(permits);
        let work = move || {
            let _permits = permits;
            functions.call(&code, &caller, &events, until)
        };
        let answers = tokio::task::spawn_blocking(work).await;
        answers.unwrap_or_else(|_| vec![Err(Fault::of_ours(fault::NOBODY)); count])
    }
}

impl Functions {
    /// Nobody works until the first call.
    #[must_use]
    pub fn new(program: PathBuf, clock: Clock, depth_max: usize) -> Self {
        let suspects = Suspects::new(clock.clone());
        Self { program, idle: Mutex::default(), turns: Turns::new(), suspects, clock, depth_max }
    }

    /// That of a payload which somebody waits for, from now on.
    #[must_use]
    pub fn patience(&self) -> Patience {
        Patience { turn: TURN_SECONDS_MAX, until: self.clock.elapsed() + PAYLOAD_SECONDS_MAX }
    }

    /// A turn to call this function for somebody.
    ///
    /// # Errors
    /// There is none for as long as the payload has patience.
    pub async fn turn(
        self: &Arc<Self>,
        code: &Arc<str>,
        caller: &Caller,
        patience: Patience,
    ) -> Result<Turn, Fault> {
        let Patience { turn, until } = patience;
        if self.clock.elapsed() >= until {
            return Err(Fault::of_ours(fault::LATE));
        }
        let is_suspect = self.suspects.are(caller);
        let permits = self.turns.take(code, caller, is_suspect, turn).await;
        let permits = Arc::new(permits.ok_or_else(|| Fault::of_ours(fault::BUSY))?);
        let (functions, code, caller) = (Arc::clone(self), Arc::clone(code), caller.clone());
        Ok(Turn { functions, code, caller, until, permits })
    }

    /// What the function makes of each event. It waits for the worker, which has a bound: as long as a call
    /// may take. Nobody knows with which of several events a worker was stopped: from then on they are
    /// given one by one.
    fn call(
        &self,
        code: &Arc<str>,
        caller: &Caller,
        events: &[Map],
        until: Duration,
    ) -> Vec<Answer> {
        let (mut answers, mut stops) = (Vec::with_capacity(events.len()), 0);
        let events: Vec<_> = events.iter().map(|event| (event, Digits::of(event))).collect();
        while let Some(rest) = events.get(answers.len()..).filter(|rest| !rest.is_empty()) {
            if let Some(why) = self.gives_up(stops, until) {
                answers.extend(rest.iter().map(|_| Err(Fault::of_ours(why))));
                break;
            }
            let some = if stops == 0 { rest } else { rest.get(..1).unwrap_or_default() };
            match self.ask(code, some) {
                Ok(raw) => {
                    let read = some.iter().zip(raw).map(|(asked, raw)| self.read(asked, raw));
                    answers.extend(read);
                }
                Err(broken) => {
                    stops += 1;
                    self.suspects.suspect(caller);
                    if some.len() == 1 {
                        answers.push(Err(broken.into()));
                    }
                }
            }
        }
        answers
    }

    /// Why it is called with no more of the events. Whoever waits for none of it has the time.
    fn gives_up(&self, stops: u32, until: Duration) -> Option<&'static str> {
        let is_late = self.clock.elapsed() >= until;
        let is_waited_for = until != Patience::ENDLESS.until;
        let has_stopped = || (is_waited_for && stops >= STOPS_MAX).then_some(fault::AFTER_STOPS);
        is_late.then_some(fault::LATE).or_else(has_stopped)
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

    fn read(&self, (event, digits): &(&Map, Digits), raw: Result<Box<RawValue>, Fault>) -> Answer {
        returned::read(&raw?, event, digits, self.depth_max)
    }

    /// The answers to the first events, at least one.
    fn ask(&self, code: &Arc<str>, events: &[(&Map, Digits)]) -> Result<Given, Broken> {
        let given = events.iter().filter_map(|(event, digits)| digits.given(event).ok());
        let events: Vec<_> = given.collect();
        let mut process = self.process(code)?;
        let number = match process.load(code)? {
            Ok(number) => number,
            Err(fault) => {
                self.rest(process);
                return Ok(events.iter().map(|_| Err(fault.clone())).collect());
            }
        };
        let (answers, ends) = process.call(number, events)?;
        if answers.is_empty() {
            return Err(Broken::Ended);
        }
        if !ends {
            self.rest(process);
        }
        Ok(answers)
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
        // One that was slow takes what others leave, and cannot take more again.
        if process.is_slow() {
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(process);
        }
    }
}
