//! Paths that the program itself writes, walked as they stand.
//!
//! `"page.referer.host"` is walked once for a payload: to parse it first would take longer than to walk
//! it. Keys in brackets are for people, who have [`super::Path`].

use std::borrow::Cow;

use serde_json::Value;

use super::Map;
use super::path::{as_text, below, index};

/// The value at a path.
#[must_use]
pub fn get<'a>(map: &'a Map, path: &str) -> Option<&'a Value> {
    let mut keys = path.split('.');
    let first = map.get(keys.next()?)?;
    keys.try_fold(first, |value, key| below(value, key, || index(key)))
}

/// Sets the value at a path, making objects on the way; false when the way goes through a value
/// that is no object, which stays as it is.
pub fn set(map: &mut Map, path: &str, value: Value) -> bool {
    let (way, last) = path.rsplit_once('.').map_or((None, path), |(way, last)| (Some(way), last));
    super::path::set(map, way.into_iter().flat_map(|way| way.split('.')), last, value)
}

/// Removes the value at a path; false when there was none.
pub fn remove(map: &mut Map, path: &str) -> bool {
    let (way, last) = path.rsplit_once('.').map_or((None, path), |(way, last)| (Some(way), last));
    super::path::remove(map, way.into_iter().flat_map(|way| way.split('.')), last)
}

/// A value as trimmed text, numbers as their digits; none when it is empty or neither.
#[must_use]
pub fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    as_text(value)
}

/// The value at a path as trimmed text, numbers as their digits; none when it is empty or neither.
#[must_use]
pub fn text_at<'a>(map: &'a Map, path: &str) -> Option<Cow<'a, str>> {
    as_text(get(map, path)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Path;

    /// As a parsed path walks.
    #[test]
    fn a_path_as_it_stands_leads_where_a_parsed_one_does() {
        let Value::Object(document) = json!({
            "a": {"b": " x ", "0": 1, "007": 2}, "list": [3, {"p": 4}], "text": "t", "none": null,
        }) else {
            panic!("an object")
        };
        for text in
            ["a", "a.b", "a.0", "a.007", "list.0", "list.1.p", "list.00", "text.x", "z", "none"]
        {
            let path = Path::known(text);
            assert_eq!(get(&document, text), path.get(&document), "{text}");
            assert_eq!(text_at(&document, text), path.text_at(&document), "{text}");
            let (mut one, mut other) = (document.clone(), document.clone());
            let text = format!("{text}.new");
            let path = Path::known(&text);
            assert_eq!(set(&mut one, &text, json!(1)), path.set(&mut other, json!(1)), "{text}");
            assert_eq!(one, other);
            assert_eq!(get(&one, &text).is_some(), get(&other, &text).is_some());
            assert_eq!(remove(&mut one, &text), path.remove(&mut other), "{text}");
            assert_eq!(one, other);
        }
        assert_eq!(get(&document, "list.1.p"), Some(&json!(4)));
    }
}
