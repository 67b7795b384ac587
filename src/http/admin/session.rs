//! `/session`: a visit.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

use super::ask;
use crate::app::App;
use crate::http::answers::{Count, Deleted, Nothing};
use crate::http::documents::{self, SessionDocument};
use crate::http::{ApiError, SignedIn, masked};
use crate::model::{Session, SessionId};
use crate::storage::{Counted, StorageError};

/// How many sessions there are.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/session/count", tag = "sessions",
    responses((status = 200, description = "So many", body = Count)),
)]
pub(in crate::http) async fn count(
    State(app): State<Arc<App>>,
    user: SignedIn,
) -> Result<Json<Count>, ApiError> {
    super::count(&app, &user, Counted::Sessions).await
}

/// The session, with the id its profile has now.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/session/{id}", tag = "sessions",
    params(("id" = String, Path, description = "Session id")),
    responses(
        (status = 200, description = "The session document", body = SessionDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let session = find(&app, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(documents::session(&session).masked(&masked::from(&app, &user))))
}

/// Removes the session. Its events stay.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/session/{id}", tag = "sessions",
    params(("id" = String, Path, description = "Session id")),
    responses(
        (status = 200, description = "It is removed", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    let done = app.committer.remove_session(SessionId::new(id)).await?;
    if done { Ok(Json(Deleted { deleted: 1 })) } else { Err(ApiError::not_found()) }
}

/// The session as acknowledged, with the id that its profile has now: what the committer still holds back
/// counts. That of somebody who is being erased is not there any more.
pub(in crate::http) async fn find(app: &Arc<App>, id: String) -> Result<Option<Session>, ApiError> {
    let held_back = app.committer.held_back(&id);
    ask(app, move |storage| {
        let stored = || Ok::<_, StorageError>(storage.session(&id)?.map(|row| row.session));
        let session =
            held_back.map_or_else(stored, |session| Ok(Some(session.as_ref().clone())))?;
        let Some(mut session) = session else { return Ok(None) };
        if let Some(profile) = &session.profile {
            let living = storage.profile(profile.as_str())?.map(|profile| profile.id);
            if living.is_none() && storage.is_being_erased(profile)? {
                return Ok(None);
            }
            session.profile = living;
        }
        let visitor = session.link.as_ref().and_then(|link| link.visitor.as_ref());
        if let Some(visitor) = visitor
            && storage.is_being_erased(visitor)?
        {
            session.forget_visitor();
        }
        Ok(Some(session))
    })
    .await
}
