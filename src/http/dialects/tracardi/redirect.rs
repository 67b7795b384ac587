//! `/redirect/{id}`: a link that records its event, and leads on (docs/wire.md §6.2).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::sent;
use crate::app::App;
use crate::config::Limits;
use crate::http::error::ApiError;
use crate::http::intake::{Call, Incoming, IncomingEvent, Intake, Object, take_one};
use crate::http::{Code, admin, body, documents};
use crate::model::{Bridge, ID_BYTES_MAX, Json, Options, Redirect, Warning};
use crate::rules::template::{self, Roots};
use crate::telemetry::Line;

/// Where the browser script keeps the session's id (docs/wire.md §9.3).
const SESSION_COOKIE: &str = "tracardi-session-id";

/// So much a template may take of what a link was called with, in bytes.
const PROPERTIES_BYTES_MAX: usize = 1 << 20;

/// The address.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct Address {
    /// The redirect.
    id: String,
}

/// The address with a session.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AddressInSession {
    /// The redirect.
    id: String,
    /// Whose visit it belongs to.
    session: String,
}

/// Records the redirect's event and leads to its stored URL, and to no other. What cannot be recorded
/// does not keep the visitor: the link leads on all the same.
///
/// # Errors
/// 404 when there is no such redirect.
#[utoipa::path(
    method(get, post, put, delete), path = "/redirect/{id}", tag = "collect", params(Address),
    responses(
        (status = 307, description = "To the stored URL"),
        (status = 302, description = "The same, when the redirect is stored so"),
        (status = 404, description = "There is no such redirect"),
    ),
)]
pub(crate) async fn redirect(
    State(app): State<Arc<App>>,
    Path(Address { id }): Path<Address>,
    call: Call,
) -> Result<Response, ApiError> {
    let session = cookie(&call.headers, SESSION_COOKIE);
    follow(&app, &id, session, call).await
}

/// The same, within a visit.
///
/// # Errors
/// 404 when there is no such redirect.
#[utoipa::path(
    method(get, post, put, delete), path = "/redirect/{id}/{session}", tag = "collect",
    params(AddressInSession),
    responses(
        (status = 307, description = "To the stored URL"),
        (status = 302, description = "The same, when the redirect is stored so"),
        (status = 404, description = "There is no such redirect"),
    ),
)]
pub(crate) async fn redirect_in_session(
    State(app): State<Arc<App>>,
    Path(AddressInSession { id, session }): Path<AddressInSession>,
    call: Call,
) -> Result<Response, ApiError> {
    follow(&app, &id, Some(session), call).await
}

async fn follow(
    app: &Arc<App>,
    id: &str,
    session: Option<String>,
    call: Call,
) -> Result<Response, ApiError> {
    let known = app.registry.now();
    let redirect = &known.get::<Redirect>(id).ok_or(Code::RedirectUnknown)?.entity;
    let method = call.method.clone();
    // Those who only ask where a link leads have not followed it.
    if method != Method::HEAD
        && let Err(error) = record(app, redirect, session, call).await
    {
        tell(app, redirect, &error);
    }
    Ok(lead_on(redirect, &method))
}

/// Anybody may follow a link again and again, and so that nothing of it can be kept.
fn tell(app: &App, redirect: &Redirect, error: &ApiError) {
    let others = app.telemetry.passed_over(Line::Link, app.clock.elapsed());
    if let Some(others) = others {
        let code = error.code.as_str();
        tracing::warn!(redirect = %redirect.id, code, others, "a link's event was not kept");
    }
}

async fn record(
    app: &Arc<App>,
    redirect: &Redirect,
    session: Option<String>,
    call: Call,
) -> Result<(), ApiError> {
    let Call { peer, query, headers, body, .. } = call;
    let session = known(app, session).await;
    let recorded = take_one(app, async {
        let sent = body::read(&headers, body, app).await?;
        let body = sent::object(&headers, &sent).await.object;
        let sent = json!({"params": sent::pairs(query.as_bytes()), "body": body});
        let intake = Intake::begin(app, &headers, peer, Bridge::Redirect);
        let limits = &app.config.limits;
        intake.understand(incoming(redirect, session.as_ref(), &sent, limits))
    });
    recorded.await.map(|_| ())
}

/// Whoever clicks without a session of somebody whom we know is nobody.
fn incoming<'a>(
    redirect: &'a Redirect,
    session: Option<&'a Known>,
    sent: &Value,
    limits: &Limits,
) -> Incoming<'a> {
    let document = session.map_or(&Value::Null, |known| &known.document);
    let properties = properties(redirect, &[("payload", sent), ("session", document)], limits);
    let text = "the event's properties would be larger or deeper than they may be; it has none";
    let warning = properties.is_none().then(|| Warning::new("properties_left_out", text));
    let event = IncomingEvent {
        kind: redirect.event_type.as_str().into(),
        properties: Object::Kept(properties.unwrap_or_default()),
        tags: redirect.tags.clone(),
        warnings: warning.into_iter().collect(),
        ..IncomingEvent::default()
    };
    Incoming {
        source: redirect.source.as_str().into(),
        session: session.map(|known| known.id.as_str().into()),
        options: Options {
            save_session: false,
            profile_less: session.is_none_or(|known| !known.is_somebodys),
            ..Options::default()
        },
        events: vec![event],
        ..Incoming::default()
    }
}

/// What the template says; none where that is more than may be kept: the click is, all the same.
fn properties(redirect: &Redirect, roots: &Roots<'_>, limits: &Limits) -> Option<Json> {
    let mut room = PROPERTIES_BYTES_MAX;
    let filled = template::fill_within(&redirect.properties, roots, &mut room).ok()?;
    Json::bounded(&filled, limits.json_depth_max).ok()
}

/// A session that is there.
struct Known {
    id: String,
    /// As `/session` shows it: whoever reads the events must not find an id that leads nowhere.
    document: Value,
    /// Whether it has a person who is there.
    is_somebodys: bool,
}

/// The session of this id, when there is one.
async fn known(app: &Arc<App>, id: Option<String>) -> Option<Known> {
    let id = id?.trim().to_owned();
    if id.len() > ID_BYTES_MAX || app.registry.now().identity().is_nobodys(&id) {
        return None;
    }
    let session = admin::session::find(app, id).await.ok().flatten()?;
    let document = serde_json::to_value(documents::session(&session)).ok()?;
    Some(Known { id: session.id.to_string(), document, is_somebodys: session.profile.is_some() })
}

/// A cookie as the browser script reads it: encoded, and in quotes where the reference's script has written it
/// (docs/wire.md §9.3).
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim());
    let value = percent_encoding::percent_decode_str(values.next()?).decode_utf8().ok()?;
    Some(serde_json::from_str(&value).unwrap_or_else(|_| value.into_owned()))
}

fn lead_on(redirect: &Redirect, method: &Method) -> Response {
    let asks = matches!(*method, Method::GET | Method::HEAD);
    let status =
        if redirect.found && asks { StatusCode::FOUND } else { StatusCode::TEMPORARY_REDIRECT };
    let mut response = status.into_response();
    // It was checked when it was stored.
    if let Ok(url) = HeaderValue::from_str(&redirect.url) {
        response.headers_mut().insert(header::LOCATION, url);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
