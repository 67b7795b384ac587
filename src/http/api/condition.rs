//! `/api/events/condition`: filters of events as SQL has them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::scope::Filters;
use crate::app::App;
use crate::http::ApiError;

/// Filters as SQL has them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SqlCondition {
    /// For `WHERE`, over the table `events`.
    sql: String,
}

/// The condition of SQL that filters of events mean, for `POST /sql`. History is not asked.
///
/// # Errors
/// 401 without a token, 422 for a filter that cannot be read.
#[utoipa::path(
    get, path = "/api/events/condition", tag = "history", params(Filters),
    responses((status = 200, description = "The condition", body = SqlCondition)),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Query(filters): Query<Filters>,
) -> Result<Json<SqlCondition>, ApiError> {
    Ok(Json(SqlCondition { sql: filters.scope(&app).await?.sql() }))
}
