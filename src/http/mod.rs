//! The wire: the only place that knows addresses, JSON shapes and statuses.

mod access;
mod answers;
mod ask;
mod audited;
mod body;
mod charset;
mod objects;
mod code;
mod cors;
mod documents;
mod error;
mod examples;
mod guards;
mod head;
mod layers;
mod limit;
mod traced;
mod masked;
mod masked_rules;
mod health;
mod openapi;
mod pages;
mod parameters;
mod shared_schemas;
mod refusals;
mod admin;
mod api;
mod rules;
mod intake;
pub mod import;
pub mod dialects;

pub use access::{Group, SignedIn, Who};
pub use admin::keys::key;
pub use body::decode;
pub use code::Code;
pub use error::ApiError;

use std::sync::Arc;

use axum::Router;
use axum::http::{Method, Uri};
use axum::routing::{get, post};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// Routes that say what they are: their address and method stand at the handler, with what it takes
/// and answers.
type Routes = OpenApiRouter<Arc<App>>;

/// Every address, and what lies around it.
pub fn router(app: &Arc<App>) -> Router {
    let (openapi, known) = openapi::described(&document());
    let locked = |groups: Vec<(Group, Routes)>| {
        let each = groups.into_iter().map(|(group, routes)| {
            let routes = Router::from(routes);
            if group == Group::Open {
                return routes;
            }
            access::lock(group, layers::precise(routes, &known), app)
        });
        each.fold(Router::new(), Router::merge)
    };
    let demo = app.config.demo;
    let quick = locked(quick()).merge(aliases()).merge(openapi::pages(openapi));
    let quick = quick.merge(pages::console::pages(app));
    let all = layers::hurry(quick, app).merge(locked(patient()));
    let all = all
        .fallback(move |method: Method, uri: Uri| async move {
            pages::home::or_nothing(&method, &uri, demo)
        })
        .method_not_allowed_fallback(|| async { ApiError::from(Code::MethodNotAllowed) });
    let all = layers::wrap(all.with_state(Arc::clone(app)), app);
    pages::named::also_known_as(all, &app.config.script)
}

/// What the routes say about themselves: the document at `/openapi.json`.
#[must_use]
pub fn document() -> OpenApi {
    let groups = quick().into_iter().chain(patient());
    openapi::document(groups.map(|(group, routes)| {
        let mut document = routes.into_openapi();
        access::describe(group, &mut document);
        refusals::describe(group, &mut document);
        document
    }))
}

/// Everything but questions about history, by who calls and what is asked of them.
fn quick() -> Vec<(Group, Routes)> {
    vec![
        (Group::Open, collectors()),
        (Group::Open, browsers()),
        (Group::Open, health::operators()),
        (Group::Open, accounts()),
        (Group::Own, own_account()),
        (Group::Administering, users()),
        (Group::Configuring, configuration()),
        (Group::Auditing, audit()),
        (Group::Events, events()),
        (Group::Profiles, people()),
        (Group::Removing, removals()),
        (Group::Saved, saved()),
        (Group::Lists, lists()),
        (Group::System, system()),
    ]
}

/// Questions about history, which have bounds of their own (`query`).
fn patient() -> Vec<(Group, Routes)> {
    vec![
        (Group::Events, questions_about_events()),
        (Group::Profiles, questions_about_people()),
        (Group::Sql, sql()),
        (Group::Erasing, erasure()),
        (Group::Identity, deciding()),
        (Group::Configuring, previews()),
    ]
}

/// Those who send.
fn collectors() -> Routes {
    use dialects::tracardi::{collect, consent, pixel, redirect, track};
    OpenApiRouter::default()
        .routes(routes!(track::track, track::check))
        .routes(routes!(pixel::pixel))
        .routes(routes!(collect::collect, collect::collect_pairs))
        .routes(routes!(collect::collect_in_session, collect::collect_pairs_in_session))
        .routes(routes!(redirect::redirect))
        .routes(routes!(redirect::redirect_in_session))
        .routes(routes!(consent::consent))
}

/// Web pages.
fn browsers() -> Routes {
    use pages::{demo, tracker};
    OpenApiRouter::default()
        .routes(routes!(tracker::newest))
        .routes(routes!(tracker::file))
        .routes(routes!(demo::page))
        .routes(routes!(demo::file))
}

/// Those who sign in and out.
fn accounts() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(admin::user::token))
        .routes(routes!(admin::user::logout))
        .routes(routes!(admin::welcome::ways))
        .routes(routes!(admin::welcome::enter))
        .routes(routes!(admin::oidc::begin))
        .routes(routes!(admin::oidc::callback))
        .routes(routes!(admin::oidc::token))
}

/// Those who look after their own account and keys.
fn own_account() -> Routes {
    use admin::{keys, preferences, totp, user_account};
    OpenApiRouter::default()
        .routes(routes!(totp::begin, totp::end))
        .routes(routes!(totp::confirm))
        .routes(routes!(user_account::show, user_account::change))
        .routes(routes!(keys::list, keys::add))
        .routes(routes!(keys::remove))
        .routes(routes!(preferences::show, preferences::put))
}

/// Those who say who may come in.
fn users() -> Routes {
    use admin::{totp, users};
    OpenApiRouter::default()
        .routes(routes!(users::list))
        .routes(routes!(users::range))
        .routes(routes!(totp::reset))
        .routes(routes!(users::add))
        .routes(routes!(users::show, users::change, users::remove))
}

/// Those who say who may send and where links lead.
fn configuration() -> Routes {
    use admin::{event_redirect, event_source, identity, namespace};
    OpenApiRouter::default()
        .routes(routes!(event_source::list))
        .routes(routes!(event_source::put))
        .routes(routes!(event_source::show, event_source::remove))
        .routes(routes!(event_source::renew_secret))
        .routes(routes!(event_redirect::list, event_redirect::put))
        .routes(routes!(event_redirect::show, event_redirect::remove))
        .routes(routes!(namespace::list, namespace::put))
        .routes(routes!(namespace::show, namespace::remove))
        .routes(routes!(identity::show, identity::put))
        .merge(audiences())
        .merge(rules::rules_for_events())
}

/// Those who say who is in what.
fn audiences() -> Routes {
    use admin::{audience, computed_trait};
    OpenApiRouter::default()
        .routes(routes!(audience::put))
        .routes(routes!(audience::remove))
        .merge(segments())
        .routes(routes!(computed_trait::put))
        .routes(routes!(computed_trait::remove))
}

/// The same at the reference's addresses.
fn segments() -> Routes {
    use admin::{live_segment, segment};
    OpenApiRouter::default()
        .routes(routes!(segment::list))
        .routes(routes!(segment::names))
        .routes(routes!(segment::refresh))
        .routes(routes!(segment::put))
        .routes(routes!(segment::show, segment::remove))
        .routes(routes!(live_segment::list))
        .routes(routes!(live_segment::refresh))
        .routes(routes!(live_segment::put))
        .routes(routes!(live_segment::show, live_segment::remove))
}

/// Those who look who is in what.
fn audiences_read() -> Routes {
    use admin::{audience, computed_trait};
    OpenApiRouter::default()
        .routes(routes!(audience::list))
        .routes(routes!(audience::show))
        .routes(routes!(audience::members))
        .routes(routes!(computed_trait::list))
        .routes(routes!(computed_trait::show))
        .routes(routes!(api::audiences::show))
        .routes(routes!(api::audience_size::growth))
        .routes(routes!(api::audience_size::overlap))
}

/// Those who ask what rules would do.
fn previews() -> Routes {
    use dialects::tracardi::{attempt, preview};
    OpenApiRouter::default()
        .routes(routes!(preview::preview))
        .routes(routes!(attempt::attempt))
        .routes(routes!(api::audience_preview::preview))
}

/// Those who look at what others have done here.
fn audit() -> Routes {
    use admin::audit;
    OpenApiRouter::default().routes(routes!(audit::list)).routes(routes!(audit::export))
}

/// Those who look at what happened, at the reference's addresses.
fn events() -> Routes {
    use admin::event;
    OpenApiRouter::default()
        .routes(routes!(event::count))
        .routes(routes!(event::show))
        .routes(routes!(event::of_profile))
        .routes(routes!(event::of_session))
}

/// Those who look at people and their visits, at the reference's addresses.
fn people() -> Routes {
    use admin::{profile, session};
    use api::merging;
    OpenApiRouter::default()
        .routes(routes!(profile::count))
        .routes(routes!(profile::show))
        .routes(routes!(api::consents::show))
        .routes(routes!(session::count))
        .routes(routes!(session::show))
        .routes(routes!(merging::identity))
        .routes(routes!(merging::show))
        .merge(audiences_read())
}

/// Those who remove a record.
fn removals() -> Routes {
    use admin::{event, profile, session};
    OpenApiRouter::default()
        .routes(routes!(profile::remove))
        .routes(routes!(session::remove))
        .routes(routes!(event::remove))
}

/// Those who keep their questions for each other.
fn saved() -> Routes {
    use admin::{dashboard, question};
    OpenApiRouter::default()
        .routes(routes!(question::list, question::put))
        .routes(routes!(question::show, question::remove))
        .routes(routes!(dashboard::list, dashboard::put))
        .routes(routes!(dashboard::show, dashboard::remove))
}

/// Those who put people together.
fn lists() -> Routes {
    use admin::{list_members, people_list};
    OpenApiRouter::default()
        .routes(routes!(people_list::list, people_list::make))
        .routes(routes!(people_list::show, people_list::change, people_list::remove))
        .routes(routes!(list_members::members, list_members::add))
        .routes(routes!(list_members::take_off))
}

/// Those who look how the server is.
fn system() -> Routes {
    OpenApiRouter::default().routes(routes!(api::system::show))
}

/// Those who ask what happened.
fn questions_about_events() -> Routes {
    use admin::select;
    use api::{catalogue, condition, events, live, schemas};
    OpenApiRouter::default()
        .routes(routes!(select::select))
        .routes(routes!(select::range))
        .routes(routes!(select::range_page))
        .routes(routes!(select::histogram))
        .routes(routes!(events::list))
        .routes(routes!(condition::show))
        .routes(routes!(live::watch))
        .routes(routes!(events::histogram))
        .routes(routes!(events::top))
        .routes(routes!(events::people))
        .routes(routes!(events::funnel))
        .routes(routes!(events::retention))
        .routes(routes!(events::paths))
        .routes(routes!(catalogue::event_types))
        .routes(routes!(catalogue::fields))
        .routes(routes!(schemas::drift))
        .routes(routes!(schemas::draft))
        .merge(posted_questions())
}

/// Those who ask what happened, and post the whole question.
fn posted_questions() -> Routes {
    use api::questions::{funnel, lifecycle, paths, retention, stickiness, trends};
    OpenApiRouter::default()
        .routes(routes!(trends::ask))
        .routes(routes!(funnel::ask))
        .routes(routes!(funnel::times))
        .routes(routes!(funnel::instead))
        .routes(routes!(retention::ask))
        .routes(routes!(paths::ask))
        .routes(routes!(stickiness::ask))
        .routes(routes!(lifecycle::ask))
}

/// Those who ask who people are.
fn questions_about_people() -> Routes {
    use api::{people, questions};
    OpenApiRouter::default()
        .routes(routes!(people::sessions))
        .routes(routes!(people::profiles))
        .routes(routes!(questions::behind::ask))
}

/// Those who ask anything.
fn sql() -> Routes {
    OpenApiRouter::default().routes(routes!(api::sql::ask))
}

/// Those who answer for what is kept about a person.
fn erasure() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(api::archive::export))
        .routes(routes!(api::erasure::begin))
        .routes(routes!(api::erasure::show))
}

/// Those who say who is one: they take mergers back, and decide on what waits.
fn deciding() -> Routes {
    use admin::quarantine;
    use api::{merging, rebuilds};
    OpenApiRouter::default()
        .routes(routes!(quarantine::list))
        .routes(routes!(quarantine::decide))
        .routes(routes!(merging::take_back_all))
        .routes(routes!(merging::take_back))
        .routes(routes!(rebuilds::begin))
        .routes(routes!(rebuilds::show, rebuilds::discard))
        .routes(routes!(rebuilds::switch))
}

/// Other spellings of open addresses, which the document leaves out.
fn aliases() -> Router<Arc<App>> {
    use dialects::tracardi::track;
    Router::new()
        .route("/track/", post(track::track).put(track::check))
        .route("/tracker/", get(pages::tracker::newest))
        .route("/demo/", get(pages::demo::page))
        .route("/healthcheck", get(health::health))
}
