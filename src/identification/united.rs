//! What two people hold in one tree: place by place, by what their logs tell of it.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::model::{self, LIST_VALUES_MAX, Map, MapsTo, Part, Path, Profile, Time, same_text};

/// Numbers below it are totals and so add up. Every other number is a measure, like a height or a latitude,
/// of which the later one is right (the reference adds those as well).
const TOTALS: &str = "data.metrics.";
/// Of these totals rules say themselves what they are.
const CUSTOM: &str = "data.metrics.custom.";

/// One of the two, as of a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    profile: &'a Profile,
    /// When it counts as written where the log is silent.
    otherwise: Option<Time>,
    /// When an event has written last what stands here, or what it stands in.
    written: Option<Time>,
    /// When what stood here was removed, or what it stood in.
    removed: Option<Time>,
}

/// Both, and where.
struct Sides<'a> {
    ours: Side<'a>,
    theirs: Side<'a>,
    place: String,
}

impl<'a> Side<'a> {
    /// What the log does not tell of was written when the whole profile was.
    pub(super) fn of(profile: &'a Profile) -> Self {
        Self { profile, otherwise: profile.updated, written: None, removed: None }
    }

    /// What the log does not tell of counts for less than anything that it tells of.
    pub(super) fn by_log(profile: &'a Profile) -> Self {
        Self { otherwise: None, ..Self::of(profile) }
    }

    /// As of a place one further down.
    fn below(self, place: &str, is_there: bool) -> Self {
        let at = self.profile.fields.get(place).map(|change| change.at);
        let removed = self.removed.max(at).filter(|_| !is_there);
        Self { written: self.written.max(at), removed, ..self }
    }

    fn changed(self) -> Option<Time> {
        self.written.or(self.otherwise)
    }

    /// Whether it has removed what the other side has, and later than that was written.
    fn has_removed_since(self, other: Self) -> bool {
        self.removed.is_some() && self.removed > other.changed()
    }
}

/// Puts into `ours`, the tree of this name, what the other one holds.
pub(super) fn unite(ours: &mut Map, theirs: &Map, name: &str, sides: (Side<'_>, Side<'_>)) {
    Sides { ours: sides.0, theirs: sides.1, place: name.to_owned() }.maps(ours, theirs);
}

impl Sides<'_> {
    fn maps(&self, ours: &mut Map, theirs: &Map) {
        let keys: BTreeSet<String> = ours.keys().chain(theirs.keys()).cloned().collect();
        for key in keys {
            let (our, their) = (ours.remove(&key), theirs.get(&key));
            let place = Path::place_below(&self.place, &key);
            let below = Sides {
                ours: self.ours.below(&place, our.is_some()),
                theirs: self.theirs.below(&place, their.is_some()),
                place,
            };
            if let Some(value) = below.value(our, their) {
                ours.insert(key, value);
            }
        }
    }

    fn value(&self, ours: Option<Value>, theirs: Option<&Value>) -> Option<Value> {
        match (ours, theirs) {
            (Some(Value::Object(ours)), None) => self.objects(ours, &Map::new()),
            (Some(Value::Object(ours)), Some(Value::Object(theirs))) => self.objects(ours, theirs),
            (None, Some(Value::Object(theirs))) => self.objects(Map::new(), theirs),
            (Some(ours), Some(theirs)) => Some(self.both(ours, theirs)),
            (Some(ours), None) => Some(ours).filter(|_| self.stays(self.theirs, self.ours)),
            (None, theirs) => theirs.filter(|_| self.stays(self.ours, self.theirs)).cloned(),
        }
    }

    /// What one of them has: unless the other has removed it since. Of totals nothing is removed.
    fn stays(&self, other: Side<'_>, holder: Side<'_>) -> bool {
        is_total(&self.place) || !other.has_removed_since(holder)
    }

    /// An object of which nothing stays goes as a whole.
    fn objects(&self, mut ours: Map, theirs: &Map) -> Option<Value> {
        let was_empty = ours.is_empty() && theirs.is_empty();
        self.maps(&mut ours, theirs);
        (was_empty || !ours.is_empty()).then_some(Value::Object(ours))
    }

    fn both(&self, ours: Value, theirs: &Value) -> Value {
        match (ours, theirs) {
            (Value::Array(ours), Value::Array(theirs)) => Value::Array(lists(ours, theirs)),
            (ours, Value::Null) => ours,
            (ours @ Value::Number(_), Value::Number(_)) if is_total(&self.place) => {
                sum(&ours, theirs)
            }
            (ours, theirs) if ours.is_null() || self.theirs.changed() > self.ours.changed() => {
                theirs.clone()
            }
            (ours, _) => ours,
        }
    }
}

fn lists(mut ours: Vec<Value>, theirs: &[Value]) -> Vec<Value> {
    let known: HashSet<String> = ours.iter().map(same_text).collect();
    let is_new = |value: &&Value| !known.contains(&same_text(value));
    let new: Vec<_> = theirs.iter().filter(is_new).cloned().collect();
    ours.extend(new);
    ours.truncate(LIST_VALUES_MAX);
    ours
}

/// The sum; of what is beyond all numbers, what is there.
pub(super) fn sum(ours: &Value, theirs: &Value) -> Value {
    model::sum(ours, theirs).unwrap_or_else(|| ours.clone())
}

/// Whether numbers of two people add up there, unless a rule has said otherwise.
pub(crate) fn adds_up(to: &MapsTo) -> bool {
    is_total(&to.place) || to.part == Part::Interests
}

/// Whether numbers there add up as a tree is united.
pub(crate) fn is_total(place: &str) -> bool {
    place.starts_with(TOTALS) && !place.starts_with(CUSTOM)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::identification::merge;
    use crate::model::{EventId, FieldChange, Keeps, ProfileId};

    /// Somebody who has these traits, and whose log tells these places, each with its moment.
    fn person(id: &str, traits: &Value, log: &[(&str, i64)]) -> Profile {
        let mut person = Profile::new(ProfileId::new(id), Time::from_micros(1));
        person.updated = Some(Time::from_micros(99));
        person.traits = traits.as_object().cloned().unwrap();
        person.aux = person.traits.clone();
        for (place, at) in log {
            for root in ["traits", "aux"] {
                let (at, event) = (Time::from_micros(*at), EventId::new(id));
                let change = FieldChange { at, event, keeps: Keeps::Usual };
                person.fields.insert(format!("{root}{place}"), change);
            }
        }
        person
    }

    #[track_caller]
    fn check(a: (&Value, &[(&str, i64)]), b: (&Value, &[(&str, i64)]), expected: &Value) {
        let (a, b) = (person("a", a.0, a.1), person("b", b.0, b.1));
        for merged in [merge(&a, &b), merge(&b, &a)] {
            assert_eq!(Value::Object(merged.traits), *expected);
            assert_eq!(Value::Object(merged.aux), *expected, "beside the data as in the traits");
        }
    }

    #[test]
    fn what_was_removed_later_stays_removed_and_what_was_written_later_stays() {
        let (nothing, plan) = (json!({}), json!({"plan": "pro"}));
        check((&plan, &[(".plan", 5)]), (&nothing, &[(".plan", 7)]), &nothing);
        check((&plan, &[(".plan", 8)]), (&nothing, &[(".plan", 7)]), &plan);
        check((&plan, &[(".plan", 5)]), (&nothing, &[]), &plan);
        let card = json!({"card": {"id": 7, "name": "Gold"}});
        let log = [(".card.id", 5), (".card.name", 8)];
        check((&card, &log), (&nothing, &[(".card", 9)]), &nothing);
        check((&card, &log), (&nothing, &[(".card", 6)]), &json!({"card": {"name": "Gold"}}));
    }

    #[test]
    fn a_place_is_as_old_as_what_was_written_there_or_above_it_however_its_key_is_written() {
        let (early, late) = (json!({"o": {"x": 1, "y": 1}}), json!({"o": {"x": 2, "z": 2}}));
        let both = json!({"o": {"x": 2, "y": 1, "z": 2}});
        check((&early, &[(".o", 5)]), (&late, &[(".o", 7)]), &both);
        let (early, late) = (json!({"a b": 1}), json!({"a b": 2}));
        check((&early, &[("[\"a b\"]", 5)]), (&late, &[("[\"a b\"]", 7)]), &late);
    }
}
