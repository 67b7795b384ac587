//! Intervals of a calendar: hours, days, weeks and months as the clocks of a zone show them, in SQL.
//!
//! A day has 23 or 25 hours when the clocks are moved, so an interval is not found by dividing. When that
//! is comes from the program's own list, written into the question: one that DuckDB brings may be older,
//! and its conversions take several times as long.

use serde::{Deserialize, Serialize};

use super::{Interval, Invalid};
use crate::model::{Move, Time, Zone};

const HOUR_MICROS: i64 = 3_600_000_000;
/// Most intervals of one answer.
const INTERVALS_MAX: i64 = 10_000;
/// The moves of clocks are known up to here, which is a guess anyway.
const KNOWN_TO: i64 = 4_102_444_800_000_000;

/// Intervals of one length in one zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// How long.
    pub interval: Interval,
    /// Whose clocks.
    pub zone: Zone,
}

impl Calendar {
    /// The interval that the moment `time` of a row is in: by its beginning, of days and longer as the clocks
    /// show it, so that what lies between two of these can be counted.
    pub(super) fn interval(&self, from: Option<Time>, to: Option<Time>) -> String {
        let moves = Moves::of(&self.zone, from, to);
        let ahead = moves.ahead("epoch_us(time)");
        match self.interval {
            // Everywhere minutes begin when UTC's do.
            Interval::Minute => truncated("minute"),
            Interval::Hour if self.zone.is_utc() => truncated("hour"),
            Interval::Hour => format!(
                "make_timestamptz(epoch_us(time) - (epoch_us(time) + {ahead}) % {HOUR_MICROS})"
            ),
            Interval::Day | Interval::Week | Interval::Month => {
                let name = self.interval.as_str();
                format!("date_trunc('{name}', make_timestamp(epoch_us(time) + {ahead}))")
            }
        }
    }

    /// The moment at which such an interval begins, which is in this column.
    pub(super) fn beginning(&self, column: &str, from: Option<Time>, to: Option<Time>) -> String {
        match self.interval {
            Interval::Minute | Interval::Hour => column.to_owned(),
            Interval::Day | Interval::Week | Interval::Month => {
                Moves::of(&self.zone, from, to).moment(column)
            }
        }
    }

    /// A table of all beginnings from one moment to before another, in a column `date`.
    fn steps(&self, from: Time, to: Time) -> String {
        let (name, shown) = (self.interval.as_str(), |at: Time| at.micros() + self.zone.ahead(at));
        let last = Time::from_micros((to.micros() - 1).max(from.micros()));
        if matches!(self.interval, Interval::Minute | Interval::Hour) {
            let length = if self.interval == Interval::Hour { HOUR_MICROS } else { 60_000_000 };
            let first = from.micros() - shown(from).rem_euclid(length);
            return format!(
                "SELECT make_timestamptz(unnest(generate_series({first}, {}, {length}))) AS date",
                last.micros()
            );
        }
        let moves = Moves::of(&self.zone, Some(from), Some(to));
        // Some zones have left out a day: two beginnings are one moment then.
        format!(
            "SELECT DISTINCT {} AS date FROM (SELECT unnest(generate_series( \
             date_trunc('{name}', make_timestamp({})), make_timestamp({}), INTERVAL 1 {name})) AS shown)",
            moves.moment("shown"),
            shown(from),
            shown(last)
        )
    }

    /// The condition that the interval in this column begins at a moment.
    pub(super) fn begins(
        &self,
        column: &str,
        (from, to): (Option<Time>, Option<Time>),
        at: Time,
    ) -> String {
        format!("{} = make_timestamptz({})", self.beginning(column, from, to), at.micros())
    }

    /// A moment as the clocks show it, in the way of [`Self::interval`] for days and longer.
    pub(super) fn shown(&self, at: Time) -> String {
        format!("make_timestamp({})", at.micros() + self.zone.ahead(at))
    }

    /// A table of all beginnings in a column `date`, where a time has both ends.
    ///
    /// # Errors
    /// [`Invalid`] when there would be more than 10,000.
    pub(super) fn all(
        &self,
        from: Option<Time>,
        to: Option<Time>,
    ) -> Result<Option<String>, Invalid> {
        let (Some(from), Some(to)) = (from, to) else { return Ok(None) };
        let seconds = (to.micros() - from.micros()) / 1_000_000;
        if seconds / self.interval.seconds() > INTERVALS_MAX {
            return Err(Invalid(format!("there would be more than {INTERVALS_MAX} intervals")));
        }
        Ok((from < to).then(|| self.steps(from, to)))
    }

    /// Whether it counts in days or longer.
    ///
    /// # Errors
    /// [`Invalid`] for shorter intervals; `what` is by days or longer.
    pub(super) fn is_by_days(&self, what: &str) -> Result<(), Invalid> {
        if matches!(self.interval, Interval::Minute | Interval::Hour) {
            return Err(Invalid(format!("{what} is by day, week or month")));
        }
        Ok(())
    }

    /// A moment that DuckDB writes in UTC, as RFC 3339 by the clocks of the zone.
    pub(super) fn written(&self, text: &str) -> String {
        let moment = Time::parse(&super::newest::rfc3339(text));
        moment.map_or_else(|| text.to_owned(), |moment| self.zone.rfc3339(moment))
    }
}

/// Through a moment without a time zone: truncating one with a time zone takes DuckDB four times as long.
fn truncated(name: &str) -> String {
    format!("make_timestamptz(epoch_us(date_trunc('{name}', make_timestamp(epoch_us(time)))))")
}

/// How far clocks are ahead of UTC, from move to move, the earliest first.
struct Moves {
    /// Before the first.
    ahead: i64,
    moves: Vec<Move>,
}

impl Moves {
    /// With more than a month on both sides, so that an interval that begins or ends there has its own.
    fn of(zone: &Zone, from: Option<Time>, to: Option<Time>) -> Self {
        let around = std::time::Duration::from_secs(40 * 86_400);
        let from = from.unwrap_or(Time::BEGINNING).minus(around);
        let to = to.unwrap_or(Time::END).plus(around).min(Time::from_micros(KNOWN_TO));
        let mut moves = zone.moves(from, to);
        moves.reverse();
        Self { ahead: zone.ahead(from), moves }
    }

    /// In microseconds, at the moment that `micros` is.
    fn ahead(&self, micros: &str) -> String {
        chosen(micros, self.ahead, &self.moves, &|one| one.at.micros())
    }

    /// The moment when clocks show `shown`: the first of two, and what none shows is as long after the move
    /// as it would be after it.
    fn moment(&self, shown: &str) -> String {
        let micros = format!("epoch_us({shown})");
        let ends = |one: &Move| one.at.micros() + one.before.max(one.after);
        let ahead = chosen(&micros, self.ahead, &self.moves, &ends);
        format!("make_timestamptz({micros} - {ahead})")
    }
}

/// Looks up how far clocks are ahead, in as many steps as there are binary digits in the number of moves.
fn chosen(micros: &str, ahead: i64, moves: &[Move], ends: &dyn Fn(&Move) -> i64) -> String {
    let (before, rest) = moves.split_at(moves.len() / 2);
    let Some((middle, after)) = rest.split_first() else { return format!("({ahead})") };
    format!(
        "CASE WHEN {micros} < {} THEN {} ELSE {} END",
        ends(middle),
        chosen(micros, ahead, before, ends),
        chosen(micros, middle.after, after, ends)
    )
}

#[cfg(test)]
mod tests {
    use duckdb::Connection;
    use proptest::prelude::*;

    use super::*;

    fn zone() -> impl Strategy<Value = Zone> {
        let names = [
            "UTC",
            "Europe/Warsaw",
            "Europe/London",
            "America/New_York",
            "America/Sao_Paulo",
            "Asia/Kolkata",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "Pacific/Chatham",
            "Africa/Casablanca",
            "America/St_Johns",
            "Asia/Gaza",
        ];
        prop::sample::select(names.to_vec()).prop_map(|name| name.parse().unwrap())
    }

    fn micros(connection: &Connection, sql: &str) -> Vec<i64> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// What jiff says: the beginning of the day that a zone's clocks show.
    fn day(zone: &Zone, at: Time) -> i64 {
        let zone = jiff::tz::TimeZone::get(zone.name()).unwrap();
        let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap();
        let day = zone.to_datetime(at).date().to_zoned_datetime(zone).unwrap();
        day.timestamp().as_microsecond()
    }

    #[test]
    fn a_day_begins_when_the_clocks_of_the_zone_say_so() {
        let connection = Connection::open_in_memory().unwrap();
        let mut runner = proptest::test_runner::TestRunner::default();
        // 1990 to 2037.
        let moments = prop::collection::vec(631_152_000_i64..2_114_380_800, 1..20);
        let check = |(zone, seconds, bounded): (Zone, Vec<i64>, bool)| {
            let times = seconds.iter().map(|at| Time::from_micros(at * 1_000_000));
            let times: Vec<Time> = times.collect();
            let span = (times.iter().min().copied(), times.iter().max().copied());
            let (from, to) = if bounded { span } else { (None, None) };
            let calendar = Calendar { interval: Interval::Day, zone: zone.clone() };
            let rows: Vec<String> =
                times.iter().map(|at| format!("(make_timestamptz({}))", at.micros())).collect();
            let sql = format!(
                "SELECT epoch_us({}) FROM (SELECT {} AS day FROM (VALUES {}) AS t(time))",
                calendar.beginning("day", from, to),
                calendar.interval(from, to),
                rows.join(", ")
            );
            let wanted: Vec<i64> = times.iter().map(|at| day(&zone, *at)).collect();
            prop_assert_eq!(micros(&connection, &sql), wanted, "{} {}", zone, sql);
            Ok(())
        };
        runner.run(&(zone(), moments, any::<bool>()), check).unwrap();
    }

    #[test]
    fn steps_are_as_long_as_the_days_are() {
        let connection = Connection::open_in_memory().unwrap();
        let hours = |zone: &str, interval, from: &str, to: &str| {
            let calendar = Calendar { interval, zone: zone.parse().unwrap() };
            let (from, to) = (Time::parse(from).unwrap(), Time::parse(to).unwrap());
            let sql =
                format!("SELECT epoch_us(date) FROM ({}) ORDER BY 1", calendar.steps(from, to));
            let steps = micros(&connection, &sql);
            steps.windows(2).map(|two| (two[1] - two[0]) / HOUR_MICROS).collect::<Vec<_>>()
        };
        let (day, hour) = (Interval::Day, Interval::Hour);
        let spring = ("2026-03-27T23:00:00Z", "2026-03-31T22:00:00Z");
        assert_eq!(hours("Europe/Warsaw", day, spring.0, spring.1), [24, 23, 24]);
        assert_eq!(hours("UTC", day, spring.0, spring.1), [24, 24, 24, 24]);
        let autumn = ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
        assert_eq!(hours("Europe/Warsaw", hour, autumn.0, autumn.1), [1; 24], "25 of them");
        assert_eq!(
            hours("Pacific/Apia", day, "2011-12-29T10:00:00Z", "2012-01-01T10:00:00Z"),
            [24; 2]
        );
    }
}
