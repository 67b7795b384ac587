//! `GET /health` and `GET /metrics`: for load balancers and for Prometheus.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Code, Routes, admin};
use crate::app::App;
use crate::committer::Unavailable;

/// Those who look after the server.
pub(super) fn operators() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(health))
        .routes(routes!(ready))
        .routes(routes!(live))
        .routes(routes!(metrics))
        .routes(routes!(admin::info::version))
}

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Health {
    /// `ok`, or `refusing` while no payload is accepted.
    status: &'static str,
    /// The code that senders are given meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<Code>,
    /// Kith's own.
    version: &'static str,
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// 200 while payloads are accepted, 503 and why while they are not, or soon will not be: the server has been
/// told to end.
#[utoipa::path(
    get, path = "/health", tag = "operate",
    responses(
        (status = 200, description = "Payloads are accepted", body = Health),
        (status = 503, description = "They are not; `reason` says why", body = Health),
    ),
)]
pub(super) async fn health(State(app): State<Arc<App>>) -> (StatusCode, Json<Health>) {
    let stopping = app.stopping.load(Ordering::Relaxed).then_some(Unavailable::Stopping);
    let why = stopping.or_else(|| app.committer.down().as_ref().map(Unavailable::from));
    let Some(why) = why else { return well() };
    let body = Health { status: "refusing", reason: Some(Code::from(why)), version: VERSION };
    (StatusCode::SERVICE_UNAVAILABLE, Json(body))
}

/// The same: whether a balancer should send here.
#[utoipa::path(
    get, path = "/health/ready", tag = "operate",
    responses(
        (status = 200, description = "Payloads are accepted", body = Health),
        (status = 503, description = "They are not; `reason` says why", body = Health),
    ),
)]
pub(super) async fn ready(app: State<Arc<App>>) -> (StatusCode, Json<Health>) {
    health(app).await
}

/// 200 as long as the process lives, whatever its database does: to start it again would not help.
#[utoipa::path(
    get, path = "/health/live", tag = "operate",
    responses((status = 200, description = "The process lives", body = Health)),
)]
pub(super) async fn live() -> (StatusCode, Json<Health>) {
    well()
}

fn well() -> (StatusCode, Json<Health>) {
    (StatusCode::OK, Json(Health { status: "ok", reason: None, version: VERSION }))
}

/// Everything Kith counts about itself, in Prometheus' text format.
#[utoipa::path(
    get, path = "/metrics", tag = "operate",
    responses((status = 200, description = "Prometheus text format", body = String)),
)]
pub(super) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics())
}
