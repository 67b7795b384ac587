//! What is read from a file, on the way of every payload without a request around it: `kith import`.
//!
//! Whoever has the folder decides what comes in, so doors, origins and limits of rate do not hold;
//! shapes, bounds and everything about people do.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use tokio::runtime::Builder;
use tokio::sync::oneshot::Receiver;

use super::ApiError;
use super::dialects::tracardi;
use super::intake::{Incoming, Intake, Ready, Understood};
pub use super::intake::{Past, TEXT_BYTES_MAX};
use crate::admission::Admitted;
use crate::app::App;
use crate::committer::Unavailable;
use crate::functions::Patience;
use crate::model::{Bridge, Mark, Source, SourceId, Time, Trust, says_nothing};
use crate::outcome::{Outcome, Ticket};
use crate::processing::{OWN_SOURCE, is_own};
use crate::response::Response;
use crate::storage::StorageError;

/// A payload of a file, as `/track` takes it.
pub struct Written<'a> {
    /// JSON.
    pub payload: &'a [u8],
    /// Says what an event without an id is called, with its number behind it: the same next time.
    pub name: &'a dyn Fn() -> String,
    /// It was history already, of this installation or another: profile ids are taken as they are, and what
    /// Kith has added to it, it adds no more.
    pub past: Option<&'a Past>,
    /// Whoever imports it has said whose it is.
    pub is_vouched: bool,
}

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is on disk.
    Kept,
    /// All of its events were kept before.
    Repeated,
    /// It was not let in.
    Refused(String),
}

impl std::fmt::Debug for Written<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Written").field("bytes", &self.payload.len()).finish_non_exhaustive()
    }
}

/// One on its way.
#[derive(Debug)]
pub struct Sent(State);

#[derive(Debug)]
enum State {
    Ended(Fate),
    Waiting(usize, Receiver<Result<Response, Unavailable>>),
}

/// A payload that was read, and how many events it has.
pub struct Read(Result<Option<Admitted>, ApiError>, usize);

impl Read {
    /// Whether it is known already that it is not let in.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.0.is_err()
    }

    /// By what all of its events are known once they are kept; none where one of them is not, or is kept apart.
    #[must_use]
    pub fn marks(&self) -> Option<Vec<Mark>> {
        let payload = self.0.as_ref().ok()?.as_ref()?.payload();
        let are_kept = !payload.events.is_empty() && payload.held.is_empty();
        are_kept.then(|| payload.events.iter().map(|event| event.mark).collect())?
    }

    /// Lets it be received after `last`, which was sent before it, whichever of them was read sooner: by that whoever
    /// folds history again, and whoever exports it, knows the order of the file. When it is received then.
    pub fn comes_after(&mut self, last: Time) -> Time {
        let Ok(Some(admitted)) = &mut self.0 else { return last };
        let received_at = &mut admitted.payload_mut().received_at;
        *received_at = (*received_at).max(last.plus(Duration::from_micros(1)));
        *received_at
    }
}

impl std::fmt::Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Read").field("events", &self.1).finish_non_exhaustive()
    }
}

/// Understands one; on any thread.
#[must_use]
pub fn read(app: &App, written: &Written<'_>) -> Read {
    let mut events = 0;
    let understood = understand(app, written, &mut events);
    let called = understood.and_then(|ready| ready.map(|ready| called(app, ready)).transpose());
    Read(called.map(Option::flatten), events)
}

/// Functions are called here and now: nobody else waits for this thread, and a file can wait for its turn.
fn called(app: &App, ready: Ready) -> Result<Option<Admitted>, ApiError> {
    let ready = match ready.uncalled() {
        Ok(admitted) => return Ok(Some(admitted)),
        Err(ready) => ready,
    };
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| StorageError::Failed(error.to_string()))?;
    runtime.block_on(ready.called(app, Patience::ENDLESS))
}

fn understand(app: &App, written: &Written<'_>, events: &mut usize) -> Understood {
    tracardi::track::read(&app.config.limits, written.payload, |mut incoming| {
        *events = incoming.events.len();
        name(&mut incoming, written);
        if let Some(past) = written.past {
            as_it_was(past, &mut incoming);
        }
        let known = app.registry.now();
        let source = known.get::<Source>(incoming.source.trim()).map(|known| &known.entity);
        let headers = HeaderMap::new();
        let intake = Intake::begin(app, &headers, None, door_of(source)).handed_in().recorded();
        let intake = intake.vouched_for(written.is_vouched).remembering(written.past);
        let intake = match itself(&incoming).filter(|_| written.past.is_some() && source.is_none())
        {
            Some(itself) => intake.sent_by(itself),
            None => intake,
        };
        intake.understand(incoming)
    })?
}

/// Whose it was is known, and what it has caused is history of its own.
fn as_it_was(past: &Past, incoming: &mut Incoming<'_>) {
    let options = &mut incoming.options;
    options.static_profile_id = incoming.profile.is_some();
    options.profile_less = incoming.profile.is_none();
    options.adds_nothing = true;
    options.found = past.found.filter(|_| incoming.profile.is_some());
    // What happened in no visit makes none.
    options.save_session &= incoming.session.is_some();
}

/// Gives ids to events that have none; the name is worked out where one is needed. What was history has the ids that it had.
fn name(incoming: &mut Incoming<'_>, written: &Written<'_>) {
    let mut name = None;
    let is_none = |id: &str| id.trim().is_empty() || written.past.is_none() && says_nothing(id);
    for (at, event) in incoming.events.iter_mut().enumerate() {
        if event.id.as_deref().is_none_or(is_none) {
            let name = name.get_or_insert_with(written.name);
            event.id = Some(Cow::Owned(format!("{name}-{at}")));
        }
    }
}

/// Kith itself, as the one who has sent what no payload has caused: such events have its name for a source.
fn itself(incoming: &Incoming<'_>) -> Option<Source> {
    let is_own = incoming.source.trim() == OWN_SOURCE
        && incoming.events.iter().all(|event| is_own(&event.kind));
    let id = SourceId::new(OWN_SOURCE);
    let source = || Source::new(id, OWN_SOURCE, vec![Bridge::Rest], Time::from_micros(0));
    is_own.then(|| Source { trust: Trust::Trusted, ..source() })
}

/// A door that is open to this source.
pub(super) fn door_of(source: Option<&Arc<Source>>) -> Bridge {
    source.and_then(|source| source.bridges.first().copied()).unwrap_or(Bridge::Rest)
}

/// Hands one to the committer, after those that were sent before. None when that has no room now.
pub fn send(app: &App, Read(understood, events): Read) -> Option<Sent> {
    let ticket = Ticket::open(&app.telemetry).arrived();
    let settled = |ticket: Ticket, outcome, fate| {
        ticket.settle(outcome);
        Some(Sent(State::Ended(fate)))
    };
    match understood {
        Ok(Some(admitted)) => match app.committer.submit(admitted, ticket) {
            Ok(waiting) => Some(Sent(State::Waiting(events, waiting))),
            Err(Unavailable::Overloaded) => None,
            Err(why) => Some(Sent(State::Ended(Fate::Refused(why.code().to_owned())))),
        },
        Ok(None) => settled(ticket, Outcome::Kept, Fate::Kept),
        Err(error) => {
            settled(ticket, Outcome::Refused(error.code.as_str()), Fate::Refused(said(&error)))
        }
    }
}

fn said(error: &ApiError) -> String {
    format!("{}: {}", error.code.as_str(), error.told())
}

impl Sent {
    /// Blocks until it is known what became of it. What was sent before it is mostly known by then, too, so
    /// whoever waits for many waits for the last of them first.
    pub fn wait(&mut self) {
        let waiting = std::mem::replace(&mut self.0, State::Ended(Fate::Kept));
        self.0 = State::Ended(Self(waiting).fate());
    }

    /// What became of it. Blocks until it is on disk.
    #[must_use]
    pub fn fate(self) -> Fate {
        let (events, waiting) = match self.0 {
            State::Ended(fate) => return fate,
            State::Waiting(events, waiting) => (events, waiting),
        };
        match waiting.blocking_recv().unwrap_or(Err(Unavailable::Stopping)) {
            Ok(response) => {
                let is_repeated = |code: &&str| *code == "event_repeated";
                let codes = response.warnings.iter().map(|warning| warning.code);
                let all = codes.filter(is_repeated).count() == events;
                if all { Fate::Repeated } else { Fate::Kept }
            }
            Err(why) => Fate::Refused(why.code().to_owned()),
        }
    }
}
