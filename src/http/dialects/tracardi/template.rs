//! Object templates: JSON whose texts may point into what a link was called with.
//!
//! See docs/wire.md §7.4.

use serde_json::Value;

use crate::model::{Map, Path};

/// How deep a template is followed; deeper parts stay as they are.
const DEPTH_MAX: usize = 32;

/// What a template may point into, by name: `payload`, `session`.
pub(super) type Roots<'a> = [(&'a str, &'a Value)];

/// Fills the template in. A reference that leads nowhere is `null`; with a key that ends in `?` it is
/// left out, as an empty value is.
pub(super) fn fill(template: &Map, roots: &Roots<'_>) -> Map {
    object(template, roots, 0)
}

fn object(template: &Map, roots: &Roots<'_>, depth: usize) -> Map {
    let mut filled = Map::new();
    for (key, value) in template {
        let value = any(value, roots, depth + 1);
        match key.strip_suffix('?') {
            Some(key) if !is_empty(&value) => drop(filled.insert(key.to_owned(), value)),
            Some(_) => {}
            None => drop(filled.insert(key.clone(), value)),
        }
    }
    filled
}

fn any(value: &Value, roots: &Roots<'_>, depth: usize) -> Value {
    if depth > DEPTH_MAX {
        return value.clone();
    }
    match value {
        Value::Object(map) => Value::Object(object(map, roots, depth)),
        Value::Array(list) => list.iter().map(|one| any(one, roots, depth + 1)).collect(),
        Value::String(text) => reference(text, roots).unwrap_or_else(|| value.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// What `root@path.to.it` points to, if the text is such a reference.
fn reference(text: &str, roots: &Roots<'_>) -> Option<Value> {
    let (name, path) = text.split_once('@')?;
    let (_, root) = roots.iter().find(|(root, _)| *root == name)?;
    // Nothing but dots is all of it.
    let path = path.trim_matches('.');
    let path = if path.is_empty() { Ok(Path::default()) } else { Path::parse(path) };
    let found = path.ok().and_then(|path| path.below(root).cloned());
    Some(found.unwrap_or(Value::Null))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_point_into_what_was_sent_and_keep_its_types() {
        let payload = json!({"params": {"campaign": "spring", "first name": "Ann"}, "body": {"items": [{"price": 9.5}]}});
        let session = json!({"id": "s"});
        let Value::Object(template) = json!({
            "campaign": "payload@params.campaign", "price": "payload@body.items.0.price",
            "list": ["session@id", "literal"], "all": "session@...",
            "key": "payload@params[\"first name\"]", "missing": "payload@params.nothing",
            "absent?": "payload@params.nothing", "there?": "session@id", "mail": "me@example.com",
        }) else {
            panic!("an object")
        };
        let filled = fill(&template, &[("payload", &payload), ("session", &session)]);
        let expected = json!({
            "campaign": "spring", "price": 9.5, "list": ["s", "literal"], "all": {"id": "s"}, "key": "Ann",
            "missing": null,
            "there": "s", "mail": "me@example.com",
        });
        assert_eq!(Value::Object(filled), expected);
    }
}
