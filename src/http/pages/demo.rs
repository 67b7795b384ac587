//! `/demo`: a small shop that uses the script and shows what happens.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use crate::app::App;
use crate::http::{ApiError, Code};
use crate::model::{Bridge, Source};

/// Strict, as a careful shop would have it: the script must work under it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page.
///
/// # Errors
/// 404 when the demo is switched off.
#[utoipa::path(
    get, path = "/demo", tag = "browser",
    responses(
        (status = 200, description = "A page to try it in", content_type = "text/html"),
        (status = 404, description = "The demo is switched off"),
    ),
)]
pub(in crate::http) async fn page(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    must_be_on(&app)?;
    Ok(asset("text/html; charset=utf-8", include_str!("demo/index.html")))
}

/// What the page fetches.
///
/// # Errors
/// 404 when there is no such file, or the demo is switched off.
#[utoipa::path(
    get, path = "/demo/{file}", tag = "browser",
    params(("file" = String, Path, description = "`demo.js`, `demo.css`, `config.json`")),
    responses(
        (
            status = 200,
            description = "What the page fetches",
            content(
                (Settings = "application/json"),
                (String = "text/javascript"),
                (String = "text/css"),
            ),
        ),
        (status = 404, description = "There is no such file"),
    ),
)]
pub(in crate::http) async fn file(
    State(app): State<Arc<App>>,
    Path(file): Path<String>,
) -> Result<Response, ApiError> {
    must_be_on(&app)?;
    match file.as_str() {
        "demo.js" => Ok(asset("text/javascript; charset=utf-8", include_str!("demo/demo.js"))),
        "demo.css" => Ok(asset("text/css; charset=utf-8", include_str!("demo/demo.css"))),
        "config.json" => Ok(settings(&app).into_response()),
        _ => Err(Code::NoSuchAddress.into()),
    }
}

/// What the page must know.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DemoSettings)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The source it sends to: the first that any page may use.
    #[schema(required)]
    source: Option<String>,
}

fn settings(app: &App) -> Json<Settings> {
    Json(Settings { source: source(app) })
}

/// A source that takes what any page sends, without more: the first there is.
pub(in crate::http) fn source(app: &App) -> Option<String> {
    let known = app.registry.now();
    let mut all = known.all::<Source>().into_iter().map(|source| &source.entity);
    let fits = all.find(|source| {
        source.enabled
            && source.bridges.contains(&Bridge::Rest)
            && source.allowed_origins.is_empty()
            && !source.static_profile_id
    });
    fits.map(|source| source.id.to_string())
}

fn must_be_on(app: &App) -> Result<(), ApiError> {
    if app.config.demo { Ok(()) } else { Err(Code::NoSuchAddress.into()) }
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, text).into_response()
}
