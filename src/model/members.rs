//! What lies directly in an object or a list, as the texts that it is.
//!
//! For text that is known to be JSON without space between its tokens, as [`super::Json`] keeps it. So nothing is
//! checked again: what lies beside what is looked for is stepped over, text by text.

use std::borrow::Cow;

/// The members of the object that `text` is, key and value; none of anything else.
pub(super) fn members(text: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    let mut at = if text.starts_with('{') { 1 } else { text.len() };
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let key = rest.get(..string_end(rest)?)?;
        let behind = rest.get(key.len()..)?.strip_prefix(':')?;
        let value = behind.get(..value_end(behind))?;
        // A comma, or the end of the object.
        at += key.len() + 1 + value.len() + 1;
        Some((unquoted(key)?, value))
    })
}

/// The values of the list that `text` is; none of anything else.
pub(super) fn elements(text: &str) -> impl Iterator<Item = &str> {
    let mut at = if text.starts_with('[') { 1 } else { text.len() };
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty() && !rest.starts_with(']'))?;
        let value = rest.get(..value_end(rest))?;
        at += value.len() + 1;
        Some(value)
    })
}

/// Where the string ends that the text begins with; none where it begins with none.
fn string_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = bytes.first().filter(|byte| **byte == b'"').map(|_| 1)?;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => return Some(at + 1),
            // Whatever is escaped.
            _ => at += 2,
        }
    }
}

/// Where the value ends that the text begins with.
fn value_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at += text.get(at..).and_then(string_end).unwrap_or(text.len()),
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b',' | b'}' | b']' if depth == 0 => break,
            b'}' | b']' => {
                depth -= 1;
                at += 1;
            }
            _ => at += 1,
        }
    }
    at.min(bytes.len())
}

/// A key without its quotes.
fn unquoted(key: &str) -> Option<Cow<'_, str>> {
    if key.contains('\\') {
        return serde_json::from_str(key).ok();
    }
    key.get(1..key.len().checked_sub(1)?).map(Cow::Borrowed)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// Any JSON, with keys and texts of few letters, some of which mean something.
    pub(crate) fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[ab\"\\\\{}\\[\\],:é\n]{0,5}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let key = "[ab0.\"\\\\{}]{0,2}";
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((key, inner), 0..5)
                    .prop_map(|all| Value::Object(all.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_lies_in_it_is_what_a_reader_finds(value in json()) {
            let text = value.to_string();
            let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            let found: Vec<_> = members(&text).map(|(key, text)| (key.into_owned(), read(text))).collect();
            let wanted = value.as_object().cloned().unwrap_or_default();
            prop_assert_eq!(found, wanted.into_iter().collect::<Vec<_>>());
            let found: Vec<_> = elements(&text).map(read).collect();
            prop_assert_eq!(found, value.as_array().cloned().unwrap_or_default());
        }

        #[test]
        fn what_is_no_json_ends(text in "[{}\\[\\]\",:a\\\\é]{0,20}") {
            prop_assert!(members(&text).count() + elements(&text).count() <= 2 * text.len());
        }
    }
}
