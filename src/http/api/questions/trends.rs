//! `POST /api/questions/trends`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{By, Told, by, calendar, told};
use crate::app::App;
use crate::http::api::scope::{Filters, PostedScope, filter};
use crate::http::ask::Asked;
use crate::http::{ApiError, SignedIn};
use crate::lake::ask::{Formula, Interval, Invalid, Measure, Series, TrendRow, Trends, field};

/// How much there was over time.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TrendsQuestion)]
pub(in crate::http) struct Posted {
    /// Which events.
    #[serde(default)]
    scope: PostedScope,
    /// What is measured: one to six, called A, B, C, … in this order.
    series: Vec<PostedSeries>,
    /// What is reckoned of them, such as `A / B`; at most four.
    #[serde(default)]
    formulas: Vec<String>,
    /// Told apart by a field: its 20 most frequent values, all others are one.
    by: Option<By>,
    /// `minute`, `hour`, `day` (unless said), `week`, `month`; `all`: the whole time is one.
    interval: Option<String>,
    /// An average of so many intervals up to each is told as well: 2 to 366.
    smooth: Option<u64>,
}

/// One thing that is measured.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TrendsSeries)]
pub(in crate::http) struct PostedSeries {
    /// Which events, in the filter language; any unless said.
    #[serde(rename = "where")]
    filter: Option<String>,
    /// `count` (unless said), `people`, `sessions`, `per_person`, or of a field `sum`, `average`, `min`, `max`,
    /// `median`, `percentile`, `distinct`.
    measure: Option<String>,
    /// The field that is measured: `properties.price`.
    field: Option<String>,
    /// For `percentile`: 0 to 100.
    percentile: Option<f64>,
}

impl PostedSeries {
    fn read(self, app: &App) -> Result<Series, Invalid> {
        let name = self.measure.as_deref().unwrap_or("count");
        let of = self.field.as_deref().filter(|path| !path.is_empty()).map(field).transpose()?;
        let measure = Measure::named(name, of, self.percentile)?;
        Ok(Series { filter: filter(app, self.filter.as_deref())?, measure })
    }
}

/// Which intervals there are, here.
fn with_all(Invalid(said): Invalid) -> Invalid {
    Invalid(format!("{said}, all"))
}

impl Posted {
    /// As history understands it.
    pub(super) async fn read(self, app: &Arc<App>) -> Result<Trends, ApiError> {
        let filters = Filters::from(self.scope);
        let zone = filters.zone(app)?;
        let calendar = match self.interval.as_deref() {
            Some("all") => None,
            name => Some(calendar(name, Interval::Day, zone).map_err(with_all)?),
        };
        let series: Result<Vec<Series>, _> =
            self.series.into_iter().map(|one| one.read(app)).collect();
        let series = series?;
        let formulas = self.formulas.iter().map(|text| Formula::read(text, series.len()));
        Ok(Trends {
            scope: filters.scope(app).await?,
            formulas: formulas.collect::<Result<_, _>>()?,
            series,
            by: by(self.by)?,
            calendar,
            smooth: self.smooth,
        })
    }
}

/// How much there was in each interval of time, of several things beside each other.
///
/// # Errors
/// 401 without a token, 422 for a question that cannot be read.
#[utoipa::path(
    post, path = "/api/questions/trends", tag = "history", request_body(content = Posted),
    responses((status = 200, description = "In order; with `from` and `to`, intervals without events as well", body = Told<Vec<TrendRow>>)),
)]
pub(in crate::http) async fn ask(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Asked(posted): Asked<Posted>,
) -> Result<Json<Told<Vec<TrendRow>>>, ApiError> {
    let question = posted.read(&app).await?;
    let sql = question.sql()?;
    told(&app, &user, question, sql).await
}
