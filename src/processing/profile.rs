//! The profile's own part: visits, places, languages, and whether it is to be kept.

use std::sync::Arc;

use serde_json::{Value, json};

use super::ProfileChange;
use super::session::Visit;
use crate::identification::Whose;
use crate::model::{Geo, HIDDEN, Map, Payload, Profile, Seals, Session, Zone, dotted};

/// A profile being worked on.
#[derive(Debug)]
pub(super) struct Person {
    /// Shared with the working set until something changes.
    profile: Arc<Profile>,
    pub(super) changed: bool,
    /// More is counted, see [`ProfileChange::Counted`].
    pub(super) counted: bool,
    /// Nobody has shown that it is they who visit: their visits are counted, and nothing else.
    pub(super) is_only_named: bool,
}

impl Person {
    fn unchanged(profile: Arc<Profile>) -> Self {
        Self { profile, changed: false, counted: false, is_only_named: false }
    }

    pub(super) fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// A defect otherwise: what is changed and not said would be kept or lost by chance.
    pub(super) fn must_say_what_changed(&self, was: &Profile) {
        if self.changed {
            return;
        }
        let tallies = if self.counted { self.profile.tallies.clone() } else { was.tallies.clone() };
        assert_eq!(*self.profile, Profile { tallies, ..was.clone() }, "changed in silence");
    }

    pub(super) fn into_profile(self) -> Arc<Profile> {
        self.profile
    }

    /// To be changed: a copy of our own, from the first change on.
    pub(super) fn profile_mut(&mut self) -> &mut Profile {
        Arc::make_mut(&mut self.profile)
    }
}

pub(super) fn start(
    payload: &Payload,
    whose: &Whose,
    known: Option<Arc<Profile>>,
    merged: bool,
) -> Option<Person> {
    let mut person = found(payload, whose, known, merged);
    // Everybody else is taken to have said so before any of it.
    if let (Some(person), Whose::New(_), Some(log)) = (&mut person, whose, &payload.assumes) {
        person.profile_mut().assume(log);
    }
    person
}

fn found(
    payload: &Payload,
    whose: &Whose,
    known: Option<Arc<Profile>>,
    merged: bool,
) -> Option<Person> {
    match whose {
        Whose::Nobody => None,
        Whose::Known(_) => {
            known.map(|profile| Person { changed: merged, ..Person::unchanged(profile) })
        }
        Whose::Linked { .. } => {
            known.map(|profile| Person { is_only_named: true, ..Person::unchanged(profile) })
        }
        Whose::New(id) => {
            let profile = Arc::new(Profile::new(id.clone(), payload.received_at));
            let is_only_named = payload.tells_of_who_was_named();
            Some(Person { changed: true, is_only_named, ..Person::unchanged(profile) })
        }
    }
}

/// A new visit: the current one becomes the last (docs/wire.md §4.5).
pub(super) fn count_visit(payload: &Payload, person: &mut Option<Person>) {
    let Some(person) = person else { return };
    person.changed = true;
    let is_only_named = person.is_only_named;
    let profile = person.profile_mut();
    let visits = &mut profile.visits;
    visits.last = visits.current.or(visits.last);
    visits.current = Some(payload.received_at);
    visits.count += 1;
    if let Some(timezone) = payload.visitor.timezone.as_ref().filter(|_| !is_only_named) {
        visits.timezone = Some(timezone.clone());
        let zone: Option<Zone> = timezone.parse().ok();
        let continent = zone.as_ref().and_then(Zone::continent).unwrap_or("n/a");
        object(&mut profile.aux, "geo").insert("continent".into(), continent.into());
    }
}

/// The session's place becomes the person's last one where this payload brings it. Before the
/// events, which may know a later one (docs/wire.md §5.1).
pub(super) fn locate(payload: &Payload, visit: &Visit, person: &mut Option<Person>) {
    let (Some(person), Some(session)) = (person, &visit.session) else { return };
    if payload.events.is_empty()
        || person.is_only_named
        || !is_news(visit, session, person.profile())
    {
        return;
    }
    let Some(place) = place(&session.geo) else { return };
    let profile = person.profile_mut();
    let last = object(object(&mut profile.data, "devices"), "last");
    if last.get("geo") == Some(&place) {
        return;
    }
    last.insert("geo".to_owned(), place);
    // What an event said of the place before is no longer what is there.
    profile.fields.retain(|path, _| !path.starts_with("data.devices.last.geo."));
    person.changed = true;
}

/// The person as conditions see them while the payload is worked on: with what would follow if it ended here
/// (docs/wire.md §5.1). None where nothing would.
pub(super) fn so_far(payload: &Payload, person: &Person) -> Option<Profile> {
    let profile = person.profile();
    if !person.changed || person.is_only_named || has_followed(payload, profile) {
        return None;
    }
    let mut profile = Profile::clone(profile);
    follow(payload, &mut profile);
    Some(profile)
}

/// What follows from the visit for a profile that is written anyway; alone these do not cause a
/// write, as in the reference.
pub(super) fn finish(payload: &Payload, person: &mut Option<Person>) {
    let Some(person) = person else { return };
    if !person.changed {
        return;
    }
    let is_only_named = person.is_only_named;
    let profile = person.profile_mut();
    profile.updated = profile.updated.max(Some(payload.received_at));
    if is_only_named {
        return;
    }
    follow(payload, profile);
}

/// Languages, and whether somebody can be reached. At the end of a payload, so that what its events say of
/// languages comes before what a header does.
fn follow(payload: &Payload, profile: &mut Profile) {
    speak(payload, profile);
    let anonymous = is_anonymous(&profile.data);
    profile.data.insert(ANONYMOUS.into(), anonymous.into());
}

fn has_followed(payload: &Payload, profile: &Profile) -> bool {
    let speaks = dotted::get(&profile.data, "pii.language.spoken").is_some();
    (speaks || payload.visitor.languages.is_empty())
        && profile.data.get(ANONYMOUS).and_then(Value::as_bool) == Some(is_anonymous(&profile.data))
}

/// A new person's profile is kept unless the payload says no; a known one only when it changed.
/// A payload whose events were all kept before brings nobody new.
pub(super) fn change(payload: &Payload, whose: &Whose, person: Option<&Person>) -> ProfileChange {
    let brings = !payload.events.is_empty() || whose.is_known();
    match person.filter(|_| payload.options.save_profile && brings) {
        Some(person) if person.changed => ProfileChange::Written,
        Some(person) if person.counted => ProfileChange::Counted,
        Some(_) | None => ProfileChange::None,
    }
}

fn speak(payload: &Payload, profile: &mut Profile) {
    if payload.visitor.languages.is_empty() {
        return;
    }
    let language = object(object(&mut profile.data, "pii"), "language");
    if !language.contains_key("spoken") {
        language.insert("spoken".into(), json!(payload.visitor.languages));
    }
}

/// Whether the person's profile has not seen the session's place: what an old session goes on
/// saying must not undo what an event has said since.
fn is_news(visit: &Visit, session: &Session, profile: &Profile) -> bool {
    visit.was.as_ref().is_none_or(|was| {
        let is_theirs = was.profile.as_ref().is_some_and(|id| profile.ids.contains(id));
        !is_theirs || was.geo != session.geo
    })
}

/// The place as profiles have it, if anything is known of it.
fn place(geo: &Geo) -> Option<Value> {
    if geo.country_name.is_none() && geo.latitude.is_none() {
        return None;
    }
    let location = geo.longitude.zip(geo.latitude).map(|(lon, lat)| json!([lon, lat]));
    Some(json!({
        "country": {"name": geo.country_name, "code": geo.country_code},
        "city": geo.city, "county": geo.county, "postal": geo.postal,
        "latitude": geo.latitude, "longitude": geo.longitude, "location": location,
    }))
}

/// Where a profile says whether somebody is anonymous.
pub const ANONYMOUS: &str = "anonymous";

/// Anonymous is who can be reached by no e-mail, phone or app (docs/wire.md §4.5). A hash reaches nobody.
#[must_use]
pub fn is_anonymous(data: &Map) -> bool {
    let contact = data.get("contact").and_then(Value::as_object);
    let ways = ["email", "phone", "app"].into_iter().filter_map(|way| contact?.get(way));
    !ways
        .filter_map(Value::as_object)
        .flat_map(Map::values)
        .filter_map(Value::as_str)
        .any(|text| !text.is_empty() && text != HIDDEN && !Seals::is_concealed(text))
}

/// The object under `key`, made if it is not there; a value of another type gives way.
fn object<'a>(map: &'a mut Map, key: &str) -> &'a mut Map {
    let value = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().expect("made an object above")
}
