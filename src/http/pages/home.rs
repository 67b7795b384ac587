//! `/`: where to go from here, for whoever opens the server's address.

use axum::http::{Method, Uri, header};
use axum::response::{IntoResponse as _, Response};

use crate::http::{ApiError, Code};

/// What no route takes: at `/` a page that leads on, unless one of ours stands there; elsewhere nothing.
pub(in crate::http) fn or_nothing(method: &Method, uri: &Uri, demo: bool) -> Response {
    if uri.path() != "/" || ![Method::GET, Method::HEAD].contains(method) {
        return ApiError::from(Code::NoSuchAddress).into_response();
    }
    show(demo)
}

/// Where to go from here.
pub(super) fn show(demo: bool) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page(demo)).into_response()
}

/// Without style or script, which the policy of what is no page keeps out.
fn page(demo: bool) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let demo =
        if demo { "<li><a href=\"/demo\">/demo</a>: a small shop to try it in</li>" } else { "" };
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Kith</title>\
         <h1>Kith {version}</h1><p>It runs. Events go to <code>POST /track</code>.</p><ul>\
         <li><a href=\"/docs/\">/docs</a>: every address, to look at and to try</li>{demo}\
         <li><a href=\"/health\">/health</a>: whether it takes events now</li></ul></html>\n"
    )
}
