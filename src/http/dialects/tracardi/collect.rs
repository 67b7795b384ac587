//! `/collect/{type}/{source}`: webhooks, one event each (docs/wire.md §6.1, §2.3).

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use serde::Deserialize;

use super::answer::Answer;
use super::sent::{self, Read};
use super::track::answer_of;
use crate::app::App;
use crate::http::body;
use crate::http::error::ApiError;
use crate::http::intake::{Call, Incoming, IncomingEvent, Intake, Object, take_one};
use crate::model::{Bridge, Map, Options, Warning, said_at};

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
    post, path = "/collect/{event_type}/{source}", tag = "collect", params(Address),
    request_body(content = String, description = "JSON, a form, text fields of a multipart form, or text"),
    responses(
        (status = 200, description = "Durable; the answer of `POST /track`", body = Option<Answer>),
        (status = 401, description = "Unauthorized Access"),
    ),
)]
pub(crate) async fn collect(
    State(app): State<Arc<App>>,
    Path(Address { event_type, source }): Path<Address>,
    call: Call,
) -> Result<Response, ApiError> {
    take_body(&app, To { event_type, source, session: None }, call).await
}

/// Takes whatever stands behind the question mark as the properties of one event.
///
/// # Errors
/// As `POST /track`.
#[utoipa::path(
    get, path = "/collect/{event_type}/{source}", tag = "collect", params(Address),
    responses(
        (status = 200, description = "Durable; the answer of `POST /track`", body = Option<Answer>),
        (status = 401, description = "Unauthorized Access"),
        (status = 422, description = "What was sent does not fit; `message` and `detail` say where"),
        (status = 429, description = "More than may be sent; see `Retry-After`"),
    ),
)]
pub(crate) async fn collect_pairs(
    State(app): State<Arc<App>>,
    Path(Address { event_type, source }): Path<Address>,
    call: Call,
) -> Result<Response, ApiError> {
    take_pairs(&app, To { event_type, source, session: None }, call).await
}

/// The same as the body of a webhook, within a visit.
///
/// # Errors
/// As `POST /track`.
#[utoipa::path(
    post, path = "/collect/{event_type}/{source}/{session}", tag = "collect",
    params(AddressInSession),
    request_body(content = String, description = "JSON, a form, text fields of a multipart form, or text"),
    responses(
        (status = 200, description = "Durable; the answer of `POST /track`", body = Option<Answer>),
        (status = 401, description = "Unauthorized Access"),
    ),
)]
pub(crate) async fn collect_in_session(
    State(app): State<Arc<App>>,
    Path(AddressInSession { event_type, source, session }): Path<AddressInSession>,
    call: Call,
) -> Result<Response, ApiError> {
    take_body(&app, To { event_type, source, session: Some(session) }, call).await
}

/// The same as what stands behind the question mark, within a visit.
///
/// # Errors
/// As `POST /track`.
#[utoipa::path(
    get, path = "/collect/{event_type}/{source}/{session}", tag = "collect",
    params(AddressInSession),
    responses(
        (status = 200, description = "Durable; the answer of `POST /track`", body = Option<Answer>),
        (status = 401, description = "Unauthorized Access"),
        (status = 422, description = "What was sent does not fit; `message` and `detail` say where"),
        (status = 429, description = "More than may be sent; see `Retry-After`"),
    ),
)]
pub(crate) async fn collect_pairs_in_session(
    State(app): State<Arc<App>>,
    Path(AddressInSession { event_type, source, session }): Path<AddressInSession>,
    call: Call,
) -> Result<Response, ApiError> {
    take_pairs(&app, To { event_type, source, session: Some(session) }, call).await
}

/// Where an event goes.
struct To {
    event_type: String,
    source: String,
    session: Option<String>,
}

async fn take_body(app: &App, to: To, call: Call) -> Result<Response, ApiError> {
    let Call { peer, headers, body, .. } = call;
    let read = async {
        let body = body::read(&headers, body, app).await?;
        Ok(sent::object(&headers, &body).await)
    };
    take_in(app, to, (&headers, peer), read).await
}

async fn take_pairs(app: &App, to: To, call: Call) -> Result<Response, ApiError> {
    let Call { peer, query, method, headers, .. } = call;
    // Whoever only asks whether there is such a door has sent nothing.
    if method == Method::HEAD {
        return Ok(answer_of(None, app));
    }
    let read = async { Ok(Read { object: sent::pairs(query.as_bytes()), is_text: false }) };
    take_in(app, to, (&headers, peer), read).await
}

/// What cannot be read is a payload that is refused, and counted as one.
async fn take_in(
    app: &App,
    to: To,
    (headers, peer): (&HeaderMap, Option<SocketAddr>),
    read: impl Future<Output = Result<Read, ApiError>>,
) -> Result<Response, ApiError> {
    let answer = take_one(app, async {
        let read = read.await?;
        let intake = Intake::begin(app, headers, peer, Bridge::Webhook);
        let whose = whose(&intake, &to, &read.object);
        intake.understand(incoming(to, whose, read))
    });
    Ok(answer_of(answer.await?.as_ref(), app))
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
    /// Of ids that are nobody's.
    warnings: Vec<Warning>,
}

fn incoming(to: To, whose: Whose, read: Read) -> Incoming<'static> {
    let text = "the body is neither JSON nor the form it is called; it was kept as a text";
    let warning = read.is_text.then(|| Warning::new("body_not_read", text));
    let properties = Object::Map(read.object);
    let kind = to.event_type.into();
    Incoming {
        source: to.source.into(),
        session: whose.session.map(Into::into),
        profile: whose.profile.map(Into::into),
        options: Options {
            save_session: whose.is_somebodys,
            profile_less: !whose.is_somebodys,
            static_profile_id: whose.as_it_is,
            ..Options::default()
        },
        events: vec![IncomingEvent { kind, properties, ..IncomingEvent::default() }],
        warnings: warning.into_iter().chain(whose.warnings).collect(),
        ..Incoming::default()
    }
}

fn whose(intake: &Intake<'_>, to: &To, properties: &Map) -> Whose {
    let Some(source) = intake.source(&to.source) else { return Whose::default() };
    let mut warnings = Vec::new();
    let mut session = intake.somebodys(to.session.clone(), "session.id", &mut warnings);
    let said = source.webhook.replace_profile_id.as_ref().and_then(|path| {
        let id = said_at(properties, path)?.into_owned();
        intake.somebodys(Some(id), path, &mut warnings)
    });
    let as_it_is = said.is_some();
    if let Some(id) = &said {
        session.get_or_insert_with(|| id.clone());
    } else if source.webhook.generate_profile && source.webhook.sticky_session {
        session = session.or_else(|| intake.only_session(source, &to.event_type, properties));
    }
    let is_somebodys = session.is_some() || source.webhook.generate_profile;
    Whose { session, profile: said, as_it_is, is_somebodys, warnings }
}
