//! What is counted of people, and which audiences they are in because of it: the rules say, this applies them.

use std::sync::Arc;

use serde_json::json;

use super::events;
use super::profile::Person;
use super::session::Visit;
use super::told::{self, OWN_SOURCE};
use crate::identification::Whose;
use crate::model::{
    Because, Client, Crossing, Draw, Event, EventId, Geo, Hit, Json, Map, Payload, PayloadEvent,
    ProfileId, SourceId, Time, Touched, Utm, Warning, Watching,
};

/// Somebody has entered an audience.
pub const ENTERED: &str = "audience-entered";
/// Somebody has left an audience.
pub const LEFT: &str = "audience-left";

/// A person whom the rules look at, while one payload is worked on.
pub(super) struct Watched<'a> {
    watching: &'a dyn Watching,
    /// The id of theirs under which the payload is kept.
    under: ProfileId,
    touched: Touched,
    /// The last event that was counted.
    cause: Option<EventId>,
    crossings: Vec<Crossing>,
}

impl<'a> Watched<'a> {
    /// Nobody where there are no rules, or nothing of the payload is to be kept. What time alone has changed
    /// until now is told before the payload is.
    pub(super) fn begin(
        payload: &'a Payload,
        whose: &Whose,
        under: Option<&ProfileId>,
        person: &mut Option<Person>,
    ) -> Option<Self> {
        let watching = payload.watching.as_deref()?;
        let is_kept = payload.options.save_profile;
        let brings = !payload.events.is_empty() || whose.is_known();
        let person = person.as_mut().filter(|_| is_kept && brings)?;
        let all = matches!(whose, Whose::New(_)) || person.changed;
        let touched = Touched { all, ..Touched::default() };
        let under = under.unwrap_or(&person.profile().id).clone();
        let mut watched = Self { watching, under, touched, cause: None, crossings: Vec::new() };
        // Of what was history before, that is told there.
        let is_due = person.profile().due.is_some_and(|due| due <= payload.received_at);
        if is_due && !payload.options.adds_nothing {
            watched.settle(payload, person, &Touched::default(), Because::Time);
        }
        Some(watched)
    }

    /// Counts the events that are kept.
    pub(super) fn count(
        &mut self,
        person: &mut Person,
        kept: &mut [Event],
        warnings: &mut Vec<Warning>,
    ) {
        self.touched.profile = person.changed;
        let sighted = self.watching.sightings(kept);
        for of in sighted.too_large {
            let text = "A number is too large for a computed trait: it is not counted.";
            if let Some(event) = kept.get_mut(of) {
                let warning = Warning::new("number_too_large", text).about(&event.id);
                event.warnings.push(warning.clone());
                warnings.push(warning);
            }
        }
        for seen in sighted.seen {
            if person.profile_mut().tallies.add(seen.key, seen.sighting) {
                person.counted = true;
                self.touched.leaves.push(seen.leaf);
                self.cause = kept.get(seen.of).map(|event| event.id.clone());
            }
        }
    }

    /// The events that tell of it, and the audiences that they tell of.
    pub(super) fn end(
        mut self,
        payload: &Payload,
        visit: &Visit,
        person: &mut Person,
        kept: &[Event],
    ) -> (Vec<Event>, Vec<Arc<str>>) {
        let touched = std::mem::take(&mut self.touched);
        if payload.options.adds_nothing {
            return (Vec::new(), told::follow(self.watching, payload, &touched, person, kept));
        }
        // What has changed the person and was not counted is whatever came last.
        let cause = self.cause.take();
        self.cause = cause.or_else(|| payload.events.last().map(|event| event.id.clone()));
        if !touched.is_nothing() {
            self.settle(payload, person, &touched, Because::Event);
        }
        let place = |at: usize| i64::try_from(payload.events.len() + at).unwrap_or(i64::MAX);
        let id = &person.profile().id;
        let each = self.crossings.iter().flat_map(|crossing| {
            crossing.told_of(id, &self.under).iter().map(move |of| (crossing, of))
        });
        let told = each.enumerate().map(|(at, (crossing, of))| {
            let sent = sent(crossing, payload.draw.crossing(at), self.cause.as_ref());
            let mut event = events::plain(payload, visit, Some(person), &sent);
            event.profile = event.profile.map(|_| of.clone());
            event.position = payload.position.saturating_add(place(at));
            event
        });
        let told = told.collect();
        (told, self.crossings.into_iter().map(|crossing| crossing.audience).collect())
    }

    fn settle(
        &mut self,
        payload: &Payload,
        person: &mut Person,
        touched: &Touched,
        because: Because,
    ) {
        let settled = self.watching.settle(person.profile(), payload.received_at, touched, because);
        if person.profile().stands_otherwise(&settled) {
            person.changed = true;
            person.profile_mut().stand(&settled, self.cause.as_ref(), &self.under);
        }
        self.crossings.extend(settled.crossings);
    }
}

/// The event that tells of it, as if it had been sent. It happens on no page and in no visit.
fn sent(crossing: &Crossing, id: EventId, cause: Option<&EventId>) -> PayloadEvent {
    let kind = if crossing.enters { ENTERED } else { LEFT };
    let cause = cause.filter(|_| crossing.because == Because::Event);
    PayloadEvent {
        id,
        mark: None,
        part_of: None,
        sent_as: None,
        kind: kind.to_owned(),
        name: super::event_name(kind),
        place: 0,
        time: crossing.at,
        client_time: None,
        properties: reason(crossing, cause),
        context: Json::empty(),
        request: Json::empty(),
        options: crate::model::EventOptions { save_session: false, ..Default::default() },
        config: Json::empty(),
        tags: Vec::new(),
        hit: Hit::default(),
        identifiers: Vec::new(),
        warnings: Vec::new(),
        valid: true,
        private: None,
    }
}

/// What it says: which audience, under which version of its rule, and why.
fn reason(crossing: &Crossing, event: Option<&EventId>) -> Json {
    let mut says = Map::new();
    says.insert("audience".to_owned(), json!(&*crossing.audience));
    says.insert("version".to_owned(), json!(crossing.version));
    says.insert("reason".to_owned(), json!(crossing.because.as_str()));
    if let Some(since) = crossing.since {
        says.insert("since".to_owned(), json!(since.to_string()));
    }
    if let Some(event) = event {
        says.insert("event".to_owned(), json!(event.as_str()));
    }
    Json::from_map(&says)
}

/// Whether Kith has told it of an audience: what clients send is called otherwise, but older history may hold
/// events of theirs of these types, which say something else.
#[must_use]
pub fn tells_of_an_audience(kind: &str, properties: Option<&str>) -> bool {
    [ENTERED, LEFT].contains(&kind)
        && properties
            .is_some_and(|text| text.contains("\"audience\"") && text.contains("\"reason\""))
}

/// The event that tells of a crossing that no payload has caused: of this id, at this moment.
#[must_use]
pub fn crossing(
    crossing: &Crossing,
    of: &ProfileId,
    now: Time,
    (draw, place): (&Draw, usize),
) -> Event {
    let sent = sent(crossing, draw.crossing(place), None);
    Event {
        id: sent.id,
        kind: sent.kind,
        name: sent.name,
        time: sent.time,
        received_at: now,
        position: i64::try_from(place).unwrap_or(i64::MAX),
        client_time: None,
        source: SourceId::new(OWN_SOURCE),
        session: None,
        profile: Some(of.clone()),
        channel: String::new(),
        ip: None,
        client: Arc::new(Client::default()),
        utm: Utm::default(),
        geo: Geo::default(),
        hit: Hit::default(),
        journey: None,
        tags: Vec::new(),
        warnings: Vec::new(),
        properties: sent.properties,
        traits: Map::new(),
        data: Map::new(),
        context: Json::empty(),
        request: Json::empty(),
        config: Json::empty(),
        debug: false,
        valid: true,
    }
}
