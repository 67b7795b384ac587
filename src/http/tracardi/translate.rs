//! From the wire's payload to ours.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use serde_json::Value;

use super::validation::Bounds;
use super::wire::{Object, Reference, WireEvent, WirePayload};
use super::{credentials, visitor};
use crate::admission::{self, Arrival};
use crate::app::App;
use crate::config::Limits;
use crate::http::agent::Agent;
use crate::http::error::ApiError;
use crate::model::{
    Bridge, Draw, EventId, EventOptions, Hit, ID_BYTES_MAX, Id, Identifier, IdentifierKey, Json,
    Map, Options, Payload, PayloadEvent, Source, Time, Warning,
};
use crate::processing::{event_name, text_at};

/// Longest event type, in bytes.
const EVENT_TYPE_BYTES_MAX: usize = 128;

/// What of a request, beside its body, makes the payload.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) headers: &'a HeaderMap,
    /// The door it came through.
    pub(super) bridge: Bridge,
    pub(super) ip: Option<String>,
    pub(super) profile_less: bool,
    pub(super) received_at: Time,
}

/// The validation's bounds.
pub(super) fn bounds(limits: &Limits) -> Bounds {
    Bounds {
        events_max: limits.events_per_payload_max,
        id_bytes_max: ID_BYTES_MAX,
        event_type_bytes_max: EVENT_TYPE_BYTES_MAX,
    }
}

/// The payload, admitted and understood, or none when it holds no events.
pub(super) fn payload(
    wire: &WirePayload<'_>,
    request: &Request<'_>,
    app: &App,
) -> Result<Option<Payload>, ApiError> {
    let depth_max = app.config.limits.json_depth_max;
    let context = object(wire.context, depth_max)?;
    let facts = context.pick(&visitor::PATHS);
    let agent = visitor::agent(&facts, request.headers, &app.agents);
    let source = admit(wire, request, &agent, app)?;
    if wire.events.is_empty() {
        return Ok(None);
    }
    let draw = app.ids.draw(request.received_at, wire.events.len());
    let shared = Shared {
        draw,
        source: &source,
        context: &context,
        facts: &facts,
        request: credentials::left_out_of(object(wire.request, depth_max)?),
        received_at: request.received_at,
        depth_max,
        app,
    };
    let mut warnings = Vec::new();
    let (events, bytes) = shared.events(wire, &mut warnings)?;
    let properties = object(wire.properties, depth_max)?;
    let mut visitor = visitor::read(&facts, request.headers, &agent);
    visitor.ip = request.ip.clone().filter(|_| source.keeps_ip);
    let page = events.first().and_then(|event| event.hit.url.as_deref());
    let passed = visitor::passed(&facts, page);
    Ok(Some(Payload {
        session: wire.session.as_ref().and_then(given),
        profile: wire.profile.as_ref().and_then(given),
        passed: passed.filter(|passed| may_pass(passed, wire, app, &mut warnings)),
        options: options(wire, request, depth_max)?,
        received_at: request.received_at,
        draw,
        bytes: bytes + context.as_str().len() + properties.as_str().len(),
        properties,
        context,
        source,
        rules: Arc::clone(&app.rules),
        events,
        visitor,
        warnings,
    }))
}

fn admit(
    wire: &WirePayload<'_>,
    request: &Request<'_>,
    agent: &Agent,
    app: &App,
) -> Result<Arc<Source>, ApiError> {
    let known = app.registry.now();
    let source = known.get::<Source>(wire.source.id.trim()).map(|source| &source.entity);
    let arrival = Arrival {
        source,
        bridge: request.bridge,
        origin: request.headers.get("origin").and_then(|value| value.to_str().ok()),
        bot: visitor::is_bot(agent, request.headers),
        names_profile: wire.profile.as_ref().is_some_and(|one| !one.id.trim().is_empty()),
    };
    Ok(admission::admit(&arrival, &app.config.admission, &app.rates)?)
}

/// What all events of a payload have in common.
struct Shared<'a> {
    draw: Draw,
    source: &'a Source,
    context: &'a Json,
    facts: &'a Map,
    request: Json,
    received_at: Time,
    depth_max: usize,
    app: &'a App,
}

impl Shared<'_> {
    /// All events, and what they take: each has a copy of the shared context, so a small body can
    /// grow to a thousand times its size.
    fn events(
        &self,
        wire: &WirePayload<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(Vec<PayloadEvent>, usize), ApiError> {
        let bytes_max = self.app.config.limits.events_bytes_max;
        let (mut events, mut bytes) = (Vec::with_capacity(wire.events.len()), 0);
        for (at, sent) in wire.events.iter().enumerate() {
            let event = self.event(at, sent, warnings)?;
            bytes += event.bytes();
            if bytes > bytes_max {
                let text = "The events take more than {} bytes with the context they share.";
                return Err(ApiError::too_large(text.replace("{}", &bytes_max.to_string())));
            }
            events.push(event);
        }
        Ok((events, bytes))
    }

    fn event(
        &self,
        at: usize,
        wire: &WireEvent<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Result<PayloadEvent, ApiError> {
        let app = self.app;
        let given = wire.id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        // Stored in lower case, as the reference does; so is the mark.
        let given = given.map(str::to_lowercase);
        let mark = given.as_ref().map(|id| app.hashing.mark(self.source.id.as_str(), id));
        let id = given.map_or_else(|| self.draw.event(at), EventId::new);
        let kind = event_type(&wire.kind);
        let own = object(wire.context, self.depth_max)?;
        let properties = object(wire.properties, self.depth_max)?;
        let config = object(wire.options, self.depth_max)?;
        let request = credentials::left_out_of(object(wire.request, self.depth_max)?);
        Ok(PayloadEvent {
            mark,
            name: event_name(&wire.kind),
            time: self.time(wire, &id, warnings),
            hit: self.hit(&own),
            identifiers: identifiers(&kind, &properties, app),
            context: self.context.merged(&own),
            request: self.request.merged(&request),
            options: event_options(&config),
            tags: wire.tags.clone().unwrap_or_default(),
            properties,
            config,
            kind,
            id,
        })
    }

    /// The client's `insert` or `create`, unless it lies in the future; else the time of receipt.
    fn time(&self, wire: &WireEvent<'_>, id: &EventId, warnings: &mut Vec<Warning>) -> Time {
        let time = wire.time.as_ref();
        let said = time.and_then(|time| time.insert.or(time.create));
        let Some(said) = said.map(|moment| Time::from_micros(moment.0)) else {
            return self.received_at;
        };
        let skew = Duration::from_secs(self.app.config.admission.future_seconds_max);
        if said > self.received_at.plus(skew) {
            let text = "the event's time lies in the future; it was kept with the time of receipt";
            warnings.push(Warning::new("time_in_future", text).about(id));
            return self.received_at;
        }
        said
    }

    /// The page: the event's own, else the payload's.
    fn hit(&self, own: &Json) -> Hit {
        let may_name_one = own.as_str().contains("\"page\"");
        let own =
            may_name_one.then(|| own.pick(&visitor::PATHS)).filter(|own| own.contains_key("page"));
        own.as_ref()
            .or(self.facts.contains_key("page").then_some(self.facts))
            .map_or_else(Hit::default, hit)
    }
}

/// The page of a context that names one.
fn hit(context: &Map) -> Hit {
    let text = |path: &str| text_at(context, path).map(Cow::into_owned);
    Hit {
        url: text("page.url"),
        path: text("page.path"),
        title: text("page.title"),
        referrer_host: text("page.referer.host"),
    }
}

/// An event's type as it is kept.
pub(super) fn event_type(sent: &str) -> String {
    sent.trim().to_lowercase().replace(' ', "-")
}

/// The people that an event of this type names.
fn identifiers(kind: &str, properties: &Json, app: &App) -> Vec<IdentifierKey> {
    let fields = app.rules.identifying(kind);
    let paths: Vec<&str> = fields.iter().map(|field| field.property.as_str()).collect();
    if paths.is_empty() { Vec::new() } else { named(kind, &properties.pick(&paths), app) }
}

/// The same of properties that were read.
pub(super) fn named(kind: &str, properties: &Map, app: &App) -> Vec<IdentifierKey> {
    let mut keys: Vec<IdentifierKey> = Vec::new();
    for field in app.rules.identifying(kind) {
        let Some(value) = text_at(properties, &field.property) else { continue };
        let key = app.hashing.identifier(&Identifier::new(&field.namespace, &value));
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// Only booleans count; everything else is as if it were not there (spec §1.8).
fn switch(options: &Map, name: &str) -> Option<bool> {
    options.get(name).and_then(Value::as_bool)
}

fn options(
    wire: &WirePayload<'_>,
    request: &Request<'_>,
    depth_max: usize,
) -> Result<Options, ApiError> {
    let sent = object(wire.options, depth_max)?;
    let sent = sent.pick(&["saveSession", "saveEvents", "saveProfile", "debugger"]);
    Ok(Options {
        save_session: switch(&sent, "saveSession").unwrap_or(true),
        save_events: switch(&sent, "saveEvents").unwrap_or(true),
        save_profile: switch(&sent, "saveProfile").unwrap_or(true),
        debugger: switch(&sent, "debugger").unwrap_or(false),
        profile_less: request.profile_less,
    })
}

fn event_options(config: &Json) -> EventOptions {
    let sent = config.pick(&["saveEvent", "save", "saveSession", "profile", "debugger"]);
    let save = switch(&sent, "saveEvent").unwrap_or(true) && switch(&sent, "save").unwrap_or(true);
    EventOptions {
        save,
        save_session: switch(&sent, "saveSession").unwrap_or(true),
        profile: switch(&sent, "profile").unwrap_or(false),
        debugger: switch(&sent, "debugger").unwrap_or(false),
    }
}

/// A link may hand over a profile only from a source that could have written it.
fn may_pass(
    passed: &crate::model::Passed,
    wire: &WirePayload<'_>,
    app: &App,
    warnings: &mut Vec<Warning>,
) -> bool {
    let known = app.registry.now();
    let from = known.get::<Source>(passed.source.as_str()).map(|source| &source.entity);
    let good = from.is_some_and(|from| from.enabled && from.bridges.contains(&Bridge::Rest));
    let other = wire.profile.as_ref().is_none_or(|own| own.id.trim() != passed.profile.as_str());
    if !good {
        let text = "a profile was handed over from a source that is unknown or disabled; ignored";
        warnings.push(Warning::new("passed_source_refused", text));
    }
    good && other
}

/// Blank ids are as if they were not there.
fn given<Kind>(reference: &Reference<'_>) -> Option<Id<Kind>> {
    let id = reference.id.trim();
    (!id.is_empty()).then(|| Id::new(id))
}

fn object(object: Option<Object<'_>>, depth_max: usize) -> Result<Json, ApiError> {
    let Some(Object(raw)) = object else { return Ok(Json::empty()) };
    Json::compact(raw.get(), depth_max).map_err(|_| {
        let message = format!("Objects and lists nest deeper than {depth_max} levels.");
        ApiError::unprocessable("json_too_deep", message)
    })
}
