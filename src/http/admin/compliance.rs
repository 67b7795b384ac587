//! `/consent/compliance/field`: fields of events that are kept only with consent.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::entities::{self, Tagged, tagged};
use super::event_to_profile::{PostedRef, RefDocument};
use super::rule::{self, IDLE, INVALID, Named, NamedDocument};
use super::{Kind, configured};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, SignedIn};
use crate::model::{Compliance, PrivateAction, PrivateField};
use crate::registry::{Snapshot, Stored};

pub(super) const KIND: Kind = Kind { what: "rule of privacy", invalid: INVALID, idle: &IDLE };

/// A rule of privacy as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CompliancePosted)]
pub(in crate::http) struct Posted {
    /// Drawn when absent.
    #[serde(default)]
    id: Option<String>,
    /// For people.
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// Which events: the type, or `{"id": type}`. All of them unless said.
    #[serde(default)]
    event_type: Option<Named>,
    /// Off unless said.
    #[serde(default)]
    enabled: Option<bool>,
    settings: Vec<PostedField>,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// A field that is kept only with consent.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CompliancePostedField)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PostedField {
    /// What becomes of it without consent: `remove`, `hash` or `mask`.
    action: String,
    /// Where: below `event@properties`, `event@context` or `event@request`.
    field: PostedRef,
    /// All of these are needed.
    #[serde(default)]
    consents: Vec<Named>,
    /// For each of these, a consent that was given for it.
    #[serde(default)]
    purposes: Vec<String>,
}

/// A rule of privacy, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ComplianceDocument {
    /// Stands in links.
    id: String,
    /// For people.
    name: String,
    /// For people.
    description: String,
    /// Which events; null: all.
    #[schema(required)]
    event_type: Option<NamedDocument>,
    /// Off: it asks nothing.
    enabled: bool,
    settings: Vec<FieldDocument>,
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

/// A field that is kept only with consent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ComplianceField)]
#[serde(deny_unknown_fields)]
struct FieldDocument {
    /// What becomes of it without consent: `remove`, `hash` or `mask`.
    action: &'static str,
    /// Where.
    field: RefDocument,
    /// All of these are needed.
    consents: Vec<NamedDocument>,
    /// For each of these, a consent that was given for it.
    purposes: Vec<String>,
}

/// All privacy rules, sorted by id.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/consent/compliance/fields", tag = "rules", operation_id = "list_privacy_rules",
    responses((status = 200, description = "All of them", body = All<ComplianceDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<ComplianceDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    Ok(Json(known.all::<Compliance>().into_iter().map(document).collect()))
}

/// One rule of privacy.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/consent/compliance/field/{id}", tag = "rules", operation_id = "show_privacy_rule",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It", body = ComplianceDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<ComplianceDocument>, ApiError> {
    let stored = entities::one::<Compliance>(&app, &id).await?;
    Ok(tagged(stored.version, document(&stored)))
}

/// Makes or changes a rule of privacy. It counts from the next payload on.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/consent/compliance/field", tag = "rules", operation_id = "put_privacy_rule",
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
    let entity = read(&app, &known, &who.name, posted)?;
    entities::put(&app, rule::editor(&user, &headers), entity).await
}

/// Removes a rule of privacy.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/consent/compliance/field/{id}", tag = "rules", operation_id = "remove_privacy_rule",
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
    entities::remove::<Compliance>(&app, rule::editor(&user, &headers), id).await
}

/// What is meant; what was stored of it before is `known`.
pub(super) fn read(
    app: &App,
    known: &Snapshot,
    who: &str,
    posted: Posted,
) -> Result<Compliance, ApiError> {
    let id = entities::id(app, posted.id.as_deref());
    let before = known.get::<Compliance>(&id).map(|stored| &stored.entity.about);
    let about = rule::about(app, who, (&posted.name, posted.description), before);
    let settings = posted.settings.into_iter().enumerate();
    Ok(Compliance {
        id,
        about,
        enabled: posted.enabled.unwrap_or(false),
        event_type: posted.event_type.map(Named::event_type).filter(|kind| !kind.is_empty()),
        settings: settings.map(|(at, one)| field(at, one)).collect::<Result<_, _>>()?,
        tags: posted.tags.unwrap_or_default(),
    })
}

fn field(at: usize, posted: PostedField) -> Result<PrivateField, ApiError> {
    let wrong = |key: &str, wanted: &str| rule::wrong(format!("settings.{at}.{key} {wanted}"));
    let action = PrivateAction::named(&posted.action)
        .ok_or_else(|| wrong("action", "must be remove, hash or mask"))?;
    if let Some(text) = posted.field.place() {
        rule::meant(&format!("settings.{at}.field.value"), text)?;
    }
    let (part, path) = posted.field.place().and_then(PrivateField::place).ok_or_else(|| {
        wrong(
            "field.value",
            "must be a place below event@properties, event@context or event@request",
        )
    })?;
    let consents = posted.consents.into_iter().map(Named::id).collect();
    Ok(PrivateField { part, path, action, consents, purposes: posted.purposes })
}

pub(super) fn document(stored: &Stored<Compliance>) -> ComplianceDocument {
    let Compliance { id, about, enabled, event_type, settings, tags } =
        stored.entity.as_ref().clone();
    let settings = settings.into_iter().map(|field| FieldDocument {
        action: field.action.as_str(),
        field: RefDocument::to(format!("event@{}", field.written())),
        consents: field.consents.iter().map(|id| NamedDocument::of(id)).collect(),
        purposes: field.purposes,
    });
    ComplianceDocument {
        id,
        name: about.name,
        description: about.note,
        event_type: event_type.map(|kind| NamedDocument::of(&kind)),
        enabled,
        settings: settings.collect(),
        tags,
        owner: about.owner,
        version: stored.version,
        created: about.created.to_string(),
        changed: about.changed.to_string(),
    }
}
