//! A line of history, as `kith export` writes it, as the payload that it came with: its cells as they stand there.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::event::{self, History};
use super::known::Key;
use super::past;
use crate::lake::{IN_DOUBT, ONLY_NAMED};
use crate::model::kept_id;

/// The columns of which payloads are made. What is `null` is there.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, deserialize_with = "cell")]
    id: Cell<'a>,
    #[serde(borrow, deserialize_with = "cell", rename = "type")]
    kind: Cell<'a>,
    #[serde(borrow, deserialize_with = "cell")]
    time: Cell<'a>,
    #[serde(borrow, deserialize_with = "cell")]
    source_id: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    session_id: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    profile_id: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    tags: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    properties: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    config: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    context: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    request: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    position: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    only_named: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    in_doubt: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    device_type: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    device_brand: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    device_model: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    os_name: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    os_version: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    app_name: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    app_version: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    app_language: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    bot: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    country: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    city: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    name: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    client_time: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    utm_source: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    utm_medium: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    utm_campaign: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    utm_term: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    utm_content: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    referrer_kind: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    referrer_name: Cell<'a>,
    /// What has these is a payload.
    #[serde(borrow, default, deserialize_with = "cell")]
    events: Cell<'a>,
}

/// The columns that say whose an event was found to be.
#[derive(Deserialize)]
struct Found<'a> {
    #[serde(borrow, default, deserialize_with = "cell")]
    profile_id: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "cell")]
    only_named: Cell<'a>,
}

/// A value as it is written, if there is one.
type Cell<'a> = Option<&'a RawValue>;

fn cell<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cell<'de>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// A line of history; none of a line that is something else.
pub(super) fn history(line: &[u8]) -> Option<Result<History, String>> {
    // Read in full only where it may be one.
    memchr::memmem::find(line, b"\"source_id\"")?;
    match serde_json::from_slice::<Line<'_>>(line) {
        Ok(read) if read.events.is_some() => None,
        Ok(read) => Some(read.history(line.len())),
        // It may say something twice.
        Err(_) => event::of_line(line),
    }
}

/// Whose the event of a line was found to be, where the line tells how; without reading the rest of it.
pub(super) fn person(line: &[u8]) -> Option<String> {
    memchr::memmem::find(line, b"\"only_named\"")?;
    let Found { profile_id, only_named } = serde_json::from_slice(line).ok()?;
    said(only_named)?;
    text(said(profile_id)?).map(Cow::into_owned)
}

impl<'a> Line<'a> {
    fn history(&self, bytes: usize) -> Result<History, String> {
        let (payload, key) = (self.payload(bytes)?, self.key().unwrap_or_default());
        let past = past::read(|column| {
            let cell = self.column(column)?;
            Some(said(Some(cell)).map(|cell| text(cell).unwrap_or(Cow::Borrowed(cell))))
        });
        Ok(History { payload, key, past })
    }

    /// What stands beside the payload.
    fn column(&self, name: &str) -> Cell<'a> {
        match name {
            "position" => self.position,
            ONLY_NAMED => self.only_named,
            IN_DOUBT => self.in_doubt,
            "device_type" => self.device_type,
            "device_brand" => self.device_brand,
            "device_model" => self.device_model,
            "os_name" => self.os_name,
            "os_version" => self.os_version,
            "app_name" => self.app_name,
            "app_version" => self.app_version,
            "app_language" => self.app_language,
            "bot" => self.bot,
            "country" => self.country,
            "city" => self.city,
            "name" => self.name,
            "client_time" => self.client_time,
            "utm_source" => self.utm_source,
            "utm_medium" => self.utm_medium,
            "utm_campaign" => self.utm_campaign,
            "utm_term" => self.utm_term,
            "utm_content" => self.utm_content,
            "referrer_kind" => self.referrer_kind,
            "referrer_name" => self.referrer_name,
            _ => None,
        }
    }

    fn payload(&self, bytes: usize) -> Result<Vec<u8>, String> {
        let mut payload = String::with_capacity(bytes + 128);
        payload.push_str("{\"events\":[{\"id\":");
        payload.push_str(written(self.id));
        payload.push_str(",\"type\":");
        payload.push_str(written(self.kind));
        payload.push_str(",\"time\":{\"insert\":");
        payload.push_str(written(self.time));
        payload.push('}');
        let own =
            [("properties", "properties", self.properties), ("config", "options", self.config)];
        for (column, key, cell) in own {
            put_object(column, key, cell, &mut payload)?;
        }
        if let Some(tags) = said(self.tags) {
            put("tags", &texts(tags), &mut payload);
        }
        payload.push_str("}]");
        for (column, cell) in [("context", self.context), ("request", self.request)] {
            put_object(column, column, cell, &mut payload)?;
        }
        let ids = [self.source_id, self.session_id, self.profile_id];
        for (key, id) in ["source", "session", "profile"].into_iter().zip(ids) {
            if let Some(id) = said(id) {
                put(key, &format!("{{\"id\":{id}}}"), &mut payload);
            }
        }
        payload.push('}');
        Ok(payload.into_bytes())
    }

    fn key(&self) -> Option<Key> {
        let plain = |cell| Some(kept_id(&text(said(cell)?)?));
        Some((plain(self.source_id)?, plain(self.id)?))
    }
}

fn written(cell: Cell<'_>) -> &str {
    cell.map_or("null", RawValue::get)
}

/// What is not `null`.
fn said(cell: Cell<'_>) -> Option<&str> {
    cell.map(RawValue::get).filter(|text| *text != "null")
}

fn put(key: &str, value: &str, payload: &mut String) {
    payload.push_str(",\"");
    payload.push_str(key);
    payload.push_str("\":");
    payload.push_str(value);
}

/// A column of JSON: an object, or its text.
fn put_object(column: &str, key: &str, cell: Cell<'_>, payload: &mut String) -> Result<(), String> {
    let Some(cell) = said(cell) else { return Ok(()) };
    if !cell.starts_with('"') {
        put(key, cell, payload);
        return Ok(());
    }
    let broken = || format!("column {column} is no JSON");
    let text = text(cell).ok_or_else(broken)?;
    let object: &RawValue = serde_json::from_str(&text).map_err(|_| broken())?;
    put(key, object.get(), payload);
    Ok(())
}

/// A text of JSON, read; none of what is none.
fn text(cell: &str) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    serde_json::from_str::<Text<'_>>(cell).ok().map(|text| text.0)
}

/// A column of texts: a list, or a text that stands for one.
fn texts(cell: &str) -> Cow<'_, str> {
    match text(cell) {
        Some(text) => Cow::Owned(event::list(text.into_owned().into()).to_string()),
        None => Cow::Borrowed(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(line: &str) -> (Value, Key) {
        let read = history(line.as_bytes()).unwrap().unwrap();
        (serde_json::from_slice(&read.payload).unwrap(), read.key)
    }

    #[test]
    fn a_line_is_the_payload_that_it_came_with() {
        let line = r#"{"id":"E","type":"x","time":"2026-01-01 10:00:00+00","source_id":" shop",
            "session_id":"s","profile_id":null,"tags":["a","b, c"],"city":"Kraków","config":null,
            "properties":{"n":1.00},"context":"{\"page\": {\"url\": \"u\"}}"}"#;
        let (payload, key) = read(line);
        let expected = json!({
            "source": {"id": " shop"}, "session": {"id": "s"}, "context": {"page": {"url": "u"}},
            "events": [{
                "id": "E", "type": "x", "time": {"insert": "2026-01-01 10:00:00+00"},
                "properties": {"n": serde_json::from_str::<Value>("1.00").unwrap()},
                "tags": ["a", "b, c"],
            }],
        });
        assert_eq!(payload, expected);
        assert_eq!(key, ("shop".to_owned(), "e".to_owned()));
    }

    #[test]
    fn it_is_the_same_as_of_a_table() {
        let row = json!({"id": "e", "type": "x", "time": null, "source_id": "shop",
            "profile_id": "p", "tags": "[a, 'b, c']", "properties": "{\"n\": 1}",
            "config": {"debugger": true}, "request": {"a": []}, "position": -1, "bot": true,
            "only_named": true, "in_doubt": false, "device_type": "mobile", "device_brand": "a", "device_model": "b",
            "os_name": "c", "os_version": "d", "app_name": "e", "app_version": "f",
            "app_language": "g", "country": "PL", "city": "\"h\"", "name": "X x", "client_time": null,
            "utm_source": "i", "utm_medium": "j", "utm_campaign": "k", "utm_term": "l",
            "utm_content": null, "referrer_kind": "search", "referrer_name": "m"});
        let of_table = event::of_line(row.to_string().as_bytes()).unwrap().unwrap();
        let (payload, key) = read(&row.to_string());
        assert_eq!(payload, serde_json::from_slice::<Value>(&of_table.payload).unwrap());
        assert_eq!(key, of_table.key);
        let past = history(row.to_string().as_bytes()).unwrap().unwrap().past;
        assert_eq!(format!("{past:?}"), format!("{:?}", of_table.past));
        assert!(!format!("{past:?}").contains("None, version"), "{past:?}");
        let twice = r#"{"id":"1","id":"2","type":"x","time":null,"source_id":"shop"}"#;
        assert_eq!(read(twice).1, ("shop".to_owned(), "2".to_owned()), "the last one counts");
    }

    #[test]
    fn whose_it_was_found_to_be_is_said_where_a_line_tells_how() {
        let of = |line: &Value| person(line.to_string().as_bytes());
        assert_eq!(of(&json!({"only_named": false, "profile_id": "p"})).as_deref(), Some("p"));
        for nobody in [
            json!({"only_named": null, "profile_id": "p"}),
            json!({"only_named": true, "profile_id": null}),
            json!({"properties": {"only_named": true}, "profile_id": "p"}),
            json!({"profile_id": "p"}),
        ] {
            assert_eq!(of(&nobody), None, "{nobody}");
        }
    }

    #[test]
    fn what_is_broken_is_said_and_a_payload_is_none() {
        let line = |more| {
            let text = format!(r#"{{"id":"1","type":"x","time":null,"source_id":"s",{more}}}"#);
            history(text.as_bytes())
        };
        let broken = line(r#""properties":"{""#).unwrap().err().unwrap();
        assert_eq!(broken, "column properties is no JSON");
        assert!(line(r#""events":[]"#).is_none());
        assert!(history(br#"{"source_id":"s","id":"1","type":"x"}"#).is_none());
    }
}
