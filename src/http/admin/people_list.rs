//! `/api/lists`: people whom somebody has put together under a name.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::{Kind, ask, configured, entities, kept};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing};
use crate::http::audited::Made;
use crate::http::{ApiError, Code, SignedIn};
use crate::model::{About, ProfileId};
use crate::registry::{check_about, check_line};
use crate::storage::{Adding, ListBounds, ListRow};

/// The code of a list that does not fit.
const INVALID: Code = Code::ListInvalid;
/// Most lists, and most ids on one.
pub(super) const BOUNDS: ListBounds = ListBounds { lists: 1000, ids: 100_000 };
/// Most ids of one request.
const IDS_MAX: usize = 10_000;
pub(super) const KIND: Kind = Kind {
    what: "list of people",
    invalid: INVALID,
    idle: &["id", "owner", "people", "created", "changed"],
};

/// A list as it is posted.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ListPosted)]
pub(in crate::http) struct Posted {
    /// For people.
    name: String,
    /// For people.
    #[serde(default)]
    note: Option<String>,
    /// Whoever is on it: any id that each ever had; 10,000 at most, and more in later calls.
    #[serde(default)]
    profiles: Option<Vec<String>>,
}

/// What becomes of a list; what is absent stays as it is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ListChanged)]
pub(in crate::http) struct Changed {
    /// For people.
    #[serde(default)]
    name: Option<String>,
    /// For people.
    #[serde(default)]
    note: Option<String>,
}

/// A list of people.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ListDocument {
    /// Its id.
    id: String,
    /// For people.
    name: String,
    /// For people.
    note: String,
    /// Who may change it, beside administrators.
    owner: String,
    /// How many people are on it.
    people: u64,
    /// When it was made, as RFC 3339.
    created: String,
    /// When it, or who is on it, was changed last.
    changed: String,
}

/// Who was added.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ListAnswer {
    /// The list's id.
    id: String,
    /// Ids that were not on it before.
    added: u64,
    /// Ids that lead to nobody, and are not on it.
    unknown: u64,
}

/// Which lists.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Which {
    /// Those on which the person of this id is; any id that they ever had.
    profile: Option<String>,
}

/// All lists of people, sorted by name.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/lists", tag = "lists", params(Which), operation_id = "list_lists",
    responses((status = 200, description = "All of them", body = All<ListDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    Query(which): Query<Which>,
) -> Result<Json<All<ListDocument>>, ApiError> {
    let lists = ask(&app, move |storage| storage.lists(which.profile.as_deref())).await?;
    Ok(Json(lists.into_iter().map(document).collect()))
}

/// One list of people.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/api/lists/{id}", tag = "lists", operation_id = "show_list",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The list", body = ListDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<ListDocument>, ApiError> {
    Ok(Json(document(one(&app, &id).await?)))
}

/// Makes a list of people. Whoever makes it owns it.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/api/lists", tag = "lists", operation_id = "make_list",
    request_body(content = Posted),
    responses(
        (status = 200, description = "It is made", body = ListAnswer),
        (status = 422, description = "It does not fit, or there are as many as may be"),
    ),
)]
pub(in crate::http) async fn make(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<(Extension<Made>, Json<ListAnswer>), ApiError> {
    let posted: Posted = configured(&app, &headers, body, &KIND).await?;
    let about = fitting(kept::about(&app, &user, (&posted.name, posted.note), None)?)?;
    let people = people(posted.profiles.unwrap_or_default())?;
    let id = entities::id(&app, None);
    let named = id.clone();
    let made = ask(&app, move |storage| storage.make_list(&named, &about, &people, BOUNDS)).await?;
    Ok((Extension(Made(id.clone())), answer(id, made)?))
}

/// Gives a list another name or note.
///
/// # Errors
/// 401 without a token, 403 when it belongs to somebody else, 404 when there is none, 422 when it does
/// not fit.
#[utoipa::path(
    post, path = "/api/lists/{id}", tag = "lists", operation_id = "change_list",
    params(("id" = String, Path, description = "Its id")),
    request_body(content = Changed),
    responses(
        (status = 200, description = "As it is now", body = ListDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn change(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<ListDocument>, ApiError> {
    let changed: Changed = configured(&app, &headers, body, &KIND).await?;
    let before = one(&app, &id).await?;
    let name = changed.name.unwrap_or_else(|| before.about.name.clone());
    let note = changed.note.unwrap_or_else(|| before.about.note.clone());
    let about = fitting(kept::about(&app, &user, (&name, Some(note)), Some(&before.about))?)?;
    let (named, new) = (id.clone(), about.clone());
    if !ask(&app, move |storage| storage.rename_list(&named, &new)).await? {
        return Err(ApiError::not_found());
    }
    Ok(Json(document(ListRow { about, ..before })))
}

/// Removes a list. The people stay.
///
/// # Errors
/// 401 without a token, 403 when it belongs to somebody else, 404 when there is none.
#[utoipa::path(
    delete, path = "/api/lists/{id}", tag = "lists", operation_id = "remove_list",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It is removed", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
        (status = 409, description = "An audience names it; `message` says which"),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    kept::may_change(&user, &one(&app, &id).await?.about.owner)?;
    entities::remove_list(&app, INVALID, id).await
}

pub(super) async fn one(app: &Arc<App>, id: &str) -> Result<ListRow, ApiError> {
    let id = id.to_owned();
    ask(app, move |storage| storage.list(&id)).await?.ok_or_else(ApiError::not_found)
}

fn fitting(about: About) -> Result<About, ApiError> {
    let fits = check_about(&about).and_then(|()| check_line("name", &about.name));
    fits.map_err(|misfit| ApiError::new(INVALID, misfit.to_string()))?;
    Ok(about)
}

pub(super) fn people(ids: Vec<String>) -> Result<Vec<ProfileId>, ApiError> {
    if ids.len() > IDS_MAX {
        let wanted = format!("profiles must be at most {IDS_MAX} ids at a time");
        return Err(ApiError::new(INVALID, wanted));
    }
    Ok(ids.into_iter().map(ProfileId::new).collect())
}

pub(super) fn answer(id: String, adding: Adding) -> Result<Json<ListAnswer>, ApiError> {
    match adding {
        Adding::Done { added, unknown } => Ok(Json(ListAnswer { id, added, unknown })),
        Adding::Missing => Err(ApiError::not_found()),
        Adding::TooMany => {
            let ListBounds { lists, ids } = BOUNDS;
            let sentence = format!("There are at most {lists} lists, with at most {ids} ids each.");
            Err(ApiError::new(INVALID, sentence))
        }
    }
}

pub(super) fn deleted(was_there: bool) -> Result<Json<Deleted>, ApiError> {
    if was_there { Ok(Json(Deleted { deleted: 1 })) } else { Err(ApiError::not_found()) }
}

fn document(list: ListRow) -> ListDocument {
    let ListRow { id, about, people } = list;
    ListDocument {
        id,
        name: about.name,
        note: about.note,
        owner: about.owner,
        people,
        created: about.created.to_string(),
        changed: about.changed.to_string(),
    }
}
