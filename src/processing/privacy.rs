//! What may not be kept without consent leaves a payload before anything is made of it.

use std::borrow::Cow;
use std::sync::Arc;

use super::profile::Person;
use crate::model::{
    App, Client, ConsentLog, Device, HeldEvent, Hit, Json, Map, Os, Payload, PayloadEvent,
    PrivateField, PrivatePart, RuleSet, Seals, Visitor,
};

/// The event as it may be kept, given what the person has said by now.
pub(super) fn of_event<'a>(
    payload: &Payload,
    person: Option<&Person>,
    sent: &'a PayloadEvent,
) -> Cow<'a, PayloadEvent> {
    let lacking = lacking_of(payload, person, kinds(sent));
    if lacking.is_empty() {
        return Cow::Borrowed(sent);
    }
    let mut event = sent.clone();
    conceal_in(&mut event, &lacking, &payload.seals);
    Cow::Owned(event)
}

/// Leaves these fields out of an event; those that were there.
pub fn conceal_in<'a>(
    event: &mut PayloadEvent,
    fields: &[&'a PrivateField],
    seals: &Seals,
) -> Vec<&'a PrivateField> {
    let parts = [
        (PrivatePart::Properties, &mut event.properties),
        (PrivatePart::Context, &mut event.context),
        (PrivatePart::Request, &mut event.request),
    ];
    let mut found = Vec::new();
    for (part, json) in parts {
        found.extend(conceal(json, part, fields, seals));
    }
    let in_context: Vec<_> =
        found.iter().filter(|field| field.part == PrivatePart::Context).collect();
    if !in_context.is_empty() {
        let says_how = ["utm.source", "utm.medium"];
        let is_campaign =
            says_how.iter().any(|path| in_context.iter().any(|one| one.touches(path)));
        let hit = Hit::of(&event.context.read());
        // What is said of a page that is not kept goes with it.
        let is_same = (&hit.url, &hit.referrer_host) == (&event.hit.url, &event.hit.referrer_host);
        let referrer = event.hit.referrer.take().filter(|_| is_same && !is_campaign);
        event.hit = Hit { referrer, ..hit };
    }
    found
}

/// Fields of an event that are kept only with consent, as it is and as it was sent, each once.
#[must_use]
pub fn private_fields<'a>(rules: &'a RuleSet, event: &PayloadEvent) -> Vec<&'a PrivateField> {
    let mut fields = Vec::new();
    for field in kinds(event).flat_map(|kind| rules.private(kind)) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}

/// Whether any of these may not be kept, given what the person has said by now.
pub(super) fn lacks(payload: &Payload, person: Option<&Person>, fields: &[PrivateField]) -> bool {
    fields.iter().any(|field| !is_allowed(payload, person, field))
}

/// What of the payload's context goes to the visit, given what the person had said before it.
pub(super) fn of_context<'a>(payload: &'a Payload, person: Option<&Person>) -> Cow<'a, Json> {
    if !payload.rules.asks_for_consent() {
        return Cow::Borrowed(&payload.context);
    }
    let lacking = lacking_of_all(payload, person);
    let mut context = payload.context.clone();
    conceal(&mut context, PrivatePart::Context, &lacking, &payload.seals);
    Cow::Owned(context)
}

/// The payload, without what is known of its visitor only from fields of the context that may not be kept.
/// What they were replaced by would be no place, and no campaign: it is as if they had not been sent.
pub(super) fn of_visitor<'a>(payload: &'a Payload, person: Option<&Person>) -> Cow<'a, Payload> {
    if !payload.rules.asks_for_consent() {
        return Cow::Borrowed(payload);
    }
    let mut lacking = lacking_of_all(payload, person);
    lacking.retain(|field| field.part == PrivatePart::Context);
    let visit = payload.private_visit.as_ref();
    let visit = visit.filter(|visit| lacks(payload, person, &visit.fields));
    if lacking.is_empty() && visit.is_none() {
        return Cow::Borrowed(payload);
    }
    let instead = visit.map(|visit| visit.instead.clone());
    let mut payload = payload.clone();
    payload.properties = instead.unwrap_or(payload.properties);
    forget(&mut payload.visitor, &|path| lacking.iter().any(|field| field.touches(path)));
    Cow::Owned(payload)
}

/// Leaves out of a visitor what is read from places of the context that are `gone`.
fn forget(visitor: &mut Visitor, gone: &dyn Fn(&str) -> bool) {
    let Visitor { client, utm, geo, languages, timezone, .. } = visitor;
    if !geo.is_of_address {
        geo.country_name.take_if(|_| gone("location.country.name"));
        geo.country_code.take_if(|_| gone("location.country.code"));
        geo.city.take_if(|_| gone("location.city"));
        geo.county.take_if(|_| gone("location.county"));
        geo.postal.take_if(|_| gone("location.postal"));
        geo.latitude.take_if(|_| gone("location.latitude"));
        geo.longitude.take_if(|_| gone("location.longitude"));
    }
    utm.source.take_if(|_| gone("utm.source"));
    utm.medium.take_if(|_| gone("utm.medium"));
    utm.campaign.take_if(|_| gone("utm.campaign"));
    utm.term.take_if(|_| gone("utm.term"));
    utm.content.take_if(|_| gone("utm.content"));
    timezone.take_if(|_| gone("time.tz"));
    if gone("browser.local.browser.language") {
        languages.clear();
    }
    if gone("browser") || gone("screen") {
        *client = Arc::new(without(client, gone));
    }
}

fn without(client: &Client, gone: &dyn Fn(&str) -> bool) -> Client {
    let Client { device, os, app } = client.clone();
    let mut client = if gone("browser.local.browser.userAgent") {
        let app = App { language: app.language, bot: app.bot, ..App::default() };
        let Device { resolution, color_depth, orientation, .. } = device;
        let device = Device { resolution, color_depth, orientation, ..Device::default() };
        Client { device, os: Os::default(), app }
    } else {
        Client { device, os, app }
    };
    client.app.language.take_if(|_| gone("browser.local.browser.language"));
    let Device { resolution, color_depth, orientation, .. } = &mut client.device;
    resolution.take_if(|_| gone("screen.local.width") || gone("screen.local.height"));
    color_depth.take_if(|_| gone("screen.local.colorDepth"));
    orientation.take_if(|_| gone("screen.local.orientation"));
    client
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
            conceal(json, part, &lacking, &payload.seals);
        }
    }
    held
}

/// An event's types: as it is, and as it was sent.
fn kinds(event: &PayloadEvent) -> impl Iterator<Item = &str> {
    std::iter::once(event.kind.as_str()).chain(event.sent_as.as_deref())
}

/// The types of all that the payload brings.
fn all_kinds(payload: &Payload) -> impl Iterator<Item = &str> {
    let held = payload.held.iter().map(|event| event.kind.as_str());
    payload.events.iter().flat_map(kinds).chain(held)
}

/// Fields of all that the payload brings that may not be kept, also of types that its events were of on the way.
fn lacking_of_all<'a>(payload: &'a Payload, person: Option<&'a Person>) -> Vec<&'a PrivateField> {
    let mut fields = lacking_of(payload, person, all_kinds(payload));
    let private = payload.events.iter().filter_map(|event| event.private.as_ref());
    for field in private.flat_map(|private| private.fields.iter()) {
        if !fields.contains(&field) && !is_allowed(payload, person, field) {
            fields.push(field);
        }
    }
    fields
}

/// Fields of events of any of these types that may not be kept, each once: a hash would be hashed again.
fn lacking_of<'a, 'b>(
    payload: &'a Payload,
    person: Option<&'a Person>,
    kinds: impl Iterator<Item = &'b str>,
) -> Vec<&'a PrivateField> {
    let mut fields = Vec::new();
    for kind in kinds {
        for field in lacking(payload, person, kind) {
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
    }
    fields
}

/// Fields of events of this type that the person has not allowed to keep. Whoever was only named has
/// allowed nothing: nobody has shown that it is they.
fn lacking<'a>(
    payload: &'a Payload,
    person: Option<&'a Person>,
    kind: &str,
) -> impl Iterator<Item = &'a PrivateField> {
    payload.rules.private(kind).filter(move |field| !is_allowed(payload, person, field))
}

fn is_allowed(payload: &Payload, person: Option<&Person>, field: &PrivateField) -> bool {
    match person.filter(|person| !person.is_only_named).map(Person::profile) {
        Some(profile) => {
            field.is_allowed(&profile.consents, &profile.consent_log, payload.received_at)
        }
        None => field.is_allowed(&Map::new(), &ConsentLog::default(), payload.received_at),
    }
}

/// Leaves fields out of a part; those that were there before any of them was left out. Of several rules about
/// one field, that which leaves least of it comes first: what stands there afterwards is nothing to the others.
fn conceal<'a>(
    json: &mut Json,
    part: PrivatePart,
    fields: &[&'a PrivateField],
    seals: &Seals,
) -> Vec<&'a PrivateField> {
    let mut found: Vec<_> = fields.iter().filter(|field| field.part == part).copied().collect();
    if found.is_empty() || json.is_empty() {
        return Vec::new();
    }
    let mut map = json.read();
    found.retain(|field| field.is_in(&map));
    if !found.is_empty() {
        found.sort_by_key(|field| field.action);
        found.iter().for_each(|field| field.conceal(&mut map, seals));
        *json = Json::from_map(&map);
    }
    found
}
