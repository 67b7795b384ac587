//! `POST /track`: the main door.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;

use super::answer::Answer;
use super::{translate, wire};
use crate::app::App;
use crate::committer::Unavailable;
use crate::http::body;
use crate::http::error::ApiError;
use crate::model::Payload;
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
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let started = app.clock.elapsed();
    let ticket = Ticket::open(&app.telemetry);
    let peer = peer.map(|axum::Extension(ConnectInfo(peer))| peer);
    let payload = match read(&app, peer, &parameters, &headers, body).await {
        Ok(Some(payload)) => payload,
        Ok(None) => {
            ticket.settle(Outcome::Kept);
            return Ok(Json(Value::Null).into_response());
        }
        Err(error) => {
            ticket.settle(Outcome::Refused(error.code));
            return Err(error);
        }
    };
    let answered = app.committer.submit(payload, ticket)?;
    let response = answered.await.unwrap_or(Err(Unavailable::Stopping))?;
    app.telemetry.tracked(app.clock.elapsed().saturating_sub(started));
    Ok(Json(Answer::from(&response)).into_response())
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

async fn read(
    app: &App,
    peer: Option<SocketAddr>,
    parameters: &Parameters,
    headers: &HeaderMap,
    body: Body,
) -> Result<Option<Payload>, ApiError> {
    let body = body::read(headers, body, &app.config.limits).await?;
    let request = translate::Request {
        headers,
        ip: app.client_address(headers, peer),
        profile_less: is_true(parameters.profile_less.as_deref()),
        received_at: app.clock.now(),
    };
    let bounds = translate::bounds(&app.config.limits);
    wire::read(&body, &bounds, |wire| translate::payload(wire, &request, app))?
}

/// As people and frameworks write it.
fn is_true(text: Option<&str>) -> bool {
    matches!(
        text.map(str::to_ascii_lowercase).as_deref(),
        Some("true" | "1" | "yes" | "on" | "y" | "t")
    )
}
