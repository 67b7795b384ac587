//! Whether values are one, however their numbers are written: `1` is `1.0`.

use serde_json::Value;

use super::Number;

/// Whether two values are one.
#[must_use]
pub fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            Number::from(one).order(other.into()) == Some(std::cmp::Ordering::Equal)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|more| is_same(value, more)))
        }
        _ => one == other,
    }
}

/// A text that is the same for values that are one, so that of many values each is looked for once.
#[must_use]
pub fn same_text(value: &Value) -> String {
    match value {
        Value::Number(number) => Number::from(number).same_text(),
        Value::Array(list) => {
            format!("[{}]", list.iter().map(same_text).collect::<Vec<_>>().join(","))
        }
        Value::Object(map) => {
            let pair = |(key, value): (&String, &Value)| {
                format!("{}:{}", Value::from(key.as_str()), same_text(value))
            };
            let mut pairs: Vec<String> = map.iter().map(pair).collect();
            pairs.sort_unstable();
            format!("{{{}}}", pairs.join(","))
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_one_however_their_numbers_are_written() {
        let read = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
        let one = |one: &str, other: &str| {
            let (one, other) = (read(one), read(other));
            let is_one = is_same(&one, &other);
            assert_eq!(is_one, same_text(&one) == same_text(&other), "{one} {other}");
            is_one
        };
        for (a, b) in [
            ("1", "1.0"),
            ("0", "-0.0"),
            ("1e2", "100"),
            ("100000000000000000000", "1e20"),
            ("0.10", "1e-1"),
            ("[1,{\"a\":2}]", "[1.0,{\"a\":2e0}]"),
            ("{\"a\":1,\"b\":2}", "{\"b\":2.0,\"a\":1}"),
        ] {
            assert!(one(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("1", "\"1\""),
            ("1", "true"),
            ("9007199254740992", "9007199254740993"),
            ("9007199254740992.0", "9007199254740993"),
            ("12345678901234567890", "12345678901234567891"),
            ("1e300", "1e301"),
            ("[1]", "[1,1]"),
            ("{\"a\":null}", "{}"),
        ] {
            assert!(!one(a, b), "{a} {b}");
        }
    }
}
