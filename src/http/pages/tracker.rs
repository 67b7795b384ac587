//! `/tracker`: the browser script, built from `sdk/` and compiled in.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::sync::LazyLock;

use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::http::{ApiError, Code};

/// The names of what the build made, and what it is.
const BUILT: [(&str, &[u8]); 5] = [
    ("kith.js", include_bytes!(concat!(env!("BROWSER_SCRIPTS"), "/kith.js"))),
    ("liliput.min.js", include_bytes!(concat!(env!("BROWSER_SCRIPTS"), "/liliput.js"))),
    ("auto.js", include_bytes!(concat!(env!("BROWSER_SCRIPTS"), "/auto.js"))),
    ("extras.js", include_bytes!(concat!(env!("BROWSER_SCRIPTS"), "/extras.js"))),
    ("reference.js", include_bytes!(concat!(env!("BROWSER_SCRIPTS"), "/reference.js"))),
];

/// The name under which pages of the reference ask for all of it (docs/wire.md §9.1), and an older one.
const REFERENCE: &str = "liliput.min.js";
const OLDER: &str = "tracker.min.js";

/// A page sees a new version within this time.
const FRESH: &str = "public, max-age=3600";
/// What lies under a name with its hash never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// One file in the shapes it is asked for.
struct Script {
    /// Under which it is always the newest.
    name: &'static str,
    /// With the hash: `kith.` and sixteen digits for the script, ten for a part, by which the
    /// script asks for it (sdk/scripts/build.mjs).
    named: String,
    text: &'static [u8],
    zipped: Option<Bytes>,
    tag: HeaderValue,
    integrity: String,
}

impl Script {
    fn of((name, text): (&'static str, &'static [u8])) -> Self {
        let digest = Sha256::digest(text);
        let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let zipped = zipped(text);
        let is_whole = name == "kith.js" || name == REFERENCE;
        let named = if is_whole {
            format!("{}.{hash}.js", name.trim_end_matches(".js"))
        } else {
            format!("{}.js", hash.get(..10).unwrap_or(&hash))
        };
        Self {
            name,
            named,
            text,
            zipped,
            tag: HeaderValue::from_str(&format!("\"{hash}\""))
                .unwrap_or(HeaderValue::from_static("\"\"")),
            integrity: format!("sha256-{}", BASE64_STANDARD.encode(digest)),
        }
    }
}

/// As small as gzip can be: it is done once, and every visitor takes it.
fn zipped(text: &[u8]) -> Option<Bytes> {
    const ROUNDS: NonZeroU64 = NonZeroU64::new(3).expect("is not zero");
    let options = zopfli::Options { iteration_count: ROUNDS, ..zopfli::Options::default() };
    let mut zipped = Vec::new();
    zopfli::compress(options, zopfli::Format::Gzip, text, &mut zipped).ok()?;
    Some(Bytes::from(zipped))
}

static READY: LazyLock<[Script; 5]> = LazyLock::new(|| BUILT.map(Script::of));

/// The newest script, with what pages of the reference need.
#[utoipa::path(
    get, path = "/tracker", tag = "browser",
    responses(
        (status = 200, description = "The browser script", content_type = "text/javascript"),
        (status = 304, description = "It is the one that is known already"),
    ),
)]
pub(in crate::http) async fn newest(headers: HeaderMap) -> Result<Response, ApiError> {
    answer(REFERENCE, &headers)
}

/// The newest script or part under a stable name, or this one under the name with its hash.
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
    if file == "manifest.json" {
        return Ok(manifest().into_response());
    }
    answer(if file == OLDER { REFERENCE } else { &file }, &headers)
}

fn answer(name: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let known = |script: &&Script| script.name == name || script.named == name;
    let script = READY.iter().find(known).ok_or(Code::NoSuchAddress)?;
    Ok(respond(script, headers, if script.name == name { FRESH } else { FOR_EVER }))
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
    /// The same of each part that it may load, and of what pages of the reference have.
    parts: BTreeMap<&'static str, Part>,
}

/// A file that never changes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ScriptPart)]
#[serde(deny_unknown_fields)]
struct Part {
    /// The address that may be kept for ever.
    script: String,
    /// What the file must be.
    integrity: String,
}

fn manifest() -> Json<Manifest> {
    let part = |script: &Script| Part {
        script: format!("/tracker/{}", script.named),
        integrity: script.integrity.clone(),
    };
    let [whole, parts @ ..] = &*READY;
    let Part { script, integrity } = part(whole);
    let parts = parts.iter().map(|each| (each.name.trim_end_matches(".js"), part(each))).collect();
    Json(Manifest { script, integrity, parts })
}

fn respond(script: &Script, asked: &HeaderMap, cache: &'static str) -> Response {
    let said = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let is_known =
        said(header::IF_NONE_MATCH).zip(script.tag.to_str().ok()).is_some_and(|(known, tag)| {
            known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
        });
    let zipped = script.zipped.clone().filter(|_| {
        said(header::ACCEPT_ENCODING).is_some_and(|ways| ways.split(',').any(takes_gzip))
    });
    let is_zipped = zipped.is_some();
    let body = zipped.unwrap_or(Bytes::from_static(script.text));
    let mut response =
        if is_known { StatusCode::NOT_MODIFIED.into_response() } else { body.into_response() };
    let headers = response.headers_mut();
    let text = HeaderValue::from_static("text/javascript; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, text);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::ETAG, script.tag.clone());
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
