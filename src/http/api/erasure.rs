//! Erasing a person, and how far that is.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::http::admin::ask;
use crate::http::answers::Nothing;
use crate::http::ask::history;
use crate::http::{ApiError, Code, SignedIn};
use crate::lake::Erased;
use crate::lake::ask::KnownInHistory;
use crate::model::ProfileId;

/// An erasure that has begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ErasureBegun)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Begun {
    /// The number to ask `/api/erasures/{id}` for.
    erasure: String,
}

/// Erases a person: the profile, every id of theirs, what they are recognised by, their sessions and
/// all of their history. Nobody sees any of it from now on; it leaves the disk in the background.
/// Whoever comes with one of the ids later is somebody new.
///
/// # Errors
/// 401 without a token, 404 when nothing is known of the id, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/api/profiles/{id}", tag = "history",
    params(("id" = String, Path, description = "Any id the person ever had")),
    responses(
        (status = 202, description = "It begins", body = Begun),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn begin(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Begun>), ApiError> {
    let people = people(&app, &user, ProfileId::new(id)).await?.ok_or_else(ApiError::not_found)?;
    let theirs = people.clone();
    // Now, since nobody sees any of it from now on; and while their own mergers tell in whose others they are.
    ask(&app, move |storage| storage.forget_in_others_merges(&theirs)).await?;
    let number = app.ids.uuid(app.clock.now()).to_string();
    app.committer.erase_person(number.clone(), people).await?;
    Ok((StatusCode::ACCEPTED, Json(Begun { erasure: number })))
}

/// Every id of the person that is known; none when nothing is known of anybody. A profile removed
/// earlier may have left its history.
async fn people(
    app: &Arc<App>,
    user: &SignedIn,
    id: ProfileId,
) -> Result<Option<Vec<ProfileId>>, ApiError> {
    let named = id.clone();
    let people = ask(app, move |storage| storage.same_person(&named)).await?;
    if people.is_some() {
        return Ok(people);
    }
    let is_known = match history(app, user, KnownInHistory(id.to_string())).await {
        // More than a question may look into; whoever erases looks into all of it, a few files at a time.
        Err(error) if error.code == Code::QuestionNeedsTooManyFiles => true,
        known => known?,
    };
    Ok(is_known.then(|| vec![id]))
}

/// Whether it goes on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ErasureStatus)]
enum Status {
    Running,
    Done,
}

/// How far an erasure is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ErasureProgress)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Progress {
    status: Status,
    /// When it was asked for.
    asked: String,
    /// When it was done, or null.
    #[schema(required)]
    done: Option<String>,
    /// What it removed and where, or null.
    #[schema(required)]
    report: Option<Erased>,
}

/// How far an erasure is, and once it is done, what it removed and where.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/api/erasures/{id}", tag = "history",
    params(("id" = String, Path, description = "The number of the erasure")),
    responses(
        (status = 200, description = "How far it is", body = Progress),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Progress>, ApiError> {
    let erasure = ask(&app, move |storage| storage.erasure(&id)).await?;
    let erasure = erasure.ok_or_else(ApiError::not_found)?;
    let report = erasure.report.and_then(|text| serde_json::from_str(&text).ok());
    Ok(Json(Progress {
        status: if erasure.done.is_some() { Status::Done } else { Status::Running },
        asked: erasure.asked.to_string(),
        done: erasure.done.map(|time| time.to_string()),
        report,
    }))
}
