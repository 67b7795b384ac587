//! What was history before says who was in which audience: they stand as it says, and nobody is told again.
//!
//! What rules say of it all is looked at once the history is there.

use std::sync::Arc;

use serde_json::Value;

use super::profile::Person;
use super::system::ADDED;
use super::watched::{ENTERED, LEFT, tells_of_an_audience};
use crate::model::{
    Because, Crossing, Entering, Event, EventId, Payload, Settled, Time, Touched, Watching,
};

/// The source of what no payload has caused.
pub const OWN_SOURCE: &str = "kith";

/// Whether only Kith says events of this type, or adds them.
#[must_use]
pub fn is_own(kind: &str) -> bool {
    ADDED.contains(&kind) || [ENTERED, LEFT].contains(&kind)
}

/// Lets the person stand as these events tell, and be looked at next where rules say otherwise. Which
/// audiences they have entered or left.
pub(super) fn follow(
    watching: &dyn Watching,
    payload: &Payload,
    touched: &Touched,
    person: &mut Person,
    kept: &[Event],
) -> Vec<Arc<str>> {
    let mut crossed = Vec::new();
    let mut touched = touched.clone();
    for event in kept {
        let Some((crossing, cause)) = crossing(watching, event) else { continue };
        touched.all = true;
        if is_news(&crossing, person) {
            crossed.push(Arc::clone(&crossing.audience));
            let due = person.profile().due;
            let settled = Settled { crossings: vec![crossing], due, ..Settled::default() };
            let under = event.profile.clone().unwrap_or_else(|| person.profile().id.clone());
            person.profile_mut().stand(&settled, cause.as_ref(), &under);
            person.changed = true;
        }
    }
    if touched.is_nothing() {
        return crossed;
    }
    let (profile, now) = (person.profile(), payload.received_at);
    let settled = watching.settle(profile, now, &touched, Because::Import);
    if !settled.crossings.is_empty() {
        // What is told of it may be in a row that is still to come.
        person.profile_mut().wake(now, Because::Import);
        person.changed = true;
    } else if profile.stands_otherwise(&settled) {
        let id = profile.id.clone();
        person.profile_mut().stand(&settled, None, &id);
        person.changed = true;
    }
    crossed
}

/// Rows may come in any order: who has entered since has not left.
fn is_news(crossing: &Crossing, person: &Person) -> bool {
    let standing = person.profile().audiences.get(&crossing.audience);
    if crossing.enters {
        return standing.is_none_or(|one| one.entering == Entering::Untold);
    }
    standing.is_some_and(|one| one.since <= crossing.at)
}

/// What an event tells of an audience that there is, and the event that was the reason.
fn crossing(watching: &dyn Watching, event: &Event) -> Option<(Crossing, Option<EventId>)> {
    if !tells_of_an_audience(&event.kind, Some(event.properties.as_str())) {
        return None;
    }
    let says = event.properties.read();
    let text = |key: &str| says.get(key).and_then(Value::as_str);
    let (audience, marks) = watching.audience(text("audience")?)?;
    let crossing = Crossing {
        audience,
        version: says.get("version").and_then(Value::as_i64).unwrap_or(0),
        enters: event.kind == ENTERED,
        at: event.time,
        since: text("since").and_then(Time::parse),
        marks,
        because: text("reason").and_then(Because::named).unwrap_or(Because::Import),
        entering: None,
    };
    Some((crossing, text("event").map(EventId::new)))
}
