//! A few values out of a JSON object, without a tree of all the others.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{Json, Map};

/// Under this name `serde_json` hands over a number by its digits. No text that is kept has such a key.
const NUMBER: &str = "$serde_json::private::Number";

impl Json {
    /// The object with what lies at these dotted paths, and nothing else; lists are `null`.
    ///
    /// A tree takes a hundred times the text that it is made of, when that is written for it. This
    /// one has no more nodes than there are names in `paths`.
    #[must_use]
    pub fn pick(&self, paths: &[&str]) -> Map {
        if self.is_empty() {
            return Map::new();
        }
        let mut reader = serde_json::Deserializer::from_str(self.as_str());
        match Place(paths.to_vec()).deserialize(&mut reader) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }
}

/// A place in the object, with the paths that lead on from there.
struct Place<'a>(Vec<&'a str>);

impl<'a> Place<'a> {
    /// The place below `key`; none when no path leads there.
    fn below(&self, key: &str) -> Option<Self> {
        if key.contains('.') {
            return None;
        }
        let behind = |path: &&'a str| {
            let rest = path.strip_prefix(key)?;
            if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
        };
        let mut rests = self.0.iter().filter_map(behind).peekable();
        rests.peek()?;
        Some(Self(rests.filter(|rest| !rest.is_empty()).collect()))
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(found) = object.next_key_seed(Key(&self))? {
            match found {
                Found::Number => {
                    let digits: String = object.next_value()?;
                    return digits.parse().map(Value::Number).map_err(A::Error::custom);
                }
                Found::Way(key, below) => {
                    map.insert(key, object.next_value_seed(below)?);
                }
                Found::Other => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Value::Object(map))
    }
}

/// A key of an object at this place. Most lead nowhere, and are not kept.
struct Key<'p, 'a>(&'p Place<'a>);

/// What a key leads to.
enum Found<'a> {
    Number,
    Way(String, Place<'a>),
    Other,
}

impl<'de, 'a> DeserializeSeed<'de> for Key<'_, 'a> {
    type Value = Found<'a>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found<'a>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for Key<'_, 'a> {
    type Value = Found<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Found<'a>, E> {
        if key == NUMBER {
            return Ok(Found::Number);
        }
        let below = self.0.below(key);
        Ok(below.map_or(Found::Other, |below| Found::Way(key.to_owned(), below)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, paths: &[&str], expected: &Value) {
        assert_eq!(Value::Object(Json::compact(text, 64).unwrap().pick(paths)), *expected);
    }

    #[test]
    fn what_is_asked_for_is_there_and_nothing_else() {
        let text = r#"{"a":{"b":1.5,"c":[1,{"b":2}],"x":{"b":3}},"ab":4,"d":{},"a.b":5,"e":"t"}"#;
        check(
            text,
            &["a.b", "a.c", "d.x", "e"],
            &json!({"a": {"b": 1.5, "c": null}, "d": {}, "e": "t"}),
        );
        check(text, &["a", "e.x"], &json!({"a": {}, "e": "t"}));
        check(text, &["none"], &json!({}));
        check(r#"{"a":1,"a":{"b":-2}}"#, &["a.b"], &json!({"a": {"b": -2}}));
    }

    #[test]
    fn a_tree_has_no_more_nodes_than_names() {
        let many = |text: &str| vec![text; 10_000].join(",");
        let text = format!(
            r#"{{"x":[{0}],"a":{{{1},"b":[{0}]}}}}"#,
            many(r#"{"a":0}"#),
            many(r#""a":{}"#)
        );
        check(&text, &["a.b", "x"], &json!({"a": {"b": null}, "x": null}));
    }
}
