//! How long it takes people from the first step to another, on their quickest way.

use serde::{Deserialize, Serialize};

use super::Conversion;
use crate::lake::ask::people::WHO;
use crate::lake::ask::{Invalid, Question};
use crate::lake::{LakeError, Moment, Span};

const SECOND: u64 = 1_000_000;
/// Where the parts of the distribution begin, in seconds.
const BOUNDS: [u64; 12] =
    [0, 10, 60, 300, 1_800, 3_600, 21_600, 86_400, 259_200, 604_800, 1_209_600, 2_592_000];

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConversionTimes {
    /// Which funnel.
    pub conversion: Conversion,
    /// To this step, from 2 on.
    pub step: usize,
}

/// How long it takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TimesRow {
    /// How many came to the step.
    pub people: u64,
    /// Seconds, on average. Left out when nobody came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub average: Option<f64>,
    /// Half of them took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub median: Option<f64>,
    /// Nine of ten took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub p90: Option<f64>,
    /// How many took how long.
    pub buckets: Vec<Bucket>,
}

/// A part of the distribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Bucket {
    /// So many seconds or more.
    pub from: u64,
    /// Less than so many. Left out in the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub to: Option<u64>,
    /// People whom it took so long.
    pub people: u64,
}

/// As DuckDB tells it.
#[derive(Deserialize)]
struct Told {
    people: u64,
    average: Option<f64>,
    median: Option<f64>,
    p90: Option<f64>,
    buckets: Vec<u64>,
}

/// The condition that the way to a step took so many seconds.
pub(super) fn within(step: usize, from: u64, to: Option<u64>) -> String {
    let micros = |seconds: u64| seconds.saturating_mul(SECOND).min(i64::MAX.unsigned_abs());
    let to = to.map(|to| format!(" AND took_{step} < {}", micros(to)));
    format!("took_{step} >= {}{}", micros(from), to.unwrap_or_default())
}

impl ConversionTimes {
    /// One row of `people`, `average`, `median`, `p90` (seconds) and `buckets` (a list).
    ///
    /// # Errors
    /// [`Invalid`] for what cannot be asked.
    pub fn sql(&self) -> Result<String, Invalid> {
        self.check_bounds()?;
        let step = self.step;
        let buckets = bounds()
            .map(|(from, to)| format!("count(*) FILTER (WHERE {})", within(step, from, to)));
        Ok(format!(
            "{stages} SELECT count(took_{step}) AS people, avg(took_{step}) / 1e6 AS average, \
             quantile_cont(took_{step}, 0.5) / 1e6 AS median, quantile_cont(took_{step}, 0.9) / 1e6 AS p90, \
             [{buckets}] AS buckets FROM placed",
            stages = self.conversion.stages(WHO)?,
            buckets = buckets.collect::<Vec<_>>().join(", "),
        ))
    }

    fn check_bounds(&self) -> Result<(), Invalid> {
        self.conversion.check_bounds()?;
        self.conversion.can_be_timed()?;
        let steps = self.conversion.steps.len();
        if !(2..=steps).contains(&self.step) {
            return Err(Invalid(format!("step is 2 to {steps}")));
        }
        Ok(())
    }
}

fn bounds() -> impl Iterator<Item = (u64, Option<u64>)> {
    let ends = BOUNDS.into_iter().skip(1).map(Some).chain([None]);
    BOUNDS.into_iter().zip(ends)
}

impl Question for ConversionTimes {
    type Answer = Vec<TimesRow>;

    fn check(&self) -> Result<(), Invalid> {
        self.check_bounds()
    }

    fn span(&self) -> Span {
        self.conversion.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<Vec<TimesRow>, LakeError> {
        let told: Vec<Told> = moment.read(&self.sql()?)?;
        let row = |Told { people, average, median, p90, buckets }| {
            let parts = bounds().zip(buckets);
            let buckets = parts.map(|((from, to), people)| Bucket { from, to, people }).collect();
            TimesRow { people, average, median, p90, buckets }
        };
        Ok(told.into_iter().map(row).collect())
    }
}
