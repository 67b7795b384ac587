//! `/api/tracking-plans`: what may come from a source at all.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::entities::{self, Tagged, tagged};
use super::rule::{self, IDLE, INVALID};
use super::validator::on_misfit;
use super::{Kind, configured};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, SignedIn};
use crate::model::{SourceId, TrackingPlan, kept_id};
use crate::registry::{Snapshot, Stored};

pub(super) const KIND: Kind = Kind { what: "tracking plan", invalid: INVALID, idle: &IDLE };

/// A tracking plan as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = TrackingPlanPosted)]
pub(in crate::http) struct Posted {
    /// The source's id.
    id: String,
    /// For people.
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// Off unless said.
    #[serde(default)]
    enabled: Option<bool>,
    /// The types that may come.
    event_types: Vec<String>,
    /// `flag`, `quarantine` or `refuse`. `flag` unless said.
    #[serde(default)]
    on_misfit: Option<String>,
}

/// A tracking plan, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct TrackingPlanDocument {
    /// The source's id.
    id: String,
    /// For people.
    name: String,
    /// For people.
    description: String,
    /// Off: everything may come.
    enabled: bool,
    /// The types that may come.
    event_types: Vec<String>,
    /// What becomes of others: `flag`, `quarantine` or `refuse`.
    on_misfit: &'static str,
    /// Who stored it first.
    owner: String,
    /// Grows whenever it is changed; its `ETag`.
    version: i64,
    /// When it was first stored, as RFC 3339.
    created: String,
    /// When it was stored last.
    changed: String,
}

/// All tracking plans, sorted by source.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/tracking-plans", tag = "rules", operation_id = "list_tracking_plans",
    responses((status = 200, description = "All of them", body = All<TrackingPlanDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<TrackingPlanDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    Ok(Json(known.all::<TrackingPlan>().into_iter().map(document).collect()))
}

/// The tracking plan of a source.
///
/// # Errors
/// 401 without a token, 404 when it has none.
#[utoipa::path(
    get, path = "/api/tracking-plans/{id}", tag = "rules", operation_id = "show_tracking_plan",
    params(("id" = String, Path, description = "The source's id")),
    responses(
        (status = 200, description = "The plan", body = TrackingPlanDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<TrackingPlanDocument>, ApiError> {
    let stored = entities::one::<TrackingPlan>(&app, &id).await?;
    Ok(tagged(stored.version, document(&stored)))
}

/// Makes or changes a source's tracking plan. It counts from the next payload on.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/api/tracking-plans", tag = "rules", operation_id = "put_tracking_plan",
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
    let plan = read(&app, &known, &who.name, posted)?;
    entities::put(&app, rule::editor(&user, &headers), plan).await
}

/// Removes a source's tracking plan: everything may come.
///
/// # Errors
/// 401 without a token, 404 when it has none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/api/tracking-plans/{id}", tag = "rules", operation_id = "remove_tracking_plan",
    params(("id" = String, Path, description = "The source's id")),
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
    entities::remove::<TrackingPlan>(&app, rule::editor(&user, &headers), id).await
}

/// What is meant; what was stored of it before is `known`.
pub(super) fn read(
    app: &App,
    known: &Snapshot,
    who: &str,
    posted: Posted,
) -> Result<TrackingPlan, ApiError> {
    let id = kept_id(&posted.id);
    let before = known.get::<TrackingPlan>(&id).map(|stored| &stored.entity.about);
    let about = rule::about(app, who, (&posted.name, posted.description), before);
    Ok(TrackingPlan {
        source: SourceId::new(id),
        about,
        enabled: posted.enabled.unwrap_or(false),
        event_types: posted.event_types.iter().map(|kind| rule::event_type(kind)).collect(),
        on_misfit: on_misfit(posted.on_misfit.as_deref())?,
    })
}

pub(super) fn document(stored: &Stored<TrackingPlan>) -> TrackingPlanDocument {
    let TrackingPlan { source, about, enabled, event_types, on_misfit } =
        stored.entity.as_ref().clone();
    TrackingPlanDocument {
        id: source.to_string(),
        name: about.name,
        description: about.note,
        enabled,
        event_types,
        on_misfit: on_misfit.as_str(),
        owner: about.owner,
        version: stored.version,
        created: about.created.to_string(),
        changed: about.changed.to_string(),
    }
}
