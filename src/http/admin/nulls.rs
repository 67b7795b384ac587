//! Null characters in what is posted: not every database keeps them, so nobody may set them up anywhere.

use serde_json::Value;

/// How JSON writes one; as itself it may not stand in a text.
const WRITTEN: &[u8] = b"\\u0000";

/// Where the first one stands in JSON that was read already; none where there is none.
pub(super) fn place_of_null(body: &[u8]) -> Option<String> {
    if !body.windows(WRITTEN.len()).any(|part| part == WRITTEN) {
        return None;
    }
    // It may be the text of an escape, too: a backslash, and these letters.
    place(&serde_json::from_slice(body).ok()?)
}

/// Below `value`; empty where that is the value itself.
fn place(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(list) => {
            list.iter().enumerate().find_map(|(at, one)| Some(format!("[{at}]{}", place(one)?)))
        }
        Value::Object(object) => object.iter().find_map(|(key, one)| {
            if key.contains('\0') {
                return Some(String::new());
            }
            place(one).map(|below| format!(".{key}{below}"))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_character_is_found_wherever_it_stands() {
        for (body, found) in [
            (r#"{"name": "a\u0000b"}"#, Some(".name")),
            (r#"{"a": [{"b": 1}, {"c": ["\u0000"]}]}"#, Some(".a[1].c[0]")),
            (r#"{"a": {"\u0000": 1}}"#, Some(".a")),
            (r#"{"\u0000": 1}"#, Some("")),
            (r#"{"pattern": "[\\u0000-\\u001f]"}"#, None),
            (r#"{"name": "\u0001"}"#, None),
            ("{", None),
        ] {
            assert_eq!(place_of_null(body.as_bytes()).as_deref(), found, "{body}");
        }
    }
}
