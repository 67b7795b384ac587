//! `/segment/live`: the reference's live segments, each an audience that people leave, too.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::audience::{INVALID, condition};
use super::entities::{self, Tagged, tagged};
use super::segment::Grouped;
use super::segment_said::{Said, all, machine_name, one, remove_one, store};
use super::{Kind, configured};
use crate::app::App;
use crate::http::answers::{Deleted, Nothing, Saved};
use crate::http::{ApiError, SignedIn};
use crate::model::{Audience, Segment};
use crate::registry::Stored;

/// The group of the reference's.
const GROUP: &str = "Live segmentation";
/// What of the reference's Kith has.
const BY_CONDITION: &str = "condition";

const KIND: Kind = Kind {
    what: "live segment",
    invalid: INVALID,
    idle: &["timestamp", "workflow", "operation", "code"],
};

/// A live segment as it is posted.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = LiveSegmentPosted)]
pub(in crate::http) struct Posted {
    /// Which one it is. Without it a new one is made, whose id is its segment.
    #[serde(default)]
    id: Option<String>,
    /// For people.
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// On unless said.
    #[serde(default)]
    enabled: Option<bool>,
    /// `condition`: those that workflows or code decide are not there.
    #[serde(default, rename = "type")]
    kind: Option<String>,
    /// Of whom it is to hold, as of audiences.
    condition: Value,
    /// What stands among the segments of the profile; as its name unless said.
    #[serde(default)]
    segment: Option<String>,
}

/// A live segment, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct LiveSegmentDocument {
    /// At these addresses.
    id: String,
    /// When it was stored last, as RFC 3339.
    timestamp: String,
    /// For people.
    name: String,
    /// For people.
    description: String,
    /// Off: nobody is in it.
    enabled: bool,
    /// `condition`.
    r#type: &'static str,
    /// Of whom it holds, as text.
    condition: String,
    /// What stands among the segments of the profile, and the id of the audience.
    segment: String,
}

/// All live segments.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/segments/live", tag = "audiences", operation_id = "list_live_segments",
    responses((status = 200, description = "In one group", body = Grouped<LiveSegmentDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<Grouped<LiveSegmentDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    let live = all(&known, true).into_iter();
    let live: Vec<_> = live.map(|(stored, segment)| document(stored, segment)).collect();
    let total = live.len();
    let grouped = if total == 0 { BTreeMap::new() } else { [(GROUP.to_owned(), live)].into() };
    Ok(Json(Grouped { total, grouped }))
}

/// Nothing has to be refreshed: what is stored counts at once.
#[utoipa::path(
    get, path = "/segments/live/refresh", tag = "audiences", operation_id = "refresh_live_segments",
    responses((status = 200, description = "`null`", body = Nothing)),
)]
pub(in crate::http) async fn refresh() -> Json<Nothing> {
    Json(Nothing)
}

/// One live segment.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/segment/live/{id}", tag = "audiences", operation_id = "show_live_segment",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The segment", body = LiveSegmentDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<LiveSegmentDocument>, ApiError> {
    let known = entities::known(&app).await?;
    let (audience, segment) = one(&known, &id, true)?;
    Ok(tagged(audience.said(), document(audience, segment)))
}

/// Makes or changes a live segment: an audience whose name stands among the segments of those who are in it.
///
/// # Errors
/// 401 without a token, 409 when it was called otherwise and something names it so, 422 when it does not fit,
/// 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/segment/live", tag = "audiences", operation_id = "put_live_segment",
    request_body(content = Posted),
    responses(
        (status = 200, description = "It is stored", body = Saved),
        (status = 409, description = "It was called otherwise, and something names it so; `message` says what"),
        (status = 422, description = "It does not fit"),
    ),
)]
pub(in crate::http) async fn put(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Tagged<Saved>, ApiError> {
    let posted: Posted = configured(&app, &headers, body, &KIND).await?;
    if posted.kind.as_deref().is_some_and(|kind| kind != BY_CONDITION) {
        return Err(ApiError::new(INVALID, "type must be condition: there are no workflows"));
    }
    let tag = posted.segment.as_deref().filter(|tag| !tag.trim().is_empty());
    let said = Said {
        id: posted.id,
        tag: machine_name(tag.unwrap_or(&posted.name)),
        name: posted.name,
        description: posted.description.unwrap_or_default(),
        event_types: Vec::new(),
        condition: condition(&posted.condition)?,
        enabled: posted.enabled.unwrap_or(true),
        is_live: true,
    };
    store(&app, &user, &headers, said).await
}

/// Removes a live segment.
///
/// # Errors
/// 401 without a token, 404 when there is none, 409 while something names it.
#[utoipa::path(
    delete, path = "/segment/live/{id}", tag = "audiences", operation_id = "remove_live_segment",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It is removed", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    remove_one(&app, &user, &headers, (&id, true)).await
}

fn document(stored: &Stored<Audience>, segment: &Segment) -> LiveSegmentDocument {
    let audience = &stored.entity;
    LiveSegmentDocument {
        id: segment.id.clone(),
        timestamp: audience.changed.to_string(),
        name: audience.name.clone(),
        description: audience.description.clone(),
        enabled: audience.enabled,
        r#type: BY_CONDITION,
        condition: segment.condition.clone(),
        segment: audience.id.clone(),
    }
}
