//! `/console`: the pages that people look at Kith with, built from `console/` and compiled in.

mod files;

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

use super::home;
use crate::app::App;
use crate::http::{ApiError, Code};
use files::{Encoding, File};

/// Where the console is.
const HOME: &str = "/console/";
/// The page that all others are parts of.
const INDEX: &str = "index.html";
/// Files there have names with their hash, so they never change.
const HASHED: &str = "assets/";

/// Scripts and styles are files of ours, nothing is fetched from elsewhere, and no text becomes a script.
const POLICY: &str = "default-src 'none'; script-src 'self'; \
                      style-src 'self'; \
                      img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

/// The console's addresses, and the way there from `/`; none where it is switched off.
///
/// They are pages and no part of the interface, so the document leaves them out.
pub(in crate::http) fn pages(app: &App) -> Router<Arc<App>> {
    if !app.config.console {
        return Router::new();
    }
    let demo = app.config.demo;
    Router::new()
        .route("/", get(move |headers: HeaderMap| async move { lead(&headers, demo) }))
        .route("/console", get(|headers: HeaderMap| async move { page("", &headers) }))
        .route("/console/", get(|headers: HeaderMap| async move { page("", &headers) }))
        .route(
            "/console/{*path}",
            get(
                |Path(path): Path<String>, headers: HeaderMap| async move { page(&path, &headers) },
            ),
        )
}

/// Browsers are led to the console; others are told what there is.
fn lead(headers: &HeaderMap, demo: bool) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accepts.is_some_and(|kinds| kinds.contains("text/html")) {
        let vary = (header::VARY, HeaderValue::from_static("accept"));
        return ([vary], Redirect::to(HOME)).into_response();
    }
    home::show(demo)
}

/// The file of this name. Every other address is one of the page's own: it answers the page, which reads
/// its address.
fn page(path: &str, asked: &HeaderMap) -> Response {
    let found = files::named(path);
    if let Some(file) = found {
        return answer(file, path.starts_with(HASHED), asked);
    }
    match files::named(INDEX) {
        Some(index) if !path.starts_with(HASHED) => answer(index, false, asked),
        Some(_) => ApiError::from(Code::NoSuchAddress).into_response(),
        None => {
            let message = "This build has no console; `make setup` makes one.";
            ApiError::new(Code::NoSuchAddress, message).into_response()
        }
    }
}

fn answer(file: &File, is_hashed: bool, asked: &HeaderMap) -> Response {
    let said = |name: HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
    let is_known = said(header::IF_NONE_MATCH).is_some_and(|known| file.is_one_of(known));
    let (body, encoding) = file.body(said(header::ACCEPT_ENCODING).unwrap_or_default());
    let mut response =
        if is_known { StatusCode::NOT_MODIFIED.into_response() } else { body.into_response() };
    let cache = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::ETAG, file.tag.clone());
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let (Encoding::Named(name), false) = (encoding, is_known) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}
