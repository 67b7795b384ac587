//! Two profiles become one: what is added up, what is united, and which value is the later one.

use std::cmp::Ordering;

use serde_json::Value;

use super::united::{Side, sum, unite};
use super::{keeping, standing};
use crate::model::{
    APART_MAX, Keeps, Map, MergesOfDay, NAMES_MAX, Profile, Time, Visits, whole_if_it_is,
};

/// In `aux.geo`: where the zone is.
const CONTINENT: &str = "continent";
/// Fields of `data.metrics` that are the ratio of two totals: target, over, under.
const RATIOS: [(&str, &str, &str); 1] = [("ltcop", "ltcosc", "ltcocc")];

/// `winner` with everything that `loser` knew. The winner's id lives on.
#[must_use]
pub fn merge(winner: &Profile, loser: &Profile) -> Profile {
    let sides = (Side::of(winner), Side::of(loser));
    let mut merged = winner.clone();
    merged.ids.extend(loser.ids.iter().filter(|id| !winner.ids.contains(id)).cloned());
    merged.ended.push(loser.id.clone());
    merged.ended.extend(loser.ended.iter().filter(|id| !winner.ended.contains(id)).cloned());
    merged.apart.extend(loser.apart.iter().filter(|id| !winner.apart.contains(id)).cloned());
    // Whoever has united them all the same has thought better of it.
    merged.apart.retain(|id| !merged.ids.contains(id));
    merged.apart.truncate(APART_MAX);
    merged.merged_through = known_through(winner).max(known_through(loser));
    merged.primary_id = primary_id(winner, loser);
    merged.created = winner.created.min(loser.created);
    merged.updated = winner.updated.max(loser.updated);
    merged.visits = visits(winner, loser);
    add_named(&mut merged.interests, &loser.interests);
    merged.segments.extend(loser.segments.iter().filter(|s| !winner.segments.contains(s)).cloned());
    unite(&mut merged.traits, &loser.traits, "traits", sides);
    unite(&mut merged.data, &loser.data, "data", sides);
    merged.consent_log.unite(&loser.consent_log);
    merged.consents = merged.consent_log.granted();
    merged.orders.unite(&loser.orders);
    if !merged.orders.is_empty() {
        merged.orders.show(&mut merged.data);
    }
    unite(&mut merged.aux, &loser.aux, "aux", (Side::by_log(winner), Side::by_log(loser)));
    follow_zone(&mut merged, winner, loser);
    identifiers(&mut merged, loser);
    merged.merges = merges(winner.merges, loser.merges);
    standing::unite(&mut merged, loser);
    log(&mut merged, loser);
    keeping::keep(&mut merged, winner, loser);
    divide(&mut merged.data, |place| [winner, loser].iter().all(|side| is_ruled(side, place)));
    merged
}

/// What has changed the profile so far was received by then.
fn known_through(profile: &Profile) -> Option<Time> {
    profile.merged_through.max(profile.updated)
}

/// What either is recognised by. Who may meet has been decided before.
fn identifiers(merged: &mut Profile, loser: &Profile) {
    for (namespace, values) in &loser.identifiers {
        let ours = merged.identifiers.entry(namespace.clone()).or_default();
        let new: Vec<_> = values.iter().filter(|value| !ours.contains(value)).cloned().collect();
        ours.extend(new);
    }
}

/// Those of the later day; of one day, both. This merger is counted by whoever knows the day.
fn merges(ours: MergesOfDay, theirs: MergesOfDay) -> MergesOfDay {
    match ours.day.cmp(&theirs.day) {
        Ordering::Less => theirs,
        Ordering::Greater => ours,
        Ordering::Equal => MergesOfDay { count: ours.count + theirs.count, ..ours },
    }
}

/// The later change of each path. An interest for which there was no room has left none.
fn log(merged: &mut Profile, loser: &Profile) {
    for (path, change) in &loser.fields {
        let interest = path.strip_prefix("interests.");
        let is_left_out = interest.is_some_and(|name| !merged.interests.contains_key(name));
        let is_older = merged.fields.get(path).is_some_and(|ours| ours.at >= change.at);
        if !is_left_out && !is_older {
            merged.fields.insert(path.clone(), change.clone());
        }
    }
}

/// The key that was said last, so that it is the one whose change the log tells of; else whichever
/// there is.
fn primary_id(winner: &Profile, loser: &Profile) -> Option<String> {
    let is_theirs = spoke_later(winner, loser, "primary_id");
    let (last, other) = if is_theirs { (loser, winner) } else { (winner, loser) };
    last.primary_id.clone().or_else(|| other.primary_id.clone())
}

/// Whether the loser's log tells of a later change at a path that only events change.
fn spoke_later(winner: &Profile, loser: &Profile, path: &str) -> bool {
    let said = |profile: &Profile| profile.fields.get(path).map(|change| change.at);
    said(winner) < said(loser)
}

/// Whether a rule has said which value is right there.
fn is_ruled(profile: &Profile, place: &str) -> bool {
    profile.fields.get(place).is_some_and(|change| change.keeps != Keeps::Usual)
}

/// Anew, of the totals of both, unless rules have written it for both.
fn divide(data: &mut Map, is_ruled: impl Fn(&str) -> bool) {
    let Some(metrics) = data.get_mut("metrics").and_then(Value::as_object_mut) else { return };
    for (target, over, under) in RATIOS.into_iter().filter(|ratio| !is_ruled(&metric(ratio.0))) {
        let total = |name: &str| metrics.get(name).and_then(Value::as_f64);
        let (over, under) = (total(over).unwrap_or(0.0), total(under).unwrap_or(0.0));
        if under != 0.0 && metrics.contains_key(target) {
            metrics.insert(target.to_owned(), whole_if_it_is(over / under));
        }
    }
}

fn metric(name: &str) -> String {
    format!("data.metrics.{name}")
}

fn visits(winner: &Profile, loser: &Profile) -> Visits {
    let (ours, theirs) = (&winner.visits, &loser.visits);
    Visits {
        last: ours.last.max(theirs.last),
        current: ours.current.max(theirs.current),
        count: ours.count.saturating_add(theirs.count),
        timezone: zoned(winner, loser).visits.timezone.clone(),
    }
}

/// Whose zone it is: of the later visit's, where it has told one.
fn zoned<'a>(winner: &'a Profile, loser: &'a Profile) -> &'a Profile {
    let is_theirs = loser.visits.current > winner.visits.current;
    let (last, other) = if is_theirs { (loser, winner) } else { (winner, loser) };
    if last.visits.timezone.is_some() { last } else { other }
}

/// The continent goes with the zone.
fn follow_zone(merged: &mut Profile, winner: &Profile, loser: &Profile) {
    let geo = zoned(winner, loser).aux.get("geo");
    let Some(continent) = geo.and_then(|geo| geo.get(CONTINENT)) else { return };
    if let Some(Value::Object(geo)) = merged.aux.get_mut("geo") {
        geo.insert(CONTINENT.to_owned(), continent.clone());
    }
}

/// As [`add`], but takes no more names than one person may have.
fn add_named(into: &mut Map, more: &Map) {
    let room = NAMES_MAX.saturating_sub(into.len());
    let (known, new): (Vec<_>, Vec<_>) =
        more.iter().partition(|(name, _)| into.contains_key(*name));
    let both = known.into_iter().chain(new.into_iter().take(room));
    add(into, &both.map(|(name, value)| (name.clone(), value.clone())).collect());
}

/// Adds every number of `more`, at any depth.
fn add(into: &mut Map, more: &Map) {
    for (key, theirs) in more {
        match (into.get_mut(key), theirs) {
            (Some(Value::Object(ours)), Value::Object(theirs)) => add(ours, theirs),
            (Some(ours @ Value::Number(_)), Value::Number(_)) => *ours = sum(ours, theirs),
            (Some(_), _) => {}
            (None, _) => {
                into.insert(key.clone(), theirs.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConsentWord, EventId, FieldChange, Keeps, ProfileId};
    use serde_json::json;

    fn profile(id: &str, created: i64, data: &Value) -> Profile {
        let mut profile = Profile::new(ProfileId::new(id), Time::from_micros(created));
        profile.updated = Some(Time::from_micros(created));
        profile.data = data.as_object().cloned().unwrap();
        profile
    }

    #[test]
    fn totals_add_up_and_measures_do_not() {
        let a = json!({"metrics": {"ltv": 10, "custom": {"x": 1}}, "pii": {"attributes": {"height": 180}}});
        let b = json!({"metrics": {"ltv": 5, "custom": {"x": 2}}, "pii": {"attributes": {"height": 170}}});
        let mut winner = profile("a", 1, &a);
        let mut loser = profile("b", 2, &b);
        winner.interests.insert("sport".into(), json!(1.5));
        loser.interests.insert("sport".into(), json!(2));
        winner.visits.count = 2;
        loser.visits.count = 3;
        let merged = merge(&winner, &loser);
        assert_eq!(merged.data["metrics"], json!({"ltv": 15, "custom": {"x": 2}}));
        assert_eq!(merged.data["pii"]["attributes"]["height"], 170, "the later one");
        assert_eq!(merged.interests["sport"], json!(3.5));
        assert_eq!(merged.visits.count, 5);
        assert_eq!(merged.ids, vec![ProfileId::new("a"), ProfileId::new("b")]);
    }

    fn said(id: &str, at: i64, consent: &str, granted: bool) -> Profile {
        let mut profile = profile(id, 1, &json!({}));
        profile.consent_log.say(vec![ConsentWord {
            at: Time::from_micros(at),
            received: None,
            position: 0,
            event: EventId::new(format!("{id}{at}")),
            source: None,
            consent: Some(consent.to_owned()),
            granted,
            revoke: Value::Null,
            version: None,
            purposes: Vec::new(),
        }]);
        profile.consents = profile.consent_log.granted();
        profile
    }

    #[test]
    fn a_later_denial_wins_also_where_it_was_the_first_word_there() {
        let (desktop, phone) = (said("a", 8, "mail", true), said("b", 9, "mail", false));
        let other = said("c", 7, "ads", true);
        let granted = |profile: &Profile| profile.consents.keys().cloned().collect::<Vec<_>>();
        for both in [merge(&desktop, &phone), merge(&phone, &desktop)] {
            assert!(both.consents.is_empty());
            let (all, again) = (merge(&both, &other), merge(&other, &both));
            assert_eq!((granted(&all), granted(&again)), (vec!["ads".into()], vec!["ads".into()]));
            assert_eq!(all.consent_log, again.consent_log);
        }
        let late = said("d", 10, "mail", true);
        assert_eq!(granted(&merge(&phone, &late)), ["mail"]);
    }

    #[test]
    fn lists_are_united_however_their_numbers_are_written() {
        let list = |list: Value| json!({"preferences": {"sizes": list}});
        let merged = merge(
            &profile("a", 1, &list(json!([1, "1"]))),
            &profile("b", 2, &list(json!([1.0, 2.0, {"a": 1}]))),
        );
        assert_eq!(merged.data, *list(json!([1, "1", 2.0, {"a": 1}])).as_object().unwrap());
    }

    #[test]
    fn a_ratio_is_divided_again() {
        let metrics = |sc, cc, p| json!({"metrics": {"ltcosc": sc, "ltcocc": cc, "ltcop": p}});
        let merged =
            merge(&profile("a", 1, &metrics(4, 2, 2)), &profile("b", 2, &metrics(2, 1, 2)));
        assert_eq!(merged.data, *metrics(6, 3, 2).as_object().unwrap());
    }

    #[test]
    fn the_change_log_decides_which_value_is_later() {
        let mut winner = profile("a", 1, &json!({"pii": {"firstname": "Ann"}}));
        let loser = profile("b", 2, &json!({"pii": {"firstname": "Bob", "lastname": "X"}}));
        let change =
            FieldChange { at: Time::from_micros(9), event: EventId::new("e"), keeps: Keeps::Usual };
        winner.fields.insert("data.pii.firstname".into(), change);
        let merged = merge(&winner, &loser);
        assert_eq!(merged.data["pii"], json!({"firstname": "Ann", "lastname": "X"}));
    }

    #[test]
    fn the_primary_id_that_was_said_later_counts_and_its_change_goes_with_it() {
        let with = |id: &str, key: Option<&str>, at: Option<i64>| {
            let mut profile = profile(id, 1, &json!({}));
            profile.primary_id = key.map(str::to_owned);
            let change = |at| FieldChange {
                at: Time::from_micros(at),
                event: EventId::new(id),
                keeps: Keeps::Usual,
            };
            profile.fields.extend(at.map(|at| ("primary_id".to_owned(), change(at))));
            profile
        };
        let check =
            |winner: &Profile, loser: &Profile, key: Option<&str>, said_by: Option<&str>| {
                let merged = merge(winner, loser);
                assert_eq!(merged.primary_id.as_deref(), key);
                let change = merged.fields.get("primary_id");
                assert_eq!(change.map(|change| change.event.as_str()), said_by);
            };
        let (early, late) = (with("a", Some("K-1"), Some(5)), with("b", Some("K-2"), Some(6)));
        let (none, unlogged) = (with("c", None, None), with("d", Some("K-4"), None));
        check(&early, &late, Some("K-2"), Some("b"));
        check(&late, &early, Some("K-2"), Some("b"));
        check(&early, &unlogged, Some("K-1"), Some("a"));
        check(&none, &late, Some("K-2"), Some("b"));
        check(&none, &unlogged, Some("K-4"), None);
        check(&none, &none, None, None);
    }

    #[test]
    fn an_interest_that_finds_no_room_leaves_no_change() {
        let with = |id: &str, names: std::ops::Range<usize>| {
            let mut profile = profile(id, 1, &json!({}));
            for name in names {
                let change = FieldChange {
                    at: Time::from_micros(5),
                    event: EventId::new(id),
                    keeps: Keeps::Usual,
                };
                profile.interests.insert(name.to_string(), json!(1));
                profile.fields.insert(format!("interests.{name}"), change);
            }
            profile
        };
        let merged = merge(&with("a", 0..NAMES_MAX - 1), &with("b", NAMES_MAX..2 * NAMES_MAX));
        let logged: Vec<_> =
            merged.fields.keys().filter_map(|path| path.strip_prefix("interests.")).collect();
        assert_eq!((merged.interests.len(), logged.len()), (NAMES_MAX, NAMES_MAX));
        assert!(logged.into_iter().all(|name| merged.interests.contains_key(name)));
    }

    #[test]
    fn the_continent_is_that_of_the_zone_of_the_later_visit() {
        let visitor = |id: &str, at: i64, zone: Option<&str>, continent: &str| {
            let mut profile = profile(id, at, &json!({}));
            profile.visits.current = Some(Time::from_micros(at));
            profile.visits.timezone = zone.map(str::to_owned);
            profile.aux.insert("geo".into(), json!({"continent": continent, "markets": []}));
            profile
        };
        let here = visitor("a", 1, Some("Europe/Warsaw"), "Europe");
        let there = visitor("b", 2, Some("Asia/Tokyo"), "Asia");
        let silent = visitor("c", 3, None, "n/a");
        for (one, other, zone, continent) in [
            (&here, &there, "Asia/Tokyo", "Asia"),
            (&there, &here, "Asia/Tokyo", "Asia"),
            (&here, &silent, "Europe/Warsaw", "Europe"),
            (&silent, &here, "Europe/Warsaw", "Europe"),
        ] {
            let merged = merge(one, other);
            assert_eq!(merged.visits.timezone.as_deref(), Some(zone));
            assert_eq!(merged.aux["geo"], json!({"continent": continent, "markets": []}));
        }
    }

    #[test]
    fn a_conflict_of_types_takes_the_later_value_and_never_fails() {
        let winner = profile("a", 1, &json!({"x": {"y": [{"z": 1}]}, "n": 1}));
        let loser = profile("b", 2, &json!({"x": "text", "n": null}));
        let merged = merge(&winner, &loser);
        assert_eq!(Value::Object(merged.data), json!({"x": "text", "n": 1}));
    }
}
