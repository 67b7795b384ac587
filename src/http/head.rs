//! What a request's head must say once: where it goes, and which page it comes from.

use axum::http::{HeaderName, Request, Version, header};

use super::{ApiError, Code};

/// Refuses a head that servers on its way may read differently: whoever has let it through has maybe
/// looked at another host or origin than we would (RFC 9112 §3.2, RFC 6454 §7.3).
///
/// # Errors
/// 400.
pub(super) fn check<B>(request: &Request<B>) -> Result<(), ApiError> {
    let refuse = |said: &str| Err(ApiError::new(Code::HeadInvalid, said));
    match times(request, &header::HOST) {
        0 if request.version() >= Version::HTTP_11 => return refuse("The request has no Host."),
        0 | 1 => {}
        _ => return refuse("The request has more than one Host."),
    }
    if times(request, &header::ORIGIN) > 1 {
        return refuse("The request has more than one Origin.");
    }
    Ok(())
}

fn times<B>(request: &Request<B>, name: &HeaderName) -> usize {
    request.headers().get_all(name).iter().count()
}
