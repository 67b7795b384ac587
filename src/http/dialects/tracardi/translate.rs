//! From the wire's payload to plain values.

use serde_json::Value;
use serde_json::value::RawValue;

use super::wire::{self, WireEvent, WirePayload};
use crate::http::intake::{Incoming, IncomingEvent, Object};
use crate::model::{EventOptions, Json, Map, Options, Time};

/// The payload in intake's words.
pub(super) fn incoming(wire: WirePayload<'_>, depth_max: usize) -> Incoming<'_> {
    let (options, config) = asked(wire.options, depth_max, options);
    Incoming {
        source: wire.source.id,
        session: wire.session.map(|session| session.id),
        profile: wire.profile.map(|profile| profile.id),
        context: object(wire.context),
        properties: object(wire.properties),
        request: object(wire.request),
        options,
        config,
        sent_at: sent_at(wire.sent_at.or(wire.also_sent_at)),
        events: wire.events.into_iter().map(|sent| event(sent, depth_max)).collect(),
        warnings: Vec::new(),
    }
}

fn event(wire: WireEvent<'_>, depth_max: usize) -> IncomingEvent<'_> {
    let (options, config) = asked(wire.options, depth_max, event_options);
    let said = wire.time.and_then(|time| time.insert.or(time.create));
    IncomingEvent {
        kind: wire.kind,
        id: wire.id,
        time: said.map(|wire::Moment(time)| time),
        properties: object(wire.properties),
        context: object(wire.context),
        request: object(wire.request),
        options,
        config,
        tags: wire.tags.unwrap_or_default(),
        warnings: Vec::new(),
    }
}

/// What cannot be read is as if it were not there: it says nothing of what happened.
fn sent_at(said: Option<&RawValue>) -> Option<Time> {
    wire::moment(&serde_json::from_str(said?.get()).ok()?)
}

fn object(sent: Option<wire::Object<'_>>) -> Object<'_> {
    sent.map_or_else(Object::default, |wire::Object(raw)| Object::Text(raw.get()))
}

/// What `options` ask for, and the object itself; one that nests too deep to be read is handed on as
/// it is, for intake to refuse.
fn asked<T: Default>(
    sent: Option<wire::Object<'_>>,
    depth_max: usize,
    read: impl FnOnce(&Json) -> T,
) -> (T, Object<'_>) {
    let Some(wire::Object(raw)) = sent else { return (T::default(), Object::default()) };
    match Json::compact(raw.get(), depth_max) {
        Ok(json) => (read(&json), Object::Kept(json)),
        Err(_) => (T::default(), Object::Text(raw.get())),
    }
}

/// Only booleans count; everything else is as if it were not there (docs/wire.md §1.9).
fn switch(options: &Map, name: &str) -> Option<bool> {
    options.get(name).and_then(Value::as_bool)
}

fn options(sent: &Json) -> Options {
    let sent = sent.pick(&["saveSession", "saveEvents", "saveProfile", "debugger"]);
    Options {
        save_session: switch(&sent, "saveSession").unwrap_or(true),
        save_events: switch(&sent, "saveEvents").unwrap_or(true),
        save_profile: switch(&sent, "saveProfile").unwrap_or(true),
        debugger: switch(&sent, "debugger").unwrap_or(false),
        ..Options::default()
    }
}

fn event_options(sent: &Json) -> EventOptions {
    let sent = sent.pick(&["saveEvent", "save", "saveSession", "profile", "debugger"]);
    let save = switch(&sent, "saveEvent").unwrap_or(true) && switch(&sent, "save").unwrap_or(true);
    EventOptions {
        save,
        save_session: switch(&sent, "saveSession").unwrap_or(true),
        profile: switch(&sent, "profile").unwrap_or(false),
        debugger: switch(&sent, "debugger").unwrap_or(false),
    }
}
