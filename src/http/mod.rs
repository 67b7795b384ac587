//! The wire: the only place that knows addresses, JSON shapes and statuses.

pub mod agent;
mod ask;
mod body;
mod documents;
mod error;
mod layers;
mod health;
mod openapi;
mod admin;
mod api;
pub mod tracardi;

pub use body::decode;
pub use error::ApiError;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};

use crate::app::App;

/// Every address, grouped by who calls.
pub fn router(app: &Arc<App>) -> Router {
    let collectors = Router::new()
        .route("/track", post(tracardi::track::track).put(tracardi::track::check))
        .route("/track/", post(tracardi::track::track).put(tracardi::track::check));

    let operators = Router::new()
        .route("/health", get(health::health))
        .route("/healthcheck", get(health::health))
        .route("/metrics", get(health::metrics))
        .route("/info/version", get(admin::info::version));

    let administrators = Router::new()
        .route("/user/token", post(admin::user::token))
        .route("/user/logout", post(admin::user::logout))
        .route("/event-sources", get(admin::event_source::list))
        .route("/event-source", post(admin::event_source::put))
        .route(
            "/event-source/{id}",
            get(admin::event_source::show).delete(admin::event_source::remove),
        )
        .route("/profile/count", get(admin::profile::count))
        .route("/profile/{id}", get(admin::profile::show).delete(admin::profile::remove))
        .route("/session/count", get(admin::session::count))
        .route("/session/{id}", get(admin::session::show).delete(admin::session::remove))
        .route("/event/count", get(admin::event::count))
        .route("/event/{id}", get(admin::event::show).delete(admin::event::remove))
        .route("/events/profile/{id}", get(admin::event::of_profile))
        .route("/events/session/{session}/profile/{profile}", get(admin::event::of_session));

    let analysts = Router::new()
        .route("/event/select", post(admin::select::select))
        .route("/event/select/range", post(admin::select::range))
        .route("/event/select/range/page/{page}", post(admin::select::range_page))
        .route("/event/select/histogram", post(admin::select::histogram))
        .route("/sql", post(api::sql::ask))
        .route("/api/events", get(api::events::list))
        .route("/api/events/histogram", get(api::events::histogram))
        .route("/api/events/top", get(api::events::top))
        .route("/api/events/people", get(api::events::people))
        .route("/api/events/funnel", post(api::events::funnel))
        .route("/api/events/retention", get(api::events::retention))
        .route("/api/events/paths", get(api::events::paths))
        .route("/api/sessions", get(api::people::sessions))
        .route("/api/profiles", get(api::people::profiles))
        .route("/api/profiles/{id}/export", get(api::people::export))
        .route("/api/profiles/{id}", delete(api::erasure::begin))
        .route("/api/erasures/{id}", get(api::erasure::show));

    let quick = collectors.merge(operators).merge(administrators).merge(openapi::pages());
    let all = layers::hurry(quick, app).merge(analysts);
    let all = all
        .fallback(|| async { ApiError::new(StatusCode::NOT_FOUND, "no_such_address", "Not Found") })
        .method_not_allowed_fallback(|| async {
            let status = StatusCode::METHOD_NOT_ALLOWED;
            ApiError::new(status, "method_not_allowed", "Method Not Allowed")
        });
    layers::wrap(all.with_state(Arc::clone(app)), app)
}
