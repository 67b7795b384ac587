//! Lifecycle: of those who do something, who does it for the first time, again, after a while, and no more.

use serde::{Deserialize, Serialize};

use super::people::WHO;
use super::{Calendar, Invalid, Question, Scope};
use crate::lake::engine::literal;
use crate::lake::{LakeError, Moment, Span};
use crate::model::Time;

/// See the module. All of history decides who is new, so the scope's beginning only says what is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lifecycle {
    /// What they do, and when; it needs both ends.
    pub scope: Scope,
    /// By days, weeks or months. The first one is whole, also where the scope begins within it.
    pub calendar: Calendar,
}

/// How many people are in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LifecycleRow {
    /// The beginning of the interval, as RFC 3339 by the clocks of the zone: `2026-01-05T00:00:00Z`.
    pub date: String,
    /// `new`, `returning`, `resurrecting` or `dormant`.
    pub state: State,
    /// How many.
    pub people: u64,
}

/// What somebody is in an interval.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// They do it for the first time.
    New,
    /// They did it in the interval before as well.
    Returning,
    /// They did it some time before that.
    Resurrecting,
    /// They did it in the interval before, and not in this one.
    Dormant,
}

impl State {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Returning => "returning",
            Self::Resurrecting => "resurrecting",
            Self::Dormant => "dormant",
        }
    }
}

/// Which of the numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LifecycleCell {
    /// The beginning of the interval.
    pub date: Time,
    /// What they are in it.
    pub state: State,
}

impl Lifecycle {
    /// Rows of `date`, `state` and `people`, in order; states of nobody are left out.
    ///
    /// # Errors
    /// [`Invalid`] for intervals shorter than a day, or without both ends.
    pub fn sql(&self) -> Result<String, Invalid> {
        Ok(format!(
            "WITH {}, counted AS (SELECT \"interval\", state, count(*) AS people FROM states GROUP BY ALL) \
             SELECT {} AS date, state, people FROM counted ORDER BY counted.\"interval\", state",
            self.states(WHO)?,
            self.calendar.beginning("\"interval\"", None, self.scope.to),
        ))
    }

    /// Whoever is behind one number: rows of `id`.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub(super) fn people(&self, cell: &LifecycleCell) -> Result<String, Invalid> {
        Ok(format!(
            "WITH {} SELECT who AS id FROM states WHERE state = {} AND {}",
            self.states("profile_id")?,
            literal(cell.state.as_str()),
            self.calendar.begins("\"interval\"", (None, self.scope.to), cell.date),
        ))
    }

    /// A table `states` of `who`, `interval` and `state`, with what it is made of.
    fn states(&self, who: &str) -> Result<String, Invalid> {
        self.calendar.is_by_days("lifecycle")?;
        let (Some(from), Some(to)) = (self.scope.from, self.scope.to) else {
            return Err(Invalid("lifecycle needs from and to".to_owned()));
        };
        let ever = Scope { from: None, ..self.scope.clone() };
        let length = self.calendar.interval.as_str();
        Ok(format!(
            "active AS (SELECT DISTINCT {who} AS who, {interval} AS \"interval\" FROM events \
             WHERE profile_id IS NOT NULL AND {ever} AND {done}), \
             around AS (SELECT who, \"interval\", lag(\"interval\") OVER way AS earlier, \
             lead(\"interval\") OVER way AS later FROM active \
             WINDOW way AS (PARTITION BY who ORDER BY \"interval\")), \
             ever AS (SELECT who, \"interval\", CASE WHEN earlier IS NULL THEN 'new' \
             WHEN earlier + INTERVAL 1 {length} >= \"interval\" THEN 'returning' ELSE 'resurrecting' END AS state \
             FROM around UNION ALL SELECT who, \"interval\" + INTERVAL 1 {length}, 'dormant' FROM around \
             WHERE later IS NULL OR later > \"interval\" + INTERVAL 1 {length}), \
             states AS (FROM ever WHERE \"interval\" >= date_trunc('{length}', {from}) AND \"interval\" < {to})",
            interval = self.calendar.interval(None, self.scope.to),
            ever = ever.sql(),
            done = ever.done([]),
            from = self.calendar.shown(from),
            to = self.calendar.shown(to),
        ))
    }
}

impl Question for Lifecycle {
    type Answer = Vec<LifecycleRow>;

    fn check(&self) -> Result<(), Invalid> {
        self.sql().map(drop)
    }

    fn span(&self) -> Span {
        Scope { from: None, ..self.scope.clone() }.span()
    }

    fn answer(self, moment: &Moment) -> Result<Vec<LifecycleRow>, LakeError> {
        let mut rows: Vec<LifecycleRow> = moment.read(&self.sql()?)?;
        for row in &mut rows {
            row.date = self.calendar.written(&row.date);
        }
        Ok(rows)
    }
}
