//! How many were in an audience, and who came and went: as the events that tell of it say, and who is in now.

use serde::{Deserialize, Serialize};

use super::scope::within;
use super::{Calendar, Invalid, Question};
use crate::lake::engine::literal;
use crate::lake::{LakeError, Moment, Span};
use crate::model::Time;
use crate::processing::{ENTERED, LEFT};

/// An audience, interval by interval.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Growth {
    /// Its id.
    pub audience: String,
    /// From the interval of this moment on.
    pub from: Time,
    /// Before this moment.
    pub to: Time,
    /// By which intervals: days or longer.
    pub calendar: Calendar,
}

/// An audience in one interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GrowthRow {
    /// The beginning of the interval, as RFC 3339 by the clocks of the zone:
    /// `2026-01-05T00:00:00Z`.
    pub date: String,
    /// How many were in it at the end of the interval.
    pub members: i64,
    /// How many entered.
    pub entered: u64,
    /// How many left.
    pub left: u64,
}

impl Growth {
    /// Rows of `date`, `members`, `entered` and `left`, in order.
    ///
    /// # Errors
    /// [`Invalid`] for intervals shorter than a day, and when there would be more than 10,000.
    pub fn sql(&self) -> Result<String, Invalid> {
        self.calendar.is_by_days("growth")?;
        let nothing = || Invalid("from must be before to".to_owned());
        let dates = self.calendar.all(Some(self.from), Some(self.to))?.ok_or_else(nothing)?;
        let before = within("time", None, Some(self.to)).next().unwrap_or_default();
        Ok(format!(
            "WITH {states}, \
             counted AS (SELECT {date} AS date, count(*) FILTER (is_in AND NOT was) AS entered, \
             count(*) FILTER (was AND NOT is_in) AS \"left\" FROM \
             (SELECT {interval} AS \"interval\", was, is_in FROM states WHERE {before}) GROUP BY 1), \
             base AS (SELECT count(*) FILTER (was AND before IS NULL) AS members FROM states), \
             sizes AS (SELECT date, (SELECT members FROM base) + sum(entered - \"left\") OVER (ORDER BY date) \
             AS members FROM counted) \
             SELECT dates.date, CAST(coalesce(sizes.members, (SELECT members FROM base)) AS BIGINT) AS members, \
             coalesce(entered, 0) AS entered, coalesce(\"left\", 0) AS \"left\" \
             FROM ({dates}) AS dates ASOF LEFT JOIN sizes ON dates.date >= sizes.date \
             LEFT JOIN counted ON counted.date = dates.date ORDER BY dates.date",
            states = self.states(),
            interval = self.calendar.interval(None, Some(self.to)),
            date = self.calendar.beginning("\"interval\"", None, Some(self.to)),
        ))
    }

    /// Each event that tells of somebody, with whether they were in before it and are after it.
    ///
    /// Between two events somebody is in where the one says that they entered, or the other that they
    /// left: of people who became one, only one of whom was in it, there is one of these alone. After the last
    /// they are in where they are now: so it ends with the present size, whatever became of them untold.
    /// Who is in and of whom nothing is told, since history is kept for some time only, is in since they are.
    /// Whoever leaves and never entered was in all the time; but not those whose stay began when somebody
    /// else's did: they were one person for a while, and are two again.
    fn states(&self) -> String {
        let audience = literal(&self.audience);
        format!(
            "members AS (SELECT profile_id AS who, since FROM kith.members({audience})), \
             told AS (SELECT profile_id AS who, time, received_at, position, type = '{ENTERED}' AS enters, \
             TRY_CAST(properties->>'since' AS TIMESTAMPTZ) AS since \
             FROM events WHERE type IN ('{ENTERED}', '{LEFT}') AND (properties->>'audience') = {audience} AND \
             json_exists(properties, '$.reason') AND profile_id IS NOT NULL), \
             told_of_own AS (SELECT who, time, received_at, position, enters FROM \
             (SELECT *, lag(who) OVER w IS NULL AS is_first FROM told \
             WINDOW w AS (PARTITION BY who ORDER BY time, received_at, position)) \
             WHERE enters OR NOT is_first OR since IS NULL OR since NOT IN (SELECT time FROM told WHERE enters)), \
             own AS (FROM told_of_own UNION ALL \
             SELECT who, since, since, 0, true FROM members ANTI JOIN told_of_own USING (who)), \
             placed AS (SELECT who, time, enters, lag(enters) OVER w AS before, lead(enters) OVER w AS next FROM own \
             WINDOW w AS (PARTITION BY who ORDER BY time, received_at, position)), \
             states AS (SELECT time, before, coalesce(before, false) OR NOT enters AS was, \
             CASE WHEN next IS NULL THEN who IN (SELECT who FROM members) ELSE enters OR NOT next END AS is_in \
             FROM placed)"
        )
    }
}

impl Question for Growth {
    type Answer = Vec<GrowthRow>;

    fn check(&self) -> Result<(), Invalid> {
        self.sql().map(drop)
    }

    fn span(&self) -> Span {
        // What comes later tells who was in before.
        Span::ALWAYS
    }

    fn answer(self, moment: &Moment) -> Result<Vec<GrowthRow>, LakeError> {
        let mut rows: Vec<GrowthRow> = moment.read(&self.sql()?)?;
        for row in &mut rows {
            row.date = self.calendar.written(&row.date);
        }
        Ok(rows)
    }
}
