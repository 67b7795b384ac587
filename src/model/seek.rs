//! One value out of a JSON object, as the text that it is.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::path::Step;
use super::{Json, Path};

impl Json {
    /// The text of what lies at `path`; of a key that is there twice, the first, as databases do.
    ///
    /// Nothing is taken apart, so a number keeps its digits, and nothing is copied.
    #[must_use]
    pub fn at(&self, path: &Path) -> Option<&str> {
        let mut reader = serde_json::Deserializer::from_str(self.as_str());
        Way(path.steps()).deserialize(&mut reader).ok().flatten().map(RawValue::get)
    }
}

/// The keys that are left.
struct Way<'p>(&'p [Step]);

impl<'de> DeserializeSeed<'de> for Way<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.0.is_empty() {
            return serde::Deserialize::deserialize(deserializer).map(Some);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Way<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        if let Some((index, rest)) =
            self.0.split_first().and_then(|(step, rest)| step.index().map(|index| (index, rest)))
        {
            let mut before = 0;
            while before < index && list.next_element::<IgnoredAny>()?.is_some() {
                before += 1;
            }
            found = list.next_element_seed(Way(rest))?.flatten();
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let Some((step, rest)) = self.0.split_first() else { return Ok(None) };
        let (mut found, mut is_first) = (None, true);
        while let Some(Key(key)) = object.next_key()? {
            if is_first && key == step.key() {
                is_first = false;
                found = object.next_value_seed(Way(rest))?;
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// A key, copied only where it is written with backslashes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: Option<&str>) {
        let text = r#"{"a":{"b":1.50,"c":[1,{"b":2}],"2024":null},"n":12345678901234567890123,"t":"x\n",
            "a":7,"k\u0065y":[]}"#;
        let json = Json::compact(text, 64).unwrap();
        assert_eq!(json.at(&Path::parse(path).unwrap()), expected, "{path}");
    }

    #[test]
    fn what_lies_there_is_there_as_it_was_sent() {
        check("a.b", Some("1.50"));
        check("a.c", Some("[1,{\"b\":2}]"));
        check("a.c.0", Some("1"));
        check("a.c.1.b", Some("2"));
        check("a.2024", Some("null"));
        check("n", Some("12345678901234567890123"));
        check("t", Some("\"x\\n\""));
        check("key", Some("[]"));
    }

    #[test]
    fn where_nothing_lies_there_is_nothing() {
        for path in
            ["b", "a.c.2", "a.c.b", "a.c[\"0\"]", "a.b.x", "t.x", "n.0", "a.2024.x", "key.0"]
        {
            check(path, None);
        }
    }
}
