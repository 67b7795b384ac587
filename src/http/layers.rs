//! What lies around every handler, from the outside in.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use super::dialects::tracardi::{is_payload, pixel};
use super::parameters::{self, Known};
use super::{ApiError, Code, cors, guards, head, traced};
use crate::app::App;
use crate::clock::Clock;
use crate::committer::Unavailable;
use crate::outcome::{Outcome, Ticket};
use crate::telemetry::Telemetry;

/// What an extractor says of a request that it cannot read, at most, in bytes.
const EXTRACTOR_BYTES_MAX: usize = 4096;

/// The layers, outermost first: what browsers are told, on every status whatever happens inside, then
/// the envelope, then the bounds.
pub(super) fn wrap(router: Router, app: &Arc<App>) -> Router {
    let limits = &app.config.limits;
    let envelope = Envelope {
        clock: app.clock.clone(),
        telemetry: Arc::clone(&app.telemetry),
        in_flight: Arc::new(Semaphore::new(limits.requests_in_flight_max)),
    };
    let all = router.layer(
        ServiceBuilder::new()
            .layer(cors::layer(app))
            .layer(from_fn(guards::guard))
            .layer(from_fn_with_state(envelope, surround))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(DefaultBodyLimit::max(limits.body_bytes_max)),
    );
    // Where nothing is traced, nothing is asked of each request.
    match app.telemetry.traces().are_on() {
        true => all.layer(from_fn_with_state(Arc::clone(&app.telemetry), traced::trace)),
        false => all,
    }
}

/// Around everything but questions about history, which have a bound of their own (`query`).
pub(super) fn hurry(router: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
    let slow = Duration::from_secs(app.config.limits.request_seconds_max);
    router.layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, slow))
}

/// Around questions: what is asked for by a name that nobody knows is not passed over.
pub(super) fn precise(router: Router<Arc<App>>, known: &Known) -> Router<Arc<App>> {
    router.route_layer(from_fn_with_state(Arc::clone(known), parameters::refuse_unknown))
}

#[derive(Clone)]
struct Envelope {
    clock: Clock,
    telemetry: Arc<Telemetry>,
    in_flight: Arc<Semaphore>,
}

/// Refuses what is more than the server may work on, and adds the reference's headers
/// (docs/wire.md §1.2).
async fn surround(State(envelope): State<Envelope>, request: Request, next: Next) -> Response {
    let started = envelope.clock.elapsed();
    let context = request.headers().get("x-context").cloned();
    let is_picture = pixel::is_asked(&request);
    let mut response = match envelope.in_flight.try_acquire() {
        Ok(_place) => match head::check(&request) {
            Ok(()) => next.run(request).await,
            Err(error) => error.into_response(),
        },
        Err(_) => overloaded(&envelope, &request),
    };
    if is_picture && !response.status().is_success() {
        response = pixel::picture();
    }
    if lacks_code(&response) {
        response = in_our_words(response).await;
    }
    let took = envelope.clock.elapsed().saturating_sub(started).as_secs_f64();
    let headers = response.headers_mut();
    if let Ok(took) = HeaderValue::from_str(&format!("{took:.6}")) {
        headers.insert(HeaderName::from_static("x-process-time"), took);
    }
    if let Some(context) = context {
        headers.insert(HeaderName::from_static("x-context"), context);
    }
    response
}

/// One more than may be worked on. A payload among them is counted as every other: those who watch
/// the counters must see that some are turned away.
fn overloaded(envelope: &Envelope, request: &Request) -> Response {
    let why = Unavailable::Overloaded;
    if is_payload(request) {
        Ticket::open(&envelope.telemetry).settle(Outcome::Failed(why.code()));
    }
    ApiError::from(why).into_response()
}

/// Refused by what lies around our handlers, in its own words.
fn lacks_code(response: &Response) -> bool {
    response.status().is_client_error() && !response.headers().contains_key("x-kith-code")
}

async fn in_our_words(response: Response) -> Response {
    let status = response.status();
    let text = axum::body::to_bytes(response.into_body(), EXTRACTOR_BYTES_MAX).await;
    let text = text.unwrap_or_default();
    let text = std::str::from_utf8(&text).unwrap_or_default();
    ApiError::of_an_extractor(status, text).into_response()
}

/// A defect of ours. It is logged without the request, and the connection lives on.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    tracing::error!(panic = text, "a handler panicked");
    ApiError::from(Code::Defect).into_response()
}
