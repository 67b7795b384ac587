//! `POST /api/questions/lifecycle`.

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
use crate::lake::ask::{Interval, Lifecycle, LifecycleRow};

/// Who does something for the first time, again, after a while, and no more.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LifecycleQuestion)]
pub(in crate::http) struct Posted {
    /// What they do, and when: `from` and `to` are needed. The first interval is told whole.
    #[serde(default)]
    scope: PostedScope,
    /// `day` (unless said), `week` or `month`.
    interval: Option<String>,
}

impl Posted {
    /// As history understands it.
    pub(super) async fn read(self, app: &Arc<App>) -> Result<Lifecycle, ApiError> {
        let filters = Filters::from(self.scope);
        let calendar = calendar(self.interval.as_deref(), Interval::Day, filters.zone(app)?)?;
        Ok(Lifecycle { scope: filters.scope(app).await?, calendar })
    }
}

/// In each interval of time: who did something for the first time ever (`new`), in the interval before as well
/// (`returning`), some time before that (`resurrecting`), and who did it in the one before and not in this
/// (`dormant`).
///
/// # Errors
/// 401 without a token, 422 for a question that cannot be read.
#[utoipa::path(
    post, path = "/api/questions/lifecycle", tag = "history", request_body(content = Posted),
    responses((status = 200, description = "In order; states of nobody are left out", body = Told<Vec<LifecycleRow>>)),
)]
pub(in crate::http) async fn ask(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Asked(posted): Asked<Posted>,
) -> Result<Json<Told<Vec<LifecycleRow>>>, ApiError> {
    let question = posted.read(&app).await?;
    let sql = question.sql()?;
    told(&app, &user, question, sql).await
}
