//! The first dialect: Tracardi's wire.

mod wire;
mod skeleton;
mod validation;
mod visitor;
mod credentials;
mod translate;
mod answer;
pub(super) mod track;
mod call;
mod sent;
mod template;
pub(super) mod collect;
pub(super) mod redirect;
pub(super) mod pixel;
pub(super) mod consent;

pub use validation::Problem;
pub use wire::WirePayload;

/// Whether a request brings a payload, by its address alone: for whoever refuses it before a handler
/// has seen it, since each payload that arrives is counted.
pub(super) fn is_payload(request: &axum::extract::Request) -> bool {
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
    sent::object(headers, body).await
}

/// Reads a body as the collector does and says how many events it has: for the benchmark's
/// reference server and the fuzzer, which need the parser without the rest.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(body: &[u8]) -> Result<usize, Vec<Problem>> {
    let limits = crate::config::Limits::default();
    wire::read(body, &translate::bounds(&limits), |payload| payload.events.len())
}
