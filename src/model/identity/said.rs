//! Whom JSON names, as a text: two spellings of one number are one.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::model::{ID_BYTES_MAX, dotted};

/// A value that names somebody, as trimmed text; none when it is empty, or neither text nor number.
///
/// A whole number is its digits, however it is written: programs that know floats only send `72.0` and
/// `1e2` for 72 and 100. A text is what it says, since `072` may be another's than `72`.
#[must_use]
pub fn said(value: &Value) -> Option<Cow<'_, str>> {
    let text = dotted::text_of(value)?;
    let is_written_otherwise = value.is_number() && text.contains(['.', 'e', 'E']);
    let whole = is_written_otherwise.then(|| whole(&text)).flatten();
    Some(whole.map_or(text, Cow::Owned))
}

/// The same of the value at a path.
#[must_use]
pub fn said_at<'a>(map: &'a Map<String, Value>, path: &str) -> Option<Cow<'a, str>> {
    said(dotted::get(map, path)?)
}

/// All digits of a number of JSON; none when it is not whole, or longer than any id.
fn whole(number: &str) -> Option<String> {
    let (sign, bare) = number.strip_prefix('-').map_or(("", number), |bare| ("-", bare));
    let (decimal, exponent) = bare.split_once(['e', 'E']).unwrap_or((bare, "0"));
    let (before, after) = decimal.split_once('.').unwrap_or((decimal, ""));
    let digits = format!("{before}{after}");
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    let at_the_end = digits.len() - digits.trim_end_matches('0').len();
    let exponent: i32 = exponent.parse().ok()?;
    let shift = i32::try_from(at_the_end).ok()? - i32::try_from(after.len()).ok()?;
    let zeros = usize::try_from(exponent.checked_add(shift)?).ok()?;
    let fits = zeros.checked_add(significant.len()).is_some_and(|all| all < ID_BYTES_MAX);
    fits.then(|| format!("{sign}{significant}{}", "0".repeat(zeros)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_its_digits_however_it_is_written() {
        for (json, text) in [
            ("72", "72"),
            ("72.0", "72"),
            ("7.2e1", "72"),
            ("1e2", "100"),
            ("1E+2", "100"),
            ("1000e-1", "100"),
            ("89490200001234567890.0", "89490200001234567890"),
            ("-7.0", "-7"),
            ("-0.0", "0"),
            ("0e5", "0"),
            ("0e99999999999999999999", "0"),
            ("7.5", "7.5"),
            ("1.10", "1.10"),
            ("1e-2", "1e-2"),
            ("1e200", "1e200"),
            ("1e99999999999999999999", "1e99999999999999999999"),
            (r#"" 72.0 ""#, "72.0"),
            (r#""1e2""#, "1e2"),
        ] {
            let value: Value = serde_json::from_str(json).unwrap();
            // Case and sign of an exponent are the parser's.
            assert_eq!(said(&value).unwrap().replace('+', ""), text, "{json}");
        }
        assert_eq!(said(&Value::Bool(true)), None);
    }
}
