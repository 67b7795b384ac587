//! A worker: knows functions, and calls them when its server asks, until that is gone.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::value::RawValue;

use super::engine::{Engine, MEMORY_BYTES_MAX};
use super::frames::{Answered, Asked, Given};
use super::{Fault, fault};
use crate::apart::{self, Bounded, allow_one, bind, shut_out};

/// Most functions that a worker knows.
pub(super) const ENGINES_MAX: usize = 64;
/// So much of the processor's time a call may take, should nobody be there to end it.
const SECONDS_MAX: Duration = Duration::from_secs(10);

/// Runs until the server is gone. What comes in and goes out is in `frames`.
///
/// # Errors
/// A sentence for people, when nobody is there to be spoken to.
pub fn work() -> Result<(), String> {
    let nobody = |_| "this is started by the server, to call functions".to_owned();
    let mut to = apart::line().map_err(nobody)?;
    let memory = (ENGINES_MAX * MEMORY_BYTES_MAX) as u64;
    let bounded = Bounded { memory, seconds_max: SECONDS_MAX, threads: 1 };
    bind(&bounded);
    let asked = apart::listened(&to, apart::read).map_err(nobody)?;
    shut_out(false);
    let mut known = HashMap::new();
    for asked in asked {
        allow_one(&bounded);
        let (answered, ends) = answer(&mut known, asked);
        apart::write(&mut to, &answered).map_err(nobody)?;
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
