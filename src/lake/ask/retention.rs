//! How many of those who came for the first time come back.

use serde::{Deserialize, Serialize};

use super::people::WHO;
use super::scope::within;
use super::{Calendar, Filter, Invalid, Question, Scope};
use crate::lake::engine::literal;
use crate::lake::{LakeError, Moment, Span};
use crate::model::Time;

/// Most periods that are followed.
const PERIODS_MAX: u64 = 60;

/// People by the period of their first event ever, and in which later periods they came again. All of history
/// decides what is first, so the scope's beginning only says what is told.
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
    /// The beginning of the period in which they began, as RFC 3339 by the clocks of the zone:
    /// `2026-01-05T00:00:00Z`.
    pub cohort: String,
    /// So many periods later; 0 for that one.
    pub period: u64,
    /// How many of them came.
    pub people: u64,
}

impl Retention {
    /// Rows of `cohort` (the beginning of the period in which a person began for the first time ever, or of
    /// each in which they began where they are recurring), `period` (0 for that one) and `people`, in order.
    /// Periods in which nobody came are left out.
    ///
    /// # Errors
    /// [`Invalid`] for more than 60 periods, or intervals shorter than a day.
    pub fn sql(&self) -> Result<String, Invalid> {
        Ok(format!(
            "WITH {}, counted AS (SELECT cohort, period, count(*) AS people FROM came GROUP BY cohort, period) \
             SELECT {} AS cohort, period, people FROM counted ORDER BY counted.cohort, period",
            self.came(WHO)?,
            self.calendar.beginning("cohort", self.scope.from, self.scope.to),
        ))
    }

    /// Whoever is behind one number: rows of `id`.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub(super) fn people(&self, cell: &RetentionCell) -> Result<String, Invalid> {
        Ok(format!(
            "WITH {} SELECT who AS id FROM came WHERE period = {} AND {}",
            self.came("profile_id")?,
            cell.period,
            self.calendar.begins("cohort", (self.scope.from, self.scope.to), cell.cohort),
        ))
    }

    /// A table `came` of `who`, `cohort` and `period`, each once, with what it is made of.
    ///
    /// First of all what each did in each period: there are fewer of these than events.
    fn came(&self, who: &str) -> Result<String, Invalid> {
        if self.periods > PERIODS_MAX {
            return Err(Invalid(format!("at most {PERIODS_MAX} periods can be followed")));
        }
        self.calendar.is_by_days("retention")?;
        let began = if self.recurring {
            "SELECT who, date AS cohort FROM acted WHERE begun IS NOT NULL".to_owned()
        } else {
            let since = within("min(begun)", self.scope.from, None).next();
            format!(
                "SELECT who, arg_min(date, begun) AS cohort FROM acted WHERE begun IS NOT NULL GROUP BY 1{}",
                since.map(|since| format!(" HAVING {since}")).unwrap_or_default()
            )
        };
        Ok(format!(
            "acted AS MATERIALIZED (SELECT {who} AS who, {date} AS date, min(time) FILTER (({first}) IS TRUE) AS begun, \
             bool_or(({again}) IS TRUE) AS returns FROM events WHERE profile_id IS NOT NULL AND {picked} \
             GROUP BY 1, 2), \
             cohorts AS ({began}), \
             came AS (SELECT who, cohort, date_diff({interval}, cohort, date) AS period \
             FROM acted JOIN cohorts USING (who) \
             WHERE (returns OR date = cohort) AND date_diff({interval}, cohort, date) BETWEEN 0 AND {periods})",
            // As clocks show it, so that a day with a move of theirs is one day.
            date = self.calendar.interval(self.looks_from(), self.scope.to),
            first = self.does(&self.first),
            again = self.does(&self.again),
            picked = self.picked(),
            interval = literal(self.calendar.interval.as_str()),
            periods = self.periods,
        ))
    }

    /// The condition that an event is what they do.
    fn does(&self, what: &Filter) -> String {
        format!("({}) AND {}", what.sql(), self.scope.done([what]))
    }

    /// From when on events are looked at. Who has begun before the range does not begin in it.
    fn looks_from(&self) -> Option<Time> {
        if self.recurring { self.scope.from } else { None }
    }

    /// The condition for events that are looked at: before the range, only what begins.
    fn picked(&self) -> String {
        let looked_at = Scope { from: self.looks_from(), ..self.scope.clone() };
        let within = within("time", self.scope.from, None).next().filter(|_| !self.recurring);
        let within = within.map(|within| format!(" AND ({within} OR ({}))", self.first.sql()));
        format!("{}{}", looked_at.sql(), within.unwrap_or_default())
    }
}

impl Question for Retention {
    type Answer = Vec<RetentionRow>;

    fn check(&self) -> Result<(), Invalid> {
        self.sql().map(drop)
    }

    fn span(&self) -> Span {
        Scope { from: self.looks_from(), ..self.scope.clone() }.span()
    }

    fn answer(self, moment: &Moment) -> Result<Vec<RetentionRow>, LakeError> {
        let mut rows: Vec<RetentionRow> = moment.read(&self.sql()?)?;
        for row in &mut rows {
            row.cohort = self.calendar.written(&row.cohort);
        }
        Ok(rows)
    }
}
