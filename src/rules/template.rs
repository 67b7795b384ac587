//! Object templates: JSON whose texts may point into what they are filled from.
//!
//! See docs/wire.md §7.4.

use serde_json::Value;

use crate::model::{Map, NoPath, Path};

/// How deep a template is followed; deeper parts stay as they are.
const DEPTH_MAX: usize = 32;

/// What a template may point into, by name: `payload`, `event`.
pub type Roots<'a> = [(&'a str, &'a Value)];

/// What it points to takes more than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// Fills the template in. A reference that leads nowhere is `null`; with a key that ends in `?` it is
/// left out, as an empty value is. What it points to is taken from `room`, in bytes, about: a short
/// template may point to the same long value many times.
///
/// # Errors
/// [`TooLarge`] when there is no room left.
pub fn fill_within(template: &Map, roots: &Roots<'_>, room: &mut usize) -> Result<Map, TooLarge> {
    Filling { roots, room }.object(template, 0)
}

/// What a text is: what it points to, null where that is nothing, or itself.
///
/// # Errors
/// [`TooLarge`] when there is no room left.
pub fn text(text: &str, roots: &Roots<'_>, room: &mut usize) -> Result<Value, TooLarge> {
    let found = Filling { roots, room }.reference(text)?;
    Ok(found.unwrap_or_else(|| Value::from(text)))
}

/// Where a text points to, if it is a reference to one of these roots: the root's name, and the way
/// from there; nothing but dots is all of it.
pub fn reference<'a>(text: &'a str, roots: &[&str]) -> Option<(&'a str, Result<Path, NoPath>)> {
    let (name, path) = text.split_once('@')?;
    roots.contains(&name).then(|| {
        let path = path.trim_matches('.');
        (name, if path.is_empty() { Ok(Path::default()) } else { Path::parse(path) })
    })
}

/// Every text of a template that may point somewhere.
pub fn each_text<'a>(template: &'a Map, look: &mut impl FnMut(&'a str)) {
    template.values().for_each(|value| each_text_of(value, look));
}

fn each_text_of<'a>(value: &'a Value, look: &mut impl FnMut(&'a str)) {
    match value {
        Value::Object(map) => each_text(map, look),
        Value::Array(list) => list.iter().for_each(|one| each_text_of(one, look)),
        Value::String(text) => look(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

struct Filling<'a> {
    roots: &'a Roots<'a>,
    room: &'a mut usize,
}

impl Filling<'_> {
    fn object(&mut self, template: &Map, depth: usize) -> Result<Map, TooLarge> {
        let mut filled = Map::new();
        for (key, value) in template {
            let value = self.any(value, depth + 1)?;
            match key.strip_suffix('?') {
                Some(key) if !is_empty(&value) => drop(filled.insert(key.to_owned(), value)),
                Some(_) => {}
                None => drop(filled.insert(key.clone(), value)),
            }
        }
        Ok(filled)
    }

    fn any(&mut self, value: &Value, depth: usize) -> Result<Value, TooLarge> {
        if depth > DEPTH_MAX {
            return Ok(value.clone());
        }
        match value {
            Value::Object(map) => self.object(map, depth).map(Value::Object),
            Value::Array(list) => list.iter().map(|one| self.any(one, depth + 1)).collect(),
            Value::String(text) => Ok(self.reference(text)?.unwrap_or_else(|| value.clone())),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(value.clone()),
        }
    }

    /// What `root@path.to.it` points to, if the text is such a reference.
    fn reference(&mut self, text: &str) -> Result<Option<Value>, TooLarge> {
        let Some((name, _)) = text.split_once('@') else { return Ok(None) };
        let Some((_, root)) = self.roots.iter().find(|(root, _)| *root == name) else {
            return Ok(None);
        };
        let path = reference(text, &[name]).and_then(|(_, path)| path.ok());
        let Some(found) = path.and_then(|path| path.below(root)) else {
            return Ok(Some(Value::Null));
        };
        *self.room = self.room.checked_sub(weight(found)).ok_or(TooLarge)?;
        Ok(Some(found.clone()))
    }
}

/// What a value takes as text, about, in bytes.
fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(number) => number.as_str().len(),
        Value::String(text) => text.len() + 2,
        Value::Array(list) => list.iter().map(|one| weight(one) + 1).sum::<usize>() + 2,
        Value::Object(map) => {
            map.iter().map(|(key, one)| key.len() + weight(one) + 4).sum::<usize>() + 2
        }
    }
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

    fn map(value: Value) -> Map {
        let Value::Object(map) = value else { panic!("an object") };
        map
    }

    #[test]
    fn texts_point_into_what_was_sent_and_keep_its_types() {
        let payload = json!({"params": {"campaign": "spring", "first name": "Ann"}, "body": {"items": [{"price": 9.5}]}});
        let session = json!({"id": "s"});
        let template = map(json!({
            "campaign": "payload@params.campaign", "price": "payload@body.items.0.price",
            "list": ["session@id", "literal"], "all": "session@...",
            "key": "payload@params[\"first name\"]", "missing": "payload@params.nothing",
            "absent?": "payload@params.nothing", "there?": "session@id", "mail": "me@example.com",
        }));
        let roots = [("payload", &payload), ("session", &session)];
        let filled = fill_within(&template, &roots, &mut 1000).unwrap();
        let expected = json!({
            "campaign": "spring", "price": 9.5, "list": ["s", "literal"], "all": {"id": "s"}, "key": "Ann",
            "missing": null,
            "there": "s", "mail": "me@example.com",
        });
        assert_eq!(Value::Object(filled), expected);
    }

    #[test]
    fn what_is_pointed_to_again_and_again_takes_its_room_each_time() {
        let payload = json!({"long": "x".repeat(100)});
        let roots = [("payload", &payload)];
        let twice = map(json!({"a": "payload@long", "b": ["payload@long"]}));
        assert!(fill_within(&twice, &roots, &mut 204).is_ok());
        assert_eq!(fill_within(&twice, &roots, &mut 203), Err(TooLarge));
    }
}
