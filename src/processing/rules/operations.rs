//! What a type's rules do to a profile, one operation at a time.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{Applied, ProfileFields, Said, consents, has_nothing, is_empty, orders, path, text_at};
use crate::model::{
    Change, HIDDEN, LIST_VALUES_MAX, Map, NAMES_MAX, Operation, Place, fixed_tree, is_same,
    negated, same_text, sum, whole_if_it_is as number,
};

/// Longest value of a field, as JSON, in bytes.
const TRAIT_BYTES_MAX: usize = 8 * 1024;
/// Longest name of an interest or a consent, in bytes.
pub(super) const NAME_BYTES_MAX: usize = 128;

pub(super) fn apply(
    change: &Change,
    properties: &Map,
    said: &Said<'_>,
    profile: &mut ProfileFields<'_>,
    applied: &mut Applied,
) {
    let Change { target, operation, property: from } = change;
    let path = target.strip_prefix("data.").unwrap_or(target);
    let sent = path::get(properties, from);
    if sent.is_none() && !matches!(operation, Operation::Ratio) {
        astray(properties, from, applied);
    }
    let new = match operation {
        Operation::Consents => return consents::take(properties, from, said, profile, applied),
        Operation::Order => return orders::take(properties, from, said, profile, applied),
        Operation::IncreaseInterest => return interest(properties, profile, 1.0, applied),
        Operation::DecreaseInterest => return interest(properties, profile, -1.0, applied),
        Operation::ResetInterest => return interest(properties, profile, 0.0, applied),
        Operation::Delete => return delete(target, path, sent, profile.data, applied),
        Operation::Increment => added(target, path::get(profile.data, path), &json!(1), applied),
        Operation::Ratio => ratio(from, profile.data),
        Operation::Equals | Operation::EqualsIfMissing | Operation::Append | Operation::Add => {
            taken(target, *operation, path::get(profile.data, path), sent, applied)
        }
    };
    let Some(new) = new.filter(|new| path::get(profile.data, path) != Some(new)) else { return };
    if path::set(profile.data, path, new) {
        applied.changed.push(target.clone());
    } else {
        applied
            .warn("trait_type", format!("{target} cannot be set: a part of its path is a value"));
    }
}

/// Tells of a value that stands on the way to a place, where an object with that place in it is wanted: an address as
/// `email` and not as `email.main`. Once for all places behind it.
fn astray(properties: &Map, from: &str, applied: &mut Applied) {
    let ways = from.match_indices('.').filter_map(|(end, _)| from.get(..end));
    let on_the_way = ways.filter_map(|way| Some((way, path::get(properties, way)?)));
    let mut values = on_the_way.filter(|(_, value)| !value.is_object() && !has_nothing(value));
    let Some((way, _)) = values.next() else { return };
    let begins = format!("nothing was taken from {way}: ");
    if applied.warnings.iter().all(|(_, text)| !text.starts_with(&begins)) {
        applied.warn("trait_type", format!("{begins}an object is wanted there, with {from} in it"));
    }
}

/// The person's key in another system becomes `key`.
pub(super) fn set_primary_id(key: &str, primary_id: &mut Option<String>, applied: &mut Applied) {
    if primary_id.as_deref() == Some(key) {
        return;
    }
    if key.len() > TRAIT_BYTES_MAX {
        applied
            .warn("trait_too_large", "primary_id was not changed: the value is too large".into());
        return;
    }
    *primary_id = Some(key.to_owned());
    applied.changed.push("primary_id".to_owned());
}

fn delete(target: &str, path: &str, sent: Option<&Value>, data: &mut Map, applied: &mut Applied) {
    if sent.is_some() && path::remove(data, path) {
        applied.changed.push(target.to_owned());
    }
}

/// The new value of a target that takes a property.
fn taken(
    target: &str,
    operation: Operation,
    old: Option<&Value>,
    sent: Option<&Value>,
    applied: &mut Applied,
) -> Option<Value> {
    let sent = sent.filter(|sent| !has_nothing(sent))?;
    let Some(sent) = Place::of(target).fit(sent) else {
        applied.warn("trait_type", format!("{target} was not set: the value is of another type"));
        return None;
    };
    if is_too_large(&sent) {
        applied
            .warn("trait_too_large", format!("{target} was not changed: the value is too large"));
        return None;
    }
    if operation == Operation::Append {
        return appended(target, old, sent, applied);
    }
    if operation == Operation::EqualsIfMissing && old.is_some_and(|old| !is_empty(old)) {
        return None;
    }
    if operation != Operation::Add {
        return Some(sent);
    }
    if sent.as_f64().is_none() {
        applied.warn("trait_type", format!("{target} was not changed: not a number"));
        return None;
    }
    added(target, old, &sent, applied)
}

pub(super) fn is_too_large(value: &Value) -> bool {
    let bytes = match value.as_str() {
        Some(text) => text.len(),
        None => value.to_string().len(),
    };
    bytes > TRAIT_BYTES_MAX
}

/// The list with what is new, each once, however its numbers are written.
pub(super) fn appended(
    target: &str,
    old: Option<&Value>,
    sent: Value,
    applied: &mut Applied,
) -> Option<Value> {
    let held: &[Value] = match old {
        None | Some(Value::Null) => &[],
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    let sent = match sent {
        Value::Array(list) => list,
        Value::Null => Vec::new(),
        one @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            vec![one]
        }
    };
    let new = unknown(held, sent);
    if new.is_empty() && old.is_some_and(Value::is_array) {
        return None;
    }
    if held.len() + new.len() > LIST_VALUES_MAX {
        applied.warn("trait_too_large", format!("{target} was not changed: the list is full"));
        return None;
    }
    Some(held.iter().cloned().chain(new).collect())
}

/// Those of what is sent that are not held, each once. Of few, each is looked for by itself: a payload may have a
/// thousand events that bring one, and the list a thousand values.
fn unknown(held: &[Value], sent: Vec<Value>) -> Vec<Value> {
    const FEW: usize = 8;
    if sent.len() <= FEW {
        let mut new: Vec<Value> = Vec::new();
        for value in sent {
            if !held.iter().chain(&new).any(|known| is_same(known, &value)) {
                new.push(value);
            }
        }
        return new;
    }
    let mut known: HashSet<String> = held.iter().map(same_text).collect();
    sent.into_iter().filter(|value| known.insert(same_text(value))).collect()
}

/// The sum; a warning where it is beyond all numbers.
pub(super) fn added(
    target: &str,
    old: Option<&Value>,
    more: &Value,
    applied: &mut Applied,
) -> Option<Value> {
    let sum = sum(old.unwrap_or(&Value::Null), more);
    if sum.is_none() {
        let text = format!("{target} was not changed: the sum is beyond all numbers");
        applied.warn("trait_too_large", text);
    }
    sum
}

/// `a/b` over two fields of `data`; nothing while the divisor is 0.
fn ratio(from: &str, data: &Map) -> Option<Value> {
    let (over, under) = from.split_once('/')?;
    let field = |target: &str| {
        path::get(data, target.strip_prefix("data.").unwrap_or(target)).and_then(Value::as_f64)
    };
    let (over, under) = (field(over)?, field(under)?);
    (under != 0.0).then(|| number(over / under))
}

/// Interests are a flat map: adding up two people's weights needs a number under each name, so a
/// dot in a name stays a dot (the reference makes it an object).
fn interest(properties: &Map, profile: &mut ProfileFields<'_>, sign: f64, applied: &mut Applied) {
    let name = text_at(properties, "interest").filter(|name| *name != HIDDEN);
    let Some(name) = name else { return };
    let usual = if sign == 0.0 { 0.into() } else { 1.into() };
    let weight = match properties.get("value").filter(|value| !is_empty(value)) {
        None => Some(usual),
        Some(value) => fixed_tree::number(value),
    };
    let Some(weight) = weight else {
        applied.warn("trait_type", "the interest was not changed: its value is no number".into());
        return;
    };
    let old = profile.interests.get(name.as_ref());
    if name.len() > NAME_BYTES_MAX || (old.is_none() && profile.interests.len() >= NAMES_MAX) {
        applied.warn(
            "trait_too_large",
            "the interest's name is too long, or there are too many".into(),
        );
        return;
    }
    let weight = Value::Number(weight);
    let more = if sign < 0.0 { negated(&weight) } else { weight };
    let new = if sign == 0.0 { Some(more) } else { added("the interest", old, &more, applied) };
    if let Some(new) = new.filter(|new| old != Some(new)) {
        applied.changed.push(format!("interests.{name}"));
        profile.interests.insert(name.into_owned(), new);
    }
}

impl Applied {
    pub(super) fn warn(&mut self, code: &'static str, text: String) {
        self.warnings.push((code, text));
    }
}
