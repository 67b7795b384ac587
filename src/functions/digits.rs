//! Digits that JavaScript does not keep: its numbers are floats of 64 bits.
//!
//! A function sees floats, and a float does not say which number of the event it was. So each whole number
//! that is no float is lent one that no other number of the event has, as near to it as there is one: wherever
//! that turns up again, it is this number. Two of them are never one, and neither is one that the function
//! makes itself where JavaScript is exact.

use std::collections::{BTreeSet, HashMap};

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Number, Value};

/// Up to here JavaScript has every whole number.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
/// So many digits of any number a float keeps.
const DIGITS_KEPT: usize = 15;

/// What the numbers of an event are as floats.
#[derive(Debug, Default)]
pub(super) struct Digits {
    /// The numbers that floats are lent to.
    lent: HashMap<u64, Number>,
    /// What these are instead, where that is not the nearest float, by their digits.
    instead: HashMap<String, Number>,
    /// How every other float is written; none where that is done in more than one way.
    written: HashMap<u64, Option<Number>>,
}

impl Digits {
    /// Of an event, before it is given to a function.
    pub(super) fn of(event: &Map<String, Value>) -> Self {
        let (mut digits, mut long) = (Self::default(), BTreeSet::new());
        event.values().for_each(|value| digits.look(value, &mut long));
        digits.lend(long);
        digits
    }

    fn look(&mut self, value: &Value, long: &mut BTreeSet<Long>) {
        match value {
            Value::Number(number) => match (Long::of(number), number.as_f64()) {
                (Some(one), _) => drop(long.insert(one)),
                (None, Some(float)) => self.note(float, number),
                (None, None) => {}
            },
            Value::Array(list) => list.iter().for_each(|one| self.look(one, long)),
            Value::Object(map) => map.values().for_each(|one| self.look(one, long)),
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }

    fn note(&mut self, float: f64, number: &Number) {
        let known = self.written.entry(key(float)).or_insert_with(|| Some(number.clone()));
        if known.as_ref().is_some_and(|known| known != number) {
            *known = None;
        }
    }

    /// In order, each further from zero than the one before: every float is passed once.
    fn lend(&mut self, long: BTreeSet<Long>) {
        let mut last: Option<f64> = None;
        for Long { number, nearest, .. } in long {
            let before = last.filter(|last| {
                last.is_sign_negative() == nearest.is_sign_negative() && last.abs() >= nearest.abs()
            });
            let mut float = before.map_or(nearest, further);
            while self.is_taken(float) {
                float = further(float);
            }
            let Some(instead) = Number::from_f64(float) else { continue };
            last = Some(float);
            if key(float) != key(nearest) {
                self.instead.insert(number.as_str().to_owned(), instead);
            }
            self.lent.insert(key(float), number);
        }
    }

    /// Whether a float may be another number: of the event, or one that the function makes.
    fn is_taken(&self, float: f64) -> bool {
        let digits = || format!("{float:e}").split('e').next().map_or(0, count);
        float.abs() <= WHOLE_MAX
            || self.written.contains_key(&key(float))
            || float.is_finite() && digits() <= DIGITS_KEPT
    }

    /// What the function is given.
    pub(super) fn given(&self, event: &Map<String, Value>) -> serde_json::Result<Box<RawValue>> {
        if self.instead.is_empty() {
            return to_raw_value(event);
        }
        let mut event = event.clone();
        event.values_mut().for_each(|value| self.exchange(value));
        to_raw_value(&event)
    }

    fn exchange(&self, value: &mut Value) {
        match value {
            Value::Number(number) => {
                if let Some(instead) = self.instead.get(number.as_str()) {
                    *number = instead.clone();
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|one| self.exchange(one)),
            Value::Object(map) => map.values_mut().for_each(|one| self.exchange(one)),
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }

    /// Gives numbers that a function has handed on their digits back: in an event, or in a list of them.
    pub(super) fn give_back(&self, given: &mut Value, event: &Map<String, Value>) {
        let events = match given {
            Value::Array(list) => list.as_mut_slice(),
            one @ (Value::Object(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)) => std::slice::from_mut(one),
        };
        for parts in events.iter_mut().filter_map(Value::as_object_mut) {
            parts.iter_mut().for_each(|(name, part)| self.restore(part, event.get(name)));
        }
    }

    /// `before` is what was at the same place of the event.
    fn restore(&self, value: &mut Value, before: Option<&Value>) {
        match value {
            Value::Number(number) => {
                if let Some(known) = self.known(number, before.and_then(Value::as_number)) {
                    *number = known.clone();
                }
            }
            Value::Array(list) => {
                for (at, one) in list.iter_mut().enumerate() {
                    self.restore(one, before.and_then(|before| before.get(at)));
                }
            }
            Value::Object(map) => {
                for (name, one) in map {
                    self.restore(one, before.and_then(|before| before.get(name)));
                }
            }
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }

    /// How a number was written that JavaScript writes so. What is written in several ways is one number
    /// all the same: where it stood before, it is written as it was there.
    fn known<'a>(&'a self, number: &Number, before: Option<&'a Number>) -> Option<&'a Number> {
        let float = key(number.as_f64()?);
        let is_it = |before: &&Number| {
            before.as_f64().map(key) == Some(float) && !self.instead.contains_key(before.as_str())
        };
        let lent = self.lent.get(&float);
        lent.or(before.filter(is_it)).or_else(|| self.written.get(&float)?.as_ref())
    }
}

/// A whole number that JavaScript would write otherwise. In order: the nearest to zero first, below and above.
#[derive(Debug, PartialEq)]
struct Long {
    number: Number,
    nearest: f64,
}

impl Long {
    fn of(number: &Number) -> Option<Self> {
        let text = number.as_str();
        let is_whole = text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
        let is_long = is_whole && count(text) > DIGITS_KEPT;
        let nearest = number.as_f64().filter(|_| is_long)?;
        (nearest.to_string() != text).then(|| Self { number: number.clone(), nearest })
    }

    /// Whole numbers of as many digits are in the order of these.
    fn order(&self) -> (bool, usize, &str) {
        let text = self.number.as_str();
        (self.nearest.is_sign_negative(), text.len(), text)
    }
}

impl Eq for Long {}

impl PartialOrd for Long {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Long {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

/// Zero is one number, with a minus and without.
fn key(float: f64) -> u64 {
    (float + 0.0).to_bits()
}

/// The next float away from zero.
fn further(float: f64) -> f64 {
    if float.is_sign_negative() { float.next_down() } else { float.next_up() }
}

fn count(digits: &str) -> usize {
    digits.bytes().filter(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    /// What is made of an event whose properties are these, by a function that makes `given` of what it sees.
    #[track_caller]
    fn check(properties: &str, given: impl Fn(&Value) -> String, expected: &str) {
        let event = read(&format!("{{\"properties\":{properties}}}"));
        let event = event.as_object().unwrap();
        let digits = Digits::of(event);
        let seen = as_floats(&read(digits.given(event).unwrap().get())["properties"]);
        let mut made = read(&format!("[{{\"properties\":{}}}]", given(&seen)));
        digits.give_back(&mut made, event);
        assert_eq!(made[0]["properties"].to_string(), expected);
    }

    /// As JavaScript reads and writes it.
    fn as_floats(value: &Value) -> Value {
        match value {
            Value::Number(number) => read(&number.as_f64().unwrap().to_string()),
            Value::Array(list) => list.iter().map(as_floats).collect(),
            Value::Object(map) => {
                map.iter().map(|(name, one)| (name.clone(), as_floats(one))).collect()
            }
            Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
        }
    }

    #[track_caller]
    fn check_kept(properties: &str) {
        check(properties, Value::to_string, properties);
    }

    #[test]
    fn numbers_that_were_only_handed_on_are_as_they_were_sent() {
        check_kept("{\"a\":[89490200001234567890],\"b\":1.10,\"c\":1,\"d\":1.0,\"e\":-0}");
        check_kept("{\"a\":9007199254740993,\"b\":9007199254740992}");
        check_kept("{\"a\":12345678901234567890,\"b\":12345678901234567891}");
        check_kept("{\"a\":-9007199254740993,\"b\":-9007199254740992,\"c\":9007199254740995}");
        check_kept("{\"a\":10000000000000000001,\"b\":10000000000000000000,\"c\":1e+19}");
        check_kept("{\"a\":0.12345678901234567891,\"b\":0.12345678901234567892,\"c\":1e-400}");
        // Half of them are no floats, and all floats between them are taken.
        let ids = (0..500).map(|id| format!("9007199254741{id:03}"));
        check_kept(&format!("{{\"ids\":[{}]}}", ids.collect::<Vec<_>>().join(",")));
        let long = "7".repeat(300);
        check_kept(&format!("{{\"a\":{long}1,\"b\":{long}2,\"c\":-{long}2}}"));
    }

    #[test]
    fn what_is_moved_is_never_taken_for_another() {
        let exchanged = |seen: &Value| format!("{{\"a\":{},\"b\":{}}}", seen["b"], seen["a"]);
        for (a, b) in [
            ("9007199254740993", "9007199254740992"),
            ("12345678901234567890", "12345678901234567891"),
            ("12345678901234567890", "12345678901234567000"),
            ("-9007199254740993", "9007199254740993"),
            ("1.10", "1.2"),
        ] {
            let (sent, expected) =
                (format!("{{\"a\":{a},\"b\":{b}}}"), format!("{{\"a\":{b},\"b\":{a}}}"));
            check(&sent, exchanged, &expected);
        }
    }

    #[test]
    fn what_a_function_makes_itself_is_left_where_javascript_is_exact() {
        for (sent, made) in [
            ("9007199254740993", "9007199254740992"),
            ("10000000000000000001", "10000000000000000000"),
            ("1", "1.5"),
            ("1.5", "2"),
        ] {
            let own = |seen: &Value| format!("{{\"a\":{},\"own\":{made}}}", seen["a"]);
            check(&format!("{{\"a\":{sent}}}"), own, &format!("{{\"a\":{sent},\"own\":{made}}}"));
        }
    }
}
