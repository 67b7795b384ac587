//! System events: profile-created, visit-started, session-opened (docs/wire.md §4.4).

use std::time::Duration;

use serde_json::json;

use super::events::Built;
use super::profile::Person;
use super::session::Visit;
use super::{events, privacy};
use crate::model::{Added, Event, EventOptions, Hit, Json, Map, Payload, PayloadEvent, Time};

/// What Kith adds to payloads. These happen on no page, whatever surrounds them.
pub const ADDED: [&str; 3] = ["profile-created", "visit-started", OPENED];
/// Added when a session opens, which counts as a visit.
pub const OPENED: &str = "session-opened";
/// All that one of them may say: the types that started the visit.
pub const TRIGGERS: &str = "trigger-event-types";

/// The events that the payload causes beside its own, in the reference's order. They are of the visit, and say
/// no more of its `context` than that may keep.
pub(super) fn events(
    payload: &Payload,
    visit: &Visit,
    (person, is_new): (Option<&Person>, bool),
    (context, built): (&Json, &[Built]),
) -> Vec<Event> {
    // The end of a visit opens nothing, whatever it meets.
    let adds_nothing = payload.options.adds_nothing || payload.events.is_empty();
    if adds_nothing || sends(payload, "visit-ended") {
        return Vec::new();
    }
    let mut events = Vec::new();
    let mut emit = |which: Added, properties: Json| {
        events.push(event(payload, visit, person, (which, properties, context)));
    };
    let creates = is_new && payload.options.save_profile && !sends(payload, "profile-created");
    if creates {
        emit(Added::Profile, Json::empty());
    }
    if visit.kept && (visit.fresh || visit.reopened) && !sends(payload, "visit-started") {
        emit(Added::Visit, triggers(built, creates));
    }
    if visit.kept && visit.fresh {
        emit(Added::Session, Json::empty());
    }
    events
}

fn sends(payload: &Payload, kind: &str) -> bool {
    payload.events.iter().any(|event| event.kind == kind)
}

/// The types that started the visit.
fn triggers(built: &[Built], creates: bool) -> Json {
    let mut types: Vec<&str> = built.iter().map(|one| one.event.kind.as_str()).collect();
    if creates {
        types.push("profile-created");
    }
    let mut properties = Map::new();
    properties.insert(TRIGGERS.to_owned(), json!(types));
    Json::from_map(&properties)
}

/// When the first thing happened that the payload tells of. What Kith adds comes before that, also where
/// a visit is told of long after it was.
fn beginning(payload: &Payload) -> Time {
    let first = payload.events.iter().map(|event| event.time).min();
    first.map_or(payload.received_at, |first| first.min(payload.received_at))
}

fn event(
    payload: &Payload,
    visit: &Visit,
    person: Option<&Person>,
    (which, properties, context): (Added, Json, &Json),
) -> Event {
    let before = which.places_before();
    let kind = match which {
        Added::Profile => "profile-created",
        Added::Session => OPENED,
        Added::Visit => "visit-started",
    };
    let sent = PayloadEvent {
        id: payload.draw.added(which),
        mark: None,
        part_of: None,
        sent_as: None,
        kind: kind.to_owned(),
        name: super::event_name(kind),
        place: 0,
        time: beginning(payload).minus(Duration::from_secs(before.into())),
        client_time: None,
        properties,
        context: context.clone(),
        request: Json::empty(),
        options: EventOptions { save: true, save_session: true, profile: false, debugger: false },
        config: Json::empty(),
        tags: Vec::new(),
        hit: Hit::default(),
        identifiers: Vec::new(),
        warnings: Vec::new(),
        valid: true,
        private: None,
    };
    let sent = privacy::of_event(payload, person, &sent);
    let mut event = events::plain(payload, visit, person, &sent);
    event.position = payload.position - i64::from(before);
    if let Some(rules) = payload.rules.of(kind) {
        events::label(rules, person, &mut event);
    }
    event
}
