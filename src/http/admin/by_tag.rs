//! The reference's other addresses of rules: by their tags or types, names alone, and what there is nothing to do for.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;

use super::consent_type::{self, ConsentTypeDocument};
use super::entities::known;
use super::event_to_profile::{self, EventToProfileDocument};
use super::event_type::{self, BuiltInDocument, EventTypeDocument};
use super::rule;
use super::segment::Grouped;
use crate::app::App;
use crate::http::ApiError;
use crate::http::answers::{All, Nothing};
use crate::model::{ConsentType, EventToProfile, EventType};
use crate::registry::Stored;

/// Where something stands that has no tag.
const UNTAGGED: &str = "General";

/// Ids alone.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Ids)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct IdsDocument {
    /// How many there are.
    total: usize,
    /// Sorted.
    result: Vec<String>,
}

/// All consent types, sorted by id: another address of `/consents/type`.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/consents/types", tag = "rules", operation_id = "list_all_consent_types",
    responses((status = 200, description = "All of them", body = All<ConsentTypeDocument>)),
)]
pub(in crate::http) async fn consents(
    app: State<Arc<App>>,
) -> Result<Json<All<ConsentTypeDocument>>, ApiError> {
    consent_type::list(app).await
}

/// The ids of all consent types.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/consents/type/ids", tag = "rules", operation_id = "consent_type_ids",
    responses((status = 200, description = "All of them", body = IdsDocument)),
)]
pub(in crate::http) async fn consent_ids(
    State(app): State<Arc<App>>,
) -> Result<Json<IdsDocument>, ApiError> {
    let known = known(&app).await?;
    let result: Vec<String> =
        known.all::<ConsentType>().into_iter().map(|one| one.entity.id.clone()).collect();
    Ok(Json(IdsDocument { total: result.len(), result }))
}

/// All consent types, each under its tags.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/consents/type/by_tag", tag = "rules", operation_id = "consent_types_by_tag",
    responses((status = 200, description = "By tags", body = Grouped<ConsentTypeDocument>)),
)]
pub(in crate::http) async fn consents_by_tag(
    State(app): State<Arc<App>>,
) -> Result<Json<Grouped<ConsentTypeDocument>>, ApiError> {
    let known = known(&app).await?;
    let all = known.all::<ConsentType>();
    let tags = |one: &&Stored<ConsentType>| one.entity.tags.clone();
    Ok(Json(Grouped::of(&all, (tags, UNTAGGED), |one| consent_type::document(one))))
}

/// All mappings, each under its tags.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/events-to-profiles/by_tag", tag = "rules", operation_id = "mappings_by_tag",
    responses((status = 200, description = "By tags", body = Grouped<EventToProfileDocument>)),
)]
pub(in crate::http) async fn mappings_by_tag(
    State(app): State<Arc<App>>,
) -> Result<Json<Grouped<EventToProfileDocument>>, ApiError> {
    let known = known(&app).await?;
    let all = known.all::<EventToProfile>();
    let tags = |one: &&Stored<EventToProfile>| one.entity.tags.clone();
    Ok(Json(Grouped::of(&all, (tags, UNTAGGED), |one| event_to_profile::document(one))))
}

/// What was said of one event type: a list of one, or of none.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/event-type/mappings/{type}", tag = "rules", operation_id = "list_event_types_of_type",
    params(("type" = String, Path, description = "The event type")),
    responses((status = 200, description = "Those", body = All<EventTypeDocument>)),
)]
pub(in crate::http) async fn types_of_type(
    State(app): State<Arc<App>>,
    Path(kind): Path<String>,
) -> Result<Json<All<EventTypeDocument>>, ApiError> {
    let (known, kind) = (known(&app).await?, rule::event_type(&kind));
    let found = known.get::<EventType>(&kind).into_iter();
    Ok(Json(found.map(event_type::document).collect()))
}

/// What Kith does with types by itself, each under its type.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/event-types/build-in/by_type", tag = "rules", operation_id = "built_in_types",
    responses((status = 200, description = "By types", body = Grouped<BuiltInDocument>)),
)]
pub(in crate::http) async fn built_in() -> Json<Grouped<BuiltInDocument>> {
    let all = event_type::all_built_in();
    let total = all.len();
    let grouped = all.into_iter().map(|one| (one.id().to_owned(), vec![one])).collect();
    Json(Grouped { total, grouped })
}

/// Nothing has to be refreshed: what is stored counts at once.
#[utoipa::path(
    put, path = "/consents/type/refresh", tag = "rules", operation_id = "refresh_consent_types",
    responses((status = 200, description = "`null`", body = Nothing)),
)]
pub(in crate::http) async fn refresh_consents() -> Json<Nothing> {
    Json(Nothing)
}

/// Nothing has to be refreshed: what is stored counts at once.
#[utoipa::path(
    put, path = "/event-type/mapping/refresh", tag = "rules", operation_id = "refresh_event_types",
    responses((status = 200, description = "`null`", body = Nothing)),
)]
pub(in crate::http) async fn refresh_types() -> Json<Nothing> {
    Json(Nothing)
}

/// Nothing has to be refreshed: what is stored counts at once.
#[utoipa::path(
    put, path = "/event-to-profile/refresh", tag = "rules", operation_id = "refresh_mappings",
    responses((status = 200, description = "`null`", body = Nothing)),
)]
pub(in crate::http) async fn refresh_mappings() -> Json<Nothing> {
    Json(Nothing)
}
