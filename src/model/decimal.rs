//! Decimal numbers, exact.

use std::fmt;

use serde_json::{Number, Value};

/// Most digits of a number that is read, and most of them after the point: two multiplied still fit.
const DIGITS_MAX: u32 = 18;

/// A number with a point, as people write amounts. Multiplied, nothing is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: i128,
    /// How many of them stand after the point.
    places: u32,
}

impl Decimal {
    /// Reads `-12.50`, at most 18 digits without the zeros around them; neither `1e3` nor `.5`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::of_digits(text, DIGITS_MAX)
    }

    /// Of a number of JSON with up to twice as many digits, for sums.
    #[must_use]
    pub fn long(value: &Value) -> Option<Self> {
        let text = value.as_number()?.as_str();
        Self::of_digits(text, 2 * DIGITS_MAX).or_else(|| Self::of_number(text))
    }

    fn of_digits(text: &str, digits_max: u32) -> Option<Self> {
        let (sign, bare) = text.strip_prefix('-').map_or((1, text), |bare| (-1, bare));
        let (whole, fraction) = match bare.split_once('.') {
            Some((_, "")) => return None,
            Some((whole, fraction)) => (whole, fraction.trim_end_matches('0')),
            None => (bare, ""),
        };
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let digits = format!("{}{fraction}", whole.trim_start_matches('0'));
        let places = u32::try_from(fraction.len()).ok()?;
        if digits.len() > digits_max as usize {
            return None;
        }
        let digits: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        Some(Self { digits: sign * digits, places })
    }

    /// Of a number of JSON, or of a text that is one.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Self::of_number(number.as_str()),
            Value::String(text) => Self::parse(text.trim()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A number may have an exponent: programs write `1e-7` and `1E+2` where people write all zeros.
    fn of_number(text: &str) -> Option<Self> {
        let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
            return Self::parse(text);
        };
        let (read, exponent) = (Self::parse(mantissa)?, exponent.parse::<i32>().ok()?);
        if read.digits == 0 {
            return Some(Self { places: 0, ..read });
        }
        let places = i32::try_from(read.places).ok()?.checked_sub(exponent)?;
        let zeros = u32::try_from(places.min(0).checked_neg()?).ok()?;
        let digits = read.digits.checked_mul(10_i128.checked_pow(zeros)?)?;
        let places = u32::try_from(places.max(0)).ok()?;
        let fits = digits.unsigned_abs() < 10_u128.pow(DIGITS_MAX) && places <= DIGITS_MAX;
        fits.then_some(Self { digits, places })
    }

    /// More than nothing.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.digits > 0
    }

    /// The product, with all its digits. Two that were read fit; none where they do not.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        let digits = self.digits.checked_mul(other.digits)?;
        Some(Self { digits, places: self.places + other.places })
    }

    /// The sum, with all its digits; none where they do not fit.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        let scaled = |one: Self| one.digits.checked_mul(10_i128.checked_pow(places - one.places)?);
        let digits = scaled(self)?.checked_add(scaled(other)?)?;
        Some(Self { digits, places })
    }

    /// As JSON has it.
    #[must_use]
    pub fn number(self) -> Option<Number> {
        self.to_string().parse().ok()
    }
}

impl fmt::Display for Decimal {
    /// Without zeros at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.places as usize;
        let digits = format!("{:0>1$}", self.digits.unsigned_abs(), places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let (sign, fraction) =
            (if self.digits < 0 { "-" } else { "" }, fraction.trim_end_matches('0'));
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_read_and_written() {
        for (text, written) in [
            ("0", "0"),
            ("12.50", "12.5"),
            ("-0.05", "-0.05"),
            ("007.10", "7.1"),
            ("100", "100"),
            ("0.000000000000000001", "0.000000000000000001"),
            ("-0.0", "0"),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), written, "{text}");
        }
        for no in ["", "-", ".5", "5.", "1e3", "1,5", "+1", " 1", "1234567890123456789"] {
            assert_eq!(Decimal::parse(no), None, "{no}");
        }
    }

    #[test]
    fn a_number_is_read_however_it_is_written() {
        let read = |text: &str| {
            let number = serde_json::from_str(text).unwrap();
            Decimal::of(&number).map(|decimal| decimal.to_string())
        };
        for (text, written) in [
            ("1e2", "100"),
            ("1.25E+1", "12.5"),
            ("-1e-7", "-0.0000001"),
            ("0e300", "0"),
            ("1.50", "1.5"),
        ] {
            assert_eq!(read(text).as_deref(), Some(written), "{text}");
        }
        for no in ["1e18", "1e-19", "1e400", "12345678901234567890", "\"1e2\""] {
            assert_eq!(read(no), None, "{no}");
        }
    }

    #[test]
    fn a_sum_has_every_digit() {
        let decimal = |text| Decimal::parse(text).unwrap();
        let sum = |one, other| decimal(one).plus(decimal(other)).unwrap().to_string();
        assert_eq!(sum("249.1", "20"), "269.1");
        assert_eq!(sum("0.1", "0.2"), "0.3");
        assert_eq!(sum("-0.05", "0.050"), "0");
        let (most, least) = ("999999999999999999", "0.000000000000000001");
        assert_eq!(sum(most, least), "999999999999999999.000000000000000001");
    }

    #[test]
    fn a_product_has_every_digit() {
        let decimal = |text| Decimal::parse(text).unwrap();
        let product = |one, other| decimal(one).times(decimal(other)).unwrap().to_string();
        assert_eq!(product("19.99", "0.92013"), "18.3933987");
        assert_eq!(product("-2.5", "4"), "-10");
        assert_eq!(product("0.1", "0.2"), "0.02");
        let most = "999999999999999999";
        assert_eq!(product(most, most), "999999999999999998000000000000000001");
    }
}
