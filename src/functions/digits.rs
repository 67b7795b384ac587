//! Digits that JavaScript does not keep: its numbers are floats of 64 bits.

use std::collections::HashMap;

use serde_json::{Map, Number, Value};

/// Numbers of an event that are written otherwise than JavaScript would, by what they are as floats.
#[derive(Debug, Default)]
pub(super) struct Digits(HashMap<u64, Option<Number>>);

impl Digits {
    /// Of an event, before it is given to a function.
    pub(super) fn of(event: &Map<String, Value>) -> Self {
        let mut digits = Self::default();
        event.values().for_each(|value| digits.look(value));
        digits
    }

    fn look(&mut self, value: &Value) {
        match value {
            Value::Number(number) => self.note(number),
            Value::Array(list) => list.iter().for_each(|one| self.look(one)),
            Value::Object(map) => map.values().for_each(|one| self.look(one)),
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }

    fn note(&mut self, number: &Number) {
        let Some(float) = number.as_f64().filter(|float| float.to_string() != number.as_str())
        else {
            return;
        };
        let known = self.0.entry(float.to_bits()).or_insert_with(|| Some(number.clone()));
        // Two numbers that are one to JavaScript: nobody can tell which is meant.
        if known.as_ref().is_some_and(|known| known != number) {
            *known = None;
        }
    }

    /// Gives numbers that a function has handed on their digits back.
    pub(super) fn give_back(&self, value: &mut Value) {
        if self.0.is_empty() {
            return;
        }
        match value {
            Value::Number(number) => {
                let bits = number.as_f64().map(f64::to_bits);
                if let Some(Some(known)) = bits.and_then(|bits| self.0.get(&bits)) {
                    *number = known.clone();
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|one| self.give_back(one)),
            Value::Object(map) => map.values_mut().for_each(|one| self.give_back(one)),
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[track_caller]
    fn check(event: &str, given: &str, expected: &str) {
        let digits = Digits::of(read(event).as_object().unwrap());
        let mut given = read(given);
        digits.give_back(&mut given);
        assert_eq!(given.to_string(), expected);
    }

    #[test]
    fn numbers_that_were_only_handed_on_are_as_they_were_sent() {
        let (long, as_float) = ("89490200001234567890", "89490200001234570000");
        check(
            &format!("{{\"a\":[{long}],\"b\":1.10}}"),
            &format!("[{as_float},1.1,2]"),
            &format!("[{long},1.10,2]"),
        );
        check("{\"a\":1}", "[1,1.5]", "[1,1.5]");
        let two = "{\"a\":89490200001234567890,\"b\":89490200001234567891}";
        check(two, as_float, as_float);
    }
}
