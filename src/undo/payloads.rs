//! Events of history as the payloads that they came in, to be folded again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::lake::ask::KeptEvent;
use crate::model::{
    Bridge, Draw, EventId, EventOptions, Hit, IdentityRules, JSON_DEPTH_READABLE, Json, Link,
    Options, Payload, PayloadEvent, ProfileId, Referrer, RuleSet, Seals, Session, SessionId,
    Source, SourceId, Time, Visitor, Vouched, Watching,
};
use crate::processing::{ADDED, OPENED, TRIGGERS, tells_of_an_audience};

/// A payload that was kept, with what it met.
pub(crate) struct Kept {
    /// The id that it came under.
    pub(crate) under: ProfileId,
    pub(crate) payload: Payload,
    /// The session, where it was there already.
    pub(crate) session: Option<Arc<Session>>,
    /// How many events of history it was, those that Kith has added among them.
    pub(crate) events: u64,
    /// The person was only named in it.
    pub(crate) link: Option<Link>,
}

/// What events are made payloads with.
pub(crate) struct Folding<'a> {
    /// Of the events, by id, as they are now.
    pub(crate) sessions: HashMap<String, Arc<Session>>,
    pub(crate) rules: &'a Arc<RuleSet>,
    pub(crate) identity: &'a Arc<IdentityRules>,
    pub(crate) seals: Seals,
    /// What is counted of the events.
    pub(crate) watching: Option<Arc<dyn Watching>>,
}

impl Folding<'_> {
    /// The payloads of events that are in the order received: what one source sent in one session, and
    /// was received at one moment, was one payload.
    pub(crate) fn payloads(&self, events: &[KeptEvent]) -> Vec<Kept> {
        let mut payloads: Vec<Vec<&KeptEvent>> = Vec::new();
        let is_told =
            |event: &&KeptEvent| tells_of_an_audience(&event.kind, event.properties.as_deref());
        for event in events.iter().filter(|event| !is_told(event)) {
            // Those of one moment stand side by side, and those of two payloads among each other.
            let since = payloads.iter().rposition(|one| one[0].received_at != event.received_at);
            let of_moment = payloads.iter_mut().skip(since.map_or(0, |at| at + 1));
            match of_moment.into_iter().find(|one| is_one(one[0], event)) {
                Some(payload) => payload.push(event),
                None => payloads.push(vec![event]),
            }
        }
        let people: HashSet<&str> = events.iter().map(|event| &*event.profile_id).collect();
        payloads.iter().filter_map(|events| self.payload(events, &people)).collect()
    }

    /// The visit of an event, as it is now. One that has gone over to somebody else tells of them, and of `people`
    /// nothing any more but that it was there.
    fn visit(&self, event: &KeptEvent, people: &HashSet<&str>) -> Option<Arc<Session>> {
        let session = self.sessions.get(event.session_id.as_ref()?)?;
        let visitor = session.link.as_ref().and_then(|link| link.visitor.as_ref());
        let mut whose = session.profile.iter().chain(visitor);
        if session.profile.is_none() || whose.any(|id| people.contains(id.as_str())) {
            return Some(Arc::clone(session));
        }
        let mut session = session.as_ref().clone();
        session.forget_visitor();
        (session.profile, session.link) = (Some(ProfileId::new(&*event.profile_id)), None);
        Some(Arc::new(session))
    }

    fn payload(&self, events: &[&KeptEvent], people: &HashSet<&str>) -> Option<Kept> {
        let first = events.first()?;
        let received_at = Time::from_micros(first.received_at);
        let known = self.visit(first, people);
        let opens = events.iter().any(|event| event.kind == OPENED && is_added(event));
        // Alone, what Kith adds came with an import, each event in a payload of its own.
        let adds_nothing = events.iter().all(|event| is_added(event));
        let said: Vec<&KeptEvent> =
            events.iter().copied().filter(|event| adds_nothing || !is_added(event)).collect();
        let source =
            Source::new(SourceId::new(&*first.source_id), "", vec![Bridge::Rest], received_at);
        let payload = Payload {
            source: Arc::new(source),
            rules: Arc::clone(self.rules),
            identity: Arc::clone(self.identity),
            watching: self.watching.clone(),
            session: first.session_id.as_deref().map(SessionId::new),
            profile: Some(ProfileId::new(&*first.profile_id)),
            context: Json::empty(),
            properties: Json::empty(),
            private_visit: None,
            options: Options {
                save_session: first.session_id.is_some(),
                adds_nothing,
                ..Options::default()
            },
            position: said.first().and_then(|event| event.position).unwrap_or(0),
            events: said.into_iter().map(sent).collect(),
            held: Vec::new(),
            left_out: Vec::new(),
            visitor: known.as_deref().map(visitor).unwrap_or_default(),
            hidden: None,
            vouched: Vouched::All,
            told_apart: None,
            seals: self.seals.clone(),
            passed: None,
            received_at,
            draw: Draw::new(received_at, [0; 16]),
            assumes: None,
            warnings: Vec::new(),
            bytes: 0,
        };
        let link = known.as_ref().and_then(|session| session.link.clone());
        let session = known.filter(|_| !opens);
        let under = ProfileId::new(&*first.profile_id);
        Some(Kept { under, payload, session, events: events.len() as u64, link })
    }
}

fn is_one(a: &KeptEvent, b: &KeptEvent) -> bool {
    (a.received_at, &a.source_id, &a.session_id, &a.profile_id)
        == (b.received_at, &b.source_id, &b.session_id, &b.profile_id)
}

/// Whether Kith has added it: clients may send events of these types, and say something in them.
fn is_added(event: &KeptEvent) -> bool {
    let keys = || Json::compact(event.properties.as_deref().unwrap_or("{}"), JSON_DEPTH_READABLE);
    ADDED.contains(&event.kind.as_str())
        && keys().is_ok_and(|keys| keys.read().keys().all(|key| key == TRIGGERS))
}

fn sent(event: &KeptEvent) -> PayloadEvent {
    let json = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or("{}");
        Json::compact(text, JSON_DEPTH_READABLE).unwrap_or_default()
    };
    PayloadEvent {
        id: EventId::new(&*event.id),
        mark: None,
        part_of: None,
        sent_as: None,
        kind: event.kind.clone(),
        name: String::new(),
        place: 0,
        time: Time::from_micros(event.time),
        client_time: None,
        properties: json(&event.properties),
        context: json(&event.context),
        request: Json::empty(),
        options: EventOptions {
            save_session: event.session_id.is_some(),
            ..EventOptions::default()
        },
        config: Json::empty(),
        tags: event.tags.clone().unwrap_or_default(),
        hit: Hit {
            url: event.page_url.clone(),
            path: event.page_path.clone(),
            title: event.page_title.clone(),
            referrer_host: event.referrer_host.clone(),
            referrer: Referrer::read(
                event.referrer_kind.as_deref(),
                event.referrer_name.as_deref(),
            ),
        },
        identifiers: Vec::new(),
        warnings: Vec::new(),
        valid: event.valid.unwrap_or(true),
        private: None,
    }
}

/// Who visited, as far as the session still says.
fn visitor(session: &Session) -> Visitor {
    Visitor {
        client: Arc::clone(&session.client),
        utm: session.utm.clone(),
        geo: session.geo.clone(),
        languages: session.languages.clone(),
        timezone: session.timezone.clone(),
        ip: session.ip.clone(),
        ..Visitor::default()
    }
}
