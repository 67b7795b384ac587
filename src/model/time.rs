//! A moment, in microseconds, UTC.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z. Shown and stored as RFC 3339 text in JSON; serde writes
/// the number, for messages between processes of one version.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(i64);

/// The end of 9999-12-29: the last whole day that every time zone can write.
const LAST_MICROS: i64 = 253_402_127_999_999_999;

impl Time {
    /// 1970-01-01T00:00:00Z.
    pub const BEGINNING: Self = Self(0);
    /// The latest moment there is.
    pub const END: Self = Self(LAST_MICROS);

    /// The moment so many microseconds after the epoch, held within the years 1970 to 9999.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(0, LAST_MICROS))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }

    /// Days since the epoch, for things kept by the day.
    #[must_use]
    pub fn day(self) -> i64 {
        self.0.div_euclid(86_400_000_000)
    }

    /// Monday is 0, as the session document counts (docs/wire.md §4.1).
    #[must_use]
    pub fn weekday(self) -> u8 {
        u8::try_from((self.day() + 3).rem_euclid(7)).unwrap_or(0)
    }

    /// Seconds from `earlier` to this moment; 0 when it is not earlier.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "2^53 microseconds are 285 years")]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0).max(0) as f64 / 1e6
    }

    /// This moment moved by `by`.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self::from_micros(self.0.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This moment moved back by `by`.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self::from_micros(self.0.saturating_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Reads RFC 3339 text as [`fmt::Display`] writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let timestamp: jiff::Timestamp = text.parse().ok()?;
        Some(Self::from_micros(timestamp.as_microsecond()))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written = *b"0000-00-00T00:00:00.000000";
        let [year, month, day] = date(self.day());
        let micros = self.0.rem_euclid(86_400_000_000);
        let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let (first, middle, last) = (fraction / 10_000, fraction / 100 % 100, fraction % 100);
        let pairs = [year / 100, year % 100, month, day, hour, minute, second, first, middle, last];
        for (pair, at) in pairs.into_iter().zip([0, 2, 5, 8, 11, 14, 17, 20, 22, 24]) {
            let pair = u8::try_from(pair).unwrap_or(0);
            (written[at], written[at + 1]) = (b'0' + pair / 10, b'0' + pair % 10);
        }
        // Zeros at the end of a fraction say nothing.
        let zeros = written.iter().rev().take_while(|digit| **digit == b'0').count();
        let end = if fraction == 0 { 19 } else { written.len() - zeros };
        let written = written.get(..end).and_then(|text| std::str::from_utf8(text).ok());
        f.write_str(written.unwrap_or_default())?;
        f.write_str("Z")
    }
}

/// Year, month and day of a day since 1970, counted in years that begin in March: then the day that some
/// years have more is the last one.
fn date(day: i64) -> [i64; 3] {
    const DAYS_OF_400_YEARS: i64 = 146_097;
    // The first of March of the year 0.
    let day = day + 719_468;
    let (era, day) = (day.div_euclid(DAYS_OF_400_YEARS), day.rem_euclid(DAYS_OF_400_YEARS));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, over) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    [era * 400 + year + over, month, day]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for micros in [0, 1, 1_795_000_000_123_456, LAST_MICROS] {
            let time = Time::from_micros(micros);
            assert_eq!(Time::parse(&time.to_string()), Some(time));
        }
    }

    #[test]
    fn it_is_written_as_the_calendar_has_it() {
        let day = 86_400_000_000;
        let days = (0..2_932_896).step_by(17).chain(11_000..11_800);
        let moments = days.flat_map(|n| [n * day, n * day - 1, n * day + 45_296_120_000]);
        for micros in moments.chain([1, 10, 100_000, LAST_MICROS]).filter(|micros| *micros >= 0) {
            let expected = jiff::Timestamp::from_microsecond(micros).unwrap().to_string();
            assert_eq!(Time::from_micros(micros).to_string(), expected);
        }
    }

    #[test]
    fn the_first_day_was_a_thursday() {
        assert_eq!(Time::from_micros(0).weekday(), 3);
        assert_eq!(Time::from_micros(4 * 86_400_000_000).weekday(), 0);
    }
}
