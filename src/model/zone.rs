//! Time zones of the IANA list, and what their clocks show.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Time;

/// The zone of machines that were never told theirs: in the list, but nowhere.
const NOWHERE: &str = "Factory";

/// A zone of the IANA list, by the name that is the primary one today: `Asia/Calcutta` is `Asia/Kolkata`.
/// Cheap to clone. The list is in the program, so every machine has the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

/// A text names no zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time zone has a name of the IANA list, such as Europe/Warsaw")]
pub struct NoZone;

/// Where a zone's clocks are moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// When.
    pub at: Time,
    /// How far they were ahead of UTC before that, in microseconds.
    pub before: i64,
    /// And how far they are since.
    pub after: i64,
}

impl Zone {
    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Whether it is UTC.
    #[must_use]
    pub fn is_utc(&self) -> bool {
        self.name() == "UTC"
    }

    /// Its primary name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// All names of the list.
    pub fn names() -> impl Iterator<Item = &'static str> {
        static NAMES: OnceLock<Vec<String>> = OnceLock::new();
        let names = || {
            let all = jiff::tz::db().available().map(|name| name.as_str().to_owned());
            all.filter(|name| name != NOWHERE).collect()
        };
        NAMES.get_or_init(names).iter().map(String::as_str)
    }

    /// The part of the world that its name begins with; none for zones of no place.
    #[must_use]
    pub fn continent(&self) -> Option<&str> {
        let (continent, _) = self.name().split_once('/')?;
        Some(continent).filter(|continent| *continent != "Etc")
    }

    /// How far its clocks are ahead of UTC at a moment, in microseconds.
    #[must_use]
    pub fn ahead(&self, at: Time) -> i64 {
        micros(self.0.to_offset(timestamp(at)).seconds())
    }

    /// All moves of its clocks within a time, the latest first.
    #[must_use]
    pub fn moves(&self, from: Time, to: Time) -> Vec<Move> {
        let later = self.0.preceding(timestamp(to)).map(|found| found.timestamp());
        let within = later.take_while(|at| *at > timestamp(from));
        let moved = within.map(|at| {
            let moment = Time::from_micros(at.as_microsecond());
            let before = self.ahead(Time::from_micros(moment.micros() - 1));
            Move { at: moment, before, after: self.ahead(moment) }
        });
        moved.collect()
    }

    /// When its clocks show this: the first time if they do so twice, and if they never do, as long
    /// after the gap as it would be in it.
    #[must_use]
    pub(super) fn moment(&self, shown: DateTime) -> Option<Timestamp> {
        self.0.to_timestamp(shown).ok()
    }

    /// The same of what clocks of UTC show at a moment; both are in microseconds since 1970.
    #[must_use]
    pub fn moment_of(&self, shown: i64) -> Option<i64> {
        let shown = TimeZone::UTC.to_datetime(Timestamp::from_microsecond(shown).ok()?);
        Some(self.moment(shown)?.as_microsecond())
    }

    /// What its clocks show, as DuckDB writes a moment: `2026-03-29 00:00:00+01`.
    #[must_use]
    pub fn written(&self, at: Time) -> String {
        let (shown, [sign, hours, minutes]) = self.clocks(at);
        let rest = if minutes == "00" { String::new() } else { format!(":{minutes}") };
        format!("{} {}{sign}{hours}{rest}", shown.date(), shown.time())
    }

    /// The same as RFC 3339: `2026-03-29T00:00:00+01:00`, and `Z` of UTC.
    #[must_use]
    pub fn rfc3339(&self, at: Time) -> String {
        if self.is_utc() {
            return at.to_string();
        }
        let (shown, [sign, hours, minutes]) = self.clocks(at);
        format!("{}T{}{sign}{hours}:{minutes}", shown.date(), shown.time())
    }

    /// What its clocks show, and how far they are from UTC: a sign, hours and minutes.
    fn clocks(&self, at: Time) -> (DateTime, [String; 3]) {
        let offset = self.0.to_offset(timestamp(at));
        let minutes = offset.seconds().abs() / 60;
        let sign = if offset.seconds() < 0 { "-" } else { "+" };
        let [hours, minutes] = [minutes / 60, minutes % 60].map(|many| format!("{many:02}"));
        (offset.to_datetime(timestamp(at)), [sign.to_owned(), hours, minutes])
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::utc()
    }
}

impl FromStr for Zone {
    type Err = NoZone;

    /// The zone of this name, in any case, whether the name is the primary one or not.
    fn from_str(name: &str) -> Result<Self, NoZone> {
        let found = TimeZone::get(name.trim()).map_err(|_| NoZone)?;
        let primary = found.primary_iana_name().filter(|name| *name != NOWHERE).ok_or(NoZone)?;
        TimeZone::get(primary).map(Self).map_err(|_| NoZone)
    }
}

impl TryFrom<String> for Zone {
    type Error = NoZone;

    fn try_from(name: String) -> Result<Self, NoZone> {
        name.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn timestamp(at: Time) -> Timestamp {
    Timestamp::from_microsecond(at.micros()).unwrap_or_default()
}

fn micros(seconds: i32) -> i64 {
    i64::from(seconds) * 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn time(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn a_name_of_any_age_becomes_the_one_of_today() {
        for (said, primary) in [
            ("Europe/Warsaw", "Europe/Warsaw"),
            (" europe/warsaw ", "Europe/Warsaw"),
            ("Poland", "Europe/Warsaw"),
            ("Asia/Calcutta", "Asia/Kolkata"),
            ("US/Pacific", "America/Los_Angeles"),
            ("Europe/Kiev", "Europe/Kyiv"),
            ("Etc/UTC", "UTC"),
            ("GMT", "UTC"),
            ("Etc/GMT+5", "Etc/GMT+5"),
        ] {
            assert_eq!(zone(said).name(), primary, "{said}");
        }
    }

    #[test]
    fn what_is_no_zone_is_none() {
        for text in
            ["", "5", "Etc/Unknown", "Not/AZone", "Factory", "+01:00", "CEST-2", "../etc", "UTC+2"]
        {
            assert_eq!(text.parse::<Zone>(), Err(NoZone), "{text}");
        }
    }

    #[test]
    fn a_zone_is_of_a_continent_or_of_none() {
        assert_eq!(zone("Poland").continent(), Some("Europe"));
        assert_eq!(zone("America/Indiana/Knox").continent(), Some("America"));
        assert_eq!(zone("UTC").continent(), None);
        assert_eq!(zone("Etc/GMT-3").continent(), None);
    }

    #[test]
    fn clocks_are_moved_when_the_law_says() {
        let moves =
            zone("Europe/Warsaw").moves(time("2026-01-01T00:00:00Z"), time("2026-12-31T00:00:00Z"));
        let hour = 3_600_000_000;
        let told = [
            Move { at: time("2026-10-25T01:00:00Z"), before: 2 * hour, after: hour },
            Move { at: time("2026-03-29T01:00:00Z"), before: hour, after: 2 * hour },
        ];
        assert_eq!(moves, told);
        assert!(zone("UTC").moves(Time::BEGINNING, Time::END).is_empty());
    }

    #[test]
    fn a_moment_is_written_as_the_zone_shows_it() {
        for (name, moment, shown, rfc3339) in [
            ("UTC", "2026-01-05T10:00:00Z", "2026-01-05 10:00:00+00", "2026-01-05T10:00:00Z"),
            (
                "Europe/Warsaw",
                "2026-07-05T22:00:00Z",
                "2026-07-06 00:00:00+02",
                "2026-07-06T00:00:00+02:00",
            ),
            (
                "Asia/Kolkata",
                "2026-01-05T18:30:00.5Z",
                "2026-01-06 00:00:00.5+05:30",
                "2026-01-06T00:00:00.5+05:30",
            ),
            (
                "America/St_Johns",
                "2026-01-05T03:30:00Z",
                "2026-01-05 00:00:00-03:30",
                "2026-01-05T00:00:00-03:30",
            ),
        ] {
            assert_eq!(zone(name).written(time(moment)), shown, "{name}");
            assert_eq!(zone(name).rfc3339(time(moment)), rfc3339, "{name}");
            assert_eq!(Time::parse(rfc3339), Some(time(moment)), "{name}");
        }
    }
}
