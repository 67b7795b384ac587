//! Numbers that are compared and added up: in millionths, exact.

use serde_json::{Number, Value};

/// Numbers up to this one are counted: 24 digits before the point. A hundred million of them still add up.
pub const FIXED_MAX: i128 = 10_i128.pow(24);
/// So many digits behind the point are counted.
const PLACES: usize = 6;
const MILLION: i128 = 1_000_000;

/// A number in millionths. Packed, since people have many of them and 16 bytes of alignment cost as much again.
#[repr(Rust, packed(8))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fixed(i128);

impl Fixed {
    /// So many millionths.
    #[must_use]
    pub const fn of_millionths(millionths: i128) -> Self {
        Self(millionths)
    }

    /// A whole number; none when it is beyond [`FIXED_MAX`].
    #[must_use]
    pub fn of_whole(whole: i128) -> Option<Self> {
        (whole.unsigned_abs() <= FIXED_MAX.unsigned_abs()).then(|| Self(whole * MILLION))
    }

    /// The shortest decimals that are this float, as everybody writes it; none when it is beyond
    /// [`FIXED_MAX`].
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a power of ten that a float has room for")]
    #[expect(clippy::cast_possible_truncation, reason = "it is small")]
    pub fn of_real(real: f64) -> Option<Self> {
        /// Below this, history reckons so: see `lake::ask::seeds`.
        const SMALL: f64 = 1e-4;
        /// Two decimals of so few digits are never the same float (15 digits, IEEE 754).
        const FEW: f64 = 1e15;
        let near = (real * 1e6).round();
        let is_it = near.abs() < FEW && near / 1e6 == real;
        if is_it || real.abs() < SMALL {
            return Some(Self(near as i128));
        }
        if real.abs() <= FIXED_MAX as f64 { Self::of_decimals(&real.to_string()) } else { None }
    }

    /// Reads `-12.50`, without an exponent. What is beyond six digits behind the point is rounded, half away
    /// from nothing.
    #[must_use]
    pub fn of_decimals(text: &str) -> Option<Self> {
        let (sign, bare) = text.strip_prefix('-').map_or((1, text), |bare| (-1, bare));
        let (whole, fraction) = bare.split_once('.').unwrap_or((bare, ""));
        if whole.is_empty() {
            return None;
        }
        let kept: String = fraction.chars().chain("000000".chars()).take(PLACES).collect();
        let rounds_up = fraction.as_bytes().get(PLACES).is_some_and(|digit| *digit >= b'5');
        let digits: i128 = format!("{whole}{kept}").parse().ok()?;
        Some(Self(sign * (digits + i128::from(rounds_up))))
    }

    /// In millionths.
    #[must_use]
    pub const fn millionths(self) -> i128 {
        self.0
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// A part of it, rounded half away from nothing.
    #[must_use]
    pub fn over(self, many: u64) -> Self {
        let (all, many) = (self.0, i128::from(many.max(1)));
        let (parts, rest) = (all / many, all % many);
        let rounds = rest.unsigned_abs() * 2 >= many.unsigned_abs();
        Self(parts + if rounds { all.signum() } else { 0 })
    }

    /// The nearest float.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the nearest one is what is wanted")]
    pub fn float(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// As JSON has it, with every digit and without zeros at the end.
    #[must_use]
    pub fn value(self) -> Value {
        let digits = format!("{:0>1$}", self.0.unsigned_abs(), PLACES + 1);
        let (whole, fraction) = digits.split_at(digits.len() - PLACES);
        let sign = if self.0 < 0 { "-" } else { "" };
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        let number = format!("{sign}{whole}{point}{fraction}").parse::<Number>();
        number.map_or(Value::Null, Value::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimals(text: &str) -> Fixed {
        Fixed::of_decimals(text).unwrap()
    }

    #[test]
    fn a_number_is_read_and_shown_with_every_digit() {
        for (text, shown) in [
            ("0", "0"),
            ("12.50", "12.5"),
            ("-0.000001", "-0.000001"),
            ("-0.0000005", "-0.000001"),
            ("0.00000049", "0"),
            ("9.9999995", "10"),
            ("89490200001234567890", "89490200001234567890"),
            ("123456789012345678901234.123456", "123456789012345678901234.123456"),
        ] {
            assert_eq!(decimals(text).value().to_string(), shown, "{text}");
        }
        for no in ["", "x", "1e3", "1.x"] {
            assert_eq!(Fixed::of_decimals(no), None, "{no}");
        }
    }

    #[test]
    fn a_float_that_has_few_digits_is_read_as_its_text_is() {
        let mut all = 0;
        for whole in (0..2_000_000_000_000_u64).step_by(1_999_999_973) {
            for real in
                [whole as f64 / 1e6, whole as f64 / 1e3, whole as f64 * 1.1, whole as f64 / 7.0]
            {
                let text = Fixed::of_decimals(&real.to_string()).unwrap();
                assert!(real < 1e-4 || Fixed::of_real(real) == Some(text), "{real}");
                all += 1;
            }
        }
        assert!(all > 4_000);
    }

    #[test]
    fn a_float_is_the_decimals_that_people_write() {
        for (real, shown) in
            [(0.1, "0.1"), (-1.5e-7, "0"), (1e22, "10000000000000000000000"), (2.5e-6, "0.000003")]
        {
            assert_eq!(Fixed::of_real(real).unwrap().value().to_string(), shown, "{real}");
        }
        for beyond in [1.1e24, f64::INFINITY, f64::NAN] {
            assert_eq!(Fixed::of_real(beyond), None);
        }
        assert_eq!(Fixed::of_whole(-FIXED_MAX).map(Fixed::millionths), Some(-10_i128.pow(30)));
        assert_eq!(Fixed::of_whole(FIXED_MAX + 1), None);
    }

    #[test]
    fn sums_and_averages_are_exact() {
        let most = Fixed::of_whole(FIXED_MAX).unwrap();
        assert_eq!(
            most.plus(decimals("0.000001")).plus(most).value().to_string(),
            format!("2{:0>24}.000001", 0)
        );
        assert_eq!(decimals("32.5").over(3).value().to_string(), "10.833333");
        assert_eq!(decimals("-0.00001").over(4).value().to_string(), "-0.000003");
        assert_eq!(Fixed::default().over(0), Fixed::default());
    }
}
