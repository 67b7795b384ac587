//! `/event-redirect`: links that record an event before they lead on.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Uri};
use serde::Deserialize;
use serde_json::{Value, json};

use super::event_source::renew;
use super::{SignedIn, posted};
use crate::app::App;
use crate::http::ApiError;
use crate::model::{ID_BYTES_MAX, Map, Redirect, SourceId};
use crate::storage::Edit;

/// Longest URL that a link leads to, in bytes.
const URL_BYTES_MAX: usize = 8192;

/// An object of which only the id counts.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(in crate::http) struct SourceRef {
    id: String,
}

/// A redirect as it is posted (spec §1.11). What is absent is at its default.
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
    get, path = "/event-redirect", tag = "redirects", security(("bearer" = [])),
    responses((status = 200, description = "`{total, result}`", body = Value)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    _user: SignedIn,
) -> Result<Json<Value>, ApiError> {
    renew(&app).await?;
    let result: Vec<Value> = app.sources.redirects().iter().map(|one| document(one)).collect();
    Ok(Json(json!({"total": result.len(), "result": result})))
}

/// One redirect.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/event-redirect/{id}", tag = "redirects", security(("bearer" = [])),
    params(("id" = String, Path, description = "Redirect id")),
    responses(
        (status = 200, description = "The redirect", body = Value),
        (status = 404, description = "`null`", body = Value),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    renew(&app).await?;
    let redirect = app.sources.redirect(&id).ok_or_else(ApiError::not_found)?;
    Ok(Json(document(&redirect)))
}

/// Makes or changes a redirect. It counts from the next call on.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/event-redirect", tag = "redirects", security(("bearer" = [])),
    request_body(content = Posted),
    responses(
        (status = 200, description = "`{saved, errors, ids}`", body = Value),
        (status = 422, description = "It does not fit", body = Value),
    ),
)]
pub(in crate::http) async fn put(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, ApiError> {
    let posted = posted(&app, &headers, body, "redirect_invalid", "redirect").await?;
    let redirect = redirect(&app, posted)?;
    let ids = [redirect.id.clone()];
    app.committer.edit(Edit::PutRedirect(Box::new(redirect))).await?;
    renew(&app).await?;
    Ok(Json(json!({"saved": 1, "errors": [], "ids": ids})))
}

/// Removes a redirect. Its links lead nowhere from now on.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/event-redirect/{id}", tag = "redirects", security(("bearer" = [])),
    params(("id" = String, Path, description = "Redirect id")),
    responses(
        (status = 200, description = "`{deleted: 1}`", body = Value),
        (status = 404, description = "`null`", body = Value),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    renew(&app).await?;
    let redirect = app.sources.redirect(&id).ok_or_else(ApiError::not_found)?;
    app.committer.edit(Edit::RemoveRedirect(redirect.id.clone())).await?;
    renew(&app).await?;
    Ok(Json(json!({"deleted": 1})))
}

fn redirect(app: &App, posted: Posted) -> Result<Redirect, ApiError> {
    let given = posted.id.as_deref().map(str::trim).filter(|id| !id.is_empty());
    let drawn = || app.ids.uuid(app.clock.now()).to_string();
    let id = given.map_or_else(drawn, str::to_owned);
    let source = posted.source.id.trim().to_lowercase();
    if posted.name.trim().is_empty() || posted.event_type.trim().is_empty() {
        return Err(refused("name and event_type must not be empty"));
    }
    if id.len() > ID_BYTES_MAX || source.is_empty() || source.len() > ID_BYTES_MAX {
        return Err(refused("id and source.id must be at most 128 bytes, and source.id not empty"));
    }
    if !leads_somewhere(&posted.url) {
        return Err(refused("url must be absolute, http or https, and at most 8192 bytes"));
    }
    let found = match posted.status {
        None | Some(307) => false,
        Some(302) => true,
        Some(_) => return Err(refused("status must be 302 or 307")),
    };
    let known = app.sources.redirect(&id);
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
        created: known.map_or_else(|| app.clock.now(), |redirect| redirect.created),
    })
}

/// A URL that a browser follows, and that can stand in a header.
fn leads_somewhere(url: &str) -> bool {
    let parsed = url.parse::<Uri>().ok();
    let is_web = parsed.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
    });
    is_web && url.len() <= URL_BYTES_MAX && HeaderValue::from_str(url).is_ok()
}

fn refused(message: &str) -> ApiError {
    ApiError::unprocessable("redirect_invalid", message)
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
