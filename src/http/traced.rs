//! Requests that are traced: their span is around everything.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use crate::telemetry::Telemetry;
use crate::telemetry::traces;

/// What asks all the time whether we live, and what we have counted.
const WATCHERS: [&str; 2] = ["/health", "/metrics"];

/// Goes on with the request, and says what became of it.
pub(super) async fn trace(
    State(telemetry): State<Arc<Telemetry>>,
    request: Request,
    next: Next,
) -> Response {
    let parent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let is_of_watchers = WATCHERS.iter().any(|begin| request.uri().path().starts_with(begin));
    let traced = telemetry.traces().request(parent).filter(|_| !is_of_watchers);
    let Some(traced) = traced else { return next.run(request).await };
    let method = name(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = traces::within(Arc::clone(&traced), next.run(request)).await;
    let route = route.as_ref().map(MatchedPath::as_str);
    traced.answered(method, route, response.status().as_u16());
    response
}

/// A method that is none of these may be anything.
fn name(method: &Method) -> &'static str {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    known.into_iter().find(|known| *known == method.as_str()).unwrap_or("_OTHER")
}
