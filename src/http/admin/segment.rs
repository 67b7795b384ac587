//! `/segment`: the reference's segments, each a sticky audience (docs/wire.md §5.4).

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
use super::rule::event_type;
use super::segment_said::{Said, all, machine_name, one, remove_one, store};
use super::{Kind, configured};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, SignedIn};
use crate::model::{Audience, Segment};
use crate::registry::Stored;

/// The group of those that are not of certain events.
const GLOBAL: &str = "Global";

const KIND: Kind = Kind { what: "segment", invalid: INVALID, idle: &["machine_name"] };

/// A segment as it is posted.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = SegmentPosted)]
pub(in crate::http) struct Posted {
    /// As its name unless said.
    #[serde(default)]
    id: Option<String>,
    /// For people; in lower case and with dashes it stands among the segments of the profile.
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// Only people who did one of these; empty: everybody.
    #[serde(default, rename = "eventType")]
    event_type: Option<Vec<String>>,
    /// Of whom it is to hold, as of audiences.
    condition: Value,
    /// On unless said.
    #[serde(default)]
    enabled: Option<bool>,
}

/// A segment, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SegmentDocument {
    /// At these addresses.
    id: String,
    /// For people.
    name: String,
    /// For people.
    description: String,
    /// Only people who did one of these; empty: everybody.
    #[serde(rename = "eventType")]
    event_type: Vec<String>,
    /// Of whom it holds, as text.
    condition: String,
    /// Off: nobody enters it.
    enabled: bool,
    /// As it stands among the segments of a profile, and the id of the audience.
    machine_name: String,
}

/// Things by a group.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Grouped<T> {
    /// How many there are.
    pub(super) total: usize,
    /// Each in every group that it belongs to.
    pub(super) grouped: BTreeMap<String, Vec<T>>,
}

impl<T> Grouped<T> {
    /// Of all of these, each in its groups; in `otherwise` where it has none.
    pub(super) fn of<S>(
        all: &[S],
        (groups, otherwise): (impl Fn(&S) -> Vec<String>, &str),
        document: impl Fn(&S) -> T,
    ) -> Self {
        let mut grouped: BTreeMap<String, Vec<T>> = BTreeMap::new();
        for one in all {
            let groups = groups(one);
            let groups = if groups.is_empty() { vec![otherwise.to_owned()] } else { groups };
            for group in groups {
                grouped.entry(group).or_default().push(document(one));
            }
        }
        Self { total: all.len(), grouped }
    }
}

/// Something by its id and its name.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentName)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NameDocument {
    id: String,
    name: String,
}

/// All segments, by the types of events that they are of.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/segments", tag = "audiences", operation_id = "list_segments",
    responses((status = 200, description = "Each under its types", body = Grouped<SegmentDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<Grouped<SegmentDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    let all = all(&known, false);
    let of_types = |(_, segment): &(&Stored<Audience>, &Segment)| segment.event_types.clone();
    Ok(Json(Grouped::of(&all, (of_types, GLOBAL), |(audience, segment)| {
        document(audience, segment)
    })))
}

/// Ids and names of all segments.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/segments/metadata", tag = "audiences", operation_id = "segment_names",
    responses((status = 200, description = "All of them", body = All<NameDocument>)),
)]
pub(in crate::http) async fn names(
    State(app): State<Arc<App>>,
) -> Result<Json<All<NameDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    let named = all(&known, false).into_iter().map(|(audience, segment)| NameDocument {
        id: segment.id.clone(),
        name: audience.entity.name.clone(),
    });
    Ok(Json(named.collect()))
}

/// Nothing has to be refreshed: what is stored counts at once.
#[utoipa::path(
    get, path = "/segments/refresh", tag = "audiences", operation_id = "refresh_segments",
    responses((status = 200, description = "`null`", body = Nothing)),
)]
pub(in crate::http) async fn refresh() -> Json<Nothing> {
    Json(Nothing)
}

/// One segment.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/segment/{id}", tag = "audiences", operation_id = "show_segment",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The segment", body = SegmentDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<SegmentDocument>, ApiError> {
    let known = entities::known(&app).await?;
    let (audience, segment) = one(&known, &id, false)?;
    Ok(tagged(audience.said(), document(audience, segment)))
}

/// Makes or changes a segment: an audience of which whoever enters stays in it.
///
/// # Errors
/// 401 without a token, 409 when it was called otherwise and something names it so, 422 when it does not fit,
/// 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/segment", tag = "audiences", operation_id = "put_segment",
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
    let types = posted.event_type.unwrap_or_default();
    let said = Said {
        id: posted.id,
        tag: machine_name(&posted.name),
        name: posted.name,
        description: posted.description.unwrap_or_default(),
        event_types: types.iter().map(|kind| event_type(kind)).collect(),
        condition: condition(&posted.condition)?,
        enabled: posted.enabled.unwrap_or(true),
        is_live: false,
    };
    store(&app, &user, &headers, said).await
}

/// Removes a segment. Those who are in it keep its name among their segments, as in the reference.
///
/// # Errors
/// 401 without a token, 404 when there is none, 409 while something names it.
#[utoipa::path(
    delete, path = "/segment/{id}", tag = "audiences", operation_id = "remove_segment",
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
    remove_one(&app, &user, &headers, (&id, false)).await
}

fn document(stored: &Stored<Audience>, segment: &Segment) -> SegmentDocument {
    let audience = &stored.entity;
    SegmentDocument {
        id: segment.id.clone(),
        name: audience.name.clone(),
        description: audience.description.clone(),
        event_type: segment.event_types.clone(),
        condition: segment.condition.clone(),
        enabled: audience.enabled,
        machine_name: audience.id.clone(),
    }
}
