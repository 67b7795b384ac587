//! The catalogue: which types of events there are, and which fields they have.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::scope::Filters;
use crate::app::App;
use crate::http::answers::Rows;
use crate::http::ask::history;
use crate::http::{ApiError, SignedIn, limit};
use crate::lake::ask::{EventTypeRow, EventTypes, FieldsAnswer, KnownFields};

/// Types of one answer, unless fewer are asked for, and most of them.
const LIMIT_DEFAULT: usize = 200;
const LIMIT_MAX: usize = 1000;

/// How many.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Many {
    /// At most so many types; 200 unless said, 1000 at most.
    limit: Option<usize>,
}

/// Which types of events there are: how many, of how many people, since when, from whom.
///
/// # Errors
/// 401 without a token, 422 for a filter that cannot be read.
#[utoipa::path(
    get, path = "/api/event-types", tag = "history", params(Filters, Many),
    responses((status = 200, description = "The most frequent first", body = Rows<EventTypeRow>)),
)]
pub(in crate::http) async fn event_types(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(filters): Query<Filters>,
    Query(many): Query<Many>,
) -> Result<Json<Rows<EventTypeRow>>, ApiError> {
    let scope = filters.scope(&app).await?;
    let limit = limit::rows(many.limit, (LIMIT_DEFAULT, LIMIT_MAX));
    let result = history(&app, &user, EventTypes { scope, limit }).await?;
    Ok(Json(Rows { result }))
}

/// Which fields events have: how many of the newest 10,000 that are meant have each, with values of
/// which types, since when, and some of the values.
///
/// # Errors
/// 401 without a token, 422 for a filter that cannot be read.
#[utoipa::path(
    get, path = "/api/fields", tag = "history", params(Filters),
    responses((status = 200, description = "Sorted by path", body = FieldsAnswer)),
)]
pub(in crate::http) async fn fields(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(filters): Query<Filters>,
) -> Result<Json<FieldsAnswer>, ApiError> {
    let scope = filters.scope(&app).await?;
    Ok(Json(history(&app, &user, KnownFields { scope }).await?))
}
