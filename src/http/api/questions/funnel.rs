//! `POST /api/questions/funnel`, with how long it takes, and where those went who fell out.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{By, Told, by, filters, told};
use crate::app::App;
use crate::http::api::scope::{Filters, PostedScope};
use crate::http::ask::Asked;
use crate::http::{ApiError, SignedIn};
use crate::lake::ask::{
    Conversion, ConversionRow, ConversionTimes, Instead, InsteadRow, Order, TimesRow,
};

/// From the first step to the last, unless said: a day.
const WINDOW_SECONDS: u64 = 86_400;
/// Types of what people did instead.
const INSTEAD_MAX: usize = 20;

/// How many people go from step to step.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FunnelQuestion)]
pub(in crate::http) struct Posted {
    /// Which events.
    #[serde(default)]
    scope: PostedScope,
    /// What each step is, in the filter language: `type = "purchase"`. Two to ten.
    steps: Vec<String>,
    /// The longest time from the first step to the last, in seconds; 86400 unless said.
    window_seconds: Option<u64>,
    /// `ordered` (unless said): each some time after the one before. `unordered`: whoever did k of them came to
    /// step k. `strict`: each is the next event of the person.
    order: Option<String>,
    /// What may not happen between the first step and the last, in the filter language; for `ordered`, five at most.
    #[serde(default)]
    without: Vec<String>,
    /// People are told apart by a field of their earliest first step that has it.
    by: Option<By>,
}

impl Posted {
    /// As history understands it.
    pub(super) async fn read(self, app: &Arc<App>) -> Result<Conversion, ApiError> {
        let now = app.clock.now();
        Ok(Conversion {
            scope: Filters::from(self.scope).scope(app).await?,
            steps: filters(&self.steps, now)?,
            window_seconds: self.window_seconds.unwrap_or(WINDOW_SECONDS),
            order: self.order.as_deref().map_or(Ok(Order::Ordered), Order::named)?,
            without: filters(&self.without, now)?,
            by: by(self.by)?,
        })
    }
}

/// A funnel, and one of its steps.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FunnelStep)]
pub(in crate::http) struct AtStep {
    /// Which funnel. It is not told apart.
    funnel: Posted,
    /// The step, from 1 on.
    step: usize,
}

/// How many people went through steps, within a time.
///
/// # Errors
/// 401 without a token, 422 for a question that cannot be read.
#[utoipa::path(
    post, path = "/api/questions/funnel", tag = "history", request_body(content = Posted),
    responses((status = 200, description = "A row for each group, most people first", body = Told<Vec<ConversionRow>>)),
)]
pub(in crate::http) async fn ask(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Asked(posted): Asked<Posted>,
) -> Result<Json<Told<Vec<ConversionRow>>>, ApiError> {
    let question = posted.read(&app).await?;
    let sql = question.sql()?;
    told(&app, &user, question, sql).await
}

/// How long it took people from the first step of a funnel to another, on their quickest way.
///
/// # Errors
/// 401 without a token, 422 for a question that cannot be read.
#[utoipa::path(
    post, path = "/api/questions/funnel/times", tag = "history", request_body(content = AtStep),
    responses((status = 200, description = "One row, in seconds", body = Told<Vec<TimesRow>>)),
)]
pub(in crate::http) async fn times(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Asked(posted): Asked<AtStep>,
) -> Result<Json<Told<Vec<TimesRow>>>, ApiError> {
    let conversion = posted.funnel.read(&app).await?;
    let question = ConversionTimes { conversion, step: posted.step };
    let sql = question.sql()?;
    told(&app, &user, question, sql).await
}

/// What those did next who came to a step of a funnel, and no further.
///
/// # Errors
/// 401 without a token, 422 for a question that cannot be read.
#[utoipa::path(
    post, path = "/api/questions/funnel/instead", tag = "history", request_body(content = AtStep),
    responses((status = 200, description = "The most frequent first, 20 at most", body = Told<Vec<InsteadRow>>)),
)]
pub(in crate::http) async fn instead(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Asked(posted): Asked<AtStep>,
) -> Result<Json<Told<Vec<InsteadRow>>>, ApiError> {
    let conversion = posted.funnel.read(&app).await?;
    let question = Instead { conversion, step: posted.step, limit: INSTEAD_MAX };
    let sql = question.sql()?;
    told(&app, &user, question, sql).await
}
