//! `/event-type/mapping`: event types, with what a company says of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::entities::{self, Tagged, tagged};
use super::rule::{self, IDLE, INVALID};
use super::{Kind, configured};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, SignedIn};
use crate::model::{EventRules, EventType};
use crate::registry::{Snapshot, Stored};
use crate::rules;

pub(super) const KIND: Kind = Kind { what: "event type", invalid: INVALID, idle: &IDLE };

/// An event type as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = EventTypePosted)]
pub(in crate::http) struct Posted {
    /// The type; `event_type` says the same.
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    event_type: Option<String>,
    /// For people.
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// Off unless said.
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    journey: Option<String>,
    /// Where in the event which property goes besides: `{"traits.color": "properties.color"}`.
    #[serde(default)]
    index_schema: Option<BTreeMap<String, String>>,
    /// What Kith does with the type by itself stays. On unless said.
    #[serde(default)]
    built_in: Option<bool>,
    #[serde(default)]
    retention_days: Option<u64>,
}

/// An event type, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct EventTypeDocument {
    /// The type, as events have it.
    id: String,
    /// The same.
    event_type: String,
    /// For people.
    name: String,
    /// For people.
    description: String,
    /// Off: it is as if nothing had been said.
    enabled: bool,
    /// Take the place of the client's; empty: what is under it stays.
    tags: Vec<String>,
    /// The stage of the journey, or `by-visit`; null: what is under it stays.
    #[schema(required)]
    journey: Option<String>,
    /// Where in the event which property goes besides.
    index_schema: BTreeMap<String, String>,
    /// What Kith does with the type by itself stays.
    built_in: bool,
    /// Events older than this many days are removed; 0: as their source says.
    retention_days: u64,
    /// Who stored it first.
    owner: String,
    /// Grows whenever it is changed; its `ETag`.
    version: i64,
    /// When it was first stored, as RFC 3339.
    created: String,
    /// When it was stored last.
    changed: String,
}

/// What Kith does with a type by itself.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct BuiltInDocument {
    /// The type.
    id: String,
    /// Take the place of the client's.
    tags: Vec<String>,
    /// The stage of the journey, or `by-visit`.
    #[schema(required)]
    journey: Option<String>,
    /// Where in the event which property goes.
    index_schema: BTreeMap<String, String>,
    /// Places of the profile that it changes.
    profile: Vec<String>,
}

/// All event types of which something was said, sorted by type.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/event-type/search/mappings", tag = "rules", operation_id = "list_event_types",
    responses((status = 200, description = "All of them", body = All<EventTypeDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<EventTypeDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    Ok(Json(known.all::<EventType>().into_iter().map(document).collect()))
}

/// One event type.
///
/// # Errors
/// 401 without a token, 404 when nothing was said of it.
#[utoipa::path(
    get, path = "/event-type/mapping/{id}", tag = "rules", operation_id = "show_event_type",
    params(("id" = String, Path, description = "The type")),
    responses(
        (status = 200, description = "What was said of it", body = EventTypeDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<EventTypeDocument>, ApiError> {
    let stored = entities::one::<EventType>(&app, &id).await?;
    Ok(tagged(stored.version, document(&stored)))
}

/// What Kith does with a type by itself.
///
/// # Errors
/// 401 without a token, 404 when it does nothing.
#[utoipa::path(
    get, path = "/event-type/build-in/{id}", tag = "rules", operation_id = "show_built_in_type",
    params(("id" = String, Path, description = "The type")),
    responses(
        (status = 200, description = "What it does", body = BuiltInDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn built_in(
    Path(id): Path<String>,
) -> Result<Json<BuiltInDocument>, ApiError> {
    let rules = rules::built_in();
    let id = rule::event_type(&id);
    let found = rules.of(&id).ok_or_else(ApiError::not_found)?;
    Ok(Json(BuiltInDocument::of(&id, found)))
}

/// What Kith does with each type that it knows, sorted by type.
pub(super) fn all_built_in() -> Vec<BuiltInDocument> {
    let rules = rules::built_in();
    let known = |id| Some(BuiltInDocument::of(id, rules.of(id)?));
    rules.types().into_iter().filter_map(known).collect()
}

impl BuiltInDocument {
    fn of(id: &str, rules: &EventRules) -> Self {
        let EventRules { tags, journey, copy, profile, .. } = rules.clone();
        let mut profile: Vec<String> = profile.into_iter().map(|change| change.target).collect();
        profile.dedup();
        Self { id: id.to_owned(), tags, journey, index_schema: schema(&copy), profile }
    }

    /// The type.
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

/// Says something of an event type, or something else. It counts from the next payload on.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/event-type/mapping", tag = "rules", operation_id = "put_event_type",
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
    let posted = configured(&app, &headers, body, &KIND).await?;
    let (known, who) = (entities::known(&app).await?, user.who());
    let described = read(&app, &known, &who.name, posted)?;
    entities::put(&app, rule::editor(&user, &headers), described).await
}

/// Removes what was said of an event type; what Kith does by itself is as it was.
///
/// # Errors
/// 401 without a token, 404 when nothing was said of it, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/event-type/mapping/{id}", tag = "rules", operation_id = "remove_event_type",
    params(("id" = String, Path, description = "The type")),
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
    entities::remove::<EventType>(&app, rule::editor(&user, &headers), id).await
}

/// What is meant; what was stored of it before is `known`.
pub(super) fn read(
    app: &App,
    known: &Snapshot,
    who: &str,
    posted: Posted,
) -> Result<EventType, ApiError> {
    let given = [posted.event_type, posted.id].into_iter().flatten();
    let mut given = given.map(|kind| rule::event_type(&kind)).filter(|kind| !kind.is_empty());
    let id = given.next().ok_or_else(|| rule::wrong("event_type must be an event type"))?;
    let before = known.get::<EventType>(&id).map(|stored| &stored.entity.about);
    let about = rule::about(app, who, (&posted.name, posted.description), before);
    let copy = posted.index_schema.unwrap_or_default();
    let copy = copy.iter().map(|(target, from)| Ok((column(target), property(from)?)));
    let journey = posted.journey.map(|stage| stage.trim().to_owned());
    Ok(EventType {
        id,
        about,
        enabled: posted.enabled.unwrap_or(false),
        tags: posted.tags.unwrap_or_default(),
        journey: journey.filter(|stage| !stage.is_empty()),
        copy: copy.collect::<Result<_, ApiError>>()?,
        built_in: posted.built_in.unwrap_or(true),
        retention_days: posted.retention_days.unwrap_or(0),
    })
}

/// Which property goes there.
fn property(sent: &str) -> Result<String, ApiError> {
    let wanted = "index_schema must name properties of the event: properties.color";
    rule::property(sent).map(str::to_owned).ok_or_else(|| rule::wrong(wanted))
}

/// Where a property goes: what names no column goes to the traits, as in the reference.
fn column(target: &str) -> String {
    let target = target.trim().trim_start_matches("event@");
    let first = target.split('.').next().unwrap_or_default();
    let has_column = ["traits", "data", "hit", "device"].contains(&first);
    if has_column { target.to_owned() } else { format!("traits.{target}") }
}

fn schema(copy: &[(String, String)]) -> BTreeMap<String, String> {
    let pair = |(target, from): &(String, String)| (target.clone(), format!("properties.{from}"));
    copy.iter().map(pair).collect()
}

pub(super) fn document(stored: &Stored<EventType>) -> EventTypeDocument {
    let EventType { id, about, enabled, tags, journey, copy, built_in, retention_days } =
        stored.entity.as_ref().clone();
    EventTypeDocument {
        event_type: id.clone(),
        id,
        name: about.name,
        description: about.note,
        enabled,
        tags,
        journey,
        index_schema: schema(&copy),
        built_in,
        retention_days,
        owner: about.owner,
        version: stored.version,
        created: about.created.to_string(),
        changed: about.changed.to_string(),
    }
}
