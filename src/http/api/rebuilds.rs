//! Deciding anew who is one person: a shadow under the rules of now, what differs, and the switch.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::http::admin::ask;
use crate::http::answers::{Deleted, Nothing};
use crate::http::audited::Made;
use crate::http::{ApiError, Code};
use crate::rebuild::{Example, Failure, Figures, NotRebuilt, examples};
use crate::storage::{RebuildChange, RebuildRow, RebuildState};

/// A rebuild that has begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RebuildBegun)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Begun {
    /// The number to ask `/api/rebuilds/{id}` for.
    rebuild: String,
}

/// How far a rebuild is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rebuild)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Progress {
    /// `folding`, `ready`, `switching`, `done`, `failed` or `discarded`.
    status: &'static str,
    /// When it was asked for.
    asked: String,
    /// When it became what it is.
    changed: String,
    /// The version of the rules of identity that it was asked for under.
    rules: i64,
    /// What differs, and once it is done, what was changed; null until it is known.
    #[schema(required)]
    difference: Option<Figures>,
    /// Why it could not be done; null unless it is `failed`.
    #[schema(required)]
    failed: Option<String>,
    /// Some of those whom it is about.
    examples: Vec<Example>,
}

/// Begins to decide anew who is one person, as the rules are now. Nothing is changed: what would be is
/// shown when it is `ready`. Collecting goes on.
///
/// # Errors
/// 401 without a token, 409 when one is under way.
#[utoipa::path(
    post, path = "/api/rebuilds", tag = "identity", operation_id = "begin_rebuild",
    responses(
        (status = 202, description = "It begins", body = Begun),
        (status = 409, description = "One is under way"),
    ),
)]
pub(in crate::http) async fn begin(
    State(app): State<Arc<App>>,
) -> Result<(StatusCode, Extension<Made>, Json<Begun>), ApiError> {
    let (now, rules) = (app.clock.now(), app.registry.now().identity().version);
    let number = app.ids.uuid(now).to_string();
    let id = number.clone();
    let has_begun = ask(&app, move |storage| storage.begin_rebuild(&id, rules, now)).await?;
    if !has_begun {
        return Err(Code::RebuildRunning.into());
    }
    let made = Extension(Made(number.clone()));
    Ok((StatusCode::ACCEPTED, made, Json(Begun { rebuild: number })))
}

/// How far a rebuild is, and what differs.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/api/rebuilds/{id}", tag = "identity", operation_id = "show_rebuild",
    params(("id" = String, Path, description = "The number of the rebuild")),
    responses(
        (status = 200, description = "How far it is", body = Progress),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Progress>, ApiError> {
    let found = ask(&app, move |storage| storage.rebuild(&id)).await?;
    let (row, some) = found.ok_or_else(ApiError::not_found)?;
    let report = row.report.as_deref().unwrap_or_default();
    let failure = serde_json::from_str(report).ok();
    Ok(Json(Progress {
        status: row.state.as_str(),
        asked: row.asked.to_string(),
        changed: row.changed.to_string(),
        rules: row.rules,
        difference: serde_json::from_str(report).ok(),
        failed: failure.map(|failure: Failure| failure.failed),
        examples: examples(&some),
    }))
}

/// Makes everybody as the shadow has them: what has come since is folded too. Each person is as before or
/// as then, at any moment.
///
/// # Errors
/// 401 without a token, 404 when there is none, 409 when it is not `ready`, or when the rules have changed
/// since.
#[utoipa::path(
    post, path = "/api/rebuilds/{id}/switch", tag = "identity", operation_id = "switch_rebuild",
    params(("id" = String, Path, description = "The number of the rebuild")),
    responses(
        (status = 202, description = "It is being done", body = Begun),
        (status = 409, description = "It is not ready, or the rules have changed since"),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn switch(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Begun>), ApiError> {
    let row = known(&app, &id).await?;
    if row.rules != app.registry.now().identity().version {
        return Err(Code::RebuildOutdated.into());
    }
    become_it(&app, &row, RebuildState::Ready, RebuildState::Switching).await?;
    Ok((StatusCode::ACCEPTED, Json(Begun { rebuild: id })))
}

/// Throws a rebuild away. One that is being switched to, or was, stays.
///
/// # Errors
/// 401 without a token, 404 when there is none, 409 when it is too late.
#[utoipa::path(
    delete, path = "/api/rebuilds/{id}", tag = "identity", operation_id = "discard_rebuild",
    params(("id" = String, Path, description = "The number of the rebuild")),
    responses(
        (status = 200, description = "It is thrown away", body = Deleted),
        (status = 409, description = "It is too late"),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn discard(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    let row = known(&app, &id).await?;
    let is_folding = row.state == RebuildState::Folding;
    let from = if is_folding { RebuildState::Folding } else { RebuildState::Ready };
    become_it(&app, &row, from, RebuildState::Discarded).await?;
    Ok(Json(Deleted { deleted: 1 }))
}

async fn known(app: &Arc<App>, id: &str) -> Result<RebuildRow, ApiError> {
    let id = id.to_owned();
    let found = ask(app, move |storage| storage.rebuild(&id)).await?;
    found.map(|(row, _)| row).ok_or_else(ApiError::not_found)
}

async fn become_it(
    app: &Arc<App>,
    row: &RebuildRow,
    from: RebuildState,
    to: RebuildState,
) -> Result<(), ApiError> {
    let (id, at) = (row.id.clone(), app.clock.now());
    let is_done = ask(app, move |storage| {
        storage.change_rebuild(&RebuildChange {
            id: &id,
            from,
            to,
            at,
            report: None,
            examples: &[],
        })
    });
    if is_done.await? { Ok(()) } else { Err(Code::RebuildNotReady.into()) }
}

impl From<NotRebuilt> for ApiError {
    fn from(why: NotRebuilt) -> Self {
        match why {
            NotRebuilt::TooMany(_) => Self::new(Code::RebuildTooLarge, format!("{why}.")),
            NotRebuilt::OtherRules => Code::RebuildOutdated.into(),
            NotRebuilt::Discarded => Code::RebuildNotReady.into(),
            NotRebuilt::Contended => Code::Contended.into(),
            NotRebuilt::Undone(why) => why.into(),
            NotRebuilt::Unavailable(why) => why.into(),
            NotRebuilt::Storage(why) => why.into(),
            NotRebuilt::Lake(why) => why.into(),
        }
    }
}
