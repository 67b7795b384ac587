//! A row of history, as `kith export` writes it, back into the payload that it came with.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::known::Key;
use super::mapping::Cells;
use super::past;
use crate::http::import::Past;
use crate::lake::ONLY_NAMED;
use crate::model::kept_id;

/// What a row of history has, and no payload.
const OF_HISTORY: [&str; 4] = ["id", "type", "time", "source_id"];

/// Whether an object is a row of history.
fn is_history(row: &Map<String, Value>) -> bool {
    OF_HISTORY.iter().all(|column| row.contains_key(*column)) && !row.contains_key("events")
}

/// Whether a table is one of history.
pub(super) fn are_history(columns: &[String]) -> bool {
    OF_HISTORY.iter().all(|column| columns.iter().any(|name| name == column))
}

/// A row of history, read.
pub(super) struct History {
    /// The payload that it came with.
    pub(super) payload: Vec<u8>,
    /// By what its event is known.
    pub(super) key: Key,
    /// What it tells beside.
    pub(super) past: Past,
}

/// A record of a table of history.
pub(super) fn of_record(row: &Cells<'_>) -> Result<History, String> {
    row.check()?;
    let each = row.columns.iter().filter_map(|name| Some((name.clone(), row.get(name)?.into())));
    let past = past::read(|column| Some(Some(row.as_written(column)?.into())));
    of_row(each.collect(), past)
}

/// The same of a line; none of one that is no history.
pub(super) fn of_line(line: &[u8]) -> Option<Result<History, String>> {
    let row: Map<String, Value> = serde_json::from_slice(line).ok()?;
    is_history(&row).then(|| {
        let past = past::read(|column| Some(text_of(row.get(column)?)));
        of_row(row, past)
    })
}

/// Whose the event of a record was found to be, where it tells how.
pub(super) fn person<'a>(row: &Cells<'a>) -> Option<&'a str> {
    row.get(ONLY_NAMED).and_then(|_| row.get("profile_id"))
}

/// As a text what is one, else as it is written.
fn text_of(cell: &Value) -> Option<Cow<'_, str>> {
    match cell {
        Value::String(text) => Some(text.into()),
        Value::Null => None,
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Some(cell.to_string().into())
        }
    }
}

fn of_row(row: Map<String, Value>, past: Past) -> Result<History, String> {
    let key = key(&row).unwrap_or_default();
    Ok(History { payload: payload(row)?.to_string().into_bytes(), key, past })
}

/// By what the event of a row is known, as it is kept.
fn key(row: &Map<String, Value>) -> Option<Key> {
    let plain = |column: &str| Some(kept_id(row.get(column)?.as_str()?));
    Some((plain("source_id")?, plain("id")?))
}

/// The payload of a row of history: its event alone, with what was around it.
fn payload(mut row: Map<String, Value>) -> Result<Value, String> {
    let mut take = |column: &str| row.remove(column).filter(|value| !value.is_null());
    let ids = ["source_id", "session_id", "profile_id"].map(&mut take);
    let mut event = Map::new();
    for column in ["id", "type"] {
        event.insert(column.to_owned(), take(column).unwrap_or_default());
    }
    event.insert("time".to_owned(), json!({"insert": take("time")}));
    for (column, key) in [("properties", "properties"), ("config", "options")] {
        if let Some(object) = take(column).map(|cell| json_of(column, cell)).transpose()? {
            event.insert(key.to_owned(), object);
        }
    }
    if let Some(tags) = take("tags") {
        event.insert("tags".to_owned(), list(tags));
    }
    let mut payload = Map::new();
    for column in ["context", "request"] {
        if let Some(object) = take(column).map(|cell| json_of(column, cell)).transpose()? {
            payload.insert(column.to_owned(), object);
        }
    }
    for (key, id) in ["source", "session", "profile"].into_iter().zip(ids) {
        if let Some(id) = id {
            payload.insert(key.to_owned(), json!({"id": id}));
        }
    }
    payload.insert("events".to_owned(), json!([event]));
    Ok(payload.into())
}

/// A column of JSON: an object, or its text.
fn json_of(column: &str, cell: Value) -> Result<Value, String> {
    let Value::String(text) = cell else { return Ok(cell) };
    serde_json::from_str(&text).map_err(|_| format!("column {column} is no JSON"))
}

/// A column of texts: a list, or a list as tables write it, `[a, 'b, c']`.
pub(super) fn list(cell: Value) -> Value {
    let Value::String(text) = cell else { return cell };
    let text = text.trim();
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let (mut items, mut item) = (Vec::new(), Item::default());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => (item.is_open, item.was_quoted) = (!item.is_open, true),
            '\\' if item.is_open => item.text.extend(letters.next()),
            ',' if !item.is_open => items.extend(std::mem::take(&mut item).ended()),
            ' ' if item.text.is_empty() && !item.is_open => {}
            _ => item.text.push(letter),
        }
    }
    items.extend(item.ended());
    items.into()
}

/// An item of a list that is being read.
#[derive(Default)]
struct Item {
    text: String,
    is_open: bool,
    was_quoted: bool,
}

impl Item {
    /// What is blank is one only in quotes.
    fn ended(self) -> Option<String> {
        let is_one = self.was_quoted || !self.text.trim().is_empty();
        is_one.then_some(self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Map<String, Value> {
        let row = json!({
            "id": "e", "type": "x", "time": "2026-01-01 10:00:00+00", "source_id": "shop",
            "session_id": "s", "profile_id": null, "tags": ["a", "b, c"], "city": "Kraków",
            "properties": {"n": 1}, "context": {"page": {"url": "u"}},
        });
        row.as_object().unwrap().clone()
    }

    #[test]
    fn a_row_is_the_payload_that_it_came_with() {
        let expected = json!({
            "source": {"id": "shop"}, "session": {"id": "s"}, "context": {"page": {"url": "u"}},
            "events": [{
                "id": "e", "type": "x", "time": {"insert": "2026-01-01 10:00:00+00"},
                "properties": {"n": 1}, "tags": ["a", "b, c"],
            }],
        });
        assert!(is_history(&row()));
        assert_eq!(payload(row()).unwrap(), expected);
        let mut texts = row();
        texts.insert("properties".to_owned(), json!("{\"n\": 1}"));
        texts.insert("context".to_owned(), json!("{\"page\":{\"url\":\"u\"}}"));
        texts.insert("tags".to_owned(), json!("[a, 'b, c']"));
        assert_eq!(payload(texts).unwrap(), expected);
        let mut broken = row();
        broken.insert("properties".to_owned(), json!("{"));
        assert_eq!(payload(broken).unwrap_err(), "column properties is no JSON");
    }

    #[test]
    fn lists_are_read_as_tables_have_them() {
        let text = r#"[a, 'b, c', 'd\'e', 'f"g', h\i, '', ' x', 'NULL']"#;
        let expected = json!(["a", "b, c", "d'e", "f\"g", "h\\i", "", " x", "NULL"]);
        assert_eq!(list(json!(text)), expected);
        assert_eq!(list(json!("[]")), json!([]));
    }

    #[test]
    fn a_payload_is_no_row() {
        let payload = json!({"source": {"id": "shop"}, "events": [], "id": 1, "type": 1, "time": 1,
            "source_id": "x"});
        assert!(!is_history(payload.as_object().unwrap()));
    }
}
