//! Numbers by their digits: what is whole, what is the multiple of what.

use serde_json::Number;

use crate::model::Number as Exact;

/// Most digits after the point that are shifted to make numbers whole.
const PLACES_MAX: i32 = 30;

/// Whether a number is whole, however it is written.
pub(super) fn is_whole(number: &Number) -> bool {
    match Exact::from(number) {
        Exact::Whole(_) => true,
        Exact::Real(real) => match decimal(number.as_str()) {
            Some((digits, places)) => places <= 0 || is_multiple(digits, 10, places),
            None => real.is_finite() && real.fract() == 0.0,
        },
    }
}

/// Whether `digits` ends in so many zeros.
fn is_multiple(digits: i128, base: i128, places: i32) -> bool {
    u32::try_from(places)
        .ok()
        .and_then(|places| base.checked_pow(places))
        .is_some_and(|unit| digits % unit == 0)
}

/// Whether `number` is so many times `unit`: by the digits of both where they fit, so that 0.3 is three
/// times 0.1, else as near as floats tell.
pub(super) fn is_times(number: &Number, unit: &str) -> bool {
    if let (Some(number), Some(unit)) = (decimal(number.as_str()), decimal(unit))
        && let Some((number, unit)) = aligned(number, unit)
    {
        return unit != 0 && number % unit == 0;
    }
    let (Some(number), Ok(unit)) = (number.as_f64(), unit.parse::<f64>()) else { return false };
    let times = number / unit;
    // What is left over is exact also where the quotient has no room.
    if times.is_finite() { times.fract() == 0.0 } else { number % unit == 0.0 }
}

/// Both as whole numbers of the smaller unit.
fn aligned((a, a_places): (i128, i32), (b, b_places): (i128, i32)) -> Option<(i128, i128)> {
    let places = a_places.max(b_places);
    let shift = |digits: i128, by: i32| {
        let by = u32::try_from(by).ok()?;
        digits.checked_mul(10_i128.checked_pow(by)?)
    };
    Some((shift(a, places - a_places)?, shift(b, places - b_places)?))
}

/// The digits of a number, and how many of them stand after the point; below 0 where zeros follow.
fn decimal(text: &str) -> Option<(i128, i32)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}").parse().ok()?;
    let places = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    (places.abs() <= PLACES_MAX).then_some((digits, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_whole_by_their_digits() {
        for whole in ["1", "-0", "1.0", "1e3", "12.50e2", "1e300", "123456789012345678901234567890"]
        {
            assert!(is_whole(&number(whole)), "{whole}");
        }
        for no in ["1.5", "1e-3", "12.505e2"] {
            assert!(!is_whole(&number(no)), "{no}");
        }
    }

    #[test]
    fn multiples_are_so_by_their_digits() {
        for (a, unit) in
            [("0.3", "0.1"), ("4.5", "1.5"), ("10", "2"), ("1e3", "8"), ("-6", "3"), ("0", "7")]
        {
            assert!(is_times(&number(a), unit), "{a} {unit}");
        }
        for (a, unit) in [("0.31", "0.1"), ("7", "2"), ("0.0075", "0.01"), ("1e308", "0.123456789")]
        {
            assert!(!is_times(&number(a), unit), "{a} {unit}");
        }
    }
}
