//! `/api/lists/{id}/members`: who is on a list of people.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::people_list::{BOUNDS, KIND, ListAnswer, answer, deleted, one, people};
use super::{ask, configured, kept};
use crate::app::App;
use crate::http::answers::{Deleted, Listed, Nothing};
use crate::http::api::audience_preview::refusal;
use crate::http::documents::{self, ProfileDocument};
use crate::http::{ApiError, SignedIn, limit, masked};
use crate::storage::Adding;
use crate::warming;

/// People of one answer, unless fewer are asked for, and most of them.
const LIMIT_DEFAULT: usize = 20;
const LIMIT_MAX: usize = 200;

/// People by their ids.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ListAdded)]
pub(in crate::http) struct Added {
    /// Any id that each ever had; 10,000 at most.
    profiles: Vec<String>,
}

/// Somebody on a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ListMember {
    /// The id that lives.
    id: String,
    /// When they were added first, as RFC 3339.
    added: String,
    /// Who they are now.
    profile: ProfileDocument,
}

/// Which part of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Part {
    /// At most so many; 20 unless said, 200 at most.
    limit: Option<usize>,
    /// The `next` of the answer before.
    cursor: Option<String>,
}

/// Who is on a list, as they are now: whom mergers made of those who were added, sorted by id. Needs
/// `profiles:read` as well.
///
/// # Errors
/// 401 without a token, 403 for whoever may not read people, 404 when there is no such list.
#[utoipa::path(
    get, path = "/api/lists/{id}/members", tag = "lists", operation_id = "list_members",
    params(("id" = String, Path, description = "The list's id"), Part),
    responses(
        (status = 200, description = "People, and the cursor of the part after, or null", body = Listed<ListMember>),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn members(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Result<Json<Listed<ListMember>>, ApiError> {
    one(&app, &id).await?;
    let limit = limit::rows(part.limit, (LIMIT_DEFAULT, LIMIT_MAX));
    let hidden = masked::from(&app, &user);
    let found = ask(&app, move |storage| {
        let members =
            storage.members(&id, part.cursor.as_deref().unwrap_or_default(), limit + 1)?;
        let people = members.into_iter().map(|member| {
            let profile = storage.profile(member.profile.as_str())?;
            Ok((member, profile))
        });
        people.collect::<Result<Vec<_>, _>>()
    });
    let mut found = found.await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|(member, _)| member.profile.to_string());
    // Whoever was removed at this moment is on no list any more.
    let result = found.into_iter().filter_map(|(member, profile)| {
        let profile = documents::profile(&profile?).masked(&hidden);
        let (id, added) = (member.profile.to_string(), member.added.to_string());
        Some(ListMember { id, added, profile })
    });
    Ok(Json(Listed { result: result.collect(), next }))
}

/// Puts people on a list.
///
/// # Errors
/// 401 without a token, 403 when it belongs to somebody else, 404 when there is none, 422 for more than
/// 10,000 ids at a time or more than 100,000 on the list.
#[utoipa::path(
    post, path = "/api/lists/{id}/members", tag = "lists", operation_id = "add_members",
    params(("id" = String, Path, description = "The list's id")),
    request_body(content = Added),
    responses(
        (status = 200, description = "They are on it", body = ListAnswer),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn add(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<ListAnswer>, ApiError> {
    let some: Added = configured(&app, &headers, body, &KIND).await?;
    kept::may_change(&user, &one(&app, &id).await?.about.owner)?;
    let (people, now, named) = (people(some.profiles)?, app.clock.now(), id.clone());
    let ids = people.clone();
    let added = ask(&app, move |storage| storage.add_members(&named, &people, now, BOUNDS));
    let added = added.await?;
    if matches!(added, Adding::Done { .. }) {
        warming::tell_listed(&app, &id, &ids, true).await.map_err(refusal)?;
    }
    answer(id, added)
}

/// Takes somebody off a list, under whichever of their ids they came on it.
///
/// # Errors
/// 401 without a token, 403 when it belongs to somebody else, 404 when they are not on it.
#[utoipa::path(
    delete, path = "/api/lists/{id}/members/{profile}", tag = "lists",
    operation_id = "remove_member",
    params(
        ("id" = String, Path, description = "The list's id"),
        ("profile" = String, Path, description = "Any id the person ever had"),
    ),
    responses(
        (status = 200, description = "They are off it", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn take_off(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path((id, profile)): Path<(String, String)>,
) -> Result<Json<Deleted>, ApiError> {
    kept::may_change(&user, &one(&app, &id).await?.about.owner)?;
    let (now, named) = (app.clock.now(), id.clone());
    let removed = ask(&app, move |storage| {
        let person = storage.profile(&profile)?;
        let is_removed = storage.remove_member(&named, &profile, now)?;
        Ok((is_removed, person.map(|person| person.ids).unwrap_or_default()))
    });
    let (is_removed, ids) = removed.await?;
    warming::tell_listed(&app, &id, &ids, false).await.map_err(refusal)?;
    deleted(is_removed)
}
