//! What no event of history tells: it stays with the older one.
//!
//! A profile may hold more than its events give: of events that were not to be kept, or that are older
//! than history goes. So the person as it is, is compared with the person as the events make it; what
//! differs is carried over: to the side whose event has written it, where the rules of now read that event
//! otherwise than those of then; to the older one where no event tells.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::payloads::Kept;
use crate::identification;
use crate::model::{self, EventId, Profile, ProfileId, negated};
use crate::processing::{ANONYMOUS, is_anonymous};
use crate::storage::StoredProfile;

/// Never carried over: what is of each by itself.
const OWN: [&str; 12] = [
    "id",
    "created",
    "updated",
    "ended",
    "apart",
    "merged_through",
    "merges",
    "identifiers",
    "tallies",
    "audiences",
    "due",
    "woken",
];
/// When what changed: it goes with what it tells of, and is not told of by itself.
const LOG: &str = "fields.";
/// Numbers that add up beside those of which a merger says so; others are measures, of which one counts.
const COUNT: &str = "visit.count";
const INTERESTS: &str = "interests.";

/// Carries what `actual` has and `told` has not over to the parts, and back the other way: each place to the
/// part whose event has written it last, by `sides`, and what no event of theirs has to the first. The
/// places that it was at.
pub(super) fn carry(
    parts: &mut [Arc<Profile>],
    told: &Profile,
    actual: &Profile,
    sides: &Sides,
) -> Vec<String> {
    let mut places = Vec::new();
    let mut told = told.clone();
    say_as_kept(&mut told, actual, |event| sides.tell_of(event));
    for part in parts.iter_mut() {
        let part = Arc::make_mut(part);
        let ids = part.ids.clone();
        say_as_kept(part, actual, |event| {
            sides.under.get(event).is_some_and(|id| ids.contains(id))
        });
    }
    parts.iter_mut().for_each(follow_contact);
    let (Some(told_map), Some(actual_map)) = (map(&told), map(actual)) else { return places };
    let (told_map, actual_map) = (without_own(told_map), without_own(actual_map));
    for at in 0..parts.len() {
        let is_theirs = |place: &str| sides.part(place, parts, actual) == at;
        let Some(mut map) = map(&parts[at]) else { continue };
        let before = places.len();
        let mut carrier = Carrier { places: &mut places, is_theirs: &is_theirs };
        carrier.objects(&mut map, &told_map, &actual_map, "");
        if places.len() > before
            && let Ok(stored) = serde_json::from_value::<StoredProfile>(Value::Object(map))
        {
            let mut carried = Profile::from(stored);
            follow(&mut carried);
            parts[at] = Arc::new(carried);
            follow_contact(&mut parts[at]);
        }
    }
    // Whom somebody has said they are not: of which part is not told.
    if let Some(first) = parts.first_mut().filter(|_| !actual.apart.is_empty()) {
        let first = Arc::make_mut(first);
        actual.apart.iter().for_each(|other| {
            first.keep_apart_from(other);
        });
    }
    places
}

/// Under which id those events came that have written something last.
#[derive(Clone, Debug, Default)]
pub(super) struct Sides {
    wanted: HashSet<EventId>,
    under: HashMap<EventId, ProfileId>,
}

impl Sides {
    /// It is looked for what has written something of this one, for what has said something of consents, and for what
    /// has brought it into audiences.
    pub(super) fn want(&mut self, whole: &Profile) {
        self.wanted.extend(whole.consent_log.words().iter().map(|word| word.event.clone()));
        self.wanted.extend(whole.fields.values().map(|change| change.event.clone()));
        self.wanted.extend(whole.audiences.values().filter_map(|one| one.event.clone()));
    }

    /// Whether it came under one of the ids, as far as history goes.
    pub(super) fn tell_of(&self, event: &EventId) -> bool {
        self.under.contains_key(event)
    }

    /// Takes in what came under an id.
    pub(super) fn take(&mut self, kept: &Kept) {
        let events = kept.payload.events.iter().map(|event| &event.id);
        let wanted = events.filter(|id| self.wanted.contains(*id));
        self.under.extend(wanted.map(|id| (id.clone(), kept.under.clone())));
    }

    /// Whose place it is: the first's, unless an event tells.
    fn part(&self, place: &str, parts: &[Arc<Profile>], actual: &Profile) -> usize {
        let place = place.strip_prefix(LOG).unwrap_or(place);
        let under = actual.fields.get(place).and_then(|change| self.under.get(&change.event));
        let part = under.and_then(|under| parts.iter().position(|part| part.ids.contains(under)));
        part.unwrap_or(0)
    }
}

/// What follows from the words about consents and from the orders is as they are now.
fn follow(carried: &mut Profile) {
    carried.consents = carried.consent_log.granted();
    if !carried.orders.is_empty() {
        carried.orders.show(&mut carried.data);
    }
}

/// What was said of consents is what the person has kept of it.
fn say_as_kept(part: &mut Profile, actual: &Profile, is_theirs: impl Fn(&EventId) -> bool) {
    part.consent_log.take_as_kept(&actual.consent_log, is_theirs);
    part.consents = part.consent_log.granted();
    part.orders.take_as_kept(&actual.orders);
}

/// Whether somebody can be reached follows from how, and is no word of an event's.
fn follow_contact(part: &mut Arc<Profile>) {
    let is_said = part.data.get(ANONYMOUS).is_some();
    let anonymous = Value::from(is_anonymous(&part.data));
    if is_said && part.data.get(ANONYMOUS) != Some(&anonymous) {
        Arc::make_mut(part).data.insert(ANONYMOUS.to_owned(), anonymous);
    }
}

fn map(profile: &Profile) -> Option<Map<String, Value>> {
    match serde_json::to_value(StoredProfile::from(profile)) {
        Ok(Value::Object(map)) => Some(map),
        _ => None,
    }
}

fn without_own(mut map: Map<String, Value>) -> Map<String, Value> {
    map.retain(|key, _| !OWN.contains(&key.as_str()));
    if let Some(Value::Object(data)) = map.get_mut("data") {
        data.remove(ANONYMOUS);
    }
    map
}

struct Carrier<'a> {
    places: &'a mut Vec<String>,
    is_theirs: &'a dyn Fn(&str) -> bool,
}

impl Carrier<'_> {
    fn objects(
        &mut self,
        into: &mut Map<String, Value>,
        told: &Map<String, Value>,
        actual: &Map<String, Value>,
        above: &str,
    ) {
        let empty = Value::Null;
        let mut keys: Vec<&String> = told.keys().chain(actual.keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let (told, actual) =
                (told.get(key).unwrap_or(&empty), actual.get(key).unwrap_or(&empty));
            if told == actual {
                continue;
            }
            let place = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
            let was_there = into.contains_key(key);
            let slot = into.entry(key.clone()).or_insert(Value::Null);
            self.value(slot, told, actual, place);
            let is_empty = slot.as_object().is_some_and(Map::is_empty) || slot.is_null();
            if is_empty && (actual.is_null() || !was_there) {
                into.remove(key);
            }
        }
    }

    fn value(&mut self, into: &mut Value, told: &Value, actual: &Value, place: String) {
        if !place.starts_with(LOG)
            && let Some([told, actual]) = objects(into, told, actual)
            && let Value::Object(into) = into
        {
            self.objects(into, &told, &actual, &place);
            return;
        }
        if !(self.is_theirs)(&place) {
            return;
        }
        match (&mut *into, told, actual) {
            (Value::Array(into), Value::Array(told), Value::Array(actual)) => {
                lists(into, told, actual);
            }
            _ if is_total(&place) => *into = sum(into, told, actual),
            // What was told of this side, and the person has by now another way, stays as it was told.
            (ours, told, actual) if *ours == *told || ours.is_null() => *ours = actual.clone(),
            _ => {}
        }
        if !place.starts_with(LOG) {
            self.places.push(place);
        }
    }
}

/// The two as objects, where all three are objects or nothing; `into` is one then.
fn objects(into: &mut Value, told: &Value, actual: &Value) -> Option<[Map<String, Value>; 2]> {
    let is_one = |value: &Value| value.is_object() || value.is_null();
    let all = [&*into, told, actual];
    if !all.into_iter().all(is_one) || all.into_iter().all(Value::is_null) {
        return None;
    }
    if into.is_null() {
        *into = Value::Object(Map::new());
    }
    Some([told, actual].map(|value| value.as_object().cloned().unwrap_or_default()))
}

fn lists(into: &mut Vec<Value>, told: &[Value], actual: &[Value]) {
    into.retain(|value| actual.contains(value) || !told.contains(value));
    let more = actual.iter().filter(|value| !told.contains(value));
    let more: Vec<Value> = more.filter(|value| !into.contains(value)).cloned().collect();
    into.extend(more);
}

fn is_total(place: &str) -> bool {
    place == COUNT || place.starts_with(INTERESTS) || identification::is_total(place)
}

/// `into` with what `actual` is more than `told`.
fn sum(into: &Value, told: &Value, actual: &Value) -> Value {
    let more = model::sum(actual, &negated(told));
    more.and_then(|more| model::sum(into, &more)).unwrap_or_else(|| into.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Order, Time, Told};

    fn profile(id: &str, data: &Value) -> Profile {
        let mut profile = Profile::new(ProfileId::new(id), Time::from_micros(1));
        profile.data = data.as_object().cloned().unwrap();
        profile
    }

    /// All of it carried over to one.
    fn carry(into: &Profile, told: &Profile, actual: &Profile) -> (Profile, Vec<String>) {
        let mut parts = [Arc::new(into.clone())];
        let places = super::carry(&mut parts, told, actual, &Sides::default());
        (parts[0].as_ref().clone(), places)
    }

    #[test]
    fn totals_take_the_difference_and_measures_the_value() {
        let into =
            profile("a", &json!({"metrics": {"ltv": 5}, "pii": {"height": 180, "name": "A"}}));
        let told =
            profile("a", &json!({"metrics": {"ltv": 7}, "pii": {"height": 180, "name": "B"}}));
        let actual = profile(
            "a",
            &json!({"metrics": {"ltv": 9, "more": 1}, "pii": {"height": 170, "name": "C", "x": [1]}}),
        );
        let (carried, places) = carry(&into, &told, &actual);
        let wanted = json!({
            "metrics": {"ltv": 7, "more": 1}, "pii": {"height": 170, "name": "A", "x": [1]},
        });
        assert_eq!(Value::Object(carried.data), wanted);
        let at = |place: &str| format!("data.{place}");
        let all = ["metrics.ltv", "metrics.more", "pii.height", "pii.name", "pii.x"].map(at);
        assert_eq!(places, all);
    }

    #[test]
    fn whether_somebody_can_be_reached_follows_from_how() {
        let mail = json!({"email": {"main": "a@b.example"}});
        let told = profile("a", &json!({"anonymous": true, "contact": mail}));
        let actual = profile("a", &json!({"anonymous": false, "contact": mail}));
        let (carried, places) = carry(&told, &told, &actual);
        assert_eq!((&carried.data["anonymous"], places.as_slice()), (&json!(false), &[][..]));
        let nobody = profile("a", &json!({"anonymous": false, "contact": {}}));
        let (carried, places) = carry(&nobody, &actual, &actual);
        assert_eq!((&carried.data["anonymous"], places.as_slice()), (&json!(true), &[][..]));
    }

    #[test]
    fn an_order_that_no_event_tells_is_in_the_totals_as_any() {
        let order = |value| Order {
            at: Time::from_micros(1),
            told: Told {
                at: Time::from_micros(1),
                received: None,
                position: 0,
                event: EventId::new("e"),
            },
            value,
            currency: "EUR".to_owned(),
        };
        let with = |values: &[i64]| {
            let mut profile = profile("a", &json!({}));
            for value in values {
                profile.orders.take(value.to_string(), order(value * 1_000_000));
            }
            profile.orders.show(&mut profile.data);
            profile
        };
        let (carried, _) = carry(&with(&[10]), &with(&[10, 30]), &with(&[10, 30, 20]));
        let euros = &carried.data["metrics"]["orders"]["EUR"];
        assert_eq!((&euros["count"], &euros["average"]), (&json!(2), &json!(15)));
    }

    #[test]
    fn what_every_event_tells_leaves_the_side_as_it_is() {
        let mut told = profile("a", &json!({"pii": {"name": "A"}}));
        told.ids.push(ProfileId::new("b"));
        let mut into = profile("a", &json!({}));
        into.visits.count = 1;
        let (carried, places) = carry(&into, &told, &told);
        assert_eq!((carried, places), (into, Vec::<String>::new()));
    }
}
