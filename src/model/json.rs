//! JSON objects that we carry without understanding them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

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

/// So many digits, and a number without an exponent cannot be too large.
const DIGITS_SAFE: usize = 300;

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

/// Copies well-formed JSON without the space between its tokens.
fn compact(raw: &str, depth_max: usize) -> Result<String, TooDeep> {
    let bytes = raw.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut depth) = (0, 0usize);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = copy_string(bytes, at, &mut out);
                continue;
            }
            b'-' | b'0'..=b'9' => {
                at = copy_number(raw, at, &mut out);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            _ => {}
        }
        if depth > depth_max {
            return Err(TooDeep);
        }
        out.push(byte);
        at += 1;
    }
    Ok(String::from_utf8(out).unwrap_or_else(|_| "{}".to_owned()))
}

/// Copies the number that starts at `from`, and returns where it ends.
///
/// A number beyond what 64 bits can float to, such as `1e999`, becomes a text: JSON has it, but no
/// database does.
fn copy_number(raw: &str, from: usize, out: &mut Vec<u8>) -> usize {
    let rest = raw.get(from..).unwrap_or_default();
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
    let number = rest.find(|c| !is_part(c)).map_or(rest, |end| &rest[..end]);
    let quote: &[u8] = if is_beyond_floats(number) { b"\"" } else { b"" };
    for part in [quote, number.as_bytes(), quote] {
        out.extend_from_slice(part);
    }
    from + number.len()
}

/// Whether no reader of ours can hold the number.
#[must_use]
pub fn is_beyond_floats(number: &str) -> bool {
    let may_be_large = number.len() > DIGITS_SAFE || number.contains(['e', 'E']);
    may_be_large && number.parse().is_ok_and(f64::is_infinite)
}

/// JSON text, or what should be such, with U+FFFD in place of each half of a surrogate pair; of the
/// same length, so that places in it stay what they are.
#[must_use]
pub fn with_whole_pairs(text: &[u8]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
    while let Some(plain) = memchr::memchr(b'\\', text.get(at..).unwrap_or_default()) {
        out.extend_from_slice(text.get(at..at + plain).unwrap_or_default());
        at = copy_escape(text, at + plain, &mut out);
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    out
}

/// So begin the keys by which `serde_json` hands over numbers and raw text within itself. It would take an
/// object with one for that, or refuse to read it.
const PRIVATE: &str = "$serde_json::private::";
/// What such a key begins with instead.
const DEFUSED: &str = "_serde_json::private::";
/// Longest text that may be such a beginning, each letter written as an escape, in bytes.
const PRIVATE_BYTES_MAX: usize = 6 * 40;

/// Copies the string that starts at `from`, and returns where it ends; of one that begins as private keys
/// do, the first letter is another.
fn copy_string(bytes: &[u8], from: usize, out: &mut Vec<u8>) -> usize {
    let begin = out.len();
    let end = copy_whole_string(bytes, from, out);
    let copied = out.get(begin..).unwrap_or_default();
    let may_be = matches!(copied, [b'"', b'$' | b'\\', ..]) && copied.len() <= PRIVATE_BYTES_MAX;
    let text = may_be.then(|| serde_json::from_slice::<String>(copied).ok()).flatten();
    if let Some(rest) = text.as_deref().and_then(|text| text.strip_prefix(PRIVATE)) {
        let text = format!("{DEFUSED}{rest}");
        out.truncate(begin);
        out.extend_from_slice(Value::from(text).to_string().as_bytes());
    }
    end
}

/// Copies the string that starts at `from`, quotes and all, and returns where it ends.
///
/// A surrogate without its other half becomes U+FFFD: browsers write such halves when they cut a
/// text inside an emoji, and no reader of ours would take them.
fn copy_whole_string(bytes: &[u8], from: usize, out: &mut Vec<u8>) -> usize {
    out.push(b'"');
    let mut at = from + 1;
    loop {
        let plain = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default());
        let Some(plain) = plain else { return bytes.len() };
        out.extend_from_slice(bytes.get(at..at + plain).unwrap_or_default());
        at += plain;
        if bytes.get(at) == Some(&b'"') {
            out.push(b'"');
            return at + 1;
        }
        at = copy_escape(bytes, at, out);
    }
}

fn copy_escape(bytes: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    let length = match unit(bytes, at) {
        Some(0xD800..=0xDBFF) => match unit(bytes, at + 6) {
            Some(0xDC00..=0xDFFF) => 12,
            _ => 0,
        },
        Some(0xDC00..=0xDFFF) => 0,
        Some(_) => 6,
        None => 2,
    };
    if length == 0 {
        out.extend_from_slice(b"\\ufffd");
        return at + 6;
    }
    let end = bytes.len().min(at + length);
    out.extend_from_slice(bytes.get(at..end).unwrap_or_default());
    end
}

/// The UTF-16 unit of the `\u` escape at `at`, if there is one.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let hex = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
}

/// The sum of two whole numbers, with all of its digits; none when one of them is not whole.
#[must_use]
pub fn whole_sum(one: &Value, other: &Value) -> Option<Value> {
    let whole = |value: &Value| value.as_number()?.as_str().parse::<i128>().ok();
    let sum = whole(one)?.checked_add(whole(other)?)?;
    sum.to_string().parse().ok().map(Value::Number)
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
    fn halves_of_pairs_are_mended_in_place() {
        let mended = |text: &str| String::from_utf8(with_whole_pairs(text.as_bytes())).unwrap();
        let text = r#"{"\ud83d":"\ud83d\ude00\\ud83d\ude00","#;
        assert_eq!(mended(text), r#"{"\ufffd":"\ud83d\ude00\\ud83d\ufffd","#);
        for broken in [r"\", r"\u", r"\ud83d", r"\ud83d\", r"\ud83d\ude0", "plain"] {
            assert_eq!(mended(broken).len(), broken.len(), "{broken}");
        }
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
