//! `/event-redirect`: links that record an event before they lead on.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::entities::{self, Editor, Tagged, tagged};
use super::{Kind, configured};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, Code, SignedIn};
use crate::model::{Map, Redirect, SourceId, kept_id};
use crate::registry::{Snapshot, as_sent};

/// The code of a redirect that does not fit.
const INVALID: Code = Code::RedirectInvalid;

const KIND: Kind =
    Kind { what: "redirect", invalid: INVALID, idle: &["timestamp", "production", "running"] };

/// An object of which only the id counts.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = RedirectPostedSource)]
pub(in crate::http) struct SourceRef {
    id: String,
}

/// A redirect as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = RedirectPosted)]
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
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    props: Option<Map>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// 307, or 302 for `GET`.
    #[serde(default)]
    status: Option<u16>,
}

/// A redirect, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RedirectDocument {
    /// Stands in the link.
    id: String,
    /// For people.
    name: String,
    /// For people.
    description: String,
    /// Whose event it is.
    source: RedirectSource,
    /// Where it leads.
    url: String,
    /// What the event is called.
    event_type: String,
    /// The event's properties, as a template.
    #[schema(value_type = BTreeMap<String, Value>)]
    props: Map,
    /// Labels of the event.
    tags: Vec<String>,
    /// 307, or 302 for `GET`.
    status: u16,
    /// When it was first stored.
    timestamp: String,
}

/// A source by its id.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RedirectSource {
    id: String,
}

/// All redirects.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/event-redirect", tag = "redirects",
    responses((status = 200, description = "All of them", body = All<RedirectDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<RedirectDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    let all = known.all::<Redirect>().into_iter();
    Ok(Json(all.map(|redirect| document(&redirect.entity)).collect()))
}

/// One redirect.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/event-redirect/{id}", tag = "redirects",
    params(("id" = String, Path, description = "Redirect id")),
    responses(
        (status = 200, description = "The redirect", body = RedirectDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<RedirectDocument>, ApiError> {
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
    let known = entities::known(&app).await?;
    let redirect = redirect(&app, &known, posted)?;
    let editor = Editor { user: &user, headers: &headers, invalid: INVALID };
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
    let editor = Editor { user: &user, headers: &headers, invalid: INVALID };
    entities::remove::<Redirect>(&app, editor, id).await
}

/// The redirect that is meant; what was stored of it before is `known`.
fn redirect(app: &App, known: &Snapshot, posted: Posted) -> Result<Redirect, ApiError> {
    let id = entities::id(app, posted.id.as_deref());
    let source = kept_id(&posted.source.id);
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
        url: as_sent(&posted.url),
        event_type: posted.event_type.trim().to_owned(),
        properties: posted.props.unwrap_or_default(),
        tags: posted.tags.unwrap_or_default(),
        found,
        created: before.unwrap_or_else(|| app.clock.now()),
    })
}

fn document(redirect: &Redirect) -> RedirectDocument {
    RedirectDocument {
        id: redirect.id.clone(),
        name: redirect.name.clone(),
        description: redirect.description.clone(),
        source: RedirectSource { id: redirect.source.to_string() },
        url: redirect.url.clone(),
        event_type: redirect.event_type.clone(),
        props: redirect.properties.clone(),
        tags: redirect.tags.clone(),
        status: if redirect.found { 302 } else { 307 },
        timestamp: redirect.created.to_string(),
    }
}
