//! What a function gave, as events.

use serde_json::Value;
use serde_json::value::RawValue;

use super::digits::Digits;
use super::{Fault, fault};
use crate::model::{Json, Made, Map};

/// The key under which it stands while it is read.
const GIVEN: &str = "given";
/// So much lies around the properties of an event in what is given: the list, the event, its part.
const AROUND: usize = 3;

/// Reads what was given for an event: null, an event, or a list of events.
pub(super) fn read(
    given: &RawValue,
    event: &Map,
    digits: &Digits,
    depth_max: usize,
) -> Result<Vec<Made>, Fault> {
    // As text first: JavaScript has halves of letters, and numbers that nothing else can hold.
    let wrapped = format!("{{\"{GIVEN}\":{}}}", given.get());
    let json = Json::compact(&wrapped, depth_max.saturating_add(AROUND));
    let json = json.map_err(|_| Fault::of_ours("it gave what nests too deeply"))?;
    let mut given = json.read().remove(GIVEN).unwrap_or_default();
    digits.give_back(&mut given, event);
    match given {
        Value::Null => Ok(Vec::new()),
        Value::Array(list) => list.into_iter().map(made).collect(),
        one @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            Ok(vec![made(one)?])
        }
    }
}

fn made(given: Value) -> Result<Made, Fault> {
    let no_event = || Fault::of_ours(fault::NO_EVENT);
    let Value::Object(mut event) = given else { return Err(no_event()) };
    let mut map = |key: &str| match event.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(Fault::of_ours("it gave properties, context or tags that are no object")),
    };
    let (properties, context, tags) = (map("properties")?, map("context")?, map("tags")?);
    let kind = match event.remove("type") {
        None => None,
        Some(Value::String(kind)) => Some(kind),
        Some(_) => return Err(Fault::of_ours("it gave a type that is no text")),
    };
    Ok(Made { kind, properties, context, tags: tags.map(labels).transpose()? })
}

/// As documents of events have them: `{"values": […]}`.
fn labels(mut tags: Map) -> Result<Vec<String>, Fault> {
    let values = tags.remove("values").unwrap_or_else(|| Value::Array(Vec::new()));
    serde_json::from_value(values).map_err(|_| Fault::of_ours("it gave tags that are no texts"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn given(text: &str) -> Result<Vec<Made>, Fault> {
        read(&RawValue::from_string(text.to_owned()).unwrap(), &Map::new(), &Digits::default(), 4)
    }

    #[test]
    fn null_an_event_or_a_list_of_them() {
        assert_eq!(given("null"), Ok(vec![]));
        let one = r#"{"type":"A b","properties":{"x":"\ud83d"},"tags":{"values":["t"]},"id":"not looked at"}"#;
        let made = given(one).unwrap().remove(0);
        assert_eq!(made.kind.as_deref(), Some("A b"));
        assert_eq!(made.properties.unwrap()["x"], json!("\u{fffd}"));
        assert_eq!((made.tags, made.context), (Some(vec!["t".to_owned()]), None));
        assert_eq!(given("[{},{}]").unwrap().len(), 2);
        for bad in [
            "1",
            "\"x\"",
            "[null]",
            "[[]]",
            r#"{"type":1}"#,
            r#"{"properties":[]}"#,
            r#"{"tags":{"values":[1]}}"#,
            r#"{"properties":{"a":{"b":{"c":{"d":{"e":{}}}}}}}"#,
        ] {
            assert!(given(bad).is_err(), "{bad}");
        }
    }
}
