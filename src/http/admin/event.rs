//! `/event` and `/events`: history.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SignedIn, ask};
use crate::app::App;
use crate::http::ask::history;
use crate::http::{ApiError, documents};
use crate::lake::Span;
use crate::model::{EventId, Map, SourceId};
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
    get, path = "/event/count", tag = "events", security(("bearer" = [])),
    responses((status = 200, description = "`{count}`", body = Value)),
)]
pub(in crate::http) async fn count(
    State(app): State<Arc<App>>,
    _user: SignedIn,
) -> Result<Json<Value>, ApiError> {
    super::count(&app, Counted::Events).await
}

/// One event.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/event/{id}", tag = "events", security(("bearer" = [])),
    params(("id" = String, Path, description = "Event id")),
    responses(
        (status = 200, description = "`{event, _metadata}`", body = Value),
        (status = 404, description = "`null`", body = Value),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let event = by_id(&app, &id).await?.ok_or_else(ApiError::not_found)?;
    let metadata = json!({"id": id, "index": "event"});
    Ok(Json(json!({"event": documents::event(&event), "_metadata": metadata})))
}

/// Removes one event: of several sources' events with this id, the newest, which is shown.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/event/{id}", tag = "events", security(("bearer" = [])),
    params(("id" = String, Path, description = "Event id")),
    responses(
        (status = 200, description = "`{deleted: 1}`", body = Value),
        (status = 404, description = "`null`", body = Value),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let shown = by_id(&app, &id).await?.ok_or_else(ApiError::not_found)?;
    let source = shown.get("source_id").and_then(Value::as_str).unwrap_or_default();
    let (source, event) = (SourceId::new(source), EventId::new(id.to_lowercase()));
    let (lake, committer) = (Arc::clone(&app.lake), app.committer.clone());
    let hashing = app.hashing.clone();
    let work = move || lake.erase_event(source, event, &committer, &hashing);
    let done = tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StorageError::Failed(error.to_string()))??;
    if done { Ok(Json(json!({"deleted": 1}))) } else { Err(ApiError::not_found()) }
}

/// A person's events, newest first, under whatever id they happened.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/events/profile/{id}", tag = "events", security(("bearer" = [])),
    params(("id" = String, Path, description = "Any id the person ever had"), Page),
    responses((status = 200, description = "`{total, result, more_to_load}`", body = Value)),
)]
pub(in crate::http) async fn of_profile(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Path(id): Path<String>,
    Query(page): Query<Page>,
) -> Result<Json<Value>, ApiError> {
    list(&app, None, id, page).await
}

/// A person's events in one session, newest first.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/events/session/{session}/profile/{profile}", tag = "events",
    security(("bearer" = [])),
    params(
        ("session" = String, Path, description = "Session id"),
        ("profile" = String, Path, description = "Any id the person ever had"),
        Page,
    ),
    responses((status = 200, description = "`{total, result, more_to_load}`", body = Value)),
)]
pub(in crate::http) async fn of_session(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Path((session, profile)): Path<(String, String)>,
    Query(page): Query<Page>,
) -> Result<Json<Value>, ApiError> {
    list(&app, Some(session), profile, page).await
}

async fn list(
    app: &Arc<App>,
    session: Option<String>,
    profile: String,
    page: Page,
) -> Result<Json<Value>, ApiError> {
    let limit = page.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
    let named = profile.clone();
    let person = ask(app, move |storage| storage.profile(&named)).await?;
    let living = person.map_or(profile, |person| person.id.to_string());
    let mut found = history(app, Span::ALWAYS, move |_, moment| match session {
        None => moment.events("profile_id = ?", &[&living], limit + 1),
        Some(session) => {
            let condition = "profile_id = ? AND session_id = ?";
            moment.events(condition, &[&living, &session], limit + 1)
        }
    })
    .await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let result: Vec<Value> = found.iter().map(documents::event).collect();
    Ok(Json(json!({"total": result.len(), "result": result, "more_to_load": more})))
}

async fn by_id(app: &Arc<App>, id: &str) -> Result<Option<Map>, ApiError> {
    let id = id.to_lowercase();
    let found = history(app, Span::ALWAYS, move |_, moment| moment.events("id = ?", &[&id], 1));
    Ok(found.await?.pop())
}
