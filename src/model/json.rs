//! JSON objects that we carry without understanding them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::json_text::compact;

/// A JSON object taken apart.
pub type Map = serde_json::Map<String, Value>;

/// The text of a JSON object, on one line, without spaces, every key and number as it was sent.
///
/// Kept as text because most of what people send is only passed on: text keeps `1.10` and numbers
/// of thirty digits as they are, and costs no tree. Cheap to clone. Most
/// objects are empty, and these cost nothing: they are never `Some`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Json(Option<Arc<str>>);

/// The deepest nesting that can be taken apart again: readers' usual bound of 128, less what we wrap
/// around it.
pub const JSON_DEPTH_READABLE: usize = 100;

/// The object nests deeper than the bound; a reader with a stack would fall over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nested too deeply")]
pub struct TooDeep;

impl Json {
    /// `{}`.
    #[must_use]
    pub const fn empty() -> Self {
        Self(None)
    }

    /// The object `raw`, which a JSON parser has found well formed, or `{}` for `null`.
    ///
    /// # Errors
    /// [`TooDeep`] when objects and lists nest deeper than `depth_max`.
    pub fn compact(raw: &str, depth_max: usize) -> Result<Self, TooDeep> {
        let text = compact(raw, depth_max)?;
        Ok(if text.starts_with('{') { Self::of(text) } else { Self::empty() })
    }

    /// The text of `map`, as [`Json::compact`] would have it.
    ///
    /// # Errors
    /// [`TooDeep`] when objects and lists nest deeper than `depth_max`.
    pub fn bounded(map: &Map, depth_max: usize) -> Result<Self, TooDeep> {
        let fits = depth_max > 0 && map.values().all(|value| nests_within(value, depth_max - 1));
        if fits { Ok(Self::from_map(map)) } else { Err(TooDeep) }
    }

    /// The text of `map`.
    #[must_use]
    pub fn from_map(map: &Map) -> Self {
        serde_json::to_string(map).map_or_else(|_| Self::empty(), Self::of)
    }

    /// The object of this text.
    fn of(text: String) -> Self {
        Self((text != "{}").then(|| text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or("{}")
    }

    /// Whether the other is a clone of it: what was found out about one need not be found out again.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Has no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The object taken apart.
    #[must_use]
    pub fn read(&self) -> Map {
        // What `compact` has let through can be read: no number is too large, and no bound of
        // nesting is beyond the reader's.
        serde_json::from_str(self.as_str()).unwrap_or_default()
    }

    /// This object with the keys of `over` laid on top: theirs win, one level deep.
    #[must_use]
    pub fn merged(&self, over: &Self) -> Self {
        if over.is_empty() || self == over {
            return self.clone();
        }
        if self.is_empty() {
            return over.clone();
        }
        let (Some(mut keys), Some(more)) = (self.keys(), over.keys()) else {
            return over.clone();
        };
        keys.extend(more);
        serde_json::to_string(&keys).map_or_else(|_| over.clone(), Self::of)
    }

    /// This object without `key`.
    #[must_use]
    pub fn without(&self, key: &str) -> Self {
        let Some(mut keys) = self.keys() else { return self.clone() };
        if keys.remove(key).is_none() {
            return self.clone();
        }
        serde_json::to_string(&keys).map_or_else(|_| self.clone(), Self::of)
    }

    fn keys(&self) -> Option<BTreeMap<String, &RawValue>> {
        serde_json::from_str(self.as_str()).ok()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether objects and lists in `value` nest no deeper than so.
fn nests_within(value: &Value, depth_max: usize) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        Value::Array(_) | Value::Object(_) if depth_max == 0 => false,
        Value::Array(list) => list.iter().all(|one| nests_within(one, depth_max - 1)),
        Value::Object(map) => map.values().all(|one| nests_within(one, depth_max - 1)),
    }
}

/// The number, as an integer where it is a whole one.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small enough")]
pub fn whole_if_it_is(number: f64) -> Value {
    const EXACT_MAX: f64 = 9e15;
    if number.fract() == 0.0 && number.abs() < EXACT_MAX {
        (number as i64).into()
    } else {
        number.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, expected: &str) {
        assert_eq!(Json::compact(raw, 8).unwrap().as_str(), expected);
    }

    #[test]
    fn space_between_tokens_goes_and_space_in_strings_stays() {
        check(
            "{ \"a b\" :\n[ 1.10 ,\t2 ] , \"c\":\"x \\\" y\"}",
            r#"{"a b":[1.10,2],"c":"x \" y"}"#,
        );
        check(" null ", "{}");
    }

    #[test]
    fn half_a_surrogate_becomes_a_replacement_character() {
        check(r#"{"a":"\ud83d\ude00 \ud83d! \ude00"}"#, r#"{"a":"\ud83d\ude00 \ufffd! \ufffd"}"#);
        check(r#"{"a":"\\ud83d"}"#, r#"{"a":"\\ud83d"}"#);
    }

    #[test]
    fn keys_that_a_reader_has_for_itself_are_written_otherwise() {
        for key in ["$serde_json::private::Number", "\\u0024serde_json::private::\\u0052awValue"] {
            let text = format!(r#"{{"a":{{"{key}":"1"}},"$b":"\u0024c"}}"#);
            let json = Json::compact(&text, 8).unwrap();
            assert_eq!(json.as_str().matches("_serde_json::private::").count(), 1, "{json:?}");
            assert!(json.read()["a"].is_object(), "{json:?}");
            assert_eq!(json.read()["$b"], "$c");
        }
    }

    #[test]
    fn numbers_that_are_taken_apart_keep_their_digits() {
        let text = r#"{"a":89490200001234567890,"b":1.10,"c":[0.12345678901234567891]}"#;
        let json = Json::compact(text, 8).unwrap();
        assert_eq!(Json::from_map(&json.read()), json);
        assert_eq!(json.pick(&["a", "b"])["a"].to_string(), "89490200001234567890");
    }

    #[test]
    fn a_number_that_nothing_can_hold_becomes_a_text() {
        check(r#"{"a":[1e999,-1E400],"b":1e30}"#, r#"{"a":["1e999","-1E400"],"b":1e30}"#);
        let long = "9".repeat(400);
        check(&format!("{{\"a\":{long}}}"), &format!("{{\"a\":\"{long}\"}}"));
        assert_eq!(Json::compact(r#"{"a": 1e999 }"#, 8).unwrap().read()["a"], "1e999");
    }

    #[test]
    fn depth_is_bounded() {
        assert_eq!(Json::compact(r#"{"a":[[[1]]]}"#, 4).unwrap().as_str(), r#"{"a":[[[1]]]}"#);
        assert_eq!(Json::compact(r#"{"a":[[[1]]]}"#, 3), Err(TooDeep));
        let map = Json::compact(r#"{"a":[[{"b":1}]],"c":"x"}"#, 4).unwrap().read();
        assert_eq!(Json::bounded(&map, 4).unwrap().as_str(), r#"{"a":[[{"b":1}]],"c":"x"}"#);
        assert_eq!(Json::bounded(&map, 3), Err(TooDeep));
        assert_eq!(Json::bounded(&Map::new(), 1), Ok(Json::empty()));
    }

    #[test]
    fn the_keys_on_top_win() {
        let base = Json::compact(r#"{"a":1.10,"b":{"x":1}}"#, 8).unwrap();
        let over = Json::compact(r#"{"b":{"y":2}}"#, 8).unwrap();
        assert_eq!(base.merged(&over).as_str(), r#"{"a":1.10,"b":{"y":2}}"#);
        assert_eq!(base.merged(&Json::empty()), base);
        assert_eq!(base.without("a").as_str(), r#"{"b":{"x":1}}"#);
    }
}
