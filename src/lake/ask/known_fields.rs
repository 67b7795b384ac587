//! Which fields events have: how many are filled, with what, since when.
//!
//! Whatever people send is a field, so there may be any number of them, and all of it would have to be
//! read: a bounded number of the newest events is, and the answer says how many that were.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::newest::{all_events, each_event};
use super::{Question, Scope, field};
use crate::events::{COLUMNS, Kind};
use crate::lake::{LakeError, Moment, Span};
use crate::model::{HIDDEN, Map, PATH_KEYS_MAX};

/// Events that are read.
const READ_MAX: usize = 10_000;
/// Fields that are told of; values of others are counted.
const FIELDS_MAX: usize = 500;
/// Different values that are shown of each field, and letters of each.
const EXAMPLES_MAX: usize = 3;
const EXAMPLE_LETTERS_MAX: usize = 80;
/// Columns that say which event it is, not what it is like.
const LEFT_OUT: [&str; 6] = ["id", "time", "received_at", "config", "request", "position"];

/// The fields of events.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KnownFields {
    /// Of which events.
    pub scope: Scope,
}

/// Which fields events have.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldsAnswer {
    /// Events that there are.
    pub events: u64,
    /// The newest of them that were read, 10,000 at most: `filled` counts these.
    pub read: u64,
    /// Values of fields beyond the 500 that are told of.
    pub left_out: u64,
    /// The fields, sorted by path.
    pub result: Vec<FieldRow>,
}

/// A field of events.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldRow {
    /// As filters and groups name it: `properties.price`, `utm_source`.
    pub path: String,
    /// Events that have a value there.
    pub filled: u64,
    /// What the values are, the most frequent first. More than one: the type has changed, or changes.
    pub types: Vec<FieldType>,
    /// Some of the values, as text; `***` where it is hidden from whoever asks.
    pub examples: Vec<String>,
    /// When it was filled first, among the events that were read, as RFC 3339.
    pub first_seen: String,
    /// When it was filled last.
    pub last_seen: String,
}

/// What values of a field are.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldType {
    /// `text`, `number`, `truth`, `list`, `object`, or `hidden`.
    #[serde(rename = "type")]
    #[schema(rename = "type")]
    pub kind: String,
    /// So many values.
    pub count: u64,
    /// When the first of them came, among the events that were read.
    pub first_seen: String,
    /// When the last of them came.
    pub last_seen: String,
}

impl Question for KnownFields {
    type Answer = FieldsAnswer;

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<FieldsAnswer, LakeError> {
        let scope = self.scope.sql();
        let events = self.scope.count(moment)?;
        let mut found = Found::default();
        let newest = format!("{} LIMIT {READ_MAX}", all_events(&scope));
        each_event(moment, &newest, &mut |event| {
            found.take(&event);
            Ok(())
        })?;
        let read = found.read;
        let (result, left_out) = found.told();
        Ok(FieldsAnswer { events, read, left_out, result })
    }
}

/// What was found so far. Events come the newest first.
#[derive(Default)]
pub(super) struct Found {
    read: u64,
    left_out: u64,
    fields: BTreeMap<String, Seen>,
}

/// What was seen of a field.
#[derive(Default)]
struct Seen {
    types: BTreeMap<&'static str, Times>,
    examples: Vec<String>,
}

#[derive(Default)]
struct Times {
    count: u64,
    first: String,
    last: String,
}

impl Found {
    fn take(&mut self, event: &Map) {
        self.read += 1;
        let time = event.get("time").and_then(Value::as_str).unwrap_or_default();
        for column in COLUMNS.iter().filter(|column| !LEFT_OUT.contains(&column.name)) {
            let Some(value) = event.get(column.name) else { continue };
            if let (Value::Object(within), Kind::Json) = (value, column.kind) {
                self.inside(column.name, within, time, 1);
            } else {
                self.note(column.name.to_owned(), value, time);
            }
        }
    }

    /// How many fields there are.
    pub(super) fn count(&self) -> usize {
        self.fields.len()
    }

    /// The fields, sorted by path, and how many values there was no room for.
    pub(super) fn told(self) -> (Vec<FieldRow>, u64) {
        let fields = self.fields.into_iter().map(|(path, seen)| seen.told(path)).collect();
        (fields, self.left_out)
    }

    /// Every value below an object. Objects that are empty, or too deep, are values themselves.
    pub(super) fn inside(&mut self, path: &str, object: &Map, time: &str, depth: usize) {
        for (key, value) in object {
            let path = format!("{path}{}", step(key));
            let within = value.as_object().filter(|within| !within.is_empty());
            if let Some(within) = within.filter(|_| depth < PATH_KEYS_MAX) {
                self.inside(&path, within, time, depth + 1);
            } else {
                self.note(path, value, time);
            }
        }
    }

    fn note(&mut self, path: String, value: &Value, time: &str) {
        let Some(kind) = kind(value) else { return };
        // A path that nobody can ask about is no field.
        let is_new = !self.fields.contains_key(&path);
        if is_new && (self.fields.len() >= FIELDS_MAX || field(&path).is_err()) {
            self.left_out += 1;
            return;
        }
        let seen = self.fields.entry(path).or_default();
        seen.types.entry(kind).or_default().note(time);
        seen.show(value);
    }
}

impl Times {
    fn note(&mut self, time: &str) {
        if self.count == 0 {
            time.clone_into(&mut self.last);
        }
        time.clone_into(&mut self.first);
        self.count += 1;
    }
}

impl Seen {
    fn show(&mut self, value: &Value) {
        if self.examples.len() >= EXAMPLES_MAX {
            return;
        }
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let text: String = text.chars().take(EXAMPLE_LETTERS_MAX).collect();
        if !self.examples.contains(&text) {
            self.examples.push(text);
        }
    }

    fn told(self, path: String) -> FieldRow {
        let first = self.types.values().map(|times| times.first.clone()).min();
        let last = self.types.values().map(|times| times.last.clone()).max();
        let filled = self.types.values().map(|times| times.count).sum();
        let types = self.types.into_iter();
        let mut types: Vec<FieldType> = types
            .map(|(kind, Times { count, first, last })| FieldType {
                kind: kind.to_owned(),
                count,
                first_seen: first,
                last_seen: last,
            })
            .collect();
        types.sort_by_key(|one| std::cmp::Reverse(one.count));
        FieldRow {
            path,
            filled,
            types,
            examples: self.examples,
            first_seen: first.unwrap_or_default(),
            last_seen: last.unwrap_or_default(),
        }
    }
}

/// What a value is; none when it is nothing.
fn kind(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => None,
        Value::String(text) if text == HIDDEN => Some("hidden"),
        Value::String(_) => Some("text"),
        Value::Number(_) => Some("number"),
        Value::Bool(_) => Some("truth"),
        Value::Array(list) => (!list.is_empty()).then_some("list"),
        Value::Object(_) => Some("object"),
    }
}

/// A key as paths write it.
fn step(key: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '$');
    if !key.is_empty() && key.chars().all(is_plain) && !key.chars().all(|one| one.is_ascii_digit())
    {
        return format!(".{key}");
    }
    format!("[\"{}\"]", key.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(at: u32, properties: &Value) -> Map {
        let time = format!("2026-01-05T10:00:{at:02}.000000Z");
        let event = json!({"time": time, "type": "order", "properties": properties});
        event.as_object().unwrap().clone()
    }

    /// The newest comes first, as from history.
    fn found(events: &[Map]) -> Found {
        let mut found = Found::default();
        events.iter().for_each(|event| found.take(event));
        found
    }

    #[test]
    fn a_field_has_its_types_with_their_times_and_examples() {
        let events = [
            event(3, &json!({"sum": "12,50", "at": {"shop": true}})),
            event(2, &json!({"sum": 7, "note": null, "list": []})),
            event(1, &json!({"sum": 7})),
        ];
        let Found { read, left_out, mut fields } = found(&events);
        assert_eq!((read, left_out), (3, 0));
        let paths: Vec<&str> = fields.keys().map(String::as_str).collect();
        assert_eq!(paths, ["properties.at.shop", "properties.sum", "type"]);
        let sum = fields.remove("properties.sum").unwrap().told("properties.sum".to_owned());
        assert_eq!((sum.filled, sum.examples), (3, vec!["12,50".to_owned(), "7".to_owned()]));
        let types: Vec<_> = sum.types.iter().map(|one| (one.kind.as_str(), one.count)).collect();
        assert_eq!(types, [("number", 2), ("text", 1)]);
        assert_eq!(sum.types[1].first_seen, "2026-01-05T10:00:03.000000Z");
        assert_eq!(sum.first_seen, "2026-01-05T10:00:01.000000Z");
        assert_eq!(sum.last_seen, "2026-01-05T10:00:03.000000Z");
    }

    #[test]
    fn every_path_can_be_asked_about() {
        let odd = json!({"first name": 1, "a.b": {"c\"d": 2}, "7": 3, "ü": 4, "back\\slash": 5});
        let found = found(&[event(1, &odd)]);
        assert_eq!((found.fields.len(), found.left_out), (6, 0));
        found.fields.keys().for_each(|path| assert!(field(path).is_ok(), "{path}"));
    }

    #[test]
    fn there_is_a_bound_to_the_fields() {
        let many: Map = (0..FIELDS_MAX + 10).map(|at| (format!("key{at}"), json!(at))).collect();
        let found = found(&[event(1, &Value::Object(many))]);
        assert_eq!(found.fields.len(), FIELDS_MAX);
        // The type is one of them.
        assert_eq!(found.left_out, 11);
    }
}
