//! How many events there were in each interval of time.

use serde::{Deserialize, Serialize};

use super::{Calendar, Field, Invalid, Question, Scope};
use crate::lake::{LakeError, Moment, Span};

/// Groups that are told apart; events of all others are one.
const GROUPS_MAX: usize = 20;

/// Lengths of time that people count in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Interval {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday on.
    Week,
    /// Of the calendar.
    Month,
}

impl Interval {
    /// The interval of this name.
    ///
    /// # Errors
    /// [`Invalid`] for any other name.
    pub fn named(name: &str) -> Result<Self, Invalid> {
        let all = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month];
        let found = all.into_iter().find(|interval| interval.as_str() == name);
        found.ok_or_else(|| Invalid("interval is one of minute, hour, day, week, month".to_owned()))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Its shortest length.
    pub(super) fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Week => 604_800,
            Self::Month => 28 * 86_400,
        }
    }
}

/// Counts by time, and by a field if one is given.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Histogram {
    /// Which events.
    pub scope: Scope,
    /// By which intervals.
    pub calendar: Calendar,
    /// Told apart by this.
    pub group: Option<Field>,
}

/// How many events there were in an interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HistogramRow {
    /// The beginning of the interval, as RFC 3339 by the clocks of the zone:
    /// `2026-01-05T10:00:00Z`.
    pub date: String,
    /// The value by which they are told apart. Left out for all others, and without a field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub group: Option<String>,
    /// How many.
    pub count: u64,
}

impl Histogram {
    /// Rows of `date` (the interval's beginning), `group` (the 20 most frequent; null for all others)
    /// and `count`, in order. Where the scope has both ends, intervals without events are
    /// there too, for each group.
    ///
    /// # Errors
    /// [`Invalid`] when there would be more than 10,000 intervals.
    pub fn sql(&self) -> Result<String, Invalid> {
        let scope = self.scope.sql();
        let (from, to) = (self.scope.from, self.scope.to);
        let interval = self.calendar.interval(from, to);
        let date = self.calendar.beginning("\"interval\"", from, to);
        let group = self.group.as_ref().map_or_else(|| "NULL".to_owned(), Field::text);
        // Counted once, by interval and value; which values are frequent follows from that.
        let counted = format!(
            "WITH one AS (SELECT {interval} AS \"interval\", {group} AS grp, count(*) AS n \
             FROM events WHERE {scope} GROUP BY ALL), \
             frequent AS (SELECT grp FROM one WHERE grp IS NOT NULL GROUP BY grp \
             ORDER BY sum(n) DESC, grp LIMIT {GROUPS_MAX}), \
             counted AS (SELECT {date} AS date, CASE WHEN grp IN (FROM frequent) THEN grp END AS \"group\", \
             CAST(sum(n) AS BIGINT) AS count FROM one GROUP BY ALL)"
        );
        let Some(steps) = self.steps()? else {
            return Ok(format!(
                "{counted} SELECT date, \"group\", count FROM counted ORDER BY ALL"
            ));
        };
        // Without any event there is still one group, of which there is nothing.
        Ok(format!(
            "{counted}, dates AS ({steps} UNION SELECT date FROM counted), \
             groups AS (SELECT DISTINCT \"group\" FROM counted UNION ALL \
             SELECT NULL WHERE NOT EXISTS (FROM counted)) \
             SELECT dates.date, groups.\"group\", coalesce(count, 0) AS count \
             FROM dates CROSS JOIN groups LEFT JOIN counted ON counted.date = dates.date \
             AND counted.\"group\" IS NOT DISTINCT FROM groups.\"group\" ORDER BY ALL"
        ))
    }

    /// Every interval of the scope, if it has both ends.
    fn steps(&self) -> Result<Option<String>, Invalid> {
        self.calendar.all(self.scope.from, self.scope.to)
    }
}

impl Question for Histogram {
    type Answer = Vec<HistogramRow>;

    fn check(&self) -> Result<(), Invalid> {
        self.steps().map(drop)
    }

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<Vec<HistogramRow>, LakeError> {
        let mut rows: Vec<HistogramRow> = moment.read(&self.sql()?)?;
        for row in &mut rows {
            row.date = self.calendar.written(&row.date);
        }
        Ok(rows)
    }
}
