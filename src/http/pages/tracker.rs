//! `/tracker`: the browser script, built from `sdk/` and compiled in.

use std::io::Write as _;
use std::sync::LazyLock;

use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::http::{ApiError, Code};

/// The script as the build made it.
const SCRIPT: &[u8] = include_bytes!(env!("BROWSER_SCRIPT"));

/// Names that always have the newest script: ours, and the two that pages of the reference ask for
/// (docs/wire.md §9.1).
const NAMES: [&str; 3] = ["kith.js", "liliput.min.js", "tracker.min.js"];

/// A page sees a new version within this time.
const FRESH: &str = "public, max-age=3600";
/// What lies under a name with its hash never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The script in the shapes it is asked for.
struct Script {
    zipped: Option<Bytes>,
    /// The name with the hash.
    name: String,
    tag: HeaderValue,
    integrity: String,
}

static READY: LazyLock<Script> = LazyLock::new(|| {
    let digest = Sha256::digest(SCRIPT);
    let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let mut zip = GzEncoder::new(Vec::new(), Compression::best());
    let zipped = zip.write_all(SCRIPT).and_then(|()| zip.finish()).ok().map(Bytes::from);
    Script {
        zipped,
        name: format!("kith.{hash}.js"),
        tag: HeaderValue::from_str(&format!("\"{hash}\""))
            .unwrap_or(HeaderValue::from_static("\"\"")),
        integrity: format!("sha256-{}", BASE64_STANDARD.encode(digest)),
    }
});

/// The newest script.
#[utoipa::path(
    get, path = "/tracker", tag = "browser",
    responses(
        (status = 200, description = "The browser script", content_type = "text/javascript"),
        (status = 304, description = "It is the one that is known already"),
    ),
)]
pub(in crate::http) async fn newest(headers: HeaderMap) -> Response {
    script(&headers, FRESH)
}

/// The newest script under a stable name, or this one under the name with its hash.
///
/// # Errors
/// 404 for every other name, older versions included.
#[utoipa::path(
    get, path = "/tracker/{file}", tag = "browser",
    params(("file" = String, Path, description = "`kith.js`, or what `manifest.json` names")),
    responses(
        (
            status = 200,
            description = "The browser script, or its manifest",
            content((String = "text/javascript"), (Manifest = "application/json")),
        ),
        (status = 304, description = "It is the one that is known already"),
        (status = 404, description = "There is no such file"),
    ),
)]
pub(in crate::http) async fn file(
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if NAMES.contains(&file.as_str()) {
        return Ok(script(&headers, FRESH));
    }
    if file == READY.name {
        return Ok(script(&headers, FOR_EVER));
    }
    if file == "manifest.json" {
        return Ok(manifest().into_response());
    }
    Err(Code::NoSuchAddress.into())
}

/// What a page writes into its script element.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ScriptManifest)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// The address that may be kept for ever.
    script: String,
    /// What the script must be.
    integrity: String,
}

fn manifest() -> Json<Manifest> {
    let script = format!("/tracker/{}", READY.name);
    Json(Manifest { script, integrity: READY.integrity.clone() })
}

fn script(asked: &HeaderMap, cache: &'static str) -> Response {
    let said = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let is_known =
        said(header::IF_NONE_MATCH).zip(READY.tag.to_str().ok()).is_some_and(|(known, tag)| {
            known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
        });
    let zipped = READY.zipped.clone().filter(|_| {
        said(header::ACCEPT_ENCODING).is_some_and(|ways| ways.split(',').any(takes_gzip))
    });
    let is_zipped = zipped.is_some();
    let body = zipped.unwrap_or(Bytes::from_static(SCRIPT));
    let mut response =
        if is_known { StatusCode::NOT_MODIFIED.into_response() } else { body.into_response() };
    let headers = response.headers_mut();
    let text = HeaderValue::from_static("text/javascript; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, text);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::ETAG, READY.tag.clone());
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_zipped && !is_known {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn takes_gzip(way: &str) -> bool {
    let mut parts = way.split(';').map(str::trim);
    let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
    is_gzip && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
}
