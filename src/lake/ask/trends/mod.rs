//! Trends: how much of something there was in each interval of time, of several things beside each other.

mod formula;
mod measure;
mod sql;

pub use formula::Formula;
pub use measure::Measure;

use serde::{Deserialize, Serialize};

use super::{Breakdown, Calendar, Filter, Invalid, Question, Scope};
use crate::lake::{LakeError, Moment, Span};
use crate::model::Time;

/// Most series of one answer.
const SERIES_MAX: usize = 6;
/// Most formulas of one answer.
const FORMULAS_MAX: usize = 4;
/// The averages that move: fewest and most intervals.
const SMOOTHS: std::ops::RangeInclusive<u64> = 2..=366;
/// What series are called, in their order.
const NAMES: [&str; SERIES_MAX] = ["A", "B", "C", "D", "E", "F"];

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trends {
    /// Which events all series are about.
    pub scope: Scope,
    /// What is measured: called A, B, C, … in this order.
    pub series: Vec<Series>,
    /// What is reckoned of them.
    pub formulas: Vec<Formula>,
    /// Told apart by this.
    pub by: Option<Breakdown>,
    /// By which intervals; none: the whole time is one.
    pub calendar: Option<Calendar>,
    /// An average of so many intervals up to each is told as well.
    pub smooth: Option<u64>,
}

/// One thing that is measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Series {
    /// Which events.
    pub filter: Filter,
    /// What of them.
    pub measure: Measure,
}

/// One number of a series or formula.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TrendRow {
    /// `A`, `B`, … or the formula as it was written.
    pub series: String,
    /// The beginning of the interval, as RFC 3339 by the clocks of the zone: `2026-01-05T00:00:00Z`.
    /// Left out where the whole time is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub date: Option<String>,
    /// The value by which they are told apart. Left out for all others, and without a breakdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub group: Option<String>,
    /// The number. Left out where there is none, such as the average of nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub value: Option<f64>,
    /// The average of this and the numbers before it, where one is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub smoothed: Option<f64>,
}

/// Which of the numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrendCell {
    /// As the row has it.
    pub series: String,
    /// The beginning of the interval; none: the whole time.
    pub date: Option<Time>,
    /// As the row has it, where events are told apart.
    pub group: Option<String>,
}

impl Question for Trends {
    type Answer = Vec<TrendRow>;

    fn check(&self) -> Result<(), Invalid> {
        self.sql().map(drop)
    }

    fn shows_people(&self) -> bool {
        self.by.as_ref().is_some_and(Breakdown::shows_people)
    }

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<Vec<TrendRow>, LakeError> {
        let mut rows: Vec<TrendRow> = moment.read(&self.sql()?)?;
        for row in &mut rows {
            let written =
                |date: &String| self.calendar.as_ref().map(|calendar| calendar.written(date));
            row.date = row.date.as_ref().and_then(written);
        }
        Ok(rows)
    }
}
