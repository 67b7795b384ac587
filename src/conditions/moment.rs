//! Moments, and the texts that tell one.

use std::fmt;

use jiff::civil::{Date, DateTime, Time as Clock};

use crate::model::{Time, Zone};

/// A moment, in microseconds since 1970. Other than [`Time`] it knows the years before: birthdays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

/// Longest fraction of a second, in digits; beyond six they count for nothing.
const FRACTION_DIGITS_MAX: usize = 9;

impl Moment {
    /// So many microseconds after 1970 began.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970 began.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }

    /// So many microseconds later; none where no year is so far.
    #[must_use]
    pub fn plus(self, micros: i64) -> Option<Self> {
        self.0.checked_add(micros).map(Self)
    }

    /// Reads `2026-01-05`, `2026-01-05 10:00`, `2026-01-05T10:00:00.123`, and the last with `Z` or
    /// `+02:00` behind it. Without an offset it is UTC. `lake` has the same as a pattern.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text, Some)
    }

    /// The same, but what has no offset behind it is what clocks of this zone show.
    #[must_use]
    pub fn parse_in(text: &str, zone: &Zone) -> Option<Self> {
        Self::read(text, |shown| zone.moment_of(shown))
    }

    /// `of_clock` says when clocks show what has no offset, as if they showed UTC.
    fn read(text: &str, of_clock: impl Fn(i64) -> Option<i64>) -> Option<Self> {
        let text = text.is_ascii().then_some(text)?;
        let (date, rest) = text.split_at_checked(10)?;
        let date = day(date.as_bytes())?;
        if rest.is_empty() {
            return of_clock(micros(date.at(0, 0, 0, 0))).map(Self);
        }
        let rest = rest.strip_prefix(['T', ' '])?.as_bytes();
        let [h1, h2, b':', m1, m2, rest @ ..] = rest else { return None };
        let (hour, minute) = (two(*h1, *h2, 23)?, two(*m1, *m2, 59)?);
        let [b':', s1, s2, rest @ ..] = rest else {
            let shown = rest.is_empty().then(|| micros(date.at(hour, minute, 0, 0)))?;
            return of_clock(shown).map(Self);
        };
        let second = two(*s1, *s2, 59)?;
        let (fraction, rest) = fraction(rest)?;
        let clock = Clock::new(hour, minute, second, 0).ok()?;
        let shown = micros(date.to_datetime(clock)) + fraction;
        if rest.is_empty() {
            return of_clock(shown).map(Self);
        }
        Some(Self(shown - offset(rest)? * 1_000_000))
    }

    /// Whether it can be written so that [`Moment::parse`] reads it.
    pub(super) fn is_writable(self) -> bool {
        Self::parse(&self.to_string()) == Some(self)
    }
}

impl From<Time> for Moment {
    fn from(time: Time) -> Self {
        Self(time.micros())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timestamp = jiff::Timestamp::from_microsecond(self.0).unwrap_or_default();
        write!(f, "{timestamp}")
    }
}

fn day(text: &[u8]) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = i16::from(two(*y1, *y2, 99)?) * 100 + i16::from(two(*y3, *y4, 99)?);
    Date::new(year, two(*m1, *m2, 12)?, two(*d1, *d2, 31)?).ok()
}

/// Two digits, at most `most`.
fn two(tens: u8, ones: u8, most: i8) -> Option<i8> {
    if !tens.is_ascii_digit() || !ones.is_ascii_digit() {
        return None;
    }
    let number = i8::try_from((tens - b'0') * 10 + (ones - b'0')).ok()?;
    (number <= most).then_some(number)
}

/// `.123`, in microseconds, and what follows; nothing is none.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(rest) = text.strip_prefix(b".") else { return Some((0, text)) };
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=FRACTION_DIGITS_MAX).contains(&count) {
        return None;
    }
    let (digits, rest) = rest.split_at(count);
    let digit = |at: usize| digits.get(at).map_or(0, |digit| i64::from(digit - b'0'));
    Some(((0..6).fold(0, |micros, at| micros * 10 + digit(at)), rest))
}

/// `Z`, `+02:00`, `+0200`, `+02`, in seconds.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match text {
        [b'Z'] => return Some(0),
        [sign, h1, h2] => (sign, two(*h1, *h2, 15)?, 0),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => {
            (sign, two(*h1, *h2, 15)?, two(*m1, *m2, 59)?)
        }
        _ => return None,
    };
    let seconds = i64::from(hours) * 3_600 + i64::from(minutes) * 60;
    match sign {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

/// In UTC.
fn micros(at: DateTime) -> i64 {
    let since = at.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_tell_a_moment() {
        for (text, micros) in [
            ("1970-01-01", 0),
            ("1970-01-01 00:01", 60_000_000),
            ("1970-01-01T00:00:01.0000019", 1_000_001),
            ("1970-01-01T00:00:00.5Z", 500_000),
            ("1970-01-01T00:00:00-01", 3_600_000_000),
            ("1970-01-01T01:30:00+0130", 0),
            ("1969-12-31T23:59:59+00:00", -1_000_000),
            ("0000-01-01", -62_167_219_200_000_000),
        ] {
            assert_eq!(Moment::parse(text), Some(Moment(micros)), "{text}");
        }
    }

    #[test]
    fn other_texts_tell_none() {
        for text in [
            "",
            "2026",
            "2026-02-30",
            "2026-1-1",
            "2026-01-01T24:00",
            "2026-01-01T10:00Z",
            "2026-01-01T10:00:00.",
            "2026-01-01T10:00:00z",
            "2026-01-01T10:00:00+2",
            "2026-01-01T10:00:00+16:00",
            "2026-01-01T10:00:00 Z",
            "2026-01-0\u{17e}",
            "now",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for micros in [0, -1, 1_795_000_000_123_456, -62_167_219_200_000_000] {
            assert!(Moment(micros).is_writable(), "{micros}");
        }
        assert!(!Moment(i64::MAX).is_writable());
    }
}
