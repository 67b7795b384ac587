//! Dotted paths into JSON objects; a number is an index into a list (spec §8.1).

use std::borrow::Cow;

use serde_json::Value;

use crate::model::Map;

/// The value at a path.
pub(super) fn get<'a>(map: &'a Map, path: &str) -> Option<&'a Value> {
    let mut keys = path.split('.');
    let first = map.get(keys.next()?)?;
    keys.try_fold(first, |value, key| match value {
        Value::Object(map) => map.get(key),
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// Sets the value at a path, making objects on the way; false when the way goes through a value
/// that is no object, which stays as it is.
pub(super) fn set(map: &mut Map, path: &str, value: Value) -> bool {
    let Some((key, rest)) = path.split_once('.') else {
        map.insert(path.to_owned(), value);
        return true;
    };
    let next = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if next.is_null() {
        *next = Value::Object(Map::new());
    }
    match next {
        Value::Object(next) => set(next, rest, value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            false
        }
    }
}

/// Removes the value at a path; false when there was none.
pub(super) fn remove(map: &mut Map, path: &str) -> bool {
    match path.split_once('.') {
        None => map.remove(path).is_some(),
        Some((key, rest)) => match map.get_mut(key) {
            Some(Value::Object(next)) => remove(next, rest),
            _ => false,
        },
    }
}

/// The value at a path as trimmed text, numbers as their digits; none when it is empty or neither.
#[must_use]
pub fn text_at<'a>(map: &'a Map, path: &str) -> Option<Cow<'a, str>> {
    match get(map, path)? {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(Cow::Borrowed),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
