//! A line as one map of what it says of each column.

use serde_json::Value;

use super::{COLUMNS, Kind};
use crate::model::Map;

/// A line of the tail, whole. An object may stand there as a text, so that a reader with floats changes no number in it
/// (see `line`): here it is the object. None where the line cannot be read.
#[must_use]
pub fn whole(line: &[u8]) -> Option<Map> {
    let mut columns: Map = serde_json::from_slice(line).ok()?;
    for column in COLUMNS.iter().filter(|column| column.kind == Kind::Json) {
        let Some(value) = columns.get_mut(column.name) else { continue };
        if let Value::String(text) = &*value {
            *value = serde_json::from_str(text).ok()?;
        }
    }
    Some(columns)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_that_is_kept_as_a_text_is_the_object() {
        let line =
            br#"{"type":"{}","properties":"{\"price\":1.10}","context":{"n":1},"city":null}"#;
        let read = serde_json::to_string(&whole(line)).unwrap();
        assert_eq!(
            read,
            r#"{"city":null,"context":{"n":1},"properties":{"price":1.10},"type":"{}"}"#
        );
        assert_eq!(whole(br#"{"properties":"{"}"#), None);
        assert_eq!(whole(b"{}"), json!({}).as_object().cloned());
    }
}
