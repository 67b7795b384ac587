//! `POST /api/questions/retention`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Told, calendar, told};
use crate::app::App;
use crate::http::api::scope::{Filters, PostedScope, filter};
use crate::http::ask::Asked;
use crate::http::{ApiError, SignedIn};
use crate::lake::ask::{Interval, Retention, RetentionRow};

/// Periods that are followed, unless said.
const PERIODS: u64 = 12;

/// How many come back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RetentionQuestion)]
pub(in crate::http) struct Posted {
    /// Which events.
    #[serde(default)]
    scope: PostedScope,
    /// What begins, in the filter language; any event unless said.
    first: Option<String>,
    /// What is a return, in the filter language; any event unless said.
    again: Option<String>,
    /// `day`, `week` (unless said) or `month`.
    interval: Option<String>,
    /// Periods after the first; 12 unless said, 60 at most.
    periods: Option<u64>,
    /// `true`: a person belongs to every period in which they began. Unless said, to the first alone.
    #[serde(default)]
    recurring: bool,
}

impl Posted {
    /// As history understands it.
    pub(super) async fn read(self, app: &Arc<App>) -> Result<Retention, ApiError> {
        let filters = Filters::from(self.scope);
        let zone = filters.zone(app)?;
        Ok(Retention {
            scope: filters.scope(app).await?,
            first: filter(app, self.first.as_deref())?,
            again: filter(app, self.again.as_deref())?,
            calendar: calendar(self.interval.as_deref(), Interval::Week, zone)?,
            periods: self.periods.unwrap_or(PERIODS),
            recurring: self.recurring,
        })
    }
}

/// How many of those who began come back.
///
/// # Errors
/// 401 without a token, 422 for a question that cannot be read.
#[utoipa::path(
    post, path = "/api/questions/retention", tag = "history", request_body(content = Posted),
    responses((status = 200, description = "In order; period 0 is the first", body = Told<Vec<RetentionRow>>)),
)]
pub(in crate::http) async fn ask(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Asked(posted): Asked<Posted>,
) -> Result<Json<Told<Vec<RetentionRow>>>, ApiError> {
    let question = posted.read(&app).await?;
    let sql = question.sql()?;
    told(&app, &user, question, sql).await
}
