//! Snapshots of JSON.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Number, Value};

/// JSON with its numbers as numbers: `serde_json` hands them over as digits under a private key, which
/// only itself understands, and `insta` would show that.
pub(crate) struct Plain(pub(crate) Value);

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Null => to.serialize_unit(),
            Value::Bool(truth) => to.serialize_bool(*truth),
            Value::Number(number) => plain(number, to),
            Value::String(text) => to.serialize_str(text),
            Value::Array(list) => to.collect_seq(list.iter().cloned().map(Plain)),
            Value::Object(map) => {
                let mut object = to.serialize_map(Some(map.len()))?;
                for (key, value) in map {
                    object.serialize_entry(key, &Plain(value.clone()))?;
                }
                object.end()
            }
        }
    }
}

fn plain<S: Serializer>(number: &Number, to: S) -> Result<S::Ok, S::Error> {
    match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(number), _, _) => to.serialize_u64(number),
        (None, Some(number), _) => to.serialize_i64(number),
        (None, None, number) => to.serialize_f64(number.unwrap_or(f64::NAN)),
    }
}

/// `insta::assert_json_snapshot`, for whatever is JSON.
macro_rules! assert_json_snapshot {
    ($name:expr, $value:expr $(,)?) => {
        insta::assert_json_snapshot!(
            $name,
            $crate::support::snapshot::Plain(serde_json::to_value(&$value).unwrap())
        )
    };
}
