//! Erasing a person, and how far that is.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::App;
use crate::http::ApiError;
use crate::http::admin::{SignedIn, ask};
use crate::http::ask::{TOO_MANY_FILES, history};
use crate::lake::Span;
use crate::model::ProfileId;

/// Erases a person: the profile, every id of theirs, what they are recognised by, their sessions and
/// all of their history. Nobody sees any of it from now on; it leaves the disk in the background.
/// Whoever comes with one of the ids later is somebody new.
///
/// # Errors
/// 401 without a token, 404 when nothing is known of the id, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/api/profiles/{id}", tag = "history", security(("bearer" = [])),
    params(("id" = String, Path, description = "Any id the person ever had")),
    responses(
        (status = 202, description = "`{erasure}`: the number to ask `/api/erasures/{id}` for", body = Value),
        (status = 404, description = "`null`", body = Value),
    ),
)]
pub(in crate::http) async fn begin(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    if !is_known(&app, &id).await? {
        return Err(ApiError::not_found());
    }
    let number = app.ids.uuid(app.clock.now()).to_string();
    app.committer.erase_person(number.clone(), ProfileId::new(id)).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"erasure": number}))))
}

/// A profile removed earlier may have left its history.
async fn is_known(app: &Arc<App>, id: &str) -> Result<bool, ApiError> {
    let named = id.to_owned();
    if ask(app, move |storage| storage.profile(&named)).await?.is_some() {
        return Ok(true);
    }
    let named = id.to_owned();
    let sql = "SELECT count(*) FROM events WHERE profile_id = ?";
    let events = history(app, Span::ALWAYS, move |_, moment| moment.number(sql, &[&named]));
    match events.await {
        // More than a question may look into; whoever erases looks into all of it, a few files at a time.
        Err(error) if error.code == TOO_MANY_FILES => Ok(true),
        events => Ok(events? > 0),
    }
}

/// How far an erasure is, and once it is done, what it removed and where.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/api/erasures/{id}", tag = "history", security(("bearer" = [])),
    params(("id" = String, Path, description = "The number of the erasure")),
    responses(
        (status = 200, description = "`{status, asked, done, report}`", body = Value),
        (status = 404, description = "`null`", body = Value),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let erasure = ask(&app, move |storage| storage.erasure(&id)).await?;
    let erasure = erasure.ok_or_else(ApiError::not_found)?;
    let report = erasure.report.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    Ok(Json(json!({
        "status": if erasure.done.is_some() { "done" } else { "running" },
        "asked": erasure.asked.to_string(),
        "done": erasure.done.map(|time| time.to_string()),
        "report": report,
    })))
}
