//! The wire: the only place that knows addresses, JSON shapes and statuses.

pub mod agent;
mod answers;
mod ask;
mod body;
mod code;
mod documents;
mod error;
mod layers;
mod health;
mod openapi;
mod pages;
mod parameters;
mod admin;
mod api;
mod intake;
pub mod dialects;

pub use body::decode;
pub use code::Code;
pub use error::ApiError;

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::app::App;

/// Every address, grouped by who calls.
pub fn router(app: &Arc<App>) -> Router {
    let administrators = layers::precise(administrators());
    let quick = collectors().merge(browsers()).merge(operators()).merge(administrators);
    let all = layers::hurry(quick.merge(openapi::pages()), app).merge(layers::precise(analysts()));
    let all = all
        .fallback(|| async { ApiError::from(Code::NoSuchAddress) })
        .method_not_allowed_fallback(|| async { ApiError::from(Code::MethodNotAllowed) });
    layers::wrap(all.with_state(Arc::clone(app)), app)
}

/// Those who send.
fn collectors() -> Router<Arc<App>> {
    use dialects::tracardi;
    use tracardi::collect::{collect, collect_in_session};
    use tracardi::redirect::{redirect, redirect_in_session};
    Router::new()
        .route("/track", post(tracardi::track::track).put(tracardi::track::check))
        .route("/track/", post(tracardi::track::track).put(tracardi::track::check))
        .route("/track.gif", get(tracardi::pixel::pixel))
        .route("/collect/{event_type}/{source}", get(collect).post(collect))
        .route(
            "/collect/{event_type}/{source}/{session}",
            get(collect_in_session).post(collect_in_session),
        )
        .route("/redirect/{id}", get(redirect).post(redirect).put(redirect).delete(redirect))
        .route(
            "/redirect/{id}/{session}",
            get(redirect_in_session)
                .post(redirect_in_session)
                .put(redirect_in_session)
                .delete(redirect_in_session),
        )
        .route("/customer/consent", post(tracardi::consent::consent))
}

/// Web pages.
fn browsers() -> Router<Arc<App>> {
    Router::new()
        .route("/tracker", get(pages::tracker::newest))
        .route("/tracker/", get(pages::tracker::newest))
        .route("/tracker/{file}", get(pages::tracker::file))
        .route("/demo", get(pages::demo::page))
        .route("/demo/", get(pages::demo::page))
        .route("/demo/{file}", get(pages::demo::file))
}

/// Those who look after the server.
fn operators() -> Router<Arc<App>> {
    Router::new()
        .route("/health", get(health::health))
        .route("/healthcheck", get(health::health))
        .route("/metrics", get(health::metrics))
        .route("/info/version", get(admin::info::version))
}

/// Those who administer it, at the reference's addresses.
fn administrators() -> Router<Arc<App>> {
    Router::new()
        .route("/user/token", post(admin::user::token))
        .route("/user/logout", post(admin::user::logout))
        .route("/event-sources", get(admin::event_source::list))
        .route("/event-source", post(admin::event_source::put))
        .route(
            "/event-source/{id}",
            get(admin::event_source::show).delete(admin::event_source::remove),
        )
        .route("/event-redirect", get(admin::event_redirect::list).post(admin::event_redirect::put))
        .route(
            "/event-redirect/{id}",
            get(admin::event_redirect::show).delete(admin::event_redirect::remove),
        )
        .route("/profile/count", get(admin::profile::count))
        .route("/profile/{id}", get(admin::profile::show).delete(admin::profile::remove))
        .route("/session/count", get(admin::session::count))
        .route("/session/{id}", get(admin::session::show).delete(admin::session::remove))
        .route("/event/count", get(admin::event::count))
        .route("/event/{id}", get(admin::event::show).delete(admin::event::remove))
        .route("/events/profile/{id}", get(admin::event::of_profile))
        .route("/events/session/{session}/profile/{profile}", get(admin::event::of_session))
}

/// Those who ask history.
fn analysts() -> Router<Arc<App>> {
    Router::new()
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
        .route("/api/profiles/{id}/export", get(api::archive::export))
        .route("/api/profiles/{id}", delete(api::erasure::begin))
        .route("/api/erasures/{id}", get(api::erasure::show))
        .route("/api/audit", get(admin::audit::list))
}
