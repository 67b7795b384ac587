//! The payload's events: what their types' rules copy, and which of them are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::privacy;
use super::profile::{self, Person};
use super::rules::{self, Copied, ProfileFields, Said};
use super::session::Visit;
use super::told::is_own;
use crate::model::{
    Event, EventId, EventRules, FieldChange, Keeps, Map, Mapping, Met, Payload, PayloadEvent,
    Profile, Remembered, Warning,
};

/// The events after everybody has said what they want.
#[derive(Debug)]
pub(super) struct Wanted {
    /// To be kept.
    pub(super) kept: Vec<Event>,
    /// How many of them belong to the session.
    pub(super) in_session: u64,
    /// Those that the tracker is to hear of.
    pub(super) told_of: Vec<EventId>,
}

/// An event of the client's, worked in.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) event: Event,
    /// Whether it may be kept.
    saves: bool,
}

/// The client's events, in the order sent, worked into the profile one after the other.
pub(super) fn build(
    payload: &Payload,
    visit: &Visit,
    person: &mut Option<Person>,
    warnings: &mut Vec<Warning>,
) -> Vec<Built> {
    let mut events = Vec::with_capacity(payload.events.len() + 3);
    // What was made of one event is all of it kept, or all of it replaced.
    let mut replaced = BTreeMap::new();
    // Each has its place, also next to those that are not kept.
    for (position, sent) in (payload.position..).zip(&payload.events) {
        let private = sent.private.as_ref();
        let instead = private.filter(|private| {
            let lacks = || {
                let lacks = privacy::lacks(payload, person.as_ref(), &private.fields);
                // With the first of those that were made of one is what stands instead of all.
                warnings.extend((lacks && private.instead.is_empty()).then(|| left_out(sent)));
                lacks
            };
            *replaced.entry(private.of).or_insert_with(lacks)
        });
        let all = instead.map_or_else(|| std::slice::from_ref(sent), |private| &private.instead);
        for sent in all {
            let event = build_one(payload, visit, person, (position, sent));
            warnings.extend(event.warnings.iter().cloned());
            events.push(Built { event, saves: sent.options.save });
        }
    }
    events
}

/// Without what may not be kept of it, a function has left nothing of an event.
fn left_out(sent: &PayloadEvent) -> Warning {
    let text = "a function has left the event out, without what may not be kept of it";
    Warning::new("event_dropped", text).about(&sent.id)
}

fn build_one(
    payload: &Payload,
    visit: &Visit,
    person: &mut Option<Person>,
    (position, sent): (i64, &PayloadEvent),
) -> Event {
    let sent = privacy::of_event(payload, person.as_ref(), sent);
    let mut event = plain(payload, visit, person.as_ref(), &sent);
    event.position = position;
    if payload.options.adds_nothing && is_own(&sent.kind) {
        if let Some(rules) = payload.rules.of(&sent.kind) {
            label(rules, person.as_ref(), &mut event);
        }
    } else if sent.valid {
        work_in(payload, visit, person, &mut event);
    }
    event
}

/// What the type's rules do, and then a company's own.
fn work_in(payload: &Payload, visit: &Visit, person: &mut Option<Person>, event: &mut Event) {
    if let Some(rules) = payload.rules.of(&event.kind) {
        follow(payload, rules, person, event);
    }
    rules::conversion::convert(payload.rules.conversions(&event.kind), event);
    let mappings = payload.rules.mappings(&event.kind);
    if !mappings.is_empty() {
        map((payload, visit), mappings, person, event);
    }
}

/// Drops what is not to be kept, after it has had its effect.
pub(super) fn wanted(
    payload: &Payload,
    visit: &Visit,
    built: Vec<Built>,
    added: Vec<Event>,
) -> Wanted {
    let asked = payload.options.debugger;
    let sent = payload.events.iter().filter(|event| asked || event.options.debugger);
    let mut told_of: Vec<EventId> = sent.map(|event| event.id.clone()).collect();
    let keeps = payload.options.save_events && !payload.source.transitional;
    told_of.extend(added.iter().filter(|_| asked && keeps).map(|event| event.id.clone()));
    // The client's events come first and in their order.
    let kept = built.into_iter().filter(|one| one.saves).map(|one| one.event).chain(added);
    let kept: Vec<Event> = kept.filter(|_| keeps).collect();
    let here = visit.id();
    let in_session = kept.iter().filter(|event| here.is_some() && event.session.as_ref() == here);
    Wanted { in_session: in_session.count() as u64, told_of, kept }
}

/// The event before its type's rules.
pub(super) fn plain(
    payload: &Payload,
    visit: &Visit,
    person: Option<&Person>,
    sent: &PayloadEvent,
) -> Event {
    let visitor = &payload.visitor;
    // What is history keeps what it had of its visit then.
    let now = |is_remembered: bool| visit.session.as_ref().filter(|_| !is_remembered);
    let Remembered { client, utm, geo } = visitor.remembered;
    Event {
        id: sent.id.clone(),
        kind: sent.kind.clone(),
        name: sent.name.clone(),
        time: sent.time,
        received_at: payload.received_at,
        position: payload.position,
        client_time: sent.client_time,
        source: payload.source.id.clone(),
        session: visit.id().filter(|_| sent.options.save_session).cloned(),
        profile: person.filter(|_| payload.options.save_profile).and_then(|_| visit.under.clone()),
        channel: payload.source.channel.clone(),
        ip: visitor.ip.clone(),
        client: now(client).map_or_else(|| visitor.client.clone(), |s| s.client.clone()),
        utm: now(utm).map_or_else(|| visitor.utm.clone(), |s| s.utm.clone()),
        geo: now(geo).map_or_else(|| visitor.geo.clone(), |s| s.geo.clone()),
        hit: sent.hit.clone(),
        journey: None,
        tags: sent.tags.clone(),
        warnings: sent.warnings.clone(),
        valid: sent.valid,
        properties: sent.properties.clone(),
        traits: Map::new(),
        data: Map::new(),
        context: sent.context.clone(),
        request: sent.request.clone(),
        config: sent.config.clone(),
        debug: payload.options.debugger || sent.options.debugger,
    }
}

/// Tags and journey of the type (docs/wire.md §5.2).
pub(super) fn label(rules: &EventRules, person: Option<&Person>, event: &mut Event) {
    if !rules.tags.is_empty() {
        event.tags.clone_from(&rules.tags);
    }
    let visits = person.map(|person| person.profile().visits.count);
    event.journey = rules.stage(visits).map(str::to_owned);
}

fn follow(payload: &Payload, rules: &EventRules, person: &mut Option<Person>, event: &mut Event) {
    label(rules, person.as_ref(), event);
    if !rules.reads_properties() {
        return;
    }
    let properties = event.properties.read();
    let copied = rules::copy(rules, &properties);
    let may = |person: &&mut Person| !person.is_only_named || payload.may_deny();
    if let Some(person) = person.as_mut().filter(|_| rules.changes_profile()).filter(may) {
        change((payload, rules), person, event, &properties);
    }
    keep(copied, event);
}

fn change(
    (payload, rules): (&Payload, &EventRules),
    person: &mut Person,
    event: &mut Event,
    properties: &Map,
) {
    let said = Said {
        at: event.time,
        received: event.received_at,
        position: event.position,
        event: &event.id,
        source: &event.source,
        only_denies: person.is_only_named,
        rules: &payload.rules,
    };
    let profile = person.profile_mut();
    let applied = rules::apply(
        rules,
        properties,
        &said,
        &mut ProfileFields {
            data: &mut profile.data,
            interests: &mut profile.interests,
            consents: &mut profile.consents,
            consent_log: &mut profile.consent_log,
            orders: &mut profile.orders,
            primary_id: &mut profile.primary_id,
        },
    );
    for path in applied.changed {
        let change = FieldChange { at: event.time, event: event.id.clone(), keeps: Keeps::Usual };
        profile.fields.insert(path, change);
    }
    person.changed |= applied.leaves_a_trace;
    warn(event, applied.warnings);
}

/// What a company's own rules write into the profile, one after the other: each sees what the one before
/// has done.
fn map(
    (payload, visit): (&Payload, &Visit),
    mappings: &[Arc<Mapping>],
    person: &mut Option<Person>,
    event: &mut Event,
) {
    let Some(person) = person.as_mut().filter(|person| !person.is_only_named) else { return };
    let properties = event.properties.read();
    // A copy of all of them: made once, and anew where somebody has written since.
    let mut seen: Option<Option<Profile>> = None;
    for mapping in mappings {
        if let Some(when) = &mapping.when {
            let seen = seen.get_or_insert_with(|| profile::so_far(payload, person));
            let profile = seen.as_ref().unwrap_or_else(|| person.profile());
            let session = visit.session.as_ref();
            if !when.holds(&Met { event, profile: Some(profile), session }) {
                continue;
            }
        }
        seen = None;
        let applied = rules::mapping::apply(mapping, event, &properties, person.profile_mut());
        person.changed |= applied.leaves_a_trace;
        warn(event, applied.warnings);
    }
}

fn warn(event: &mut Event, warnings: Vec<(&'static str, String)>) {
    let id = event.id.clone();
    let warnings = warnings.into_iter();
    event.warnings.extend(warnings.map(|(code, text)| Warning::new(code, text).about(&id)));
}

/// What was copied, in the event's columns; `hit` and `device` ride in `data`.
fn keep(copied: Copied, event: &mut Event) {
    event.traits = copied.traits;
    event.data = copied.data;
    for (key, map) in [("hit", copied.hit), ("device", copied.device)] {
        if !map.is_empty() {
            event.data.insert(key.to_owned(), Value::Object(map));
        }
    }
}
