//! How many of those who came for the first time come back.

use serde::{Deserialize, Serialize};

use super::{Calendar, Filter, Invalid, Question, Scope};
use crate::lake::engine::literal;
use crate::lake::{LakeError, Moment, Span};
use crate::model::Time;

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
    /// A person belongs to every period in which they began, not to the first alone.
    pub recurring: bool,
}

/// Which of the numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RetentionCell {
    /// The beginning of the period in which they began.
    pub cohort: Time,
    /// So many periods later.
    pub period: u64,
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
    /// Rows of `cohort` (the beginning of the period of a person's first beginning event, or of each such
    /// period where they are recurring), `period` (0 for that one) and `people`, in order. Periods in which
    /// nobody came are left out.
    ///
    /// # Errors
    /// [`Invalid`] for more than 60 periods, or intervals shorter than a day.
    pub fn sql(&self) -> Result<String, Invalid> {
        Ok(format!(
            "WITH {}, counted AS (SELECT cohort, period, count(DISTINCT profile_id) AS people FROM came \
             GROUP BY cohort, period) \
             SELECT {} AS cohort, period, people FROM counted ORDER BY counted.cohort, period",
            self.came()?,
            self.calendar.beginning("cohort", self.scope.from, self.scope.to),
        ))
    }

    /// Whoever is behind one number: rows of `id`.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub(super) fn people(&self, cell: &RetentionCell) -> Result<String, Invalid> {
        Ok(format!(
            "WITH {} SELECT DISTINCT profile_id AS id FROM came WHERE period = {} AND {}",
            self.came()?,
            cell.period,
            self.calendar.begins("cohort", (self.scope.from, self.scope.to), cell.cohort),
        ))
    }

    /// A table `came` of `profile_id`, `cohort` and `period`, with what it is made of.
    fn came(&self) -> Result<String, Invalid> {
        if self.periods > PERIODS_MAX {
            return Err(Invalid(format!("at most {PERIODS_MAX} periods can be followed")));
        }
        self.calendar.is_by_days("retention")?;
        let began = if self.recurring {
            "SELECT DISTINCT profile_id, date AS cohort FROM picked WHERE begins"
        } else {
            "SELECT profile_id, min(date) AS cohort FROM picked WHERE begins GROUP BY 1"
        };
        Ok(format!(
            "picked AS (SELECT profile_id, {date} AS date, \
             ({first}) IS TRUE AS begins, ({again}) IS TRUE AS returns FROM events \
             WHERE profile_id IS NOT NULL AND {scope}), \
             cohorts AS ({began}), \
             came AS (SELECT profile_id, cohort, date_diff({interval}, cohort, date) AS period \
             FROM picked JOIN cohorts USING (profile_id) \
             WHERE (returns OR date = cohort) AND period BETWEEN 0 AND {periods})",
            // As clocks show it, so that a day with a move of theirs is one day.
            date = self.calendar.interval(self.scope.from, self.scope.to),
            first = self.first.sql(),
            again = self.again.sql(),
            scope = self.scope.sql(),
            interval = literal(self.calendar.interval.as_str()),
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
