//! Sums of numbers as people write them.

use serde_json::{Number, Value};

use super::{Decimal, whole_if_it_is};

/// The sum of two numbers: with all its digits of what people write as amounts, whole while it is; none beyond
/// all numbers. What is no number is 0. One for all who add up, so that nothing comes to something else by the
/// way on which it was told.
#[must_use]
pub fn sum(one: &Value, other: &Value) -> Option<Value> {
    let zero = Value::from(0);
    let [one, other] = [one, other].map(|value| if value.is_number() { value } else { &zero });
    if let Some(sum) = whole_sum(one, other) {
        return Some(sum);
    }
    let decimals = Decimal::long(one).zip(Decimal::long(other));
    if let Some(sum) = decimals.and_then(|(one, other)| one.plus(other)?.number()) {
        return Some(Value::Number(sum));
    }
    let sum = one.as_f64().unwrap_or(0.0) + other.as_f64().unwrap_or(0.0);
    sum.is_finite().then(|| whole_if_it_is(sum))
}

/// The sum of two whole numbers, with all of its digits; none when one of them is not whole.
fn whole_sum(one: &Value, other: &Value) -> Option<Value> {
    let whole = |value: &Value| value.as_number()?.as_str().parse::<i128>().ok();
    let sum = whole(one)?.checked_add(whole(other)?)?;
    sum.to_string().parse().ok().map(Value::Number)
}

/// As much below zero as it is above.
#[must_use]
pub fn negated(value: &Value) -> Value {
    let text = value.as_number().map_or("0", Number::as_str);
    let other = text.strip_prefix('-').map_or_else(|| format!("-{text}"), str::to_owned);
    other.parse().map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Value {
        serde_json::from_str(text).expect("a number")
    }

    #[test]
    fn a_sum_has_all_its_digits_and_so_has_what_is_taken_away_again() {
        for (one, other, both) in [
            ("0.1", "0.2", "0.3"),
            ("-3.0", "2.2", "-0.8"),
            ("9007199254740993", "1", "9007199254740994"),
            ("1e-7", "2", "2.0000001"),
            ("null", "7", "7"),
        ] {
            let (one, other, both) = (number(one), number(other), number(both));
            assert_eq!(sum(&one, &other), Some(both.clone()));
            assert_eq!(sum(&both, &negated(&other)), sum(&one, &Value::Null));
        }
        assert_eq!(sum(&number("1e308"), &number("1e308")), None);
        assert_eq!(sum(&number("1e300"), &negated(&number("1e300"))), Some(number("0")));
    }
}
