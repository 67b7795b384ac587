//! `/event-reshape-schema`: how events of a type are reshaped, renamed and split.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::entities::{self, Tagged, tagged};
use super::rule::{self, IDLE, INVALID, Named, NamedDocument};
use super::{Kind, configured};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, SignedIn};
use crate::model::{Assigned, Map, Reshaping, SourceId, Split, lower_case};
use crate::registry::{Snapshot, Stored};

pub(super) const KIND: Kind = Kind { what: "reshaping", invalid: INVALID, idle: &IDLE };

/// A reshaping as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ReshapingPosted)]
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
    /// Only those of this source.
    #[serde(default)]
    event_source: Option<Named>,
    /// Off unless said.
    #[serde(default)]
    enabled: Option<bool>,
    /// Of those that are for an event, the lowest is applied.
    #[serde(default)]
    order: Option<i64>,
    reshaping: Rules,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// What it does, in this order.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[schema(as = ReshapingRules)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Rules {
    /// When, in the language of rules, over `event@` alone; empty: always.
    #[serde(default)]
    condition: String,
    /// What is moved first: from where, to where.
    #[serde(default)]
    rename: Vec<Rename>,
    #[serde(default)]
    reshape_schema: Templates,
    #[serde(default)]
    mapping: Assignment,
    /// How it becomes several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    split: Option<Splitting>,
}

/// Something that is moved.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[schema(as = ReshapingRename)]
#[serde(deny_unknown_fields)]
struct Rename {
    /// `event@properties.old`.
    from: String,
    /// `event@properties.new`.
    to: String,
}

/// Object templates: their texts may point to `event@`, `session@id` and `profile@id`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[schema(as = ReshapingTemplates)]
#[serde(deny_unknown_fields)]
struct Templates {
    /// What the event's properties are instead.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    properties: Option<Map>,
    /// What its context is instead.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    context: Option<Map>,
    /// What the visit's properties have besides.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<Map>,
}

/// Each is a text, or a place of the event.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[schema(as = ReshapingAssignment)]
#[serde(deny_unknown_fields)]
struct Assignment {
    /// The event's type instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_type: Option<String>,
    /// The visit's id instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    /// The profile's id instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
}

/// One event for each item of a list.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[schema(as = ReshapingSplit)]
#[serde(deny_unknown_fields)]
struct Splitting {
    /// Where the list stands: `event@properties.items`.
    by: String,
    /// The type of the parts: a text, or a place of `item@` or `event@`. The event's own unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_type: Option<String>,
    /// A template over `item@` and `event@`. The item unless said.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    properties: Option<Map>,
    /// The event itself stays beside its parts. It does unless said.
    #[serde(default = "stays")]
    keep: bool,
}

fn stays() -> bool {
    true
}

/// A reshaping, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ReshapingDocument {
    /// Stands in links.
    id: String,
    /// For people.
    name: String,
    /// For people.
    description: String,
    /// Which events.
    event_type: NamedDocument,
    /// Only those of this source; null: of all.
    #[schema(required)]
    event_source: Option<NamedDocument>,
    /// Off: it does nothing.
    enabled: bool,
    /// Of those that are for an event, the lowest is applied.
    order: i64,
    reshaping: Rules,
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

/// All reshapings, sorted by id.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/event-reshape-schemas", tag = "rules", operation_id = "list_reshapings",
    responses((status = 200, description = "All of them", body = All<ReshapingDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<ReshapingDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    Ok(Json(known.all::<Reshaping>().into_iter().map(document).collect()))
}

/// One reshaping.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/event-reshape-schema/{id}", tag = "rules", operation_id = "show_reshaping",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The reshaping", body = ReshapingDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<ReshapingDocument>, ApiError> {
    let stored = entities::one::<Reshaping>(&app, &id).await?;
    Ok(tagged(stored.version, document(&stored)))
}

/// Makes or changes a reshaping. It counts from the next payload on.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/event-reshape-schema", tag = "rules", operation_id = "put_reshaping",
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
    let reshaping = read(&app, &known, &who.name, posted);
    entities::put(&app, rule::editor(&user, &headers), reshaping).await
}

/// Removes a reshaping.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/event-reshape-schema/{id}", tag = "rules", operation_id = "remove_reshaping",
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
    entities::remove::<Reshaping>(&app, rule::editor(&user, &headers), id).await
}

/// What is meant; what was stored of it before is `known`.
pub(super) fn read(app: &App, known: &Snapshot, who: &str, posted: Posted) -> Reshaping {
    let id = entities::id(app, posted.id.as_deref());
    let before = known.get::<Reshaping>(&id).map(|stored| &stored.entity.about);
    let about = rule::about(app, who, (&posted.name, posted.description), before);
    let source = posted.event_source.map(Named::id).filter(|id| !id.is_empty());
    let Rules { condition, rename, reshape_schema, mapping, split } = posted.reshaping;
    let Templates { properties, context, session } = reshape_schema;
    Reshaping {
        id,
        about,
        enabled: posted.enabled.unwrap_or(false),
        order: posted.order.unwrap_or(0),
        event_type: posted.event_type.event_type(),
        source: source.map(|id| SourceId::new(lower_case(&id))),
        condition: condition.trim().to_owned(),
        renames: rename.into_iter().map(|Rename { from, to }| (from, to)).collect(),
        properties,
        context,
        session,
        assigned: Assigned {
            event_type: mapping.event_type,
            session: mapping.session,
            profile: mapping.profile,
        },
        split: split.map(|Splitting { by, event_type, properties, keep }| Split {
            by,
            event_type,
            properties,
            keeps: keep,
        }),
        tags: posted.tags.unwrap_or_default(),
    }
}

pub(super) fn document(stored: &Stored<Reshaping>) -> ReshapingDocument {
    let one = stored.entity.as_ref().clone();
    let reshaping = Rules {
        condition: one.condition,
        rename: one.renames.into_iter().map(|(from, to)| Rename { from, to }).collect(),
        reshape_schema: Templates {
            properties: one.properties,
            context: one.context,
            session: one.session,
        },
        mapping: Assignment {
            event_type: one.assigned.event_type,
            session: one.assigned.session,
            profile: one.assigned.profile,
        },
        split: one.split.map(|Split { by, event_type, properties, keeps }| Splitting {
            by,
            event_type,
            properties,
            keep: keeps,
        }),
    };
    ReshapingDocument {
        id: one.id,
        name: one.about.name,
        description: one.about.note,
        event_type: NamedDocument::of(&one.event_type),
        event_source: one.source.map(|id| NamedDocument::of(id.as_str())),
        enabled: one.enabled,
        order: one.order,
        reshaping,
        tags: one.tags,
        owner: one.about.owner,
        version: stored.version,
        created: one.about.created.to_string(),
        changed: one.about.changed.to_string(),
    }
}
