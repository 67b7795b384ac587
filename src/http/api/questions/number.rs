//! A number of any question's answer, as it is posted.

use std::sync::Arc;

use serde::Deserialize;
use utoipa::ToSchema;

use super::{funnel, lifecycle, moment, paths, retention, stickiness, trends};
use crate::app::App;
use crate::http::ApiError;
use crate::lake::ask::{
    ConversionCell, Invalid, LifecycleCell, Number, Pick, RetentionCell, State, TrendCell, WaysCell,
};

/// A question as it was asked, and which of its numbers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = NumberOf)]
pub(in crate::http) enum Of {
    /// How much there was.
    Trends(OfTrends),
    /// How far people came.
    Funnel(OfFunnel),
    /// Who came back.
    Retention(OfRetention),
    /// What followed what.
    Paths(OfPaths),
    /// In how many intervals.
    Stickiness(OfStickiness),
    /// What they are in an interval.
    Lifecycle(OfLifecycle),
}

/// A number of trends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NumberOfTrends)]
pub(in crate::http) struct OfTrends {
    question: trends::Posted,
    /// `A`, `B`, …; of a formula, everybody behind its series.
    series: String,
    /// The row's `date`; the whole time unless said.
    date: Option<String>,
    /// The row's `group`; all others unless said, where the question tells events apart.
    group: Option<String>,
}

/// A number of a funnel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NumberOfFunnel)]
pub(in crate::http) struct OfFunnel {
    question: funnel::Posted,
    /// The step that they came to, from 1 on.
    step: usize,
    /// `true`: only those who came no further.
    #[serde(default)]
    fell_out: bool,
    /// `true`: only those of one `group`.
    #[serde(default)]
    of_group: bool,
    /// With `of_group`, the row's `group`; all others unless said.
    group: Option<String>,
    /// Only those whom it took so many seconds from the first step to this one,
    seconds_from: Option<u64>,
    /// and less than so many.
    seconds_to: Option<u64>,
    /// `true`: only those who came no further, and did `next` next.
    #[serde(default)]
    went: bool,
    /// With `went`, the type of the event; nothing more unless said.
    next: Option<String>,
}

/// A number of a retention.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NumberOfRetention)]
pub(in crate::http) struct OfRetention {
    question: retention::Posted,
    /// The row's.
    cohort: String,
    /// The row's.
    period: u64,
}

/// A number of paths: either a whole `path`, or a connection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NumberOfPaths)]
pub(in crate::http) struct OfPaths {
    question: paths::Posted,
    /// Those who went exactly so.
    path: Option<Vec<String>>,
    /// Of a connection,
    step: Option<u64>,
    /// its first point,
    from: Option<String>,
    /// and its second.
    to: Option<String>,
}

/// A number of a stickiness.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NumberOfStickiness)]
pub(in crate::http) struct OfStickiness {
    question: stickiness::Posted,
    /// The row's.
    intervals: u64,
}

/// A number of a lifecycle.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NumberOfLifecycle)]
pub(in crate::http) struct OfLifecycle {
    question: lifecycle::Posted,
    /// The row's.
    date: String,
    /// The row's.
    state: State,
}

impl Of {
    /// As history understands it.
    pub(in crate::http) async fn read(self, app: &Arc<App>) -> Result<Number, ApiError> {
        Ok(match self {
            Self::Trends(OfTrends { question, series, date, group }) => {
                let date = date.as_deref().map(moment).transpose()?;
                Number::Trends(question.read(app).await?, TrendCell { series, date, group })
            }
            Self::Funnel(of) => of.read(app).await?,
            Self::Retention(OfRetention { question, cohort, period }) => {
                let cell = RetentionCell { cohort: moment(&cohort)?, period };
                Number::Retention(question.read(app).await?, cell)
            }
            Self::Paths(of) => of.read(app).await?,
            Self::Stickiness(OfStickiness { question, intervals }) => {
                Number::Stickiness(question.read(app).await?, intervals)
            }
            Self::Lifecycle(OfLifecycle { question, date, state }) => {
                let cell = LifecycleCell { date: moment(&date)?, state };
                Number::Lifecycle(question.read(app).await?, cell)
            }
        })
    }
}

impl OfFunnel {
    async fn read(self, app: &Arc<App>) -> Result<Number, ApiError> {
        let is_timed = self.seconds_from.is_some() || self.seconds_to.is_some();
        let cell = ConversionCell {
            step: self.step,
            fell_out: self.fell_out,
            group: if self.of_group { Pick::One(self.group) } else { Pick::Any },
            seconds: is_timed.then_some((self.seconds_from.unwrap_or(0), self.seconds_to)),
            next: if self.went { Pick::One(self.next) } else { Pick::Any },
        };
        Ok(Number::Funnel(self.question.read(app).await?, cell))
    }
}

impl OfPaths {
    async fn read(self, app: &Arc<App>) -> Result<Number, ApiError> {
        let cell = match (self.path, self.step, self.from, self.to) {
            (Some(path), None, None, None) => WaysCell::Path(path),
            (None, Some(step), Some(from), Some(to)) => WaysCell::Link { step, from, to },
            _ => {
                let wrong = "a number of paths is either a path, or step, from and to";
                return Err(Invalid(wrong.to_owned()).into());
            }
        };
        Ok(Number::Paths(self.question.read(app).await?, cell))
    }
}
