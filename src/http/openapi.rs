//! `/openapi.json` and the page that shows it.

use std::sync::Arc;

use axum::Router;
use utoipa::OpenApi;
use utoipa::openapi::security::{
    Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme,
};
use utoipa_swagger_ui::SwaggerUi;

use super::dialects::tracardi;
use super::{admin, api, health, pages};
use crate::app::App;

/// The document; a test holds it against the router.
#[derive(OpenApi)]
#[openapi(
    info(title = "Kith", description = "A customer data platform in one binary and one folder."),
    modifiers(&Security),
    paths(
        tracardi::track::track,
        tracardi::collect::collect,
        tracardi::collect::collect_in_session,
        tracardi::redirect::redirect,
        tracardi::redirect::redirect_in_session,
        tracardi::pixel::pixel,
        tracardi::consent::consent,
        pages::tracker::newest,
        pages::tracker::file,
        pages::demo::page,
        pages::demo::file,
        health::health,
        health::metrics,
        admin::info::version,
        admin::user::token,
        admin::user::logout,
        admin::event_source::list,
        admin::event_source::put,
        admin::event_source::show,
        admin::event_source::remove,
        admin::event_redirect::list,
        admin::event_redirect::put,
        admin::event_redirect::show,
        admin::event_redirect::remove,
        admin::profile::count,
        admin::profile::show,
        admin::profile::remove,
        admin::session::count,
        admin::session::show,
        admin::session::remove,
        admin::event::count,
        admin::event::show,
        admin::event::remove,
        admin::event::of_profile,
        admin::event::of_session,
        admin::select::select,
        admin::select::range,
        admin::select::range_page,
        admin::select::histogram,
        api::events::list,
        api::events::histogram,
        api::events::top,
        api::events::people,
        api::events::funnel,
        api::events::retention,
        api::events::paths,
        api::people::sessions,
        api::people::profiles,
        api::archive::export,
        api::sql::ask,
        api::erasure::begin,
        api::erasure::show,
        admin::audit::list,
    ),
)]
struct Document;

/// Bearer tokens, and where to get one.
struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let password = Flow::Password(Password::new("/user/token", Scopes::new()));
        components.add_security_scheme("password", SecurityScheme::OAuth2(OAuth2::new([password])));
    }
}

/// What there is to ask, and how.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The document at `/openapi.json`, the page at `/docs`.
pub(super) fn pages() -> Router<Arc<App>> {
    SwaggerUi::new("/docs").url("/openapi.json", document()).into()
}
