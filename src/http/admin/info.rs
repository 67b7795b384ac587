//! `/info/version`.

use axum::Json;

/// Kith's version, as a JSON string.
#[utoipa::path(
    get, path = "/info/version", tag = "operate",
    responses((status = 200, description = "The version", body = String, content_type = "application/json")),
)]
pub(in crate::http) async fn version() -> Json<&'static str> {
    Json(env!("CARGO_PKG_VERSION"))
}
