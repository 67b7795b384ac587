//! Fields that say themselves which of two people's values is right: counted, least, greatest, first, last.

use std::cmp::Ordering;

use serde_json::Value;

use super::united::{adds_up, sum};
use crate::model::{FieldChange, Keeps, MapsTo, Number, Part, Profile, Time, Zone};

/// Sets in `merged` what both know and the later value of which need not be right. Where the two do
/// not agree on how, the later one stays.
pub(super) fn keep(merged: &mut Profile, winner: &Profile, loser: &Profile) {
    let own = loser.fields.iter().filter(|(_, change)| change.keeps != Keeps::Usual);
    for (place, theirs) in own {
        let Some(ours) = winner.fields.get(place).filter(|ours| ours.keeps == theirs.keeps) else {
            continue;
        };
        let Some(to) = MapsTo::read(place) else { continue };
        let (a, b) = (at(winner, &to), at(loser, &to));
        if theirs.keeps == Keeps::Latest {
            keep_latest(merged, &to, [(ours, a), (theirs, b)]);
            continue;
        }
        let Some((a, b)) = a.zip(b) else { continue };
        let Some(value) = kept((ours, a), (theirs, b), adds_up(&to)) else { continue };
        put(merged, &to, value);
        if theirs.keeps == Keeps::Earliest {
            let first = if is_earlier(theirs, ours) { theirs } else { ours };
            merged.fields.insert(place.clone(), first.clone());
        }
    }
}

/// What was written last, or nothing where that has removed it.
fn keep_latest(merged: &mut Profile, to: &MapsTo, sides: [(&FieldChange, Option<&Value>); 2]) {
    let [ours, theirs] = sides;
    let (last, value) = if is_earlier(ours.0, theirs.0) { theirs } else { ours };
    match value {
        Some(value) => put(merged, to, value.clone()),
        None => remove(merged, to),
    }
    merged.fields.insert(to.place.clone(), last.clone());
}

fn at<'a>(profile: &'a Profile, to: &MapsTo) -> Option<&'a Value> {
    match to.part {
        Part::Data => to.path.get(&profile.data),
        Part::Traits => to.path.get(&profile.traits),
        Part::Interests => profile.interests.get(to.interest()),
        Part::Aux => to.path.get(&profile.aux),
    }
}

fn put(merged: &mut Profile, to: &MapsTo, value: Value) {
    match to.part {
        Part::Data => to.path.set(&mut merged.data, value),
        Part::Traits => to.path.set(&mut merged.traits, value),
        Part::Interests => merged.interests.insert(to.interest().to_owned(), value).is_some(),
        Part::Aux => to.path.set(&mut merged.aux, value),
    };
}

fn remove(merged: &mut Profile, to: &MapsTo) {
    match to.part {
        Part::Data => to.path.remove(&mut merged.data),
        Part::Traits => to.path.remove(&mut merged.traits),
        Part::Interests => merged.interests.remove(to.interest()).is_some(),
        Part::Aux => to.path.remove(&mut merged.aux),
    };
}

fn kept(
    (ours, a): (&FieldChange, &Value),
    (theirs, b): (&FieldChange, &Value),
    adds_up_anyway: bool,
) -> Option<Value> {
    let is_theirs = match theirs.keeps {
        Keeps::Usual | Keeps::Latest => return None,
        Keeps::Sum if adds_up_anyway || !a.is_number() || !b.is_number() => return None,
        Keeps::Sum => return Some(sum(a, b)),
        Keeps::Earliest => is_earlier(theirs, ours),
        Keeps::Least => order(b, a)? == Ordering::Less,
        Keeps::Greatest => order(b, a)? == Ordering::Greater,
    };
    Some(if is_theirs { b } else { a }.clone())
}

fn is_earlier(one: &FieldChange, other: &FieldChange) -> bool {
    (one.at, &one.event) < (other.at, &other.event)
}

/// How two numbers, or two times, compare; none of what cannot be compared. Numbers compare as they do in
/// conditions: whole ones by all of their digits.
#[must_use]
pub fn order(one: &Value, other: &Value) -> Option<Ordering> {
    if let (Some(one), Some(other)) = (one.as_number(), other.as_number()) {
        return Number::from(one).order(other.into());
    }
    let utc = Zone::utc();
    let time = |value: &Value| value.as_str().and_then(|text| Time::read(text, Some(&utc)));
    Some(time(one)?.cmp(&time(other)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::identification::merge;
    use crate::model::{EventId, ProfileId};

    /// As a float it is one with the next.
    const LONG: u64 = 1 << 53;

    /// A person in whom an event at this moment has left a value.
    fn person(id: &str, at: i64, keeps: Keeps, value: &Value) -> Profile {
        let mut person = Profile::new(ProfileId::new(id), Time::from_micros(at));
        person.traits.insert("x".into(), value.clone());
        let (at, event) = (Time::from_micros(at), EventId::new(id));
        person.fields.insert("traits.x".into(), FieldChange { at, event, keeps });
        person
    }

    #[test]
    fn what_a_field_keeps_is_kept_in_either_order() {
        for (keeps, a, b, expected) in [
            (Keeps::Usual, json!(5), json!(3), json!(3)),
            (Keeps::Latest, json!(5), json!(3), json!(3)),
            (Keeps::Earliest, json!("a"), json!("b"), json!("a")),
            (Keeps::Least, json!(5), json!(3), json!(3)),
            (Keeps::Greatest, json!(5), json!(3), json!(5)),
            (Keeps::Sum, json!(5), json!(3), json!(8)),
            (Keeps::Greatest, json!("2026-01-02"), json!("2026-01-01"), json!("2026-01-02")),
            (Keeps::Greatest, json!(LONG), json!(LONG + 1), json!(LONG + 1)),
            (Keeps::Least, json!(LONG + 1), json!(LONG), json!(LONG)),
        ] {
            let (first, second) = (person("a", 1, keeps, &a), person("b", 2, keeps, &b));
            for (winner, loser) in [(&first, &second), (&second, &first)] {
                let merged = merge(winner, loser);
                assert_eq!(merged.traits["x"], expected, "{keeps:?}");
                let first = if keeps == Keeps::Earliest { 1 } else { 2 };
                assert_eq!(merged.fields["traits.x"].at, Time::from_micros(first), "{keeps:?}");
            }
        }
    }

    /// Somebody whose interest in sport, and whose count of checkouts, was written so at that moment, or removed.
    fn interested(id: &str, at: i64, keeps: Keeps, value: Option<i64>) -> Profile {
        let mut person = person(id, at, keeps, &json!(1));
        let change = person.fields["traits.x"].clone();
        for place in ["interests.sport", "data.metrics.ltcosc"] {
            person.fields.insert(place.into(), change.clone());
        }
        if let Some(value) = value {
            person.interests.insert("sport".into(), json!(value));
            person.data.insert("metrics".into(), json!({"ltcosc": value}));
        }
        person
    }

    #[test]
    fn what_adds_up_stands_as_it_was_set_last_where_rules_have_set_it_for_both() {
        let set = |id, at, value| interested(id, at, Keeps::Latest, Some(value));
        let counted = |id, at, value| interested(id, at, Keeps::Usual, Some(value));
        let gone = |id, at| interested(id, at, Keeps::Latest, None);
        for (a, b, expected) in [
            (set("a", 1, 5), set("b", 2, 3), Some(3)),
            (set("a", 2, 5), set("b", 2, 3), Some(3)),
            (set("a", 1, 5), gone("b", 2), None),
            (set("a", 3, 5), gone("b", 2), Some(5)),
            (set("a", 1, 5), counted("b", 2, 3), Some(8)),
            (counted("a", 1, 5), counted("b", 2, 3), Some(8)),
        ] {
            for merged in [merge(&a, &b), merge(&b, &a)] {
                let expected = expected.map(|value| json!(value));
                assert_eq!(merged.interests.get("sport"), expected.as_ref());
                let metrics = merged.data.get("metrics");
                assert_eq!(metrics.and_then(|all| all.get("ltcosc")), expected.as_ref());
            }
        }
    }

    #[test]
    fn what_adds_up_anyway_is_not_added_twice() {
        let counted = |id: &str, at: i64| {
            let mut person = person(id, at, Keeps::Sum, &json!(1));
            person.data.insert("metrics".into(), json!({"custom": {"calls": 2}}));
            let change = person.fields["traits.x"].clone();
            person.fields.insert("data.metrics.custom.calls".into(), change);
            person
        };
        let merged = merge(&counted("a", 1), &counted("b", 2));
        assert_eq!(merged.data["metrics"]["custom"]["calls"], 4);
        assert_eq!(merged.traits["x"], 2);
    }
}
