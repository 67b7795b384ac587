//! JSON objects that we carry without understanding them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::value::RawValue;

/// A JSON object taken apart.
pub type Map = serde_json::Map<String, serde_json::Value>;

/// The text of a JSON object, on one line, without spaces, every key and number as it was sent.
///
/// Kept as text because most of what people send is only passed on: text keeps `1.10` and numbers
/// of thirty digits as they are, and costs no tree. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Json(Arc<str>);

/// The object nests deeper than the bound; a reader with a stack would fall over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nested too deeply")]
pub struct TooDeep;

impl Json {
    /// `{}`.
    #[must_use]
    pub fn empty() -> Self {
        Self(Arc::from("{}"))
    }

    /// The object `raw`, which a JSON parser has found well formed, or `{}` for `null`.
    ///
    /// # Errors
    /// [`TooDeep`] when objects and lists nest deeper than `depth_max`.
    pub fn compact(raw: &str, depth_max: usize) -> Result<Self, TooDeep> {
        let text = compact(raw, depth_max)?;
        Ok(if text.starts_with('{') { Self(text.into()) } else { Self::empty() })
    }

    /// The text of `map`.
    #[must_use]
    pub fn from_map(map: &Map) -> Self {
        serde_json::to_string(map).map_or_else(|_| Self::empty(), |text| Self(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Has no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.len() <= 2
    }

    /// The object taken apart, or nothing when it holds a number that no `f64` can (`1e999`).
    #[must_use]
    pub fn read(&self) -> Option<Map> {
        serde_json::from_str(&self.0).ok()
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
        serde_json::to_string(&keys).map_or_else(|_| over.clone(), |text| Self(text.into()))
    }

    /// This object without `key`.
    #[must_use]
    pub fn without(&self, key: &str) -> Self {
        let Some(mut keys) = self.keys() else { return self.clone() };
        if keys.remove(key).is_none() {
            return self.clone();
        }
        serde_json::to_string(&keys).map_or_else(|_| self.clone(), |text| Self(text.into()))
    }

    fn keys(&self) -> Option<BTreeMap<String, &RawValue>> {
        serde_json::from_str(&self.0).ok()
    }
}

impl Default for Json {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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

/// Copies the string that starts at `from`, quotes and all, and returns where it ends.
///
/// A surrogate without its other half becomes U+FFFD: browsers write such halves when they cut a
/// text inside an emoji, and no reader of ours would take them.
fn copy_string(bytes: &[u8], from: usize, out: &mut Vec<u8>) -> usize {
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
    out.extend_from_slice(bytes.get(at..at + length).unwrap_or_default());
    at + length
}

/// The UTF-16 unit of the `\uXXXX` at `at`, if there is one.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let hex = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
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
    fn depth_is_bounded() {
        assert_eq!(Json::compact(r#"{"a":[[[1]]]}"#, 4).unwrap().as_str(), r#"{"a":[[[1]]]}"#);
        assert_eq!(Json::compact(r#"{"a":[[[1]]]}"#, 3), Err(TooDeep));
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
