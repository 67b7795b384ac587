//! `/profile`: a person, found by any of their ids.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};

use super::{ask, person};
use crate::app::App;
use crate::http::answers::{Count, Deleted, Nothing};
use crate::http::documents::{self, ProfileDocument};
use crate::http::{ApiError, SignedIn, masked};
use crate::model::ProfileId;
use crate::storage::{Counted, Storage};

/// How many profiles there are.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/profile/count", tag = "profiles",
    responses((status = 200, description = "So many", body = Count)),
)]
pub(in crate::http) async fn count(
    State(app): State<Arc<App>>,
    user: SignedIn,
) -> Result<Json<Count>, ApiError> {
    super::count(&app, &user, Counted::Profiles).await
}

/// The profile that an id leads to; also ids that were merged into it.
///
/// # Errors
/// 401 without a token, 404 when the id leads nowhere.
#[utoipa::path(
    get, path = "/profile/{id}", tag = "profiles",
    params(("id" = String, Path, description = "Any id the person ever had")),
    responses(
        (status = 200, description = "The profile document", body = ProfileDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<ProfileDocument>, ApiError> {
    let profile = person(&app, id).await?;
    let profile = profile.ok_or_else(ApiError::not_found)?;
    let (snapshot, now) = (app.registry.now(), app.clock.now());
    let hidden = masked::from(&app, &user);
    let computed = snapshot.audiences().map(|rules| rules.computed_of(&profile, now, &hidden));
    let document = documents::profile(&profile).masked(&hidden);
    Ok(Json(document.computing(computed.unwrap_or_default())))
}

/// Removes the profile, every id that leads to it and what it is recognised by. Its events stay.
///
/// # Errors
/// 401 without a token, 404 when the id leads nowhere, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/profile/{id}", tag = "profiles",
    params(("id" = String, Path, description = "Any id the person ever had")),
    responses(
        (status = 200, description = "It is removed", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    let named = id.clone();
    let forget = move |storage: &dyn Storage| {
        let theirs = storage.profile(&named)?.map(|person| person.ids).unwrap_or_default();
        storage.forget_in_others_merges(&theirs)
    };
    // While their own mergers tell in whose others they are.
    ask(&app, forget).await?;
    let done = app.committer.remove_profile(ProfileId::new(id)).await?;
    if done { Ok(Json(Deleted { deleted: 1 })) } else { Err(ApiError::not_found()) }
}
