//! `/api/preferences`: how somebody likes to see things, wherever they sign in.
//!
//! Whatever a program keeps for its user: the console has their zone, theme, columns and recent ranges.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;

use super::{ask, posted};
use crate::app::App;
use crate::http::{ApiError, Code, SignedIn};
use crate::model::Map;

/// The most that somebody may keep, in bytes of JSON.
const BYTES_MAX: usize = 32_768;

/// One's own preferences; empty until somebody keeps some.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/preferences", tag = "users",
    responses((status = 200, description = "As they were kept", body = BTreeMap<String, Value>)),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    by: SignedIn,
) -> Result<Json<Map>, ApiError> {
    let kept = ask(&app, move |storage| storage.preferences(&by.email)).await?;
    let read = kept.and_then(|text| serde_json::from_str(&text).ok());
    Ok(Json(read.unwrap_or_default()))
}

/// Keeps preferences instead of those that there are. They go with the account.
///
/// # Errors
/// 401 without a token, 404 for an account that was removed at this moment, 422 for what is no object
/// or larger than 32 KiB.
#[utoipa::path(
    put, path = "/api/preferences", tag = "users",
    request_body(content = BTreeMap<String, Value>, content_type = "application/json"),
    responses(
        (status = 200, description = "As they are kept now", body = BTreeMap<String, Value>),
        (status = 422, description = "No object, or too large"),
    ),
)]
pub(in crate::http) async fn put(
    State(app): State<Arc<App>>,
    by: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Map>, ApiError> {
    let code = Code::PreferencesInvalid;
    let wanted: Map = posted(&app, &headers, body, code, "object").await?;
    let text = serde_json::to_string(&wanted).map_err(|_| ApiError::from(code))?;
    if text.len() > BYTES_MAX {
        let sentence = format!("Preferences have at most {BYTES_MAX} bytes.");
        return Err(ApiError::new(code, sentence));
    }
    let is_kept = ask(&app, move |storage| storage.prefer(&by.email, &text)).await?;
    if is_kept { Ok(Json(wanted)) } else { Err(ApiError::not_found()) }
}
