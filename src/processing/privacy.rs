//! What may not be kept without consent leaves a payload before anything is made of it.

use std::borrow::Cow;

use super::profile::Person;
use crate::model::{
    ConsentLog, HeldEvent, Hit, Json, Map, Payload, PayloadEvent, PrivateField, PrivatePart,
};

/// The event as it may be kept, given what the person has said by now.
pub(super) fn of_event<'a>(
    payload: &Payload,
    person: Option<&Person>,
    sent: &'a PayloadEvent,
) -> Cow<'a, PayloadEvent> {
    let lacking: Vec<_> = lacking(payload, person, &sent.kind).collect();
    if lacking.is_empty() {
        return Cow::Borrowed(sent);
    }
    let mut event = sent.clone();
    let parts = [
        (PrivatePart::Properties, &mut event.properties),
        (PrivatePart::Context, &mut event.context),
        (PrivatePart::Request, &mut event.request),
    ];
    let mut is_other_page = false;
    for (part, json) in parts {
        let is_concealed = conceal(json, part, &lacking, payload);
        is_other_page |= is_concealed && part == PrivatePart::Context;
    }
    if is_other_page {
        let hit = Hit::of(&event.context.read());
        // What is said of a page that is not kept goes with it.
        let is_same = (&hit.url, &hit.referrer_host) == (&event.hit.url, &event.hit.referrer_host);
        event.hit = Hit { referrer: event.hit.referrer.filter(|_| is_same), ..hit };
    }
    Cow::Owned(event)
}

/// What of the payload's context goes to the visit, given what the person had said before it.
pub(super) fn of_context<'a>(payload: &'a Payload, person: Option<&Person>) -> Cow<'a, Json> {
    if !payload.rules.asks_for_consent() {
        return Cow::Borrowed(&payload.context);
    }
    let kinds = payload.events.iter().map(|event| event.kind.as_str());
    let lacking: Vec<_> = kinds.flat_map(|kind| lacking(payload, person, kind)).collect();
    let mut context = payload.context.clone();
    conceal(&mut context, PrivatePart::Context, &lacking, payload);
    Cow::Owned(context)
}

/// Events that are kept apart, as they may be kept, given what the person had said before the payload.
pub(super) fn of_held(payload: &Payload, person: Option<&Person>) -> Vec<HeldEvent> {
    let mut held = payload.held.clone();
    for event in &mut held {
        let lacking: Vec<_> = lacking(payload, person, &event.kind).collect();
        let HeldEvent { properties, context, request, .. } = event;
        for (part, json) in [
            (PrivatePart::Properties, properties),
            (PrivatePart::Context, context),
            (PrivatePart::Request, request),
        ] {
            conceal(json, part, &lacking, payload);
        }
    }
    held
}

/// Fields of events of this type that the person has not allowed to keep. Whoever was only named has
/// allowed nothing: nobody has shown that it is they.
fn lacking<'a>(
    payload: &'a Payload,
    person: Option<&'a Person>,
    kind: &str,
) -> impl Iterator<Item = &'a PrivateField> {
    let person = person.filter(|person| !person.is_only_named).map(Person::profile);
    let (none, nothing) = (Map::new(), ConsentLog::default());
    payload.rules.private(kind).filter(move |field| match person {
        Some(profile) => {
            !field.is_allowed(&profile.consents, &profile.consent_log, payload.received_at)
        }
        None => !field.is_allowed(&none, &nothing, payload.received_at),
    })
}

fn conceal(
    json: &mut Json,
    part: PrivatePart,
    fields: &[&PrivateField],
    payload: &Payload,
) -> bool {
    let mut own = fields.iter().filter(|field| field.part == part).peekable();
    if own.peek().is_none() || json.is_empty() {
        return false;
    }
    let mut map = json.read();
    let mut is_concealed = false;
    for field in own {
        is_concealed |= field.conceal(&mut map, &payload.seals);
    }
    if is_concealed {
        *json = Json::from_map(&map);
    }
    is_concealed
}
