//! `GET /health` and `GET /metrics`: for load balancers and for Prometheus.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::app::App;
use crate::committer::Unavailable;

/// 200 while payloads are accepted, 503 and why while they are not.
#[utoipa::path(
    get, path = "/health", tag = "operate",
    responses(
        (status = 200, description = "Payloads are accepted", body = Value),
        (status = 503, description = "They are not; `reason` says why", body = Value),
    ),
)]
pub(super) async fn health(State(app): State<Arc<App>>) -> (StatusCode, Json<Value>) {
    let version = env!("CARGO_PKG_VERSION");
    match app.committer.down() {
        None => (StatusCode::OK, Json(json!({"status": "ok", "version": version}))),
        Some(error) => {
            let reason = Unavailable::from(&error).code();
            let body = json!({"status": "refusing", "reason": reason, "version": version});
            (StatusCode::SERVICE_UNAVAILABLE, Json(body))
        }
    }
}

/// Everything Kith counts about itself, in Prometheus' text format.
#[utoipa::path(
    get, path = "/metrics", tag = "operate",
    responses((status = 200, description = "Prometheus text format", body = String)),
)]
pub(super) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.telemetry.render())
}
