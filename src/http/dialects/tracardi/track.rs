//! `POST /track`: the main door.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::answer::Answer;
use super::{slip, translate, wire};
use crate::app::App;
use crate::config::Limits;
use crate::http::answers::Nothing;
use crate::http::body;
use crate::http::error::ApiError;
use crate::http::intake::{Bounds, Call, Incoming, Intake, take_one};
use crate::model::{Bridge, truth_of_text};

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
        (status = 200, description = "Durable; `null` when there were no events", body = Option<Answer>),
        (status = 401, description = "Unauthorized Access: the source is not known, off, or not allowed to send this way"),
        (status = 413, description = "The body is too large"),
        (status = 415, description = "The content encoding is not known"),
        (status = 422, description = "The payload does not fit; `detail` says where"),
        (status = 429, description = "More than the source may send; see `Retry-After`"),
        (status = 503, description = "Nothing was accepted; see `Retry-After`"),
    ),
)]
pub(crate) async fn track(
    State(app): State<Arc<App>>,
    Query(parameters): Query<Parameters>,
    Call { peer, headers, body, .. }: Call,
) -> Result<Response, ApiError> {
    let profile_less = is_true(parameters.profile_less.as_deref());
    let limits = &app.config.limits;
    let mut slip = None;
    let answer = take_one(&app, async {
        let body = body::read(&headers, body, &app).await?;
        let intake = Intake::begin(&app, &headers, peer, Bridge::Rest);
        let understood = read(limits, &body, |mut incoming| {
            incoming.options.profile_less = profile_less;
            intake.understand(incoming)
        })
        .map_err(|error| match slip::source_of(&body) {
            Some(source) => error.sent_by(&source),
            None => error,
        })?;
        if let Ok(None) = understood {
            slip = slip::of(&body);
        }
        understood
    });
    let answer = answer.await?;
    let nothing_but =
        |slip| crate::response::Response::nothing_but(slip, app.ids.uuid(app.clock.now()));
    let answer = answer.or_else(|| slip.map(nothing_but));
    Ok(answer_of(answer.as_ref(), &app))
}

/// Reads a body as plain values.
///
/// # Errors
/// It is no payload.
pub(in crate::http) fn read<T>(
    limits: &Limits,
    body: &[u8],
    then: impl FnOnce(Incoming<'_>) -> T,
) -> Result<T, ApiError> {
    let read = wire::read(body, &Bounds::from(limits), |wire| {
        then(translate::incoming(wire, limits.json_depth_max))
    });
    Ok(read?)
}

/// Checks the body and does nothing (docs/wire.md §1.1).
///
/// # Errors
/// As [`track`], for the body.
#[utoipa::path(
    put, path = "/track", tag = "collect",
    request_body(content = Value, description = "Tracker payload", content_type = "application/json"),
    responses(
        (status = 200, description = "It is a payload; the answer is `null`", body = Nothing),
        (status = 413, description = "The body is too large"),
        (status = 415, description = "The content encoding is not known"),
        (status = 422, description = "The payload does not fit; `detail` says where"),
    ),
)]
pub(crate) async fn check(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Nothing>, ApiError> {
    let body = body::read(&headers, body, &app).await?;
    super::check(&body, &app.config.limits)?;
    Ok(Json(Nothing))
}

/// The answer's body; `null` when there were no events.
pub(super) fn answer_of(response: Option<&crate::response::Response>, app: &App) -> Response {
    response.map_or_else(
        || Json(Nothing).into_response(),
        |response| Json(Answer::of(response, app)).into_response(),
    )
}

/// As people and frameworks write it.
pub(super) fn is_true(text: Option<&str>) -> bool {
    text.and_then(truth_of_text) == Some(true)
}
