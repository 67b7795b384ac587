//! `/event-to-profile`: what events of a type write into the profile.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entities::{self, Tagged, tagged};
use super::rule::{self, IDLE, INVALID, Named, NamedDocument};
use super::{Kind, configured};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, SignedIn};
use crate::model::{EventToProfile, Mapped, MapsFrom, MapsTo, Part, Place, Way, fixed_tree};
use crate::processing::why_never;
use crate::registry::{Snapshot, Stored};
use crate::suggestion::nearest;

pub(super) const KIND: Kind =
    Kind { what: "mapping of events to profiles", invalid: INVALID, idle: &IDLE };

/// A mapping as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = EventToProfilePosted)]
pub(in crate::http) struct Posted {
    /// Drawn when absent.
    #[serde(default)]
    id: Option<String>,
    /// For people.
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// Which events: the type, or `{"id": type}`.
    event_type: Named,
    /// Off unless said.
    #[serde(default)]
    enabled: Option<bool>,
    /// Mappings of one type are applied by this, the lowest first. 0 unless said.
    #[serde(default)]
    order: Option<i64>,
    #[serde(default)]
    config: Option<PostedConfig>,
    /// The changes, in this order.
    event_to_profile: Vec<PostedChange>,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// When it is applied.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = EventToProfilePostedConfig)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PostedConfig {
    /// In the language of rules, over `event@`, `profile@` and `session@`.
    #[serde(default)]
    condition: Option<String>,
}

/// One change.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = EventToProfilePostedChange)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PostedChange {
    /// What: a place of the event, or with `"ref": false` the value itself.
    #[serde(default)]
    event: Option<PostedRef>,
    /// `set`, `set_if_missing`, `append`, `remove`, `increment`, `min`, `max`, `first` or `last`; or
    /// the reference's 0, 1, 2.
    op: Value,
    /// Where to: below `data`, `traits`, `interests` or `aux`.
    profile: PostedRef,
}

/// A place, or a value.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = RulePostedRef)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PostedRef {
    value: Value,
    /// It is a place. On unless said.
    #[serde(default, rename = "ref")]
    is_place: Option<bool>,
}

impl PostedRef {
    /// The place that it is, if it is one.
    pub(super) fn place(&self) -> Option<&str> {
        self.value.as_str().filter(|_| self.is_place != Some(false))
    }
}

/// A mapping, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct EventToProfileDocument {
    /// Stands in links.
    id: String,
    /// For people.
    name: String,
    /// For people.
    description: String,
    /// Which events.
    event_type: NamedDocument,
    /// Off: it does nothing.
    enabled: bool,
    /// Mappings of one type are applied by this, the lowest first.
    order: i64,
    config: MappingConfig,
    /// The changes, in their order.
    event_to_profile: Vec<ChangeDocument>,
    /// For grouping in lists.
    tags: Vec<String>,
    /// Who stored it first.
    owner: String,
    /// Grows whenever it is changed; its `ETag`.
    version: i64,
    /// When it was first stored, as RFC 3339.
    created: String,
    /// When it was stored last.
    changed: String,
}

/// When it is applied.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = EventToProfileConfig)]
#[serde(deny_unknown_fields)]
struct MappingConfig {
    /// In the language of rules; empty: always.
    condition: String,
}

/// One change.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = EventToProfileChange)]
#[serde(deny_unknown_fields)]
struct ChangeDocument {
    /// What.
    event: RefDocument,
    /// `set`, `set_if_missing`, `append`, `remove`, `increment`, `min`, `max`, `first` or `last`.
    op: &'static str,
    /// Where to.
    profile: RefDocument,
}

/// A place, or a value.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RuleRef)]
#[serde(deny_unknown_fields)]
pub(super) struct RefDocument {
    value: Value,
    /// It is a place.
    #[serde(rename = "ref")]
    is_place: bool,
}

impl RefDocument {
    /// A place.
    pub(super) fn to(place: String) -> Self {
        Self { value: place.into(), is_place: true }
    }
}

/// All mappings, sorted by id.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/events-to-profiles", tag = "rules", operation_id = "list_mappings",
    responses((status = 200, description = "All of them", body = All<EventToProfileDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<EventToProfileDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    Ok(Json(known.all::<EventToProfile>().into_iter().map(document).collect()))
}

/// The mappings of one event type, in the order in which they are applied.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/event-to-profiles/type/{type}", tag = "rules",
    operation_id = "list_mappings_of_type",
    params(("type" = String, Path, description = "The event type")),
    responses((status = 200, description = "Those", body = All<EventToProfileDocument>)),
)]
pub(in crate::http) async fn of_type(
    State(app): State<Arc<App>>,
    Path(kind): Path<String>,
) -> Result<Json<All<EventToProfileDocument>>, ApiError> {
    let (known, kind) = (entities::known(&app).await?, rule::event_type(&kind));
    let mut all = known.all::<EventToProfile>();
    all.retain(|one| one.entity.event_type == kind);
    all.sort_by_key(|one| one.entity.order);
    Ok(Json(all.into_iter().map(document).collect()))
}

/// One mapping.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/event-to-profile/{id}", tag = "rules", operation_id = "show_mapping",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The mapping", body = EventToProfileDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<EventToProfileDocument>, ApiError> {
    let stored = entities::one::<EventToProfile>(&app, &id).await?;
    Ok(tagged(stored.version, document(&stored)))
}

/// Makes or changes a mapping. It counts from the next payload on.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/event-to-profile", tag = "rules", operation_id = "put_mapping",
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
    let mapping = read(&app, &known, &who.name, posted)?;
    entities::put(&app, rule::editor(&user, &headers), mapping).await
}

/// Removes a mapping. What it has written stays.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/event-to-profile/{id}", tag = "rules", operation_id = "remove_mapping",
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
    entities::remove::<EventToProfile>(&app, rule::editor(&user, &headers), id).await
}

/// What is meant; what was stored of it before is `known`.
pub(super) fn read(
    app: &App,
    known: &Snapshot,
    who: &str,
    posted: Posted,
) -> Result<EventToProfile, ApiError> {
    let id = entities::id(app, posted.id.as_deref());
    let before = known.get::<EventToProfile>(&id).map(|stored| &stored.entity.about);
    let about = rule::about(app, who, (&posted.name, posted.description), before);
    let condition = posted.config.and_then(|config| config.condition).unwrap_or_default();
    let changes = posted.event_to_profile.into_iter().enumerate();
    Ok(EventToProfile {
        id,
        about,
        enabled: posted.enabled.unwrap_or(false),
        order: posted.order.unwrap_or(0),
        event_type: posted.event_type.event_type(),
        condition: condition.trim().to_owned(),
        changes: changes.map(|(at, one)| change(at, one)).collect::<Result<_, _>>()?,
        tags: posted.tags.unwrap_or_default(),
    })
}

const TARGETS: &str = "must be a place below data, traits, interests or aux: traits.plan";
const SOURCES: &str = "must be a place below properties, context, traits or data of the event, or type, \
                       id, source.id, session.id, metadata.time.insert";

fn change(at: usize, posted: PostedChange) -> Result<Mapped, ApiError> {
    let wrong =
        |key: &str, wanted: &str| rule::wrong(format!("event_to_profile.{at}.{key} {wanted}"));
    let way = match &posted.op {
        Value::String(name) => Way::named(name),
        Value::Number(number) => number.as_u64().and_then(Way::numbered),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let names: Vec<_> = Way::ALL.iter().map(|(_, name)| *name).collect();
    let way = way.ok_or_else(|| wrong("op", &format!("must be one of {}", names.join(", "))))?;
    let to = posted
        .profile
        .place()
        .and_then(MapsTo::read)
        .ok_or_else(|| wrong("profile.value", TARGETS))?;
    // An interest may be called anything.
    if to.part != Part::Interests {
        let text = posted.profile.place().unwrap_or_default();
        rule::meant(&format!("event_to_profile.{at}.profile.value"), text)?;
    }
    if let Some(why) = why_not(&to, way) {
        return Err(wrong("profile.value", &why));
    }
    let from = match posted.event {
        None if way == Way::Increment => MapsFrom::Literal(1.into()),
        None => return Err(wrong("event", "must say what")),
        Some(PostedRef { value, is_place: Some(false) }) => {
            if let Some(why) = why_never(&to, way, &value) {
                let wanted = format!("must be a value that changes something there: {why}");
                return Err(wrong("event.value", &wanted));
            }
            MapsFrom::Literal(value)
        }
        Some(PostedRef { value, .. }) => {
            let text = value.as_str().unwrap_or_default();
            rule::meant(&format!("event_to_profile.{at}.event.value"), text)?;
            let read = value.as_str().and_then(|text| MapsFrom::read(text).ok().flatten());
            read.ok_or_else(|| wrong("event.value", SOURCES))?
        }
    };
    Ok(Mapped { to, way, from })
}

/// Why a rule may not write there like this, as the rest of a sentence.
fn why_not(to: &MapsTo, way: Way) -> Option<String> {
    let place = &to.place;
    if to.at() == Place::Unknown {
        let meant = match nearest(place, fixed_tree::places()) {
            Some(meant) => format!("did you mean {meant}?"),
            None => "own places are free below traits and data.metrics.custom".to_owned(),
        };
        return Some(format!("must be a place that profiles have: there is no {place}; {meant}"));
    }
    let why = to.why_not(way)?;
    Some(format!("must be a place that rules may write so: {place} is none, {why}"))
}

pub(super) fn document(stored: &Stored<EventToProfile>) -> EventToProfileDocument {
    let EventToProfile { id, about, enabled, order, event_type, condition, changes, tags } =
        stored.entity.as_ref().clone();
    EventToProfileDocument {
        id,
        name: about.name,
        description: about.note,
        event_type: NamedDocument::of(&event_type),
        enabled,
        order,
        config: MappingConfig { condition },
        event_to_profile: changes.iter().map(change_document).collect(),
        tags,
        owner: about.owner,
        version: stored.version,
        created: about.created.to_string(),
        changed: about.changed.to_string(),
    }
}

fn change_document(change: &Mapped) -> ChangeDocument {
    let event = match change.from.value() {
        Some(value) => RefDocument { value: value.clone(), is_place: false },
        None => RefDocument::to(format!("event@{}", change.from)),
    };
    let profile = RefDocument::to(format!("profile@{}", change.to.place));
    ChangeDocument { event, op: change.way.as_str(), profile }
}
