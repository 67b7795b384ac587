//! A worker: knows functions, and calls them when its server asks, until that is gone.

use std::collections::HashMap;
use std::io::{self, BufReader};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use serde_json::value::RawValue;

use super::engine::{Engine, MEMORY_BYTES_MAX};
use super::frames::{Answered, Asked, Given};
use super::{Fault, fault};
use crate::apart::{self, Bounded, allow_one, bind, end, shut_out};

/// Most functions that a worker knows.
pub(super) const ENGINES_MAX: usize = 64;
/// So much of the processor's time a call may take, should nobody be there to end it.
const SECONDS_MAX: Duration = Duration::from_secs(10);
/// The server asks one thing at a time.
const UNHEARD_MAX: usize = 1;

/// Runs until the server is gone. What comes in and goes out is in `frames`.
///
/// # Errors
/// A sentence for people, when nobody is there to be spoken to.
pub fn work() -> Result<(), String> {
    let nobody = |_| "this is started by the server, to call functions".to_owned();
    let line = io::stdin().as_fd().try_clone_to_owned().map_err(nobody)?;
    let mut to = UnixStream::from(line);
    let memory = (ENGINES_MAX * MEMORY_BYTES_MAX) as u64;
    let bounded = Bounded { memory, seconds_max: SECONDS_MAX, threads: 1 };
    bind(&bounded);
    let asked = listened(to.try_clone().map_err(nobody)?).map_err(nobody)?;
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

/// What is asked. A thread listens: when the server is gone, so is this process, whatever it is in the middle
/// of.
fn listened(from: UnixStream) -> io::Result<Receiver<Asked>> {
    let (heard, asked) = sync_channel(UNHEARD_MAX);
    let listen = move || {
        let mut from = BufReader::new(from);
        while let Ok(asked) = apart::read(&mut from) {
            if heard.send(asked).is_err() {
                break;
            }
        }
        end();
    };
    std::thread::Builder::new().name("kith-line".to_owned()).spawn(listen)?;
    Ok(asked)
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
