//! Fields whose values became of another type: which, since when, at which source.
//!
//! Whatever people send is a field, so all of it would have to be read: a bounded number of the newest events that
//! are meant is, and the answer says how many that were. Who wants to look further back asks for an earlier time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::known_fields::{FieldType, Found};
use super::newest::{all_events, each_event};
use super::{Question, Scope};
use crate::lake::{LakeError, Moment, Span};
use crate::model::Map;

/// Events that are read.
const READ_MAX: usize = 50_000;
/// Pairs of source and type that are told of.
const PAIRS_MAX: usize = 200;
/// Fields of all of them together.
const FIELDS_MAX: usize = 20_000;

/// Which properties became of another type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Drift {
    /// Of which events.
    pub scope: Scope,
}

/// Those that did.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DriftAnswer {
    /// Events that there are.
    pub events: u64,
    /// The newest of them that were read, 50,000 at most.
    pub read: u64,
    /// The time of the earliest that was read, as RFC 3339; null when there is none.
    pub read_since: Option<String>,
    /// Values of fields, and events, that there was no room to look at.
    pub left_out: u64,
    /// The fields, those that changed last first.
    pub result: Vec<DriftRow>,
}

/// A field whose values are of more than one type.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DriftRow {
    /// Who sends it.
    pub source: String,
    /// In events of which type.
    pub event_type: String,
    /// As filters name it: `properties.price`.
    pub path: String,
    /// What the first value was: `text`, `number`, `truth`, `list`, `object`, or `hidden`.
    pub was: String,
    /// What the last value is.
    pub is: String,
    /// When the latest of the types came first, as RFC 3339: the field has changed there.
    pub since: String,
    /// All types, the most frequent first, with their times.
    pub types: Vec<FieldType>,
}

impl Question for Drift {
    type Answer = DriftAnswer;

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<DriftAnswer, LakeError> {
        let scope = self.scope.sql();
        let events = self.scope.count(moment)?;
        let mut seen = Seen::default();
        let newest = format!("{} LIMIT {READ_MAX}", all_events(&scope));
        each_event(moment, &newest, &mut |event| {
            seen.take(&event);
            Ok(())
        })?;
        Ok(seen.told(events))
    }
}

/// What was found so far. Events come the newest first.
#[derive(Default)]
struct Seen {
    read: u64,
    read_since: Option<String>,
    left_out: u64,
    /// By source and type.
    pairs: BTreeMap<(String, String), Found>,
    fields: usize,
}

impl Seen {
    fn take(&mut self, event: &Map) {
        self.read += 1;
        let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        let time = text("time");
        self.read_since = Some(time.to_owned());
        let Some(properties) = event.get("properties").and_then(Value::as_object) else { return };
        let pair = (text("source_id").to_owned(), text("type").to_owned());
        let is_full = self.pairs.len() >= PAIRS_MAX || self.fields >= FIELDS_MAX;
        if is_full && !self.pairs.contains_key(&pair) {
            self.left_out += 1;
            return;
        }
        let found = self.pairs.entry(pair).or_default();
        let before = found.count();
        found.inside("properties", properties, time, 1);
        self.fields += found.count() - before;
    }

    fn told(self, events: u64) -> DriftAnswer {
        let mut left_out = self.left_out;
        let mut result = Vec::new();
        for ((source, event_type), found) in self.pairs {
            let (fields, beyond) = found.told();
            left_out += beyond;
            let drifted = fields.into_iter().filter(|field| field.types.len() > 1);
            result.extend(drifted.map(|field| {
                let (was, is, since) = drift(&field.types);
                DriftRow {
                    source: source.clone(),
                    event_type: event_type.clone(),
                    path: field.path,
                    was,
                    is,
                    since,
                    types: field.types,
                }
            }));
        }
        result.sort_by(|one: &DriftRow, other| other.since.cmp(&one.since));
        DriftAnswer { events, read: self.read, read_since: self.read_since, left_out, result }
    }
}

/// What the first value was, what the last one is, and since when there is the latest of the types.
fn drift(types: &[FieldType]) -> (String, String, String) {
    let first = types.iter().min_by(|one, other| one.first_seen.cmp(&other.first_seen));
    let last = types.iter().max_by(|one, other| one.last_seen.cmp(&other.last_seen));
    let since = types.iter().map(|one| one.first_seen.as_str()).max().unwrap_or_default();
    let kind = |one: Option<&FieldType>| one.map_or(String::new(), |one| one.kind.clone());
    (kind(first), kind(last), since.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(source: &str, at: u32, properties: &Value) -> Map {
        let time = format!("2026-01-05T10:00:{at:02}.000000Z");
        let event =
            json!({"time": time, "type": "order", "source_id": source, "properties": properties});
        event.as_object().unwrap().clone()
    }

    #[test]
    fn a_field_that_changed_says_what_it_was_what_it_is_and_since_when_at_its_source() {
        let mut seen = Seen::default();
        // The newest comes first, as from history.
        for event in [
            event("shop", 4, &json!({"sum": "12,50", "id": "d"})),
            event("app", 3, &json!({"sum": 3})),
            event("shop", 2, &json!({"sum": "7", "id": "b"})),
            event("shop", 1, &json!({"sum": 7, "id": "a", "note": null})),
        ] {
            seen.take(&event);
        }
        let told = seen.told(9);
        assert_eq!((told.events, told.read, told.left_out), (9, 4, 0));
        assert_eq!(told.read_since.as_deref(), Some("2026-01-05T10:00:01.000000Z"));
        assert_eq!(told.result.len(), 1, "{:?}", told.result);
        let row = &told.result[0];
        assert_eq!((row.source.as_str(), row.path.as_str()), ("shop", "properties.sum"));
        assert_eq!((row.was.as_str(), row.is.as_str()), ("number", "text"));
        assert_eq!(row.since, "2026-01-05T10:00:02.000000Z");
    }

    #[test]
    fn there_is_a_bound_to_what_is_remembered() {
        let mut seen = Seen::default();
        for at in 0..PAIRS_MAX + 3 {
            seen.take(&event(&format!("source{at}"), 1, &json!({"x": 1})));
        }
        assert_eq!((seen.pairs.len(), seen.left_out), (PAIRS_MAX, 3));
    }
}
