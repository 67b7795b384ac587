//! What every answer tells the browser it may not do with it.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::cors::is_collector;

/// What is not a page loads and runs nothing, and stands in no frame.
const NOTHING: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The page of the interface: scripts of ours, and styles that its program writes.
const DOCS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
                    form-action 'self'; frame-ancestors 'none'";

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Adds what a handler has not said otherwise.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let guards: &[_] = match path {
        path if is_collector(path) => &COLLECTOR,
        path if path.starts_with("/docs") => &PAGE,
        _ => &ANSWER,
    };
    let mut response = next.run(request).await;
    add(response.headers_mut(), guards);
    response
}

type Guard = (HeaderName, &'static str);

/// Pages embed the picture and the script, also pages that isolate themselves; and what a link leads
/// to may know where the visitor came from.
const COLLECTOR: [Guard; 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (RESOURCE_POLICY, "cross-origin"),
];

/// Tokens, people, what was asked: for whoever asked, and for no cache.
const ANSWER: [Guard; 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (RESOURCE_POLICY, "same-origin"),
    (header::CONTENT_SECURITY_POLICY, NOTHING),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
];

const PAGE: [Guard; 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-cache"),
    (RESOURCE_POLICY, "same-origin"),
    (header::CONTENT_SECURITY_POLICY, DOCS),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
];

fn add(headers: &mut HeaderMap, guards: &[Guard]) {
    for (name, value) in guards {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
