//! `/event` and `/events`: history.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::living;
use crate::app::App;
use crate::http::answers::{Count, Deleted, Nothing};
use crate::http::ask::history;
use crate::http::documents::{self, EventDocument};
use crate::http::{ApiError, SignedIn, limit};
use crate::lake::ask::{EventById, EventsOf};
use crate::model::{EventId, Map, SourceId, kept_id};
use crate::storage::{Counted, StorageError};

/// Events in one answer, unless fewer are asked for.
const LIMIT_DEFAULT: usize = 20;
/// Most events in one answer.
const LIMIT_MAX: usize = 1000;

/// How many are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Page {
    /// At most so many, newest first; 20 unless said, 1000 at most.
    limit: Option<usize>,
}

/// How many events there are.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/event/count", tag = "events",
    responses((status = 200, description = "So many", body = Count)),
)]
pub(in crate::http) async fn count(
    State(app): State<Arc<App>>,
    user: SignedIn,
) -> Result<Json<Count>, ApiError> {
    super::count(&app, &user, Counted::Events).await
}

/// An event, and where it was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventShown)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Shown {
    event: EventDocument,
    #[serde(rename = "_metadata")]
    metadata: Place,
}

/// Where it was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventPlace)]
#[serde(deny_unknown_fields)]
struct Place {
    /// As it was asked for.
    id: String,
    /// `event`.
    index: &'static str,
}

/// One event.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/event/{id}", tag = "events",
    params(("id" = String, Path, description = "Event id")),
    responses(
        (status = 200, description = "The event", body = Shown),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Shown>, ApiError> {
    let event = by_id(&app, &user, &id).await?.ok_or_else(ApiError::not_found)?;
    let metadata = Place { id, index: "event" };
    Ok(Json(Shown { event: documents::event(event), metadata }))
}

/// Removes one event: of several sources' events with this id, the newest, which is shown.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/event/{id}", tag = "events",
    params(("id" = String, Path, description = "Event id")),
    responses(
        (status = 200, description = "It is removed", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    let shown = by_id(&app, &user, &id).await?.ok_or_else(ApiError::not_found)?;
    let source = shown.get("source_id").and_then(Value::as_str).unwrap_or_default();
    let (source, event) = (SourceId::new(source), EventId::new(kept_id(&id)));
    let (lake, committer) = (Arc::clone(&app.lake), app.committer.clone());
    let hashing = app.hashing.clone();
    let work = move || lake.erase_event(source, event, &committer, &hashing);
    let done = tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StorageError::Failed(error.to_string()))??;
    if done { Ok(Json(Deleted { deleted: 1 })) } else { Err(ApiError::not_found()) }
}

/// Events, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventsNewest)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Newest {
    /// How many are in this answer.
    total: usize,
    result: Vec<EventDocument>,
    /// Whether there are more than these.
    more_to_load: bool,
}

/// A person's events, newest first, under whatever id they happened.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/events/profile/{id}", tag = "events",
    params(("id" = String, Path, description = "Any id the person ever had"), Page),
    responses((status = 200, description = "The events", body = Newest)),
)]
pub(in crate::http) async fn of_profile(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(page): Query<Page>,
) -> Result<Json<Newest>, ApiError> {
    list(&app, &user, (None, id), page).await
}

/// A person's events in one session, newest first.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/events/session/{session}/profile/{profile}", tag = "events",
    params(
        ("session" = String, Path, description = "Session id"),
        ("profile" = String, Path, description = "Any id the person ever had"),
        Page,
    ),
    responses((status = 200, description = "The events", body = Newest)),
)]
pub(in crate::http) async fn of_session(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path((session, profile)): Path<(String, String)>,
    Query(page): Query<Page>,
) -> Result<Json<Newest>, ApiError> {
    list(&app, &user, (Some(session), profile), page).await
}

async fn list(
    app: &Arc<App>,
    user: &SignedIn,
    (session, profile): (Option<String>, String),
    page: Page,
) -> Result<Json<Newest>, ApiError> {
    let limit = limit::rows(page.limit, (LIMIT_DEFAULT, LIMIT_MAX));
    let person = living(app, profile).await?;
    let found = history(app, user, EventsOf { person, session, limit }).await?;
    let result: Vec<EventDocument> = found.rows.into_iter().map(documents::event).collect();
    Ok(Json(Newest { total: result.len(), result, more_to_load: found.next.is_some() }))
}

async fn by_id(app: &Arc<App>, user: &SignedIn, id: &str) -> Result<Option<Map>, ApiError> {
    history(app, user, EventById(kept_id(id))).await
}
