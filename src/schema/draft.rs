//! A schema drafted from what was seen: what all of some objects have in common.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Schema;
use crate::model::{HIDDEN, Seals};

/// Deepest objects that are described one by one.
const DEPTH_MAX: usize = 8;
/// Most properties of one object that are named; an object with more is a dictionary.
const NAMES_MAX: usize = 200;
/// Most different texts that are taken to be all there are, and how often each must come for that.
const WORDS_MAX: usize = 10;
const TIMES_MIN: usize = 20;

/// A schema that all of these objects fit: their types, what all have, and of texts that repeat, which
/// there are. It looks as deep into them as a schema may be large.
#[must_use]
pub fn draft(seen: &[Map<String, Value>]) -> Value {
    let all: Vec<&Map<String, Value>> = seen.iter().collect();
    let of_depth = |levels: usize| {
        let mut schema = object(&all, levels);
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        schema
    };
    let fits = |schema: &Value| Schema::read(schema).is_ok();
    (0..=DEPTH_MAX).rev().map(of_depth).find(fits).unwrap_or_else(|| json!({"type": "object"}))
}

/// `levels` of objects and lists are described one by one.
fn object(seen: &[&Map<String, Value>], levels: usize) -> Value {
    let mut values: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for map in seen {
        for (name, value) in *map {
            values.entry(name).or_default().push(value);
        }
    }
    if levels == 0 || values.len() > NAMES_MAX {
        return json!({"type": "object"});
    }
    let is_in_all = |(_, values): &(&&str, &Vec<&Value>)| values.len() == seen.len();
    let required: Vec<&str> = values.iter().filter(is_in_all).map(|(name, _)| *name).collect();
    let each = values.iter().map(|(name, values)| ((*name).to_owned(), any(values, levels - 1)));
    let properties: Map<String, Value> = each.collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn any(values: &[&Value], levels: usize) -> Value {
    // What is hidden, or was concealed before it was kept, may be anything.
    let is_hidden = |text: &str| text == HIDDEN || Seals::is_concealed(text);
    if values.iter().any(|value| value.as_str().is_some_and(is_hidden)) {
        return json!({});
    }
    let mut types: Vec<&str> = values.iter().map(|value| kind(value)).collect();
    types.sort_unstable();
    types.dedup();
    // What is whole is a number.
    if types.contains(&"number") {
        types.retain(|one| *one != "integer");
    }
    let [only] = types.as_slice() else { return json!({"type": types}) };
    match *only {
        "object" => {
            object(&values.iter().filter_map(|value| value.as_object()).collect::<Vec<_>>(), levels)
        }
        "array" => {
            let items: Vec<&Value> =
                values.iter().filter_map(|value| value.as_array()).flatten().collect();
            if items.is_empty() || levels == 0 {
                return json!({"type": "array"});
            }
            json!({"type": "array", "items": any(&items, levels - 1)})
        }
        "string" => text(values),
        other => json!({"type": other}),
    }
}

/// Texts that are few and come again and again are all there are.
fn text(values: &[&Value]) -> Value {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in values.iter().filter_map(|value| value.as_str()) {
        *counts.entry(text).or_default() += 1;
    }
    let repeats = counts.values().all(|times| *times >= TIMES_MIN);
    if counts.len() <= WORDS_MAX && repeats && !counts.is_empty() {
        return json!({"type": "string", "enum": counts.keys().collect::<Vec<_>>()});
    }
    json!({"type": "string"})
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if super::numbers::is_whole(number) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
