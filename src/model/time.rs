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
        let timestamp = jiff::Timestamp::from_microsecond(self.0).unwrap_or_default();
        write!(f, "{timestamp}")
    }
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
    fn the_first_day_was_a_thursday() {
        assert_eq!(Time::from_micros(0).weekday(), 3);
        assert_eq!(Time::from_micros(4 * 86_400_000_000).weekday(), 0);
    }
}
