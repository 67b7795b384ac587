//! A worker: knows functions, and calls them when its server asks, until that is gone.

use std::collections::HashMap;
use std::io::BufReader;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use serde_json::value::RawValue;

use super::engine::{Engine, MEMORY_BYTES_MAX};
use super::frames::{self, Answered, Asked, Given};
use super::{Fault, fault};
use crate::questions::{Bounded, bind, shut_out};

/// Most functions that a worker knows.
pub(super) const ENGINES_MAX: usize = 64;
/// So long a call may take, should nobody be there to end it.
const SECONDS_MAX: Duration = Duration::from_secs(60);

/// Runs until the server is gone. What comes in and goes out is in `frames`.
///
/// # Errors
/// A sentence for people, when nobody is there to be spoken to.
pub fn work() -> Result<(), String> {
    let nobody = |_| "this is started by the server, to call functions".to_owned();
    let line = std::io::stdin().as_fd().try_clone_to_owned().map_err(nobody)?;
    let mut to = UnixStream::from(line);
    let mut from = BufReader::new(to.try_clone().map_err(nobody)?);
    let memory = (ENGINES_MAX * MEMORY_BYTES_MAX) as u64;
    bind(&Bounded { memory, seconds_max: SECONDS_MAX, threads: 1 });
    shut_out(false);
    let mut known = HashMap::new();
    while let Ok(asked) = frames::read(&mut from) {
        let (answered, ends) = answer(&mut known, asked);
        frames::write(&mut to, &answered).map_err(nobody)?;
        if ends {
            // The engine is not taken apart: after what it has met, it might not survive that.
            std::process::exit(0);
        }
    }
    Ok(())
}

fn answer(known: &mut HashMap<usize, Engine>, asked: Asked) -> (Answered, bool) {
    match asked {
        Asked::Load { number, code } => {
            let loaded = Engine::load(&code).map(|engine| drop(known.insert(number, engine)));
            (Answered::Loaded(loaded), false)
        }
        Asked::Call { number, events } => {
            let (answers, ends) = match known.get(&number) {
                Some(engine) => call(engine, &events),
                None => (vec![Err(Fault::of_ours(fault::NOBODY))], true),
            };
            (Answered::Called { answers, ends }, ends)
        }
    }
}

fn call(engine: &Engine, events: &[Box<RawValue>]) -> (Given, bool) {
    let mut answers = Vec::with_capacity(events.len());
    for event in events {
        let (given, goes_on) = engine.call(event.get());
        let no_event = |_| Fault::of_ours(fault::NO_EVENT);
        answers.push(given.and_then(|text| RawValue::from_string(text).map_err(no_event)));
        if !goes_on {
            return (answers, true);
        }
    }
    (answers, false)
}
