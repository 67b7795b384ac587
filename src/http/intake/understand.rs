//! One request being taken in: from what a dialect makes of it to payloads that were admitted.

use std::mem::take;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::HeaderMap;

use super::events::Shared;
use super::{Bounds, Incoming, Object, Understood, credentials, visitor};
use crate::admission::{self, Admitted, Arrival, Leave};
use crate::agent::Agent;
use crate::app::App;
use crate::http::{ApiError, Code};
use crate::model::{
    Bridge, Id, Json, Map, Options, Passed, Payload, PayloadEvent, Source, Time, Visitor, Warning,
};
use crate::registry::Snapshot;

/// What of a request, beside its body, makes its payloads, and the configuration as it is at this
/// moment: all of a request comes in under the same one.
pub(in crate::http) struct Intake<'a> {
    pub(super) app: &'a App,
    pub(super) known: Arc<Snapshot>,
    pub(super) received_at: Time,
    headers: &'a HeaderMap,
    /// The door it came through.
    bridge: Bridge,
    ip: Option<String>,
}

/// What the context and the headers say of the one who visits.
struct Around {
    context: Json,
    /// What is read of the context.
    facts: Map,
    agent: Arc<Agent>,
}

impl<'a> Intake<'a> {
    /// Of a request whose body was read just now.
    pub(in crate::http) fn begin(
        app: &'a App,
        headers: &'a HeaderMap,
        peer: Option<SocketAddr>,
        bridge: Bridge,
    ) -> Self {
        let (ip, received_at) = (app.client_address(headers, peer), app.clock.now());
        let known = app.registry.now();
        Self { app, known, received_at, headers, bridge, ip }
    }

    /// The source of this id.
    pub(in crate::http) fn source(&self, id: &str) -> Option<&Arc<Source>> {
        self.known.get::<Source>(id.trim()).map(|source| &source.entity)
    }

    /// The payload, understood and admitted; none when it holds no events.
    ///
    /// # Errors
    /// Why it was refused.
    pub(in crate::http) fn understand(&self, mut incoming: Incoming<'_>) -> Understood {
        self.take_in(&mut incoming).map_err(|error| error.sent_by(&incoming.source))
    }

    fn take_in(&self, incoming: &mut Incoming<'_>) -> Understood {
        Bounds::from(&self.app.config.limits).check(incoming)?;
        let context = self.bounded(take(&mut incoming.context))?;
        let facts = context.pick(&visitor::PATHS);
        let agent = visitor::agent(&facts, self.headers, &self.app.agents);
        let leave = self.admit(incoming, &agent)?;
        if incoming.events.is_empty() {
            return Ok(None);
        }
        let around = Around { context, facts, agent };
        self.let_in(incoming, around, leave).map(Some)
    }

    fn let_in(
        &self,
        incoming: &mut Incoming<'_>,
        around: Around,
        leave: Leave,
    ) -> Result<Admitted, ApiError> {
        let source = leave.source();
        let request = credentials::left_out_of(self.bounded(take(&mut incoming.request))?);
        let draw = self.app.ids.draw(self.received_at, incoming.events.len());
        let Around { context, facts, agent } = around;
        let shared =
            Shared { intake: self, source, context: &context, facts: &facts, request, draw };
        let mut warnings = Vec::new();
        let (events, bytes) = shared.understand(take(&mut incoming.events), &mut warnings)?;
        let properties = self.bounded(take(&mut incoming.properties))?;
        self.bounded(take(&mut incoming.config))?;
        Ok(leave.enter(|source| Payload {
            rules: Arc::clone(self.known.rules()),
            session: given(incoming.session.as_deref()),
            profile: given(incoming.profile.as_deref()),
            passed: self.passed(&facts, &events, incoming, &mut warnings),
            options: options(incoming, &source),
            visitor: self.visitor(&facts, &agent, &source),
            received_at: self.received_at,
            bytes: bytes + context.as_str().len() + properties.as_str().len(),
            source,
            draw,
            context,
            properties,
            events,
            warnings,
        }))
    }

    /// The object as it is kept.
    pub(super) fn bounded(&self, object: Object<'_>) -> Result<Json, ApiError> {
        let depth_max = self.app.config.limits.json_depth_max;
        object.bounded(depth_max).map_err(|_| {
            let message = format!("Objects and lists nest deeper than {depth_max} levels.");
            ApiError::new(Code::JsonTooDeep, message)
        })
    }

    fn admit(&self, incoming: &Incoming<'_>, agent: &Agent) -> Result<Leave, ApiError> {
        let arrival = Arrival {
            source: self.source(&incoming.source),
            bridge: self.bridge,
            origin: self.headers.get("origin").and_then(|value| value.to_str().ok()),
            bot: visitor::is_bot(agent, self.headers),
            names_profile: incoming.profile.as_ref().is_some_and(|id| !id.trim().is_empty()),
        };
        Ok(admission::admit(&arrival, &self.app.config.admission, &self.app.rates)?)
    }

    fn visitor(&self, facts: &Map, agent: &Agent, source: &Source) -> Visitor {
        let visitor = visitor::read(facts, self.headers, agent);
        Visitor { ip: self.ip.clone().filter(|_| source.keeps_ip), ..visitor }
    }

    /// The profile that a link has handed over, on the page of the first event.
    fn passed(
        &self,
        facts: &Map,
        events: &[PayloadEvent],
        incoming: &Incoming<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Option<Passed> {
        let page = events.first().and_then(|event| event.hit.url.as_deref());
        let passed = visitor::passed(facts, page)?;
        // Only from a source that could have written it.
        let from = self.source(passed.source.as_str());
        if !from.is_some_and(|from| from.enabled && from.bridges.contains(&Bridge::Rest)) {
            let text =
                "a profile was handed over from a source that is unknown or disabled; ignored";
            warnings.push(Warning::new("passed_source_refused", text));
            return None;
        }
        let own = incoming.profile.as_deref().map(str::trim);
        Some(passed).filter(|passed| own != Some(passed.profile.as_str()))
    }
}

/// What it asks for, and what its source asks for all that it sends.
fn options(incoming: &Incoming<'_>, source: &Source) -> Options {
    let is_static = incoming.options.static_profile_id || source.static_profile_id;
    Options { static_profile_id: is_static, ..incoming.options }
}

/// Blank ids are as if they were not there.
fn given<Kind>(id: Option<&str>) -> Option<Id<Kind>> {
    let id = id?.trim();
    (!id.is_empty()).then(|| Id::new(id))
}
