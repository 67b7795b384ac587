//! One value out of a JSON object, as the text that it is.

use super::members::{elements, members};
use super::path::Step;
use super::{Json, Path};

impl Json {
    /// The text of what lies at `path`; of a key that is there twice, the first, as databases do.
    ///
    /// Nothing is taken apart, so a number keeps its digits, and nothing is copied.
    #[must_use]
    pub fn at(&self, path: &Path) -> Option<&str> {
        path.steps().iter().try_fold(self.as_str(), below)
    }
}

/// What lies one step below the value of this text.
fn below<'a>(text: &'a str, step: &Step) -> Option<&'a str> {
    if text.starts_with('{') {
        return members(text).find(|(key, _)| *key == step.key()).map(|(_, value)| value);
    }
    elements(text).nth(step.index()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::members::tests::json;
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

    proptest! {
        #[test]
        fn what_lies_there_is_what_a_reader_finds(value in json(), path in "[ab0]{1,2}(\\.[ab0]{1,2}){0,2}") {
            let map = value.as_object().cloned().unwrap_or_default();
            let (json, path) = (Json::from_map(&map), Path::parse(&path).unwrap());
            let found = json.at(&path).map(|text| serde_json::from_str::<Value>(text).unwrap());
            prop_assert_eq!(found.as_ref(), path.get(&map));
        }
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
