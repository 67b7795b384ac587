//! A payload's own bones, without its flesh: for bodies that cannot be read in one pass.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::model::is_beyond_floats;

/// What a place in a payload should hold. Only what has a shape is looked into; everything else
/// stays text, whatever is in it: no tree is built of it, and nothing in it can be too deep or too
/// large to be read.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Payload,
    Reference,
    Events,
    Event,
    Time,
    Tags,
    Leaf,
}

impl Shape {
    /// What should stand at `key`; none where nobody looks.
    fn at(self, key: &str) -> Option<Self> {
        match (self, key) {
            (Self::Payload, "source" | "session" | "profile") => Some(Self::Reference),
            (Self::Payload, "events") => Some(Self::Events),
            (Self::Payload, "sentAt" | "sent_at")
            | (Self::Payload | Self::Event, "context" | "properties" | "request" | "options")
            | (Self::Event, "type" | "id")
            | (Self::Reference, "id")
            | (Self::Time, "insert" | "create") => Some(Self::Leaf),
            (Self::Event, "time") => Some(Self::Time),
            (Self::Event, "tags") => Some(Self::Tags),
            _ => None,
        }
    }
}

/// The payload with each key once, the last one given, and every leaf as it was sent.
pub(super) fn once(payload: &RawValue) -> serde_json::Result<String> {
    write(payload, Shape::Payload, |leaf| leaf)
}

/// The same, with leaves of which only the kind is left where that is all that can be wrong.
pub(super) fn outline(payload: &RawValue) -> serde_json::Result<String> {
    write(payload, Shape::Payload, |leaf| match leaf.as_bytes().first() {
        Some(b'{') => "{}",
        Some(b'[') => "[]",
        // As wrong as it was, wherever it stands: above 0 it could be a time.
        Some(b'-' | b'0'..=b'9') if is_beyond_floats(leaf) => "-9e99",
        _ => leaf,
    })
}

fn write(
    raw: &RawValue,
    shape: Shape,
    leaf: impl Fn(&str) -> &str + Copy,
) -> serde_json::Result<String> {
    let text = raw.get();
    let list = |item: Shape| {
        let items: Vec<&RawValue> = serde_json::from_str(text)?;
        let items: Result<Vec<_>, _> = items.iter().map(|one| write(one, item, leaf)).collect();
        Ok(format!("[{}]", items?.join(",")))
    };
    match (shape, text.as_bytes().first()) {
        (Shape::Events, Some(b'[')) => list(Shape::Event),
        (Shape::Tags, Some(b'[')) => list(Shape::Leaf),
        (Shape::Payload | Shape::Reference | Shape::Event | Shape::Time, Some(b'{')) => {
            write_object(text, shape, leaf)
        }
        _ => Ok(leaf(text).to_owned()),
    }
}

/// The keys that anybody looks at; they need no escapes.
fn write_object(
    text: &str,
    shape: Shape,
    leaf: impl Fn(&str) -> &str + Copy,
) -> serde_json::Result<String> {
    let keys: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
    let known = keys.iter().filter_map(|(key, value)| Some((key, value, shape.at(key)?)));
    let pairs: serde_json::Result<Vec<_>> = known
        .map(|(key, value, shape)| Ok(format!("\"{key}\":{}", write(value, shape, leaf)?)))
        .collect();
    Ok(format!("{{{}}}", pairs?.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sent: &str, as_once: &str, as_outline: &str) {
        let raw: &RawValue = serde_json::from_str(sent).unwrap();
        assert_eq!(once(raw).unwrap(), as_once);
        assert_eq!(outline(raw).unwrap(), as_outline);
    }

    #[test]
    fn only_what_has_a_shape_is_looked_into() {
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        check(
            &format!(r#"{{"x":{deep},"context":{{"a":{deep}}},"source":{{"id":1,"id":"s"}}}}"#),
            &format!(r#"{{"context":{{"a":{deep}}},"source":{{"id":"s"}}}}"#),
            r#"{"context":{},"source":{"id":"s"}}"#,
        );
        check(
            r#"{"events":[5,{"type":1e999,"properties":[1.10],"time":{"insert":-1e999}}]}"#,
            r#"{"events":[5,{"properties":[1.10],"time":{"insert":-1e999},"type":1e999}]}"#,
            r#"{"events":[5,{"properties":[],"time":{"insert":-9e99},"type":-9e99}]}"#,
        );
        check(
            r#"{"events":{"a":1},"source":[]}"#,
            r#"{"events":{"a":1},"source":[]}"#,
            r#"{"events":{},"source":[]}"#,
        );
        check("[1]", "[1]", "[]");
    }
}
