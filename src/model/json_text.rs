//! The text of JSON as it is kept: copied token by token, without what readers of ours fall over.

use std::borrow::Cow;

use serde_json::Value;

use super::TooDeep;

/// So many digits, and a number without an exponent cannot be too large.
const DIGITS_SAFE: usize = 300;

/// Copies well-formed JSON without the space between its tokens.
pub(super) fn compact(raw: &str, depth_max: usize) -> Result<String, TooDeep> {
    let bytes = raw.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut depth) = (0, 0usize);
    while let Some(&byte) = bytes.get(at) {
        if let Some(end) = copy_value(raw, at, &mut out) {
            at = end;
            continue;
        }
        match byte {
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

/// JSON text, or what should be such, as every reader of ours takes it: halves of surrogate pairs, numbers that
/// nothing can hold and keys that a reader has for itself are written as [`super::Json::compact`] writes them. The space
/// stays, and with it most places in it. Whoever takes apart what was sent reads this, so that one body is
/// the same at every door.
#[must_use]
pub fn as_kept(body: &[u8]) -> Cow<'_, [u8]> {
    let Ok(raw) = std::str::from_utf8(body) else { return Cow::Borrowed(body) };
    let (mut out, mut at) = (Vec::with_capacity(body.len()), 0);
    while let Some(&byte) = body.get(at) {
        at = copy_value(raw, at, &mut out).unwrap_or_else(|| {
            out.push(byte);
            at + 1
        });
    }
    Cow::Owned(out)
}

/// Copies the string or the number that starts at `from`, and returns where it ends; none where neither does.
fn copy_value(raw: &str, from: usize, out: &mut Vec<u8>) -> Option<usize> {
    match raw.as_bytes().get(from)? {
        b'"' => Some(copy_string(raw.as_bytes(), from, out)),
        b'-' | b'0'..=b'9' => Some(copy_number(raw, from, out)),
        _ => None,
    }
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
        let Some(plain) = plain else {
            // It has no end, and is no JSON: whoever reads it says so.
            out.extend_from_slice(bytes.get(at..).unwrap_or_default());
            return bytes.len();
        };
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn what_is_taken_apart_is_as_what_is_kept_as_text() {
        let kept = |text: &str| String::from_utf8(as_kept(text.as_bytes()).into_owned()).unwrap();
        let text = r#"{ "a" : "\ud83d", "b": [1e400, -5 ], "c":"\ud83d\ude00" } "#;
        let expected = r#"{ "a" : "\ufffd", "b": ["1e400", -5 ], "c":"\ud83d\ude00" } "#;
        assert_eq!(kept(text), expected);
        for broken in ["", "\"", "{\"a", "-", "1e", "plain \\ud83d text", "{\"a\":\"\\u", "\"\\"] {
            assert_eq!(kept(broken), broken);
        }
        assert_eq!(&*as_kept(b"\"\xff\""), b"\"\xff\"");
        let read: Value =
            serde_json::from_slice(&as_kept(br#"{"$serde_json::private::Number":"1"}"#)).unwrap();
        assert!(read.is_object());
    }
}
