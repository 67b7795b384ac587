//! Whether values are one, however they are written, and how much of them there is.

use serde_json::Value;

use super::LETTERS_OF_STEP;
use crate::conditions::Number;
use crate::schema::keywords::Type;

/// How many values a value is.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(size).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(size).sum::<usize>(),
        Value::String(text) => 1 + text.len() / LETTERS_OF_STEP,
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

/// Whether two values are one, however their numbers are written.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            Number::from(one).order(Number::from(other)) == Some(std::cmp::Ordering::Equal)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|more| is_same(value, more)))
        }
        _ => one == other,
    }
}

/// A text that is the same for values that are one.
pub(super) fn canonical(value: &Value) -> String {
    match value {
        Value::Number(number) if Type::Integer.has(value) => match Number::from(number) {
            Number::Whole(whole) => whole.to_string(),
            Number::Real(real) => format!("{real:.0}"),
        },
        Value::Number(number) => format!("{:?}", Number::from(number).float()),
        Value::Array(list) => {
            format!("[{}]", list.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        Value::Object(map) => {
            let pair = |(key, value): (&String, &Value)| {
                format!("{}:{}", Value::from(key.as_str()), canonical(value))
            };
            let mut pairs: Vec<String> = map.iter().map(pair).collect();
            pairs.sort_unstable();
            format!("{{{}}}", pairs.join(","))
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.to_string(),
    }
}
