//! What a webhook sent, as an object: JSON, a form, a query, or anything else.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::model::{Map, as_kept};

/// The key under which a body stands that is no object.
const WRAPPED: &str = "body";
/// Most fields of a form or a query; more are left out.
const FIELDS_MAX: usize = 1000;

/// What a body is as an object.
pub(super) struct Read {
    pub(super) object: Map,
    /// Nobody could read it: it is kept as a text.
    pub(super) is_text: bool,
}

/// The body as an object: JSON first, whatever it is called, since programs that send on behalf of
/// people call everything a form; then what it is called. JSON that is no object, and text, are
/// wrapped: nothing that was sent is lost, and nothing is refused for its shape.
pub(super) async fn object(headers: &HeaderMap, body: &Bytes) -> Read {
    let read = |object| Read { object, is_text: false };
    if body.is_empty() {
        return read(Map::new());
    }
    match serde_json::from_slice(&as_kept(body)) {
        Ok(Value::Object(map)) => return read(map),
        Ok(other) => return read(wrapped(other)),
        Err(_) => {}
    }
    if let Some(fields) = called(headers, body).await {
        return read(fields);
    }
    let text = json!(String::from_utf8_lossy(body));
    Read { object: wrapped(text), is_text: true }
}

/// The fields of a form, if it is called one and is one.
async fn called(headers: &HeaderMap, body: &Bytes) -> Option<Map> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let content_type = content_type.trim().to_ascii_lowercase();
    if content_type.starts_with("application/x-www-form-urlencoded") && body.contains(&b'=') {
        return Some(pairs(body));
    }
    if content_type.starts_with("multipart/form-data") {
        return multipart(headers, body).await;
    }
    None
}

/// A query or a form: blank values are left out, a name that comes twice has a list
/// (docs/wire.md §6.1).
pub(super) fn pairs(encoded: &[u8]) -> Map {
    let pairs = form_urlencoded::parse(encoded).take(FIELDS_MAX);
    collect(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())))
}

/// The text fields; files are left out.
async fn multipart(headers: &HeaderMap, body: &Bytes) -> Option<Map> {
    // As it was sent: a boundary has upper case.
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let boundary = multer::parse_boundary(content_type).ok()?;
    let stream = Body::from(body.clone()).into_data_stream();
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut fields = Vec::new();
    while let Some(part) = parts.next_field().await.ok()? {
        let Some(name) = part.name().map(str::to_owned) else { continue };
        if part.file_name().is_none() && fields.len() < FIELDS_MAX {
            fields.push((name, part.text().await.ok()?));
        }
    }
    Some(collect(fields.into_iter()))
}

fn collect(pairs: impl Iterator<Item = (String, String)>) -> Map {
    let mut map = Map::new();
    for (name, value) in pairs.filter(|(_, value)| !value.is_empty()) {
        // What some programs put before text, encoded with it.
        let name = name.trim_start_matches('\u{feff}').to_owned();
        match map.get_mut(&name) {
            None => drop(map.insert(name, Value::String(value))),
            Some(Value::Array(list)) => list.push(Value::String(value)),
            Some(one) => *one = json!([one.take(), value]),
        }
    }
    map
}

fn wrapped(value: Value) -> Map {
    Map::from_iter([(WRAPPED.to_owned(), value)])
}
