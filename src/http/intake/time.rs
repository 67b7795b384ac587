//! Times as clients write them (docs/wire.md §1.5).

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, tz::TimeZone};

/// Numbers above this are milliseconds, below it seconds: the rule of the reference's parser.
const SECONDS_MAX: f64 = 2e10;

/// Microseconds since the epoch of ISO 8601 or `YYYY-MM-DD HH:MM:SS` text; without an offset, UTC.
#[must_use]
pub(in crate::http) fn parse_time(text: &str) -> Option<i64> {
    let text = text.trim();
    let with_offset = || text.parse::<Timestamp>().ok();
    let naive = || {
        text.parse::<DateTime>().ok()?.to_zoned_datetime(TimeZone::UTC).ok().map(|z| z.timestamp())
    };
    let day =
        || text.parse::<Date>().ok()?.to_zoned_datetime(TimeZone::UTC).ok().map(|z| z.timestamp());
    let timestamp = with_offset().or_else(naive).or_else(day)?;
    since_epoch(timestamp)
}

/// The same for a number of seconds or milliseconds.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "checked to lie within the years below")]
pub(in crate::http) fn parse_time_number(number: f64) -> Option<i64> {
    let seconds = if number.abs() > SECONDS_MAX { number / 1000.0 } else { number };
    let micros = seconds * 1e6;
    let fits = micros.is_finite() && (0.0..2.5e17).contains(&micros);
    fits.then_some(micros as i64)
}

/// Years before 1970 are clocks that were never set.
fn since_epoch(timestamp: Timestamp) -> Option<i64> {
    Some(timestamp.as_microsecond()).filter(|micros| *micros >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_moment_agree() {
        let moment = Some(1_700_000_000_000_000);
        for text in [
            "2023-11-14T22:13:20Z",
            "2023-11-14 22:13:20",
            "2023-11-14T22:13:20.000",
            "2023-11-14T23:13:20+01:00",
            "2023-11-14T23:13:20+0100",
            " 2023-11-14T22:13:20+00:00 ",
        ] {
            assert_eq!(parse_time(text), moment, "{text}");
        }
        assert_eq!(parse_time_number(1.7e9), moment);
        assert_eq!(parse_time_number(1.7e12), moment);
        assert_eq!(parse_time("2023-11-14"), Some(1_699_920_000_000_000));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "soon", "2023-13-01", "1960-01-01T00:00:00Z", "99999999-01-01"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
        for number in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
            assert_eq!(parse_time_number(number), None, "{number}");
        }
    }
}
