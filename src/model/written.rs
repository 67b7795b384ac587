//! Times as people and programs write them (docs/wire.md §1.5).

use std::borrow::Cow;

use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use jiff::{Timestamp, ZonedDateTime};

use super::{Time, Zone};

/// Numbers above this are milliseconds, up to it seconds: the rule of the reference's parser.
const SECONDS_MAX: u64 = 20_000_000_000;
/// A number with more digits before its point is of another unit: of today's microseconds there are 16.
const DIGITS_MAX: usize = 15;
/// The first such number.
const NUMBERS_END: f64 = 1e15;
/// A day without dashes, which is a day although it is written in digits alone.
const DAY_DIGITS: usize = 8;
/// The same with what clocks show then.
const MOMENT_DIGITS: usize = 14;
/// So many digits of a second are read.
const FRACTION_DIGITS: usize = 9;
/// No offset is as much.
const DAY_SECONDS: i32 = 86_400;
/// From this day on not every zone can write what clocks show: it is the end of time, as far as we tell.
const LAST_DAYS: Date = jiff::civil::date(9999, 12, 30);
/// What each text of such a day begins with.
const LAST_DAYS_BEGIN: &str = "9999-12-3";
/// A year that is written with a sign, or that needs more digits than four, has as many.
const LONG_YEAR_DIGITS: std::ops::RangeInclusive<usize> = 5..=9;
/// The last year of four digits.
const SHORT_YEARS_END: u32 = 9999;

impl Time {
    /// Reads ISO 8601, also with a zone behind it (RFC 9557: `2026-01-05T10:00:00[Europe/Warsaw]`),
    /// `YYYY-MM-DD HH:MM:SS`, a day, or a number in digits, of seconds or milliseconds.
    ///
    /// What has neither offset nor zone is what clocks show in `zone`; without one it cannot be read.
    /// Times before 1970 are clocks that were never set, and an offset that is none of the zone beside it
    /// is a slip: neither is read. What lies past all that can be written is [`Time::END`].
    #[must_use]
    pub fn read(text: &str, zone: Option<&Zone>) -> Option<Self> {
        let text = text.trim();
        let plain = plainly_written(text);
        let text = &*plain;
        if let Some(shown) = shown_in_digits(text) {
            return shown_in(zone?, shown);
        }
        if is_number(text) {
            return Self::read_number(text);
        }
        if let Some((year, text)) = with_a_long_year(text) {
            let time = Self::read(&text, zone)?;
            return Some(if year > SHORT_YEARS_END { Self::END } else { time });
        }
        if text.starts_with(LAST_DAYS_BEGIN)
            && let Some(pieces) = with_a_zone(text)
        {
            return (pieces.date() >= LAST_DAYS).then_some(Self::END);
        }
        if names_a_zone(text) {
            let zoned =
                text.parse::<ZonedDateTime>().ok().filter(|zoned| is_offset(zoned.offset()))?;
            return since_epoch(zoned.timestamp()).filter(|_| !zoned.time_zone().is_unknown());
        }
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return since_epoch(timestamp).filter(|_| says_an_offset(text));
        }
        let shown = text.parse::<DateTime>().ok();
        let shown = shown.or_else(|| Some(text.parse::<Date>().ok()?.at(0, 0, 0, 0)));
        shown_in(zone?, shown?)
    }

    /// Reads a number of seconds or milliseconds from its digits: a float has not all of them. What lies past
    /// all that can be written is [`Time::END`], as a text of that moment is.
    #[must_use]
    pub fn read_number(digits: &str) -> Option<Self> {
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_plain(whole) || !is_plain(fraction) {
            return of_float(digits.parse().ok()?);
        }
        if whole.len() > DIGITS_MAX {
            return None;
        }
        let number: u64 = whole.parse().ok()?;
        let is_millis = number > SECONDS_MAX;
        let (unit, places) = if is_millis { (1_000, 3) } else { (1_000_000, 6) };
        let part: String = fraction.chars().chain(std::iter::repeat('0')).take(places).collect();
        let micros = i64::try_from(number).ok()?.checked_mul(unit)? + part.parse::<i64>().ok()?;
        Some(Self::from_micros(micros))
    }

    /// Whether these are the digits of a number past all that are read as times. Who asks for a moment is told so;
    /// of what has happened it says at least that its time cannot be believed.
    #[must_use]
    pub fn is_past_all(digits: &str) -> bool {
        let digits = digits.trim();
        let is_past = |number: f64| number.is_finite() && number >= NUMBERS_END;
        is_number(digits) && digits.parse().is_ok_and(is_past)
    }
}

/// A number that is written with an exponent.
#[expect(clippy::cast_possible_truncation, reason = "checked to lie within the years below")]
#[expect(clippy::cast_precision_loss, reason = "it is small enough")]
fn of_float(number: f64) -> Option<Time> {
    let seconds = if number > SECONDS_MAX as f64 { number / 1000.0 } else { number };
    let fits = (0.0..NUMBERS_END).contains(&number);
    fits.then(|| Time::from_micros((seconds * 1e6) as i64))
}

/// `20260105` and `20260105100000`: ISO 8601 without dashes, and what databases make of it. As numbers they would be an
/// evening of 1970, and a day of the year 2612.
fn shown_in_digits(text: &str) -> Option<DateTime> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        DAY_DIGITS => Some(text.parse::<Date>().ok()?.at(0, 0, 0, 0)),
        MOMENT_DIGITS => {
            let (day, clock) = text.split_at(DAY_DIGITS);
            format!("{day}T{clock}").parse().ok()
        }
        _ => None,
    }
}

/// What programs write beside ISO 8601, as that: `2026-01-05 10:00:00 UTC`, `2026-01-05 10:00:00 +0100`, and more
/// digits of a second than anybody measures.
fn plainly_written(text: &str) -> Cow<'_, str> {
    let bare = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT"));
    let parted = |sign: char| {
        let (shown, hours) = text.rsplit_once(sign)?;
        let shown = shown.strip_suffix(' ')?;
        let is_offset = hours.starts_with(|c: char| c.is_ascii_digit());
        is_offset.then(|| format!("{shown}{sign}{hours}"))
    };
    let text = match bare {
        // Where no hour is said, there is nothing that could be of a zone.
        Some(bare) if bare.contains(':') => Cow::Owned(format!("{bare}Z")),
        _ => parted('+').or_else(|| parted('-')).map_or(Cow::Borrowed(text), Cow::Owned),
    };
    let Some(point) =
        text.find(['.', ',']).filter(|at| text.get(..*at).is_some_and(|shown| shown.contains(':')))
    else {
        return text;
    };
    let digits = text.bytes().skip(point + 1).take_while(u8::is_ascii_digit).count();
    if digits <= FRACTION_DIGITS {
        return text;
    }
    let (kept, rest) = (text.get(..=point + FRACTION_DIGITS), text.get(point + 1 + digits..));
    Cow::Owned([kept, rest].map(Option::unwrap_or_default).concat())
}

fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'))
        && text.parse::<f64>().is_ok()
}

/// `+275760-09-13`, as JavaScript writes it, or `10000-01-01`: the year, and the same text in one of four digits
/// that has the same days.
fn with_a_long_year(text: &str) -> Option<(u32, String)> {
    let unsigned = text.strip_prefix('+');
    let (digits, rest) = unsigned.unwrap_or(text).split_once('-')?;
    let is_year = digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_year || !LONG_YEAR_DIGITS.contains(&digits.len()) {
        return None;
    }
    let year: u32 = digits.parse().ok()?;
    if year <= SHORT_YEARS_END {
        return unsigned.map(|_| (year, format!("{year:04}-{rest}")));
    }
    // The calendar repeats itself after 400 years.
    Some((year, format!("{:04}-{rest}", 2400 + year % 400)))
}

/// The moment at which clocks of a zone show this.
fn shown_in(zone: &Zone, shown: DateTime) -> Option<Time> {
    if shown.date() >= LAST_DAYS {
        return Some(Time::END);
    }
    since_epoch(zone.moment(shown)?)
}

/// What a text says that names an offset or a zone, whether or not there is such a moment.
fn with_a_zone(text: &str) -> Option<Pieces<'_>> {
    let pieces = Pieces::parse(text).ok()?;
    let is_somewhere = pieces.offset().is_some() || pieces.time_zone_annotation().is_some();
    is_somewhere.then_some(pieces)
}

/// Whether the first thing in brackets is a zone, not a remark such as `[u-ca=iso8601]`.
fn names_a_zone(text: &str) -> bool {
    let inside = text.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    inside.is_some_and(|(inside, _)| !inside.contains('='))
}

/// Whether the offset that a text names is one that clocks may have.
fn says_an_offset(text: &str) -> bool {
    let named = Pieces::parse(text).ok().and_then(|pieces| pieces.to_numeric_offset());
    named.is_none_or(is_offset)
}

/// What a library takes beyond is a slip (RFC 3339 §5.6: hours end at 23).
fn is_offset(offset: Offset) -> bool {
    offset.seconds().abs() < DAY_SECONDS
}

fn since_epoch(timestamp: Timestamp) -> Option<Time> {
    let micros = timestamp.as_microsecond();
    (micros >= 0).then(|| Time::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<i64> {
        Time::read(text, Some(&Zone::utc())).map(Time::micros)
    }

    #[test]
    fn all_spellings_of_a_moment_agree() {
        for text in [
            "2023-11-14T22:13:20Z",
            "2023-11-14 22:13:20",
            "2023-11-14T22:13:20.000",
            "2023-11-14T23:13:20+01:00",
            "2023-11-14T23:13:20+0100",
            " 2023-11-14T22:13:20+00:00 ",
            "2023-11-14T23:13:20[Europe/Warsaw]",
            "2023-11-14T23:13:20+01:00[Europe/Warsaw]",
            "2023-11-14T22:13:20Z[Europe/Warsaw]",
            "2023-11-14 23:13:20[europe/warsaw]",
            "2023-11-14T23:13:20[!Europe/Warsaw][u-ca=iso8601]",
            "2023-11-14T23:13:20[+01:00]",
            "2023-11-14T22:13:20Z[u-ca=iso8601]",
            "1700000000",
            " 1700000000.000 ",
            "1700000000000",
            "1.7e9",
            "2023-11-14 22:13:20 UTC",
            "2023-11-14 22:13:20.000 GMT",
            "2023-11-14 23:13:20 +0100",
            "2023-11-14T17:13:20 -05:00",
            "2023-11-14T22:13:20.000000000000Z",
            "2023-11-14T23:13:20,0000000000+01:00",
            "20231114221320",
        ] {
            assert_eq!(read(text), Some(1_700_000_000_000_000), "{text}");
        }
        for day in ["2023-11-14", "20231114"] {
            assert_eq!(read(day), Some(1_699_920_000_000_000), "{day}");
        }
    }

    #[test]
    fn what_no_zone_can_write_is_the_end_of_time() {
        for text in [
            "9999-12-31",
            "99991231",
            "9999-12-30 12:00:00",
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59.999999-11:00",
            "9999-12-31T10:00:00[Europe/Warsaw]",
        ] {
            assert_eq!(read(text), Some(Time::END.micros()), "{text}");
        }
        for text in [
            "253402128000000",
            "253402214400000",
            "253402300800000",
            "999999999999999.9",
            "2.534023008e14",
            "10000-01-01T00:00:00Z",
            "10000-01-01",
            "+010000-01-01T00:00:00Z",
            "+275760-09-13T00:00:00.000Z",
            "+009999-12-31T23:59:59Z",
            "12000-02-29 10:00:00",
            "12000-01-05T10:00:00+01:00[Europe/Warsaw]",
            "99999999-01-01",
        ] {
            assert_eq!(read(text), Some(Time::END.micros()), "{text}");
        }
        assert_eq!(read("+002026-01-05"), read("2026-01-05"));
        assert_eq!(Time::read("10000-01-01", None), None);
        assert_eq!(read("9999-12-29"), Some(253_402_041_600_000_000));
        assert_eq!(read("9999-12-32"), None);
        assert_eq!(Time::read("9999-12-31", None), None);
    }

    #[test]
    fn numbers_keep_their_last_digit() {
        assert_eq!(read("1767607200.123457"), Some(1_767_607_200_123_457));
        assert_eq!(read("1767607200123.457"), Some(1_767_607_200_123_457));
        assert_eq!(read("20000000000"), Some(20_000_000_000_000_000));
        assert_eq!(read("20000000001"), Some(20_000_000_001_000));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "soon",
            "2023-13-01",
            "1960-01-01T00:00:00Z",
            "10001-02-29",
            "10000-13-01T00:00:00Z",
            "+000000-01-01",
            "02026-01-05",
            "-010000-01-01",
            "+-10000-01-01",
            "-1",
            "1e300",
            "1767607200000000",
            "9999999999999999",
            "2023-11-14T23:13:20[Not/AZone]",
            "2023-11-14T23:13:20[Etc/Unknown]",
            "2023-11-14T23:13:20+05:00[Europe/Warsaw]",
            "2023-11-14T23:13:20[Europe/Warsaw",
            "2023-11-14T23:13:20 Europe/Warsaw",
            "2023-11-14T23:13:20[]",
            "2023-11-14T23:13:20+25:00",
            "2023-11-14T23:13:20-24:00",
            "2023-11-14T23:13:20[+25:00]",
            "2023-11-14 UTC",
            "2023-11-14 22:13:20 CET",
            "2023-11-14 22:13:20 -",
            "2023-11-14 22:13:20 +0100 +0100",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_of_another_unit_are_past_all() {
        for digits in ["1000000000000000", " 1767607200000000 ", "1e300", "9999999999999999.5"] {
            assert_eq!((read(digits), Time::is_past_all(digits)), (None, true), "{digits}");
        }
        for digits in ["999999999999999", "-1e300", "1e999", "inf", "soon", "", "10000-01-01"] {
            assert!(!Time::is_past_all(digits), "{digits}");
        }
    }

    #[test]
    fn what_has_no_offset_is_of_the_zone_or_cannot_be_read() {
        let warsaw: Zone = "Europe/Warsaw".parse().unwrap();
        let at = |text: &str| Time::read(text, Some(&warsaw)).map(|time| time.to_string());
        assert_eq!(at("2026-07-05").as_deref(), Some("2026-07-04T22:00:00Z"));
        assert_eq!(at("2026-01-05 10:00:00").as_deref(), Some("2026-01-05T09:00:00Z"));
        assert_eq!(at("2026-01-05T10:00:00Z").as_deref(), Some("2026-01-05T10:00:00Z"));
        for text in ["2026-07-05", "20260705", "20260705100000", "2026-01-05 10:00:00"] {
            assert_eq!(Time::read(text, None), None, "{text}");
        }
        assert_eq!(Time::read("5", None), Some(Time::from_micros(5_000_000)));
    }
}
