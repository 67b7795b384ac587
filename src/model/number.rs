//! Numbers that keep their digits.

use std::cmp::Ordering;
use std::fmt;

/// A number of JSON.
///
/// Whole ones up to 38 digits are compared exactly, as DuckDB compares its `HUGEINT`: a float has no
/// room for the last digits of an order's or a card's number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Written without a point and an exponent.
    Whole(i128),
    /// Any other.
    Real(f64),
}

/// Below this a float has every digit of a whole number.
const FLOAT_EXACT_BELOW: u128 = 1 << 53;
/// Below this a whole number has room in 128 bits.
const WHOLE_BELOW: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;

impl Number {
    /// Reads a number as JSON writes it: `-1.5e3`, but neither `.5`, `+1` nor ` 1`. More zeros in front
    /// than JSON allows are read as well.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if !is_number(text.as_bytes()) {
            return None;
        }
        match text.parse() {
            Ok(whole) => Some(Self::Whole(whole)),
            Err(_) => text.parse().ok().map(Self::Real),
        }
    }

    /// The nearest float.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the nearest one is what is wanted")]
    pub fn float(self) -> f64 {
        match self {
            // Processors do this themselves with half of the digits, to which most numbers keep.
            Self::Whole(whole) => {
                i64::try_from(whole).map_or_else(|_| whole as f64, |it| it as f64)
            }
            Self::Real(real) => real,
        }
    }

    /// Whether comparing floats gives the same as comparing with this number itself.
    #[must_use]
    pub fn fits_a_float(self) -> bool {
        match self {
            Self::Whole(whole) => whole.unsigned_abs() < FLOAT_EXACT_BELOW,
            Self::Real(_) => self.exact().is_none(),
        }
    }

    /// Which is more.
    #[must_use]
    pub fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => Some(one.cmp(&other)),
            (one, other) => match (one.exact(), other.exact()) {
                (Some(one), Some(other)) => Some(one.cmp(&other)),
                _ => one.float().partial_cmp(&other.float()),
            },
        }
    }

    /// The whole number that it is, of those of which a float may lack digits: one that is small enough is
    /// compared as well by a float.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a float of this size is whole, and fits")]
    pub fn exact(self) -> Option<i128> {
        match self {
            Self::Whole(whole) => Some(whole),
            Self::Real(real) => {
                let is_large = real.abs() >= FLOAT_EXACT_BELOW as f64 && real.abs() < WHOLE_BELOW;
                is_large.then_some(real as i128)
            }
        }
    }
}

impl Number {
    /// A text that is the same for numbers of which neither is more.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^53")]
    pub(super) fn same_text(self) -> String {
        if let Self::Real(real) = self
            && real.fract() == 0.0
            && real.abs() < FLOAT_EXACT_BELOW as f64
        {
            return (real as i64).to_string();
        }
        self.exact().map_or_else(|| self.to_string(), |whole| whole.to_string())
    }
}

impl From<&serde_json::Number> for Number {
    fn from(number: &serde_json::Number) -> Self {
        Self::parse(number.as_str()).unwrap_or(Self::Real(f64::NAN))
    }
}

impl fmt::Display for Number {
    /// As [`Number::parse`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(whole) => write!(f, "{whole}"),
            Self::Real(real) => write!(f, "{real:?}"),
        }
    }
}

/// `-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?`, as `lake` has it too.
fn is_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let Some(rest) = digits(text) else { return false };
    let rest = match rest.strip_prefix(b".") {
        Some(fraction) => match digits(fraction) {
            Some(rest) => rest,
            None => return false,
        },
        None => rest,
    };
    match rest {
        [] => true,
        [b'e' | b'E', b'-' | b'+', exponent @ ..] | [b'e' | b'E', exponent @ ..] => {
            digits(exponent).is_some_and(<[u8]>::is_empty)
        }
        _ => false,
    }
}

/// What follows at least one digit.
fn digits(text: &[u8]) -> Option<&[u8]> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.get(count..).filter(|_| count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_are_numbers() {
        for text in ["0", "-1", "007", "1.50", "1e3", "-1.5E-7", "123456789012345678901234567890"] {
            assert!(Number::parse(text).is_some(), "{text}");
        }
        for text in ["", "-", "+1", " 1", "1 ", ".5", "5.", "1e", "1_000", "inf", "nan", "0x1"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }

    #[test]
    fn long_numbers_keep_their_digits() {
        let number = |text| Number::parse(text).unwrap();
        let order = |one, other| number(one).order(number(other)).unwrap();
        assert_eq!(order("1234567890123456789", "1234567890123456790"), Ordering::Less);
        assert_eq!(order("89490200001234567899", "89490200001234567890"), Ordering::Greater);
        assert_eq!(order("1", "1.0"), Ordering::Equal);
        assert_eq!(order("1e400", "1"), Ordering::Greater);
        assert_eq!(order("100000000000000000001", "1E20"), Ordering::Greater);
        assert_eq!(order("1E20", "100000000000000000001"), Ordering::Less);
        assert_eq!(order("100000000000000000000", "1.0e20"), Ordering::Equal);
        assert_eq!(order("100000000000000000001", "1.5"), Ordering::Greater);
        assert_eq!(order("5", "1e38"), Ordering::Less);
        assert_eq!(order("1e39", "170141183460469231731687303715884105727"), Ordering::Greater);
    }
}
