//! What exactly is wrong with a payload, in the reference's shape, with whole paths.
//!
//! See docs/wire.md §1.6.

use serde_json::Value;

use super::wire::happened;
use crate::http::intake::{Bounds, Fault, PROBLEMS_MAX, Place, Problem};

/// What is wrong with text that is not JSON.
#[must_use]
pub(super) fn broken_json(body: &[u8], error: &serde_json::Error) -> Problem {
    if body.iter().all(u8::is_ascii_whitespace) {
        return problem(&Place::root(), "missing", "Field required");
    }
    let lines = body.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
    let offset = lines.map(<[u8]>::len).sum::<usize>() + error.column().saturating_sub(1);
    problem(&Place::root().index(offset), "json_invalid", "JSON decode error")
}

/// Everything that is wrong with `body`, in the order of the model.
#[must_use]
pub(super) fn explain(body: &Value, bounds: &Bounds) -> Vec<Problem> {
    let root = Place::root();
    let Value::Object(body) = body else {
        let text = "Input should be a valid dictionary or object to extract fields from";
        return vec![problem(&root, "model_attributes_type", text)];
    };
    let mut found = Vec::new();
    let at = |key: &str| body.get(key).unwrap_or(&Value::Null);
    match body.get("source") {
        None => found.push(problem(&root.key("source"), "missing", "Field required")),
        Some(Value::Null) => found.push(not_an_object(&root.key("source"))),
        Some(source) => reference(source, &root.key("source"), bounds, true, &mut found),
    }
    for name in ["session", "profile"] {
        if !at(name).is_null() {
            reference(at(name), &root.key(name), bounds, false, &mut found);
        }
    }
    for name in ["context", "properties", "request", "options"] {
        dictionary(at(name), &root.key(name), &mut found);
    }
    if let Some(events) = body.get("events") {
        events_of(events, &root.key("events"), bounds, &mut found);
    }
    found.truncate(PROBLEMS_MAX);
    found
}

/// An object with an `id`.
fn reference(
    value: &Value,
    place: &Place,
    bounds: &Bounds,
    must_say: bool,
    found: &mut Vec<Problem>,
) {
    let Value::Object(object) = value else {
        found.push(not_an_object(place));
        return;
    };
    let place = place.key("id");
    match object.get("id") {
        None => found.push(problem(&place, "missing", "Field required")),
        Some(Value::String(id)) if must_say => {
            found.extend(bounds.source(id).map(|fault| fault.at(&place)));
        }
        Some(id) => text(id, &place, |id| bounds.id(id), found),
    }
}

fn events_of(value: &Value, place: &Place, bounds: &Bounds, found: &mut Vec<Problem>) {
    let Value::Array(events) = value else {
        found.push(problem(place, "list_type", "Input should be a valid list"));
        return;
    };
    if let Some(fault) = bounds.events(events.len()) {
        found.push(fault.at(place));
        return;
    }
    for (index, event) in events.iter().enumerate() {
        event_of(event, &place.index(index), bounds, found);
    }
}

fn event_of(value: &Value, place: &Place, bounds: &Bounds, found: &mut Vec<Problem>) {
    let Value::Object(event) = value else {
        found.push(not_an_object(place));
        return;
    };
    let at = |key: &str| event.get(key).unwrap_or(&Value::Null);
    let kind = place.key("type");
    match event.get("type") {
        None => found.push(problem(&kind, "missing", "Field required")),
        Some(value) => text(value, &kind, |text| bounds.event_type(text), found),
    }
    if !at("id").is_null() {
        text(at("id"), &place.key("id"), |id| bounds.id(id), found);
    }
    times(at("time"), &place.key("time"), found);
    for name in ["properties", "context", "request", "options"] {
        dictionary(at(name), &place.key(name), found);
    }
    tags(at("tags"), &place.key("tags"), found);
}

fn times(value: &Value, place: &Place, found: &mut Vec<Problem>) {
    dictionary(value, place, found);
    for name in ["insert", "create"] {
        let good = match value.get(name) {
            None | Some(Value::Null) => true,
            Some(said) => happened(said).is_some(),
        };
        if !good {
            let text = "Input should be a valid datetime";
            found.push(problem(&place.key(name), "datetime_parsing", text));
        }
    }
}

fn tags(value: &Value, place: &Place, found: &mut Vec<Problem>) {
    match value {
        Value::Null => {}
        Value::Array(tags) => {
            let wrong = tags.iter().enumerate().filter(|(_, tag)| !tag.is_string());
            for (index, tag) in wrong.take(PROBLEMS_MAX.saturating_sub(found.len())) {
                text(tag, &place.index(index), |_| None, found);
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            found.push(problem(place, "list_type", "Input should be a valid list"));
        }
    }
}

/// A text, in which `fault` may find something.
fn text(
    value: &Value,
    place: &Place,
    fault: impl FnOnce(&str) -> Option<Fault>,
    found: &mut Vec<Problem>,
) {
    let Some(text) = value.as_str() else {
        return found.push(problem(place, "string_type", "Input should be a valid string"));
    };
    found.extend(fault(text).map(|fault| fault.at(place)));
}

fn dictionary(value: &Value, place: &Place, found: &mut Vec<Problem>) {
    if !value.is_object() && !value.is_null() {
        found.push(problem(place, "dict_type", "Input should be a valid dictionary"));
    }
}

fn not_an_object(place: &Place) -> Problem {
    let text = "Input should be a valid dictionary or object to extract fields from";
    problem(place, "model_attributes_type", text)
}

fn problem(place: &Place, kind: &'static str, msg: &str) -> Problem {
    Fault::new(kind, msg).at(place)
}

#[cfg(test)]
mod tests;
