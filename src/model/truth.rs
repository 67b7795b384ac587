//! Truths as people and programs write them where nothing but texts, or nothing but numbers, can be sent.

use serde_json::Value;

/// Whether the text writes a truth, and which.
#[must_use]
pub fn truth_of_text(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "y" | "t" => Some(true),
        "false" | "0" | "no" | "off" | "n" | "f" => Some(false),
        _ => None,
    }
}

/// The same of any value.
#[must_use]
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(is) => Some(*is),
        Value::String(text) => truth_of_text(text),
        Value::Number(number) => truth_of_text(number.as_str()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_and_numbers_may_write_a_truth() {
        for (value, is) in [
            (json!(true), Some(true)),
            (json!(" True "), Some(true)),
            (json!(1), Some(true)),
            (json!("off"), Some(false)),
            (json!(0), Some(false)),
            (json!(2), None),
            (json!(""), None),
            (json!([true]), None),
        ] {
            assert_eq!(truth(&value), is, "{value}");
        }
    }
}
