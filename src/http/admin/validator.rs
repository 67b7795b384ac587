//! `/event-validator`: what events of a type must look like.

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
use crate::model::{Map, OnMisfit, SourceId, Validator, lower_case};
use crate::registry::{Snapshot, Stored};

pub(super) const KIND: Kind = Kind { what: "validator", invalid: INVALID, idle: &IDLE };

/// A validator as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ValidatorPosted)]
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
    validation: PostedValidation,
    /// `flag`, `quarantine` or `refuse`. `flag` unless said.
    #[serde(default)]
    on_misfit: Option<String>,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// What it asks.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ValidatorPostedValidation)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PostedValidation {
    /// A schema for each place of the event: `{"event@properties": {…}}`.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    json_schema: Map,
    /// When it asks, in the language of rules, over `event@` alone.
    #[serde(default)]
    condition: Option<String>,
}

/// A validator, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ValidatorDocument {
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
    /// Off: it asks nothing.
    enabled: bool,
    validation: Validation,
    /// What becomes of events that do not fit: `flag`, `quarantine` or `refuse`.
    on_misfit: &'static str,
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

/// What it asks.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ValidatorValidation)]
#[serde(deny_unknown_fields)]
struct Validation {
    /// A schema for each place of the event.
    #[schema(value_type = BTreeMap<String, Value>)]
    json_schema: Map,
    /// When it asks; empty: always.
    condition: String,
}

/// All validators, sorted by id.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/event-validators", tag = "rules", operation_id = "list_validators",
    responses((status = 200, description = "All of them", body = All<ValidatorDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<ValidatorDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    Ok(Json(known.all::<Validator>().into_iter().map(document).collect()))
}

/// One validator.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/event-validator/{id}", tag = "rules", operation_id = "show_validator",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The validator", body = ValidatorDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<ValidatorDocument>, ApiError> {
    let stored = entities::one::<Validator>(&app, &id).await?;
    Ok(tagged(stored.version, document(&stored)))
}

/// Makes or changes a validator. It counts from the next payload on.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/event-validator", tag = "rules", operation_id = "put_validator",
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
    let validator = read(&app, &known, &who.name, posted)?;
    entities::put(&app, rule::editor(&user, &headers), validator).await
}

/// Removes a validator. What it has kept apart stays there.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/event-validator/{id}", tag = "rules", operation_id = "remove_validator",
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
    entities::remove::<Validator>(&app, rule::editor(&user, &headers), id).await
}

/// What is meant; what was stored of it before is `known`.
pub(super) fn read(
    app: &App,
    known: &Snapshot,
    who: &str,
    posted: Posted,
) -> Result<Validator, ApiError> {
    let id = entities::id(app, posted.id.as_deref());
    let before = known.get::<Validator>(&id).map(|stored| &stored.entity.about);
    let about = rule::about(app, who, (&posted.name, posted.description), before);
    let source = posted.event_source.map(Named::id).filter(|id| !id.is_empty());
    Ok(Validator {
        id,
        about,
        enabled: posted.enabled.unwrap_or(false),
        event_type: posted.event_type.event_type(),
        source: source.map(|id| SourceId::new(lower_case(&id))),
        condition: posted.validation.condition.unwrap_or_default().trim().to_owned(),
        schemas: posted.validation.json_schema.into_iter().collect(),
        on_misfit: on_misfit(posted.on_misfit.as_deref())?,
        tags: posted.tags.unwrap_or_default(),
    })
}

/// What becomes of what does not fit; it is kept and marked unless said.
pub(super) fn on_misfit(sent: Option<&str>) -> Result<OnMisfit, ApiError> {
    let Some(name) = sent else { return Ok(OnMisfit::Flag) };
    OnMisfit::named(name).ok_or_else(|| rule::wrong("on_misfit must be flag, quarantine or refuse"))
}

pub(super) fn document(stored: &Stored<Validator>) -> ValidatorDocument {
    let Validator { id, about, enabled, event_type, source, condition, schemas, on_misfit, tags } =
        stored.entity.as_ref().clone();
    ValidatorDocument {
        id,
        name: about.name,
        description: about.note,
        event_type: NamedDocument::of(&event_type),
        event_source: source.map(|id| NamedDocument::of(id.as_str())),
        enabled,
        validation: Validation { json_schema: schemas.into_iter().collect(), condition },
        on_misfit: on_misfit.as_str(),
        tags,
        owner: about.owner,
        version: stored.version,
        created: about.created.to_string(),
        changed: about.changed.to_string(),
    }
}
