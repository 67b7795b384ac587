//! Schemas out of history: which fields changed their type, and what all events of a type have in common.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Serialize;
use serde_json::Value;

use super::scope::Filters;
use crate::app::App;
use crate::http::ask::history;
use crate::http::{ApiError, SignedIn};
use crate::lake::ask::{Drafted, DraftedAnswer, Drift, DriftAnswer, Invalid};

/// A schema drafted from events.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SchemaDraft {
    /// Events that there are.
    events: u64,
    /// The newest of them that were read: 10,000 at most, and 16 MiB of properties.
    read: u64,
    /// A JSON Schema that the properties of all that were read fit: for `event@properties` of a validator.
    schema: Value,
}

/// Which properties became of another type: what they were, what they are, since when, at which source, in
/// events of which type. The newest 50,000 events that are meant are read.
///
/// # Errors
/// 401 without a token, 422 for a filter that cannot be read.
#[utoipa::path(
    get, path = "/api/schema/drift", tag = "history", operation_id = "schema_drift",
    params(Filters),
    responses((status = 200, description = "Those that changed last first", body = DriftAnswer)),
)]
pub(in crate::http) async fn drift(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(filters): Query<Filters>,
) -> Result<Json<DriftAnswer>, ApiError> {
    let scope = filters.scope(&app).await?;
    Ok(Json(history(&app, &user, Drift { scope }).await?))
}

/// Drafts a JSON Schema of the properties that events of a type had: their types, what all have, and of texts
/// that repeat, which there are. The newest events that are meant are read.
///
/// # Errors
/// 401 without a token, 422 without a `type`, or for a filter that cannot be read.
#[utoipa::path(
    get, path = "/api/schema/draft", tag = "history", operation_id = "draft_schema",
    params(Filters),
    responses((status = 200, description = "The draft", body = SchemaDraft)),
)]
pub(in crate::http) async fn draft(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(filters): Query<Filters>,
) -> Result<Json<SchemaDraft>, ApiError> {
    let scope = filters.scope(&app).await?;
    if scope.kind.as_deref().is_none_or(str::is_empty) {
        return Err(Invalid("type must be an event type".to_owned()).into());
    }
    let DraftedAnswer { events, read, schema } = history(&app, &user, Drafted { scope }).await?;
    Ok(Json(SchemaDraft { events, read, schema }))
}
