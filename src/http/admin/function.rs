//! `/api/functions`: functions in JavaScript that make events into others.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::entities::{self, Tagged, tagged};
use super::function_tests::{self, FunctionTest};
use super::rule::{self, IDLE, INVALID, Named, NamedDocument};
use super::{Kind, configured};
use crate::app::App;
use crate::functions::{Caller, Patience, Unfit};
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, SignedIn};
use crate::model::{Function, SourceId, lower_case};
use crate::registry::{Entity as _, Snapshot, Stored};
use crate::storage::StorageError;

pub(super) const KIND: Kind = Kind { what: "function", invalid: INVALID, idle: &IDLE };

/// A function as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = FunctionPosted)]
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
    /// Only those of this source.
    #[serde(default)]
    event_source: Option<Named>,
    /// When it is called, in the language of rules, over `event@` alone.
    #[serde(default)]
    condition: Option<String>,
    /// Off unless said.
    #[serde(default)]
    enabled: Option<bool>,
    /// Those that are for an event are called one after the other, the lowest first.
    #[serde(default)]
    order: Option<i64>,
    /// JavaScript that says `function transform(event)`.
    code: String,
    /// What it must make of what, or it is not stored.
    #[serde(default)]
    tests: Vec<FunctionTest>,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// A function, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct FunctionDocument {
    /// Stands in links.
    id: String,
    /// For people.
    name: String,
    /// For people.
    description: String,
    /// Which events; null: all.
    #[schema(required)]
    event_type: Option<NamedDocument>,
    /// Only those of this source; null: of all.
    #[schema(required)]
    event_source: Option<NamedDocument>,
    /// When it is called; empty: always.
    condition: String,
    /// Off: it does nothing.
    enabled: bool,
    /// Those that are for an event are called one after the other, the lowest first.
    order: i64,
    /// JavaScript.
    code: String,
    /// What it must make of what.
    tests: Vec<FunctionTest>,
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

/// All functions, sorted by id.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/functions", tag = "rules", operation_id = "list_functions",
    responses((status = 200, description = "All of them", body = All<FunctionDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<FunctionDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    Ok(Json(known.all::<Function>().into_iter().map(document).collect()))
}

/// One function.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/api/functions/{id}", tag = "rules", operation_id = "show_function",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The function", body = FunctionDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<FunctionDocument>, ApiError> {
    let stored = entities::one::<Function>(&app, &id).await?;
    Ok(tagged(stored.version, document(&stored)))
}

/// Makes or changes a function, once its tests have run. It counts from the next payload on.
///
/// # Errors
/// 401 without a token, 422 when it does not fit or a test fails, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/api/functions", tag = "rules", operation_id = "put_function",
    request_body(content = Posted),
    responses(
        (status = 200, description = "It is stored", body = Saved),
        (status = 422, description = "It does not fit, or a test fails; `detail` says where"),
    ),
)]
pub(in crate::http) async fn put(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Tagged<Saved>, ApiError> {
    let mut posted: Posted = configured(&app, &headers, body, &KIND).await?;
    let (known, who) = (entities::known(&app).await?, user.who());
    let before = posted.id.as_deref().and_then(|id| known.get::<Function>(id.trim()));
    let before = before.map(document).map(|shown| shown.tests).unwrap_or_default();
    let hides = function_tests::put_back(&app, &user, &mut posted.tests, &before)?;
    let function = read(&app, &known, &who.name, posted);
    // Its bounds first: nothing is called that is too long to be stored.
    function.check(&known).map_err(|misfit| rule::wrong(misfit.to_string()))?;
    let function = tested(&app, function, hides).await?;
    entities::put(&app, rule::editor(&user, &headers), function).await
}

/// Removes a function.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/api/functions/{id}", tag = "rules", operation_id = "remove_function",
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
    entities::remove::<Function>(&app, rule::editor(&user, &headers), id).await
}

/// The same function, whose tests have run; where one of them hides something, nobody is told what was there in any.
async fn tested(app: &Arc<App>, function: Function, hides: bool) -> Result<Function, ApiError> {
    let own = Arc::clone(app);
    let code = function.code.as_str().into();
    let turn = app.functions.turn(&code, &Caller::author(), Patience::ENDLESS).await;
    let refusal = |why| function_tests::refusal(why, hides);
    let turn = turn.map_err(|fault| refusal(Unfit::Code(fault)))?;
    let work = move || {
        let _turn = turn;
        own.functions.check(&function).map(|()| function)
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StorageError::Failed(error.to_string()))?.map_err(refusal)
}

/// What is meant; what was stored of it before is `known`.
pub(super) fn read(app: &App, known: &Snapshot, who: &str, posted: Posted) -> Function {
    let id = entities::id(app, posted.id.as_deref());
    let before = known.get::<Function>(&id).map(|stored| &stored.entity.about);
    let about = rule::about(app, who, (&posted.name, posted.description), before);
    let source = posted.event_source.map(Named::id).filter(|id| !id.is_empty());
    let kind = posted.event_type.map(Named::event_type).filter(|kind| !kind.is_empty());
    Function {
        id,
        about,
        enabled: posted.enabled.unwrap_or(false),
        order: posted.order.unwrap_or(0),
        event_type: kind,
        source: source.map(|id| SourceId::new(lower_case(&id))),
        condition: posted.condition.unwrap_or_default().trim().to_owned(),
        code: posted.code,
        samples: posted.tests.into_iter().map(FunctionTest::read).collect(),
        tags: posted.tags.unwrap_or_default(),
    }
}

pub(super) fn document(stored: &Stored<Function>) -> FunctionDocument {
    let one = stored.entity.as_ref().clone();
    FunctionDocument {
        id: one.id,
        name: one.about.name,
        description: one.about.note,
        event_type: one.event_type.as_deref().map(NamedDocument::of),
        event_source: one.source.map(|id| NamedDocument::of(id.as_str())),
        condition: one.condition,
        enabled: one.enabled,
        order: one.order,
        code: one.code,
        tests: one.samples.into_iter().map(FunctionTest::of).collect(),
        tags: one.tags,
        owner: one.about.owner,
        version: stored.version,
        created: one.about.created.to_string(),
        changed: one.about.changed.to_string(),
    }
}
