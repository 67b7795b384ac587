//! Paths into JSON documents: parsed once, walked often (docs/wire.md §7.1).

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::Map;

/// Longest path, in bytes.
pub const PATH_BYTES_MAX: usize = 512;
/// Most keys in a path.
pub const PATH_KEYS_MAX: usize = 16;
/// Longest place in a list, in digits.
const INDEX_DIGITS_MAX: usize = 9;

/// Keys from the outside to the inside: `contact.email.main`, `lines.0.price`,
/// `properties["first name"].x`.
///
/// A key of digits alone is a place where it meets a list, and a key where it meets an object. One in
/// brackets and quotes is always a key, and may hold dots, blanks and, behind a backslash, quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path(Vec<Step>);

/// One key of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    key: String,
    index: Option<usize>,
}

/// Why a text is no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPath {
    /// Too long.
    #[error("a field's path has at most {PATH_BYTES_MAX} bytes")]
    TooLong,
    /// Too deep.
    #[error("a field's path has at most {PATH_KEYS_MAX} keys")]
    TooManyKeys,
    /// `["` without `"]`.
    #[error("a bracket in a field is not closed")]
    OpenBracket,
    /// Nothing between two dots, or nothing at all.
    #[error("a key in a field is empty")]
    EmptyKey,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// [`NoPath`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NoPath> {
        if text.len() > PATH_BYTES_MAX {
            return Err(NoPath::TooLong);
        }
        let mut steps = Vec::new();
        let mut rest = text;
        loop {
            let (step, after) = next(rest)?;
            steps.push(step);
            if steps.len() > PATH_KEYS_MAX {
                return Err(NoPath::TooManyKeys);
            }
            match after.strip_prefix('.') {
                Some(more) => rest = more,
                None if after.is_empty() => return Ok(Self(steps)),
                None => rest = after,
            }
        }
    }

    /// A path of the program's own, which a test has read once; of a broken one, the one that leads
    /// nowhere.
    #[must_use]
    pub fn known(text: &str) -> Self {
        Self::parse(text).unwrap_or_default()
    }

    /// The path of one key, whatever letters it has.
    #[must_use]
    pub fn of_key(key: &str) -> Self {
        Self(vec![Step { key: key.to_owned(), index: None }])
    }

    /// Its keys.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The first key, and the path from there on.
    #[must_use]
    pub fn split_first(&self) -> Option<(&str, Self)> {
        let (first, rest) = self.0.split_first()?;
        Some((&first.key, Self(rest.to_vec())))
    }

    /// With `root` before it, as [`Path::parse`] reads it: `traits.plan`, `traits["a.b"]`.
    #[must_use]
    pub fn written_below(&self, root: &str) -> String {
        let dot = if self.0.first().is_none_or(Step::stands_bare) { "." } else { "" };
        format!("{root}{dot}{self}")
    }

    /// The place of a key below another place: `traits.plan`, `traits["first name"]`.
    #[must_use]
    pub fn place_below(place: &str, key: &str) -> String {
        Self(vec![Step::bare(key)]).written_below(place)
    }

    /// The value at this path.
    #[must_use]
    pub fn get<'a>(&self, map: &'a Map) -> Option<&'a Value> {
        let (first, rest) = self.0.split_first()?;
        rest.iter().try_fold(map.get(&first.key)?, |value, step| step.below(value))
    }

    /// The value at this path below `value`, which is the value itself where the path has no keys.
    #[must_use]
    pub fn below<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |value, step| step.below(value))
    }

    /// Sets the value, making objects on the way; false when the way goes through a value that is no
    /// object, which stays as it is.
    pub fn set(&self, map: &mut Map, value: Value) -> bool {
        let Some((last, way)) = self.0.split_last() else { return false };
        set(map, way.iter().map(Step::key), &last.key, value)
    }

    /// Removes the value; false when there was none.
    pub fn remove(&self, map: &mut Map) -> bool {
        let Some((last, way)) = self.0.split_last() else { return false };
        remove(map, way.iter().map(Step::key), &last.key)
    }

    /// The value as trimmed text, numbers as their digits; none when it is empty or neither.
    #[must_use]
    pub fn text_at<'a>(&self, map: &'a Map) -> Option<Cow<'a, str>> {
        as_text(self.get(map)?)
    }
}

impl Step {
    /// The key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Which place of a list it is, where it may be one.
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    fn bare(key: &str) -> Self {
        Self { key: key.to_owned(), index: index(key) }
    }

    pub(super) fn below<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        below(value, &self.key, || self.index)
    }
}

/// The place in a list that a key is. `007` is none: JSON's own pointers know no such place either.
pub(super) fn index(key: &str) -> Option<usize> {
    let is_index = (1..=INDEX_DIGITS_MAX).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_digit())
        && (key == "0" || !key.starts_with('0'));
    key.parse().ok().filter(|_| is_index)
}

/// One step further.
pub(super) fn below<'a>(
    value: &'a Value,
    key: &str,
    index: impl FnOnce() -> Option<usize>,
) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(key),
        Value::Array(list) => list.get(index()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Sets `last` at the end of the way.
pub(super) fn set<'k>(
    mut map: &mut Map,
    way: impl Iterator<Item = &'k str>,
    last: &str,
    value: Value,
) -> bool {
    for key in way {
        let next = map.entry(key).or_insert(Value::Null);
        if next.is_null() {
            *next = Value::Object(Map::new());
        }
        let Value::Object(next) = next else { return false };
        map = next;
    }
    map.insert(last.to_owned(), value);
    true
}

/// Removes `last` at the end of the way.
pub(super) fn remove<'k>(
    mut map: &mut Map,
    way: impl Iterator<Item = &'k str>,
    last: &str,
) -> bool {
    for key in way {
        let Some(Value::Object(next)) = map.get_mut(key) else { return false };
        map = next;
    }
    map.remove(last).is_some()
}

/// A value as trimmed text, numbers as their digits; none when it is empty or neither.
pub(super) fn as_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(Cow::Borrowed),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The next key, bare or in brackets, and what follows it.
pub(super) fn next(rest: &str) -> Result<(Step, &str), NoPath> {
    if let Some(inside) = rest.strip_prefix("[\"") {
        let (key, after) = bracketed(inside).ok_or(NoPath::OpenBracket)?;
        return Ok((Step { key, index: None }, after));
    }
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    let (key, after) = rest.split_at(end);
    if key.is_empty() { Err(NoPath::EmptyKey) } else { Ok((Step::bare(key), after)) }
}

/// The key up to `"]`, and what follows that.
fn bracketed(inside: &str) -> Option<(String, &str)> {
    let (mut key, mut is_escaped) = (String::new(), false);
    for (at, letter) in inside.char_indices() {
        match letter {
            '\\' if !is_escaped => is_escaped = true,
            '"' if !is_escaped => {
                return inside.get(at + 1..)?.strip_prefix(']').map(|after| (key, after));
            }
            letter => {
                key.push(letter);
                is_escaped = false;
            }
        }
    }
    None
}

impl fmt::Display for Path {
    /// As [`Path::parse`] reads it: bare keys where they can stand bare.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            if step.stands_bare() {
                write!(f, "{}{}", if at > 0 { "." } else { "" }, step.key)?;
            } else {
                write!(f, "[\"{}\"]", step.key.replace('\\', "\\\\").replace('"', "\\\""))?;
            }
        }
        Ok(())
    }
}

impl Step {
    fn stands_bare(&self) -> bool {
        let is_plain = |letter: char| letter.is_alphanumeric() || "_-$".contains(letter);
        !self.key.is_empty() && self.key.chars().all(is_plain) && *self == Self::bare(&self.key)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map {
        value.as_object().cloned().unwrap()
    }

    #[track_caller]
    fn check(path: &str, expected: Option<&Value>) {
        let document = map(&json!({
            "a": {"b": 1, "2024": "year", "x.y": {"z": true}, "q\"": 3}, "list": [7, {"p": 8}], "007": 9,
        }));
        assert_eq!(Path::parse(path).unwrap().get(&document), expected, "{path}");
    }

    #[test]
    fn keys_lead_into_objects_and_places_into_lists() {
        check("a.b", Some(&json!(1)));
        check("a.2024", Some(&json!("year")));
        check("a[\"2024\"]", Some(&json!("year")));
        check("a[\"x.y\"].z", Some(&json!(true)));
        check("a[\"q\\\"\"]", Some(&json!(3)));
        check("list.0", Some(&json!(7)));
        check("list.1.p", Some(&json!(8)));
        check("007", Some(&json!(9)));
        for nowhere in ["list[\"0\"]", "list.00", "list.2", "list.p", "a.b.c", "b", "list.-"] {
            check(nowhere, None);
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for (text, why) in [
            ("", NoPath::EmptyKey),
            ("a..b", NoPath::EmptyKey),
            ("a.", NoPath::EmptyKey),
            ("a[\"b", NoPath::OpenBracket),
            ("a[\"b\\\"]", NoPath::OpenBracket),
            ("a[0]", NoPath::EmptyKey),
        ] {
            assert_eq!(Path::parse(text), Err(why), "{text}");
        }
        assert_eq!(Path::parse(&"a".repeat(PATH_BYTES_MAX + 1)), Err(NoPath::TooLong));
        assert_eq!(Path::parse(&["a"; PATH_KEYS_MAX + 1].join(".")), Err(NoPath::TooManyKeys));
    }

    #[test]
    fn what_is_set_is_there_until_it_is_removed() {
        let mut document = map(&json!({"text": "t", "none": null}));
        let path = |text| Path::parse(text).unwrap();
        assert!(path("a.b.c").set(&mut document, json!(1)));
        assert!(path("none.x").set(&mut document, json!(2)));
        assert!(!path("text.x").set(&mut document, json!(3)), "it goes through a text");
        assert_eq!(
            Value::Object(document.clone()),
            json!({"text": "t", "none": {"x": 2}, "a": {"b": {"c": 1}}})
        );
        assert!(path("a.b.c").remove(&mut document));
        assert!(!path("a.b.c").remove(&mut document));
        assert!(!path("text.x").remove(&mut document));
        assert_eq!(document["a"], json!({"b": {}}));
    }

    #[test]
    fn texts_are_trimmed_and_numbers_keep_their_digits() {
        let document = map(&json!({"a": " x ", "b": " ", "c": 8_949_020_000_123_456_789_u64}));
        let text = |path| Path::parse(path).unwrap().text_at(&document).map(Cow::into_owned);
        assert_eq!(text("a").as_deref(), Some("x"));
        assert_eq!(text("b"), None);
        assert_eq!(text("c").as_deref(), Some("8949020000123456789"));
    }

    #[test]
    fn what_is_printed_is_read_back() {
        for text in ["a.b", "a.0.b", "a[\"0\"]", "[\"a b\"].c", "a[\"x\\\"\\\\.\"]", "ž.-$_"] {
            let path = Path::parse(text).unwrap();
            assert_eq!(Path::parse(&path.to_string()), Ok(path), "{text}");
        }
    }
}
