//! `/segment`: the reference's segments, each a sticky audience (docs/wire.md §5.4).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::audience::{INVALID, condition, lists_are_there};
use super::entities::{self, Editor, Tagged, tagged};
use super::rule::event_type;
use super::{Kind, configured};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, SignedIn};
use crate::model::{Audience, Segment};
use crate::registry::{Snapshot, Stored};

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
    let mut grouped: BTreeMap<String, Vec<SegmentDocument>> = BTreeMap::new();
    for (audience, segment) in &all {
        let types = segment.event_types.clone();
        let groups = if types.is_empty() { vec![GLOBAL.to_owned()] } else { types };
        for group in groups {
            grouped.entry(group).or_default().push(document(audience, segment));
        }
    }
    Ok(Json(Grouped { total: all.len(), grouped }))
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
    Ok(tagged(audience.version, document(audience, segment)))
}

/// Makes or changes a segment: an audience of which whoever enters stays in it.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/segment", tag = "audiences", operation_id = "put_segment",
    request_body(content = Posted),
    responses(
        (status = 200, description = "It is stored", body = Saved),
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

/// A segment of either kind, as somebody wants it.
pub(super) struct Said {
    pub(super) id: Option<String>,
    /// As it stands on profiles.
    pub(super) tag: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) event_types: Vec<String>,
    pub(super) condition: String,
    pub(super) enabled: bool,
    pub(super) is_live: bool,
}

impl Said {
    /// The condition of the audience.
    fn whole(&self) -> String {
        if self.event_types.is_empty() {
            return self.condition.clone();
        }
        let did: Vec<String> =
            self.event_types.iter().map(|kind| format!("DID \"{}\"", escaped(kind))).collect();
        format!("({}) AND ({})", self.condition, did.join(" OR "))
    }
}

/// Stores the audience that a segment is.
pub(super) async fn store(
    app: &Arc<App>,
    user: &SignedIn,
    headers: &HeaderMap,
    said: Said,
) -> Result<Tagged<Saved>, ApiError> {
    let text = condition(&Value::String(said.whole()))?;
    lists_are_there(app, &text).await?;
    let known = entities::known(app).await?;
    let id = said.id.as_deref().map(str::trim).filter(|id| !id.is_empty());
    let id = id.map_or_else(|| said.tag.clone(), str::to_owned);
    let before = known.get::<Audience>(&said.tag).map(|stored| &stored.entity);
    let is_it = |one: &Segment| one.id == id && one.is_live == said.is_live;
    if before.is_some_and(|one| !one.segment.as_ref().is_some_and(is_it)) {
        let message = format!("name: there is another audience or segment {}", said.tag);
        return Err(ApiError::new(INVALID, message));
    }
    let former = one(&known, &id, said.is_live).ok().map(|(stored, _)| stored.entity.id.clone());
    let now = app.clock.now();
    let audience = Audience {
        id: said.tag.clone(),
        name: said.name.trim().to_owned(),
        description: said.description,
        live: before.and_then(|before| before.live.clone()).filter(|_| said.enabled),
        condition: text,
        sticky: !said.is_live,
        enabled: said.enabled,
        created: before.map_or(now, |before| before.created),
        changed: now,
        segment: Some(Segment {
            id: id.clone(),
            event_types: said.event_types,
            condition: said.condition,
            is_live: said.is_live,
        }),
    };
    let who = user.who();
    let editor = || Editor { who: &who, headers, invalid: INVALID };
    let (tag, _) = entities::put(app, editor(), audience).await?;
    // Under another name it is another one.
    if let Some(former) = former.filter(|former| *former != said.tag) {
        drop(entities::remove::<Audience>(app, editor(), former).await?);
    }
    Ok((tag, Json(Saved { saved: 1, errors: Vec::new(), ids: vec![id] })))
}

pub(super) async fn remove_one(
    app: &Arc<App>,
    user: &SignedIn,
    headers: &HeaderMap,
    (id, is_live): (&str, bool),
) -> Result<Json<Deleted>, ApiError> {
    let known = entities::known(app).await?;
    let audience = one(&known, id, is_live)?.0.entity.id.clone();
    let editor = Editor { who: &user.who(), headers, invalid: INVALID };
    entities::remove::<Audience>(app, editor, audience).await
}

/// All segments of one of the kinds.
pub(super) fn all(known: &Snapshot, is_live: bool) -> Vec<(&Stored<Audience>, &Segment)> {
    let all = known.all::<Audience>().into_iter();
    let segments = all.filter_map(|stored| Some((stored, stored.entity.segment.as_ref()?)));
    segments.filter(|(_, segment)| segment.is_live == is_live).collect()
}

/// The one of this id.
pub(super) fn one<'a>(
    known: &'a Snapshot,
    id: &str,
    is_live: bool,
) -> Result<(&'a Stored<Audience>, &'a Segment), ApiError> {
    let found = all(known, is_live).into_iter().find(|(_, segment)| segment.id == id);
    found.ok_or_else(ApiError::not_found)
}

/// As the reference writes a name on profiles.
pub(super) fn machine_name(name: &str) -> String {
    name.trim().to_lowercase().replace(' ', "-")
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
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
