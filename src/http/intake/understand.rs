//! One request being taken in: from what a dialect makes of it to payloads that were admitted.

use std::mem::take;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;

use super::calling::{CameWith, Ready};
use super::clock::{self, Says, Sent};
use super::events::{Shared, Shown};
use super::identifiers::believed;
use super::shaping::{Shaped, Sifted};
use super::validity::Sender;
use super::{Bounds, Incoming, Object, Past, Understood, credentials, secrets, visitor};
use crate::admission::{self, Admitted, Arrival, Leave, Page};
use crate::agent::Agent;
use crate::app::App;
use crate::http::{ApiError, Code};
use crate::model::{
    Added, Bridge, Found, Geo, Hidden, Id, Json, Map, Options, Passed, Payload, PayloadEvent,
    PrivateField, PrivateVisit, ProfileId, Source, Time, Trust, Visitor, Warning, Zone,
};
use crate::processing::text_at;
use crate::registry::Snapshot;

/// What of a request, beside its body, makes its payloads, and the configuration as it is at this
/// moment: all of a request comes in under the same one.
pub(in crate::http) struct Intake<'a> {
    pub(super) app: &'a App,
    pub(in crate::http) known: Arc<Snapshot>,
    pub(super) received_at: Time,
    headers: &'a HeaderMap,
    /// The door it came through.
    bridge: Bridge,
    ip: Option<String>,
    /// Whom it names is believed, whatever the source is trusted with.
    pub(super) is_vouched: bool,
    /// Who sends, where it is no source that is set up.
    sender: Option<Arc<Source>>,
    /// It was sent some time ago, and nobody knows when.
    is_recorded: bool,
    /// Somebody who may hands it in: no page does.
    is_handed_in: bool,
    /// What is known of it from before, where it was history.
    pub(super) past: Option<&'a Past>,
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
        let (is_vouched, sender, past) = (false, None, None);
        let (is_recorded, is_handed_in) = (false, false);
        Self {
            app,
            known,
            received_at,
            headers,
            bridge,
            ip,
            is_vouched,
            sender,
            is_recorded,
            is_handed_in,
            past,
        }
    }

    /// The same, under another configuration: as it would be after a change.
    pub(in crate::http) fn under(self, known: Snapshot) -> Self {
        Self { known: Arc::new(known), ..self }
    }

    /// The same, of somebody who answers for whom it names.
    pub(in crate::http) fn vouched_for(self, is_vouched: bool) -> Self {
        Self { is_vouched, ..self }
    }

    /// The same, of a sender who is no source that is set up.
    pub(in crate::http) fn sent_by(self, sender: Source) -> Self {
        Self { sender: Some(Arc::new(sender)), ..self }
    }

    /// The same, handed in by somebody who may: they try it, or it is history. Where the pages of its source
    /// stand says nothing of them.
    pub(in crate::http) fn handed_in(self) -> Self {
        Self { is_handed_in: true, ..self }
    }

    /// The same, of what was recorded: its clock cannot be compared with ours any more, and its times are as they
    /// are written.
    pub(in crate::http) fn recorded(self) -> Self {
        Self { is_recorded: true, ..self }
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
        self.leave_out_nobodys(incoming);
        let context = self.bounded(take(&mut incoming.context))?;
        let facts = context.pick(&visitor::PATHS);
        let agent = visitor::agent(&facts, self.headers, &self.app.agents);
        let leave = self.admit(incoming, &agent)?;
        if incoming.events.is_empty() {
            return Ok(None);
        }
        let around = Around { context, facts, agent };
        self.let_in(incoming, around, leave)
    }

    fn let_in(&self, incoming: &mut Incoming<'_>, around: Around, leave: Leave) -> Understood {
        let source = leave.source();
        let request = self.request(take(&mut incoming.request), source)?;
        let draw = self.app.ids.draw(self.received_at);
        let position = self.position(incoming);
        let Around { context, mut facts, agent } = around;
        let (context, mut shown) = Shown::taken_out_of(context, &mut facts);
        let context = secrets::cut_out_of(context, &source.url_secrets);
        secrets::cut(&mut facts, &source.url_secrets);
        let mut warnings = take(&mut incoming.warnings);
        let zone = zone(&facts, &mut warnings);
        let sent = self.sent(&facts, zone.as_ref(), incoming.sent_at);
        let were_kept = incoming.options.adds_nothing;
        let shared = Shared {
            intake: self,
            source,
            context: &context,
            facts: &facts,
            request,
            draw,
            position,
            sent,
            were_kept,
        };
        let events = shared.understand(take(&mut incoming.events), &mut shown)?;
        let options = options(incoming, source);
        let vouched = self.vouched(source, &options, &shown.tokens, &mut warnings);
        let mut passed = self.passed(shown.link, incoming, &mut warnings);
        let session = given(incoming.session.as_deref());
        let mut profile = given(incoming.profile.as_deref());
        let sender = Sender::of(source, session.as_ref(), profile.as_ref(), &options);
        let sifted = self.sifted(events, &sender, were_kept)?;
        let Sifted { shaped, held, left_out, refused } = sifted;
        let Shaped { events, twins, properties: laid, without, warnings: told, .. } = shaped;
        warnings.extend(told);
        let events = believed(events, self.known.identity(), &vouched);
        let came_with = (session.clone(), profile.clone());
        let session = shaped.session.or(session);
        profile = shaped.profile.or(profile);
        let hidden = self.hidden(&options, &mut profile, &mut passed);
        let (properties, private_visit) = self.visits(incoming, (laid, without), source)?;
        self.bounded(take(&mut incoming.config))?;
        let admitted = leave.enter(|source| Payload {
            rules: Arc::clone(self.known.rules()),
            identity: Arc::clone(self.known.identity()),
            watching: self.known.watching(),
            session,
            profile,
            hidden,
            vouched,
            told_apart: self.past.and_then(|past| past.told_apart.clone()),
            seals: self.app.seals.clone(),
            passed,
            options,
            visitor: self.visitor(&facts, zone.as_ref(), &agent, &source),
            received_at: self.received_at,
            position,
            bytes: bytes(&events) + context.as_str().len() + properties.as_str().len(),
            source,
            draw,
            context,
            properties,
            private_visit,
            events,
            held,
            left_out,
            assumes: None,
            warnings,
        });
        Ok(Some(self.ready(admitted, twins, were_kept, came_with).unless(refused)))
    }

    /// What the payload says of its request, without what lets somebody in.
    fn request(&self, sent: Object<'_>, source: &Source) -> Result<Json, ApiError> {
        let request = credentials::left_out_of(self.bounded(sent)?);
        Ok(secrets::cut_out_of(request, &source.url_secrets))
    }

    /// Where the payload's first event stands among all of its moment.
    fn position(&self, incoming: &Incoming<'_>) -> i64 {
        if let Some(position) = self.past_position() {
            return position;
        }
        let places = incoming.events.len() + Added::COUNT as usize;
        self.app.places.take(self.received_at, places)
    }

    fn ready(
        &self,
        mut admitted: Admitted,
        twins: Vec<PayloadEvent>,
        were_kept: bool,
        came_with: CameWith,
    ) -> Ready {
        if were_kept {
            return Ready::as_it_is(admitted);
        }
        let called = Ready::calls(admitted.payload(), &self.known, came_with, self.ip.as_deref());
        if called.is_none() {
            self.remaking().with_instead(&mut admitted.payload_mut().events, twins);
            return Ready::as_it_is(admitted);
        }
        Ready::to_be_called(admitted, twins, called)
    }

    /// The visit's properties, with what a reshaping says of them; and what they are instead, where that comes
    /// from what may not be kept.
    fn visits(
        &self,
        incoming: &mut Incoming<'_>,
        (laid, (fields, without)): (Map, (Vec<PrivateField>, Map)),
        source: &Source,
    ) -> Result<(Json, Option<PrivateVisit>), ApiError> {
        let sent = self.bounded(take(&mut incoming.properties))?;
        let sent = secrets::cut_out_of(sent, &source.url_secrets);
        let with = |laid| Ok::<_, ApiError>(sent.merged(&self.bounded(Object::Map(laid))?));
        let instead = if fields.is_empty() { None } else { Some(with(without)?) };
        let private = instead.map(|instead| PrivateVisit { fields: fields.into(), instead });
        Ok((with(laid)?, private))
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
        let origin = self.headers.get("origin").and_then(|value| value.to_str().ok());
        let arrival = Arrival {
            source: self.sender.as_ref().or_else(|| self.source(&incoming.source)),
            bridge: self.bridge,
            page: if self.is_handed_in { Page::Unasked } else { Page::Sent(origin) },
            bot: visitor::is_bot(agent, self.headers),
            names_profile: incoming.profile.as_ref().is_some_and(|id| !id.trim().is_empty()),
        };
        Ok(admission::admit(&arrival, &self.app.config.admission, &self.app.rates)?)
    }

    /// When it was sent, and what the sender's clock shows.
    fn sent(&self, facts: &Map, zone: Option<&Zone>, sent_at: Option<Time>) -> Sent {
        let header = self.headers.get(clock::HEADER).and_then(|value| value.to_str().ok());
        let says = Says { sent_at, header, local: text_at(facts, "time.local"), zone };
        if self.is_recorded {
            return Sent::before(&says, self.received_at);
        }
        let tolerance = Duration::from_secs(self.app.config.admission.clock_tolerance_seconds);
        Sent::now(&says, self.received_at, tolerance)
    }

    /// A pseudonym is taken for what it hides. In a link it is of use where the visitor has no id.
    fn hidden(
        &self,
        options: &Options,
        profile: &mut Option<ProfileId>,
        passed: &mut Option<Passed>,
    ) -> Option<Hidden> {
        let behind = |pseudonym: &ProfileId| {
            let person = self.app.seals.behind(pseudonym.as_str())?;
            Some(Hidden { pseudonym: pseudonym.clone(), person })
        };
        if options.found == Some(Found::Linked) && !options.static_profile_id {
            return profile.take().map(|id| Hidden { pseudonym: id.clone(), person: id });
        }
        let handed = passed.take_if(|passed| behind(&passed.profile).is_some());
        if options.static_profile_id {
            return None;
        }
        match profile {
            Some(own) => {
                let hidden = behind(own);
                profile.take_if(|_| hidden.is_some());
                hidden
            }
            None => handed.and_then(|handed| behind(&handed.profile)),
        }
    }

    fn visitor(&self, facts: &Map, zone: Option<&Zone>, agent: &Agent, source: &Source) -> Visitor {
        let visitor = visitor::read(facts, zone, self.headers, agent);
        let visitor = self.as_remembered(visitor);
        let geo = self.geo(visitor.geo, source);
        let ip = self.ip.clone().filter(|_| source.keeps_ip);
        let ip = if source.cuts_ip { ip.and_then(|ip| visitor::cut(&ip)) } else { ip };
        Visitor { ip, geo, ..visitor }
    }

    /// Where they say they are, else where their address is: but for what servers send, whose address
    /// is nobody's who visits.
    fn geo(&self, said: Geo, source: &Source) -> Geo {
        let is_a_visitors = self.bridge != Bridge::Webhook
            && !self.is_vouched
            && source.trust != Trust::Trusted
            && source.locates;
        if said != Geo::default() || !is_a_visitors {
            return said;
        }
        let address = self.ip.as_deref();
        address.and_then(|address| self.app.geography.of(address)).unwrap_or_default()
    }
}

/// The zone that the context names, and a warning when what it names is none.
fn zone(facts: &Map, warnings: &mut Vec<Warning>) -> Option<Zone> {
    visitor::zone(facts).unwrap_or_else(|_| {
        let text = "context.time.tz names no time zone of the IANA list; it was left out";
        warnings.push(Warning::new("time_zone_unknown", text));
        None
    })
}

/// What it asks for, and what its source asks for all that it sends.
fn options(incoming: &Incoming<'_>, source: &Source) -> Options {
    let is_static = incoming.options.static_profile_id || source.static_profile_id;
    Options { static_profile_id: is_static, ..incoming.options }
}

fn bytes(events: &[PayloadEvent]) -> usize {
    events.iter().map(PayloadEvent::bytes).sum()
}

/// Blank ids are as if they were not there.
fn given<Kind>(id: Option<&str>) -> Option<Id<Kind>> {
    let id = id?.trim();
    (!id.is_empty()).then(|| Id::new(id))
}
