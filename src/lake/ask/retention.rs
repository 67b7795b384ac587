//! How many of those who came for the first time come back.

use serde::{Deserialize, Serialize};

use super::{Calendar, Filter, Interval, Invalid, Question, Scope};
use crate::lake::engine::literal;
use crate::lake::{LakeError, Moment, Span};

/// Most periods that are followed.
const PERIODS_MAX: u64 = 60;

/// People by the period of their first event, and in which later periods they came again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Retention {
    /// Which events count.
    pub scope: Scope,
    /// Which of them begin.
    pub first: Filter,
    /// Which of them are a return.
    pub again: Filter,
    /// By days, weeks or months.
    pub calendar: Calendar,
    /// So many after the first are followed.
    pub periods: u64,
}

/// Of those who began in one period, how many came in a later one.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RetentionRow {
    /// The beginning of the period in which they began, as DuckDB writes it, by the clocks of the zone:
    /// `2026-01-05 00:00:00+00`.
    pub cohort: String,
    /// So many periods later; 0 for that one.
    pub period: u64,
    /// How many of them came.
    pub people: u64,
}

impl Retention {
    /// Rows of `cohort` (the beginning of the period of a person's first beginning event), `period`
    /// (0 for that one) and `people`, in order. Periods in which nobody came are left out.
    ///
    /// # Errors
    /// [`Invalid`] for more than 60 periods, or intervals shorter than a day.
    pub fn sql(&self) -> Result<String, Invalid> {
        if self.periods > PERIODS_MAX {
            return Err(Invalid(format!("at most {PERIODS_MAX} periods can be followed")));
        }
        if matches!(self.calendar.interval, Interval::Minute | Interval::Hour) {
            return Err(Invalid("retention is by day, week or month".to_owned()));
        }
        let (from, to) = (self.scope.from, self.scope.to);
        let interval = literal(self.calendar.interval.as_str());
        // As clocks show it, so that a day with a move of theirs is one day.
        let date = self.calendar.interval(from, to);
        let began = self.calendar.beginning("cohort", from, to);
        Ok(format!(
            "WITH picked AS (SELECT profile_id, {date} AS date, \
             ({first}) IS TRUE AS begins, ({again}) IS TRUE AS returns FROM events \
             WHERE profile_id IS NOT NULL AND {scope}), \
             cohorts AS (SELECT profile_id, min(date) AS cohort FROM picked WHERE begins GROUP BY 1), \
             came AS (SELECT cohort, date_diff({interval}, cohort, date) AS period, \
             count(DISTINCT profile_id) AS people FROM picked JOIN cohorts USING (profile_id) \
             WHERE (returns OR date = cohort) AND period BETWEEN 0 AND {periods} \
             GROUP BY cohort, period) \
             SELECT {began} AS cohort, period, people FROM came ORDER BY came.cohort, period",
            first = self.first.sql(),
            again = self.again.sql(),
            scope = self.scope.sql(),
            periods = self.periods,
        ))
    }
}

impl Question for Retention {
    type Answer = Vec<RetentionRow>;

    fn check(&self) -> Result<(), Invalid> {
        self.sql().map(drop)
    }

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<Vec<RetentionRow>, LakeError> {
        let mut rows: Vec<RetentionRow> = moment.read(&self.sql()?)?;
        for row in &mut rows {
            row.cohort = self.calendar.written(&row.cohort);
        }
        Ok(rows)
    }
}
