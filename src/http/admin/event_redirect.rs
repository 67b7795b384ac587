//! `/event-redirect`: links that record an event before they lead on.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::entities::{self, Editor, Tagged, tagged};
use super::posted;
use crate::app::App;
use crate::http::{ApiError, Code, SignedIn};
use crate::model::{Map, Redirect, SourceId};
use crate::registry::Snapshot;

/// The code of a redirect that does not fit.
const INVALID: Code = Code::RedirectInvalid;

/// An object of which only the id counts.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(in crate::http) struct SourceRef {
    id: String,
}

/// A redirect as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(in crate::http) struct Posted {
    /// Drawn when absent.
    id: Option<String>,
    /// For people.
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// Whose event it is; of type `redirect`.
    source: SourceRef,
    /// Where it leads: absolute, `http` or `https`.
    url: String,
    /// What the event is called.
    event_type: String,
    /// The event's properties: a template over `payload@params.…`, `payload@body.…`, `session@…`.
    #[serde(default)]
    #[schema(value_type = Object)]
    props: Option<Map>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// 307, or 302 for `GET`.
    #[serde(default)]
    status: Option<u16>,
}

/// All redirects.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/event-redirect", tag = "redirects",
    responses((status = 200, description = "`{total, result}`", body = Value)),
)]
pub(in crate::http) async fn list(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let known = entities::known(&app).await?;
    let all = known.all::<Redirect>().into_iter();
    let result: Vec<Value> = all.map(|redirect| document(&redirect.entity)).collect();
    Ok(Json(json!({"total": result.len(), "result": result})))
}

/// One redirect.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/event-redirect/{id}", tag = "redirects",
    params(("id" = String, Path, description = "Redirect id")),
    responses(
        (status = 200, description = "The redirect", body = Value),
        (status = 404, description = "`null`", body = Value),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged, ApiError> {
    let redirect = entities::one::<Redirect>(&app, &id).await?;
    Ok(tagged(redirect.version, document(&redirect.entity)))
}

/// Makes or changes a redirect. It counts from the next call on.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/event-redirect", tag = "redirects",
    request_body(content = Posted),
    responses(
        (status = 200, description = "`{saved, errors, ids}`", body = Value),
        (status = 422, description = "It does not fit", body = Value),
    ),
)]
pub(in crate::http) async fn put(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Tagged, ApiError> {
    let posted = posted(&app, &headers, body, INVALID, "redirect").await?;
    let known = entities::known(&app).await?;
    let redirect = redirect(&app, &known, posted)?;
    let editor = Editor { who: &user.email, headers: &headers, invalid: INVALID };
    entities::put(&app, editor, redirect).await
}

/// Removes a redirect. Its links lead nowhere from now on.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/event-redirect/{id}", tag = "redirects",
    params(("id" = String, Path, description = "Redirect id")),
    responses(
        (status = 200, description = "`{deleted: 1}`", body = Value),
        (status = 404, description = "`null`", body = Value),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let editor = Editor { who: &user.email, headers: &headers, invalid: INVALID };
    entities::remove::<Redirect>(&app, editor, id).await
}

/// The redirect that is meant; what was stored of it before is `known`.
fn redirect(app: &App, known: &Snapshot, posted: Posted) -> Result<Redirect, ApiError> {
    let given = posted.id.as_deref().map(str::trim).filter(|id| !id.is_empty());
    let drawn = || app.ids.uuid(app.clock.now()).to_string();
    let id = given.map_or_else(drawn, str::to_owned);
    let source = posted.source.id.trim().to_lowercase();
    let found = match posted.status {
        None | Some(307) => false,
        Some(302) => true,
        Some(_) => {
            return Err(ApiError::new(INVALID, "status must be 302 or 307"));
        }
    };
    let before = known.get::<Redirect>(&id).map(|redirect| redirect.entity.created);
    Ok(Redirect {
        id,
        name: posted.name.trim().to_owned(),
        description: posted.description.unwrap_or_default(),
        source: SourceId::new(source),
        url: posted.url,
        event_type: posted.event_type.trim().to_owned(),
        properties: posted.props.unwrap_or_default(),
        tags: posted.tags.unwrap_or_default(),
        found,
        created: before.unwrap_or_else(|| app.clock.now()),
    })
}

fn document(redirect: &Redirect) -> Value {
    json!({
        "id": redirect.id,
        "name": redirect.name,
        "description": redirect.description,
        "source": {"id": redirect.source.as_str()},
        "url": redirect.url,
        "event_type": redirect.event_type,
        "props": redirect.properties,
        "tags": redirect.tags,
        "status": if redirect.found { 302 } else { 307 },
        "timestamp": redirect.created.to_string(),
    })
}
