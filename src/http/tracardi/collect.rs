//! `/collect/{type}/{source}`: webhooks, one event each (spec §1.10, §2.4).

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::call::Call;
use super::track::{Sender, answer_of, take};
use super::{sent, translate};
use crate::app::App;
use crate::http::body;
use crate::http::error::ApiError;
use crate::model::{Bridge, Map, Payload, Source};
use crate::processing::text_at;

/// The address.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct Address {
    /// What the event is called.
    event_type: String,
    /// The source, of type `webhook`.
    source: String,
}

/// The address with a session.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AddressInSession {
    /// What the event is called.
    event_type: String,
    /// The source, of type `webhook`.
    source: String,
    /// Whose visit it belongs to.
    session: String,
}

/// Takes whatever a webhook sends as the properties of one event.
///
/// # Errors
/// As `POST /track`.
#[utoipa::path(
    method(get, post), path = "/collect/{event_type}/{source}", tag = "collect", params(Address),
    request_body(content = String, description = "JSON, a form, text fields of a multipart form, or text"),
    responses(
        (status = 200, description = "Durable; the answer of `POST /track`", body = serde_json::Value),
        (status = 401, description = "Unauthorized Access", body = serde_json::Value),
    ),
)]
pub(crate) async fn collect(
    State(app): State<Arc<App>>,
    Path(Address { event_type, source }): Path<Address>,
    call: Call,
) -> Result<Response, ApiError> {
    take_in(&app, To { event_type, source, session: None }, call).await
}

/// The same, within a visit.
///
/// # Errors
/// As `POST /track`.
#[utoipa::path(
    method(get, post), path = "/collect/{event_type}/{source}/{session}", tag = "collect",
    params(AddressInSession),
    request_body(content = String, description = "JSON, a form, text fields of a multipart form, or text"),
    responses(
        (status = 200, description = "Durable; the answer of `POST /track`", body = serde_json::Value),
        (status = 401, description = "Unauthorized Access", body = serde_json::Value),
    ),
)]
pub(crate) async fn collect_in_session(
    State(app): State<Arc<App>>,
    Path(AddressInSession { event_type, source, session }): Path<AddressInSession>,
    call: Call,
) -> Result<Response, ApiError> {
    let session = Some(session.trim().to_owned()).filter(|id| !id.is_empty());
    take_in(&app, To { event_type, source, session }, call).await
}

/// Where an event goes.
struct To {
    event_type: String,
    source: String,
    session: Option<String>,
}

async fn take_in(app: &App, to: To, call: Call) -> Result<Response, ApiError> {
    let Call { peer, query, method, headers, body } = call;
    let answer = take(app, async {
        let properties = if method == Method::POST {
            let body = body::read(&headers, body, &app.config.limits).await?;
            sent::object(&headers, body).await
        } else {
            sent::pairs(query.as_bytes())
        };
        understand(app, &headers, peer, &to, &properties)
    });
    Ok(answer_of(answer.await?.as_ref()))
}

/// Whose the event is.
#[derive(Default)]
struct Whose {
    session: Option<String>,
    profile: Option<String>,
    /// The profile id is taken as it is.
    as_it_is: bool,
    /// Somebody's at all.
    is_somebodys: bool,
}

fn understand(
    app: &App,
    headers: &HeaderMap,
    peer: Option<SocketAddr>,
    to: &To,
    properties: &Map,
) -> Result<Option<Payload>, ApiError> {
    let known = app.registry.now();
    let source = known.get::<Source>(to.source.trim()).map(|source| source.entity.as_ref());
    let whose = whose(app, source, to, properties);
    let reference = |id: &Option<String>| id.as_ref().map(|id| json!({"id": id}));
    let body = json!({
        "source": {"id": to.source},
        "session": reference(&whose.session),
        "profile": reference(&whose.profile),
        "options": {"saveSession": whose.is_somebodys},
        "events": [{"type": to.event_type, "properties": properties}],
    });
    let (bridge, profile_less) = (Bridge::Webhook, !whose.is_somebodys);
    let sender = Sender { headers, peer, bridge, profile_less };
    let mut payload = sender.understand(app, body.to_string().as_bytes())?;
    if let Some(payload) = payload.as_mut().filter(|_| whose.as_it_is) {
        // As if the source brought profile ids of its own; for this payload it does.
        Arc::make_mut(&mut payload.source).static_profile_id = true;
    }
    Ok(payload)
}

fn whose(app: &App, source: Option<&Source>, to: &To, properties: &Map) -> Whose {
    let session = to.session.clone();
    let Some(source) = source else { return Whose::default() };
    let at = |path: &String| text_at(properties, path).map(std::borrow::Cow::into_owned);
    if let Some(id) = source.webhook.replace_profile_id.as_ref().and_then(at) {
        let session = session.or_else(|| Some(id.clone()));
        return Whose { session, profile: Some(id), as_it_is: true, is_somebodys: true };
    }
    if source.webhook.generate_profile {
        let sticky = || source.webhook.sticky_session.then(|| sticky(app, source, to, properties));
        let session = session.or_else(|| sticky().flatten());
        return Whose { session, is_somebodys: true, ..Whose::default() };
    }
    Whose { is_somebodys: session.is_some(), session, ..Whose::default() }
}

/// The one session of whom the properties name: drawn from the installation's key, so that nobody can
/// guess it from an address.
fn sticky(app: &App, source: &Source, to: &To, properties: &Map) -> Option<String> {
    let kind = translate::event_type(&to.event_type);
    let key = translate::named(&kind, properties, app).into_iter().next()?;
    let name = format!("session of {} {}", key.namespace, key.hash);
    Some(Uuid::from_u128(app.hashing.mark(source.id.as_str(), &name).0).to_string())
}
