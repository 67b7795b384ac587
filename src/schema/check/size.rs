//! How much of a value there is.

use serde_json::Value;

use super::LETTERS_OF_STEP;

/// How many values a value is.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(size).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(size).sum::<usize>(),
        Value::String(text) => 1 + text.len() / LETTERS_OF_STEP,
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}
