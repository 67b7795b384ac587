//! A few values out of a JSON object, without a tree of all the others.

use serde_json::Value;

use super::members::members;
use super::{Json, Map};

impl Json {
    /// The object with what lies at these dotted paths, and nothing else; lists are `null`.
    ///
    /// A tree takes a hundred times the text that it is made of, when that is written for it. This
    /// one has no more nodes than there are names in `paths`.
    #[must_use]
    pub fn pick(&self, paths: &[&str]) -> Map {
        picked(self.as_str(), paths)
    }
}

/// Of the object that `text` is, what the paths lead to; of a key that is there twice, the last.
fn picked(text: &str, paths: &[&str]) -> Map {
    let mut map = Map::new();
    for (key, value) in members(text) {
        let mut below = below(paths, &key);
        if !below.is_empty() {
            below.retain(|path| !path.is_empty());
            map.insert(key.into_owned(), value_of(value, &below));
        }
    }
    map
}

/// Where the paths lead on that lead through `key`: to an empty one where one ends there.
fn below<'a>(paths: &[&'a str], key: &str) -> Vec<&'a str> {
    if key.contains('.') {
        return Vec::new();
    }
    let behind = |path: &&'a str| {
        // Most paths do not go on or end where the key does, and each key is held against all of them.
        path.as_bytes().get(key.len()).is_none_or(|next| *next == b'.').then_some(())?;
        let rest = path.strip_prefix(key)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
    };
    paths.iter().filter_map(behind).collect()
}

fn value_of(text: &str, paths: &[&str]) -> Value {
    match text.as_bytes().first() {
        Some(b'{') => Value::Object(picked(text, paths)),
        Some(b'[') | None => Value::Null,
        // A reader takes what `compact` has let through.
        Some(_) => serde_json::from_str(text).unwrap_or_default(),
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
