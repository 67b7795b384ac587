//! `/event` and `/events`: history.

use std::ops::ControlFlow;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SignedIn, ask};
use crate::app::App;
use crate::events::{Filter, Found, Rows};
use crate::http::{ApiError, documents};
use crate::model::{EventId, SessionId};
use crate::storage::{Counted, Edit, Storage, StorageError, Through};

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
    let found = by_id(&app, &id).await?.ok_or_else(ApiError::not_found)?;
    let metadata = json!({"id": id, "index": "event"});
    Ok(Json(json!({"event": documents::event(&found.event), "_metadata": metadata})))
}

/// Removes one event.
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
    let found = by_id(&app, &id).await?.ok_or_else(ApiError::not_found)?;
    let at = Through { stream: Arc::from(found.stream), seq: found.seq };
    let session = found.event.get("session_id").and_then(Value::as_str).map(SessionId::new);
    let edit = Edit::RemoveEvent { at, id: EventId::new(id.to_lowercase()) };
    app.committer.remove_event(edit, session).await?;
    Ok(Json(json!({"deleted": 1})))
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
    let mut found = ask(app, move |storage| {
        let person = storage.profile(&profile)?;
        let ids = person.map(|person| person.ids.iter().map(ToString::to_string).collect());
        let profiles = ids.unwrap_or_else(|| vec![profile]);
        find(storage, &Filter { id: None, profiles, session }, limit + 1)
    })
    .await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let result: Vec<Value> = found.iter().map(|found| documents::event(&found.event)).collect();
    Ok(Json(json!({"total": result.len(), "result": result, "more_to_load": more})))
}

async fn by_id(app: &Arc<App>, id: &str) -> Result<Option<Found>, ApiError> {
    let filter = Filter::by_id(&id.to_lowercase());
    Ok(ask(app, move |storage| find(storage, &filter, 1)).await?.pop())
}

/// The newest matching events, at most `limit`.
fn find(storage: &dyn Storage, filter: &Filter, limit: usize) -> Result<Vec<Found>, StorageError> {
    let mut found = Vec::new();
    storage.tail(&mut |row| {
        let Ok(rows) = Rows::unpack(&row.packed) else { return ControlFlow::Continue(()) };
        for event in filter.select(&rows) {
            let (stream, seq) = (row.at.stream.to_string(), row.at.seq);
            found.push(Found { stream, seq, event });
        }
        if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    found.truncate(limit);
    Ok(found)
}
