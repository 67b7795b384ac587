//! `GET /api/events/live`: what happens at this moment, as server-sent events.

mod allowance;
mod filter;
mod line;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::documents::EventDocument;
use crate::http::{ApiError, Code, SignedIn, masked};
use filter::Filter;
use line::Line;

/// What is looked for. All that are given must hold.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Wanted {
    /// Of this type.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    kind: Option<String>,
    /// Of this source; refusals, too.
    source: Option<String>,
    /// In the filter language, for any field.
    #[serde(rename = "where")]
    #[param(rename = "where")]
    filter: Option<String>,
    /// `kept` or `refused`: only those. Both unless said.
    only: Option<String>,
    /// At most so many events, and as many refusals, a second; 250 unless said, and at most.
    rate: Option<u32>,
}

/// A payload that was not kept.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RefusedPayload {
    /// When.
    time: String,
    /// Stable, for programs.
    code: &'static str,
    /// The answer's status.
    status: u16,
    /// A sentence.
    message: String,
    /// Who says to have sent it; empty where that could not be read.
    source: String,
    /// What is wrong, and where.
    problems: Vec<RefusedPart>,
}

/// One thing that is wrong with a payload.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RefusedPart {
    /// Keys and indices from `body` on: `body.events.0.type`.
    place: String,
    /// A sentence.
    message: String,
}

/// What was not told of, since it was too much.
#[derive(Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct LeftOut {
    /// Events.
    events: u64,
    /// Refusals.
    refusals: u64,
}

/// The data of one message.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LiveMessage)]
#[serde(untagged)]
pub(in crate::http) enum Told {
    /// `kept`.
    Kept(Box<EventDocument>),
    /// `refused`.
    Refused(RefusedPayload),
    /// `left_out`.
    LeftOut(LeftOut),
}

impl Told {
    /// As server-sent events are written.
    fn message(&self) -> String {
        let name = match self {
            Self::Kept(_) => "kept",
            Self::Refused(_) => "refused",
            Self::LeftOut(_) => "left_out",
        };
        let data = serde_json::to_string(self).unwrap_or_default();
        format!("event: {name}\ndata: {data}\n\n")
    }
}

/// What happens from now on, as server-sent events: `kept` with an event document, `refused` with code
/// and place, `left_out` with how many were not told of. Each who looks is told of `rate` a second, the
/// latest first, and no more: whoever sends never feels who looks.
///
/// # Errors
/// 401 without a token, 422 for a filter that cannot be read, 503 while as many look as may.
#[utoipa::path(
    get, path = "/api/events/live", tag = "history", params(Wanted),
    responses(
        (
            status = 200,
            description = "Server-sent events, until whoever looks goes away or may look no more",
            body = Told, content_type = "text/event-stream",
        ),
        (status = 503, description = "As many look as may at one time"),
    ),
)]
pub(in crate::http) async fn watch(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let filter = Filter::of(wanted, masked::from(&app, &user))?;
    let message = "As many look as may at one time; ask again later.";
    let watcher = app.live.watch().ok_or_else(|| ApiError::new(Code::Overloaded, message))?;
    let line = Line::new(&app, headers, filter, watcher);
    let body = Body::from_stream(stream::unfold(line, |mut line| async move {
        line.next().await.map(|chunk| (Ok::<_, std::convert::Infallible>(chunk), line))
    }));
    let kind = HeaderValue::from_static("text/event-stream");
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}
