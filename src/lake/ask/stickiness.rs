//! Stickiness: on how many days, weeks or months of a time people did something.

use serde::{Deserialize, Serialize};

use super::people::WHO;
use super::{Calendar, Invalid, Question, Scope};
use crate::lake::{LakeError, Moment, Span};

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stickiness {
    /// What they did, and when.
    pub scope: Scope,
    /// By days, weeks or months.
    pub calendar: Calendar,
}

/// How many people did it on so many days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StickinessRow {
    /// In so many different intervals.
    pub intervals: u64,
    /// How many people.
    pub people: u64,
}

impl Stickiness {
    /// Rows of `intervals` and `people`, in order; numbers of nobody are left out.
    ///
    /// # Errors
    /// [`Invalid`] for intervals shorter than a day.
    pub fn sql(&self) -> Result<String, Invalid> {
        Ok(format!(
            "WITH {} SELECT intervals, count(*) AS people FROM active GROUP BY intervals ORDER BY intervals",
            self.active(WHO)?
        ))
    }

    /// Whoever is behind one number: rows of `id`.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub(super) fn people(&self, intervals: u64) -> Result<String, Invalid> {
        let active = self.active("profile_id")?;
        Ok(format!("WITH {active} SELECT who AS id FROM active WHERE intervals = {intervals}"))
    }

    /// A table `active` of `who` and `intervals`.
    fn active(&self, who: &str) -> Result<String, Invalid> {
        self.calendar.is_by_days("stickiness")?;
        Ok(format!(
            "active AS (SELECT who, count(*) AS intervals FROM (SELECT DISTINCT {who} AS who, {} AS \"interval\" \
             FROM events WHERE profile_id IS NOT NULL AND {} AND {}) GROUP BY who)",
            self.calendar.interval(self.scope.from, self.scope.to),
            self.scope.sql(),
            self.scope.done([])
        ))
    }
}

impl Question for Stickiness {
    type Answer = Vec<StickinessRow>;

    fn check(&self) -> Result<(), Invalid> {
        self.sql().map(drop)
    }

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<Vec<StickinessRow>, LakeError> {
        moment.read(&self.sql()?)
    }
}
