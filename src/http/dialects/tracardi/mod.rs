//! The first dialect: Tracardi's wire.

mod wire;
mod skeleton;
mod slip;
mod validation;
mod translate;
mod answer;
pub(in crate::http) mod track;
pub(in crate::http) mod preview;
pub(in crate::http) mod attempt;
mod assumed;
mod sent;
pub(in crate::http) mod collect;
pub(in crate::http) mod redirect;
pub(in crate::http) mod pixel;
pub(in crate::http) mod consent;

pub use crate::http::intake::Problem;
pub use wire::WirePayload;

use crate::config::Limits;
use crate::http::intake::Bounds;

/// Whether a request brings a payload, by its address alone: for whoever refuses it before a handler
/// has seen it, since each payload that arrives is counted.
pub(in crate::http) fn is_payload(request: &axum::extract::Request) -> bool {
    use axum::http::Method as M;
    let mut parts = request.uri().path().trim_start_matches('/').split('/');
    let method = request.method();
    match parts.next().unwrap_or_default() {
        "track" | "customer" => *method == M::POST,
        "track.gif" => *method == M::GET,
        "collect" => [M::GET, M::POST].contains(method),
        "redirect" => [M::GET, M::POST, M::PUT, M::DELETE].contains(method),
        _ => false,
    }
}

/// Reads what a webhook sent, whatever it is, as `/collect` does: for the fuzzer.
pub async fn read_sent(headers: &axum::http::HeaderMap, body: bytes::Bytes) -> crate::model::Map {
    sent::object(headers, &body).await.object
}

/// Reads a body as the collector does and says how many events it has: for the benchmark's
/// reference server and the fuzzer, which need the parser without the rest.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(body: &[u8]) -> Result<usize, Vec<Problem>> {
    check(body, &Limits::default())
}

/// Whether a body can be read and keeps the bounds, and how many events it has.
fn check(body: &[u8], limits: &Limits) -> Result<usize, Vec<Problem>> {
    let bounds = Bounds::from(limits);
    wire::read(body, &bounds, |wire| {
        let incoming = translate::incoming(wire, limits.json_depth_max);
        bounds.check(&incoming).map(|()| incoming.events.len())
    })?
}
