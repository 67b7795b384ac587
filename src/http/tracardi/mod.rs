//! The first dialect: Tracardi's wire.

mod wire;
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
