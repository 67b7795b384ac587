//! `POST /track`: the main door.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;

use super::answer::Answer;
use super::call::Call;
use super::{translate, wire};
use crate::app::App;
use crate::committer::Unavailable;
use crate::http::body;
use crate::http::error::ApiError;
use crate::model::{Bridge, Payload};
use crate::outcome::{Outcome, Ticket};

/// What the address may say.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// `true`: no person is behind these events; no profile is looked up or made.
    #[serde(default)]
    profile_less: Option<String>,
}

/// Takes a tracker payload, finds whose it is, and answers once it is on disk.
///
/// # Errors
/// The catalogue of `http/error.rs`; nothing was kept then.
#[utoipa::path(
    post, path = "/track", tag = "collect", params(Parameters),
    request_body(content = Value, description = "Tracker payload", content_type = "application/json"),
    responses(
        (status = 200, description = "Durable; `null` when there were no events", body = Value),
        (status = 401, description = "Unauthorized Access: the source is not known, off, or not allowed to send this way", body = Value),
        (status = 413, description = "The body is too large", body = Value),
        (status = 415, description = "The content encoding is not known", body = Value),
        (status = 422, description = "The payload does not fit; `detail` says where", body = Value),
        (status = 429, description = "More than the source may send; see `Retry-After`", body = Value),
        (status = 503, description = "Nothing was accepted; see `Retry-After`", body = Value),
    ),
)]
pub(crate) async fn track(
    State(app): State<Arc<App>>,
    Query(parameters): Query<Parameters>,
    Call { peer, headers, body, .. }: Call,
) -> Result<Response, ApiError> {
    let profile_less = is_true(parameters.profile_less.as_deref());
    let sender = Sender { headers: &headers, peer, bridge: Bridge::Rest, profile_less };
    let answer = take(&app, async {
        let body = body::read(&headers, body, &app.config.limits).await?;
        sender.understand(&app, &body)
    });
    Ok(answer_of(answer.await?.as_ref()))
}

/// `PUT /track`: checks the body and does nothing (spec §1.1).
///
/// # Errors
/// As [`track`], for the body.
pub(crate) async fn check(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, ApiError> {
    let body = body::read(&headers, body, &app.config.limits).await?;
    wire::read(&body, &translate::bounds(&app.config.limits), |_| ())?;
    Ok(Json(Value::Null))
}

/// Who sends, beside what the body says.
pub(super) struct Sender<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) peer: Option<SocketAddr>,
    pub(super) bridge: Bridge,
    pub(super) profile_less: bool,
}

impl Sender<'_> {
    /// The payload of a body; none when it has no events.
    ///
    /// # Errors
    /// As [`track`].
    pub(super) fn understand(&self, app: &App, body: &[u8]) -> Result<Option<Payload>, ApiError> {
        let request = translate::Request {
            headers: self.headers,
            bridge: self.bridge,
            ip: app.client_address(self.headers, self.peer),
            profile_less: self.profile_less,
            received_at: app.clock.now(),
        };
        let bounds = translate::bounds(&app.config.limits);
        wire::read(body, &bounds, |wire| translate::payload(wire, &request, app))?
    }
}

/// Counts a request, whatever becomes of it, and commits its payload.
///
/// # Errors
/// As [`track`].
pub(super) async fn take(
    app: &App,
    read: impl Future<Output = Result<Option<Payload>, ApiError>>,
) -> Result<Option<crate::response::Response>, ApiError> {
    let started = app.clock.elapsed();
    let ticket = Ticket::open(&app.telemetry);
    let payload = match read.await {
        Ok(Some(payload)) => payload,
        Ok(None) => {
            ticket.settle(Outcome::Kept);
            return Ok(None);
        }
        Err(error) => {
            ticket.settle(Outcome::Refused(error.code));
            return Err(error);
        }
    };
    let answered = app.committer.submit(payload, ticket.arrived())?;
    let response = answered.await.unwrap_or(Err(Unavailable::Stopping))?;
    app.telemetry.tracked(app.clock.elapsed().saturating_sub(started));
    Ok(Some(response))
}

/// The answer's body; `null` when there were no events.
pub(super) fn answer_of(response: Option<&crate::response::Response>) -> Response {
    response.map_or_else(
        || Json(Value::Null).into_response(),
        |response| Json(Answer::from(response)).into_response(),
    )
}

/// As people and frameworks write it.
pub(super) fn is_true(text: Option<&str>) -> bool {
    matches!(
        text.map(str::to_ascii_lowercase).as_deref(),
        Some("true" | "1" | "yes" | "on" | "y" | "t")
    )
}
