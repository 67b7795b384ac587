//! A company's own mappings applied: what an event writes into the profile by their word.

use std::collections::HashSet;

use serde_json::Value;

use super::operations::{NAME_BYTES_MAX, added, appended, is_too_large};
use super::{Applied, has_nothing, is_empty};
use crate::identification::{adds_up, order};
use crate::model::{
    Event, FieldChange, HIDDEN, Json, Keeps, Map, Mapped, Mapping, MapsFrom, MapsTo, NAMES_MAX,
    Part, Path, Profile, Way, same_text,
};

/// Applies the changes of one mapping. What does not fit is a warning, and the others are done.
pub(in crate::processing) fn apply(
    mapping: &Mapping,
    event: &Event,
    properties: &Map,
    profile: &mut Profile,
) -> Applied {
    let mut writer = Writer { event, profile, applied: Applied::default() };
    for change in &mapping.changes {
        let sent = value(&change.from, event, properties).filter(|sent| !has_nothing(sent));
        if let Some(sent) = sent {
            writer.change(change, &sent);
        }
    }
    let mut applied = writer.applied;
    applied.leaves_a_trace |= !applied.changed.is_empty();
    applied
}

/// Why a value that stands in a rule would never change anything; none where it may.
#[must_use]
pub fn why_never(to: &MapsTo, way: Way, value: &Value) -> Option<&'static str> {
    if is_empty(value) {
        return Some("what is null or blank changes nothing");
    }
    // Whoever may not see the value posts stars, in the place of what is stored.
    if value.as_str() == Some(HIDDEN) {
        return None;
    }
    let sent = match taken(to, way, value) {
        Ok(sent) if is_too_large(&sent) => return Some("the value is too large"),
        Ok(sent) => sent,
        Err(why) => return Some(why),
    };
    next(way, &to.place, None, sent, &mut Applied::default()).err().flatten()
}

/// What is at the source.
fn value(from: &MapsFrom, event: &Event, properties: &Map) -> Option<Value> {
    match from {
        MapsFrom::Literal(value) => Some(value.clone()),
        MapsFrom::Properties(path) => path.get(properties).cloned(),
        MapsFrom::Context(path) => within(&event.context, path),
        MapsFrom::Traits(path) => path.get(&event.traits).cloned(),
        MapsFrom::Data(path) => path.get(&event.data).cloned(),
        MapsFrom::Kind => Some(event.kind.as_str().into()),
        MapsFrom::Id => Some(event.id.as_str().into()),
        MapsFrom::Source => Some(event.source.as_str().into()),
        MapsFrom::Session => event.session.as_ref().map(|id| id.as_str().into()),
        MapsFrom::Time => Some(event.time.to_string().into()),
    }
}

fn within(json: &Json, path: &Path) -> Option<Value> {
    path.get(&json.read()).cloned()
}

/// The value in the type of its place, or why it cannot go there. Rules that older builds have stored may
/// say what none may say any more.
fn taken(to: &MapsTo, way: Way, sent: &Value) -> Result<Value, &'static str> {
    let place = to.at();
    if let Some(why) = to.why_not(way) {
        return Err(why);
    }
    if to.part == Part::Interests && !sent.is_number() {
        return Err("an interest is a number");
    }
    // What is no list goes, whatever is sent.
    if way == Way::Remove && !place.takes_many() {
        return Ok(sent.clone());
    }
    place.fit(sent).ok_or("the value is of another type")
}

/// The value after the change: `Ok(None)` when it goes, `Err` when nothing happens, maybe with a why.
fn next(
    way: Way,
    place: &str,
    old: Option<&Value>,
    sent: Value,
    applied: &mut Applied,
) -> Result<Option<Value>, Option<&'static str>> {
    const NO_ORDER: &str = "it takes numbers, or times, of one kind";
    let known = old.filter(|old| !is_empty(old));
    match way {
        Way::Set | Way::First | Way::Last => Ok(Some(sent)),
        Way::SetIfMissing if known.is_some() => Err(None),
        Way::SetIfMissing => Ok(Some(sent)),
        Way::Append => appended(place, old, sent, applied).map(Some).ok_or(None),
        Way::Remove => Ok(removed(old, &sent)),
        Way::Increment if sent.is_number() && known.is_none_or(Value::is_number) => {
            added(place, old, &sent, applied).map(Some).ok_or(None)
        }
        Way::Increment => Err(Some("it takes numbers")),
        Way::Min | Way::Max => {
            let Some(known) = known else {
                return order(&sent, &sent).map(|_| Some(sent)).ok_or(Some(NO_ORDER));
            };
            let order = order(&sent, known).ok_or(Some(NO_ORDER))?;
            let is_better = if way == Way::Min { order.is_lt() } else { order.is_gt() };
            if is_better { Ok(Some(sent)) } else { Err(None) }
        }
    }
}

/// A list without the values, however their numbers are written; anything else goes.
fn removed(old: Option<&Value>, sent: &Value) -> Option<Value> {
    let Some(Value::Array(list)) = old else { return None };
    let go = sent.as_array().map_or(std::slice::from_ref(sent), Vec::as_slice);
    let go: HashSet<String> = go.iter().map(same_text).collect();
    let stays = |value: &&Value| !go.contains(&same_text(value));
    let left: Vec<Value> = list.iter().filter(stays).cloned().collect();
    Some(Value::Array(left))
}

/// What an event does to a profile, place by place.
struct Writer<'a> {
    event: &'a Event,
    profile: &'a mut Profile,
    applied: Applied,
}

impl Writer<'_> {
    fn change(&mut self, change: &Mapped, sent: &Value) {
        let Mapped { to, way, .. } = change;
        let old = at(self.profile, to).cloned();
        if old.is_some() && self.comes_too_late(to, *way) {
            return;
        }
        let sent = match taken(to, *way, sent) {
            Ok(sent) => sent,
            Err(why) => return self.wrong(to, why),
        };
        if is_too_large(&sent) {
            let text = format!("{} was not changed: the value is too large", to.place);
            return self.applied.warn("trait_too_large", text);
        }
        match next(*way, &to.place, old.as_ref(), sent, &mut self.applied) {
            Ok(Some(new)) => self.put(to, *way, new),
            Ok(None) if old.is_some() => self.remove(to),
            Ok(None) | Err(None) => {}
            Err(Some(why)) => self.wrong(to, why),
        }
    }

    /// Whether what is first, or last, is known already.
    fn comes_too_late(&self, to: &MapsTo, way: Way) -> bool {
        let last = self.profile.fields.get(&to.place).map(|last| last.at);
        (way == Way::First && last.is_some_and(|at| at <= self.event.time))
            || (way == Way::Last && last.is_some_and(|at| at > self.event.time))
    }

    fn wrong(&mut self, to: &MapsTo, why: &str) {
        self.applied.warn("trait_type", format!("{} was not changed: {why}", to.place));
    }

    fn put(&mut self, to: &MapsTo, way: Way, new: Value) {
        // Of what is first or last, the moment counts also where the value is the same.
        if at(self.profile, to) == Some(&new) && !matches!(way, Way::First | Way::Last) {
            return;
        }
        let is_set = match to.part {
            Part::Data => to.path.set(&mut self.profile.data, new),
            Part::Traits => to.path.set(&mut self.profile.traits, new),
            Part::Aux => to.path.set(&mut self.profile.aux, new),
            Part::Interests if !has_room(to.interest(), &self.profile.interests) => {
                let text = "the interest's name is too long, or there are too many";
                return self.applied.warn("trait_too_large", text.into());
            }
            Part::Interests => {
                self.profile.interests.insert(to.interest().to_owned(), new);
                true
            }
        };
        if is_set {
            self.note(to, way.keeps());
        } else {
            let text = format!("{} cannot be set: a part of its path is a value", to.place);
            self.applied.warn("trait_type", text);
        }
    }

    fn remove(&mut self, to: &MapsTo) {
        let is_gone = match to.part {
            Part::Data => to.path.remove(&mut self.profile.data),
            Part::Traits => to.path.remove(&mut self.profile.traits),
            Part::Aux => to.path.remove(&mut self.profile.aux),
            Part::Interests => self.profile.interests.remove(to.interest()).is_some(),
        };
        if is_gone {
            self.note(to, Keeps::Latest);
        }
    }

    /// When it changed, by which event, and how it is to be merged: mostly the one changed last is right anyway.
    fn note(&mut self, to: &MapsTo, keeps: Keeps) {
        let is_usual = keeps == Keeps::Latest && !adds_up(to);
        let keeps = if is_usual { Keeps::Usual } else { keeps };
        let change = FieldChange { at: self.event.time, event: self.event.id.clone(), keeps };
        self.profile.fields.insert(to.place.clone(), change);
        self.applied.changed.push(to.place.clone());
    }
}

fn has_room(name: &str, interests: &Map) -> bool {
    name.len() <= NAME_BYTES_MAX && (interests.contains_key(name) || interests.len() < NAMES_MAX)
}

fn at<'a>(profile: &'a Profile, to: &MapsTo) -> Option<&'a Value> {
    match to.part {
        Part::Data => to.path.get(&profile.data),
        Part::Traits => to.path.get(&profile.traits),
        Part::Aux => to.path.get(&profile.aux),
        Part::Interests => profile.interests.get(to.interest()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What becomes of `old` when `sent` comes; `None` where it stays as it is.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "they are written in place")]
    fn check(way: Way, old: Value, sent: Value, expected: Option<Value>) {
        let old = Some(old).filter(|old| !old.is_null());
        let new = next(way, "traits.x", old.as_ref(), sent, &mut Applied::default());
        assert_eq!(new.ok().map(Option::unwrap_or_default), expected, "{way:?}");
    }

    #[test]
    fn what_does_not_fit_its_place_is_not_taken_from_rules_of_older_builds_either() {
        let taken = |place, way, sent: Value| taken(&MapsTo::read(place).unwrap(), way, &sent);
        for branch in ["data.contact", "data.metrics", "data.identifier", "data.loyalty", "aux.geo"]
        {
            assert!(taken(branch, Way::Set, json!("call me")).is_err(), "{branch}");
            assert!(taken(branch, Way::Remove, json!({})).is_err(), "{branch}");
        }
        assert!(taken("data.metrics.ltv", Way::Increment, json!(1)).is_err());
        assert!(taken("data.metrics.ltcosv", Way::Remove, json!("A-7")).is_ok());
        assert!(taken("data.contact.email.main", Way::Append, json!("a@b.c")).is_err());
        assert!(taken("data.metrics.ltcosv", Way::Set, json!("much")).is_err());
        assert_eq!(taken("data.identifier.pk", Way::Set, json!(5)), Ok(json!("5")));
        assert_eq!(taken("data.foo", Way::Set, json!("x")), Ok(json!("x")), "it harms nobody");
    }

    #[test]
    fn a_sum_beyond_all_numbers_is_a_warning_and_changes_nothing() {
        let (old, mut applied) = (json!(1e308), Applied::default());
        assert_eq!(
            next(Way::Increment, "traits.x", Some(&old), json!(1e308), &mut applied),
            Err(None)
        );
        assert_eq!(applied.warnings.len(), 1);
    }

    #[test]
    fn each_way_does_what_its_name_says() {
        check(Way::Set, json!(1), json!("a"), Some(json!("a")));
        check(Way::SetIfMissing, json!(1), json!(2), None);
        check(Way::SetIfMissing, json!(" "), json!(2), Some(json!(2)));
        check(Way::Append, json!("a"), json!(["a", "b"]), Some(json!(["a", "b"])));
        check(Way::Remove, json!(["a", "b"]), json!("a"), Some(json!(["b"])));
        check(Way::Remove, json!(["a", "b"]), json!(["a", "b"]), Some(json!([])));
        check(Way::Remove, json!("x"), json!(true), Some(json!(null)));
        check(Way::Increment, json!(null), json!(1.5), Some(json!(1.5)));
        check(Way::Increment, json!(1.5), json!(1), Some(json!(2.5)));
        check(Way::Increment, json!("many"), json!(1), None);
        check(Way::Increment, json!(1), json!("1"), None);
        check(Way::Min, json!(2), json!(1), Some(json!(1)));
        check(Way::Min, json!(2), json!(3), None);
        check(Way::Max, json!(null), json!(3), Some(json!(3)));
        check(
            Way::Max,
            json!("2026-01-05"),
            json!("2026-01-05T10:00:00Z"),
            Some(json!("2026-01-05T10:00:00Z")),
        );
        let number = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
        for (way, old, sent) in [
            (Way::Max, "9007199254740992", "9007199254740993"),
            (Way::Min, "-9007199254740992", "-9007199254740993"),
            (Way::Max, "12345678901234567890", "12345678901234567891"),
        ] {
            check(way, number(old), number(sent), Some(number(sent)));
            check(way, number(sent), number(old), None);
        }
        check(Way::Max, json!(1), json!(1.0), None);
        check(Way::Append, json!([1, 2.0]), json!([1.0, 2, 3]), Some(json!([1, 2.0, 3])));
        check(Way::Remove, json!([1, 2, 3]), json!(2.0), Some(json!([1, 3])));
        check(Way::Max, json!(null), json!("three"), None);
        check(Way::Max, json!(2), json!("2026-01-05"), None);
    }
}
