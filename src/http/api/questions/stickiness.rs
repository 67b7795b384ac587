//! `POST /api/questions/stickiness`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Told, calendar, told};
use crate::app::App;
use crate::http::api::scope::{Filters, PostedScope};
use crate::http::ask::Asked;
use crate::http::{ApiError, SignedIn};
use crate::lake::ask::{Interval, Stickiness, StickinessRow};

/// On how many days people do something.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StickinessQuestion)]
pub(in crate::http) struct Posted {
    /// What they do, and when.
    #[serde(default)]
    scope: PostedScope,
    /// `day` (unless said), `week` or `month`.
    interval: Option<String>,
}

impl Posted {
    /// As history understands it.
    pub(super) async fn read(self, app: &Arc<App>) -> Result<Stickiness, ApiError> {
        let filters = Filters::from(self.scope);
        let calendar = calendar(self.interval.as_deref(), Interval::Day, filters.zone(app)?)?;
        Ok(Stickiness { scope: filters.scope(app).await?, calendar })
    }
}

/// On how many days, weeks or months of a time people did something.
///
/// # Errors
/// 401 without a token, 422 for a question that cannot be read.
#[utoipa::path(
    post, path = "/api/questions/stickiness", tag = "history", request_body(content = Posted),
    responses((status = 200, description = "In order; numbers of nobody are left out", body = Told<Vec<StickinessRow>>)),
)]
pub(in crate::http) async fn ask(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Asked(posted): Asked<Posted>,
) -> Result<Json<Told<Vec<StickinessRow>>>, ApiError> {
    let question = posted.read(&app).await?;
    let sql = question.sql()?;
    told(&app, &user, question, sql).await
}
