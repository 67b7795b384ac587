//! Who may use which group of routes: asked in a layer around each group, before any handler.

mod group;
mod signed_in;

pub use group::Group;
pub use signed_in::{SignedIn, Who};

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::SecurityRequirement;

use super::ApiError;
use super::audited::Watch;
use super::masked_rules::Reader;
use super::openapi::operations;
use crate::app::App;

/// The name of our tokens in the document.
pub(super) const BEARER: &str = "bearer";
/// The name of our keys in the document.
pub(super) const KEY: &str = "key";

/// What shows more than its own group does, and the group whose that is: it asks for both.
const BESIDE: [(Method, &str, Group); 3] = [
    (Method::GET, "/api/lists/{id}/members", Group::Profiles),
    (Method::GET, "/api/held-events", Group::Events),
    (Method::GET, "/api/held-events/{key}", Group::Events),
];

/// What a method asks for: whoever wants the head alone is told by it how long the answer would be.
pub(super) fn asks_as(method: &Method) -> Method {
    if method == Method::HEAD { Method::GET } else { method.clone() }
}

/// The group that is asked for beside an address's own, if one is.
fn beside(method: &str, address: &str) -> Option<Group> {
    let is_it = |(one, path, _): &&(Method, &str, Group)| {
        *path == address && one.as_str().eq_ignore_ascii_case(method)
    };
    BESIDE.iter().find(is_it).map(|(.., group)| *group)
}

/// Lets nobody through to `routes` whom the group does not admit.
pub(super) fn lock(group: Group, routes: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
    if group.is_open() {
        return routes;
    }
    routes.route_layer(from_fn_with_state((Arc::clone(app), group), let_in))
}

/// Says in the document what [`lock`] asks: one of the roles, each of which is enough by itself, or
/// a key with the group's scope, and with that of what stands [beside](BESIDE) it.
pub(super) fn describe(group: Group, document: &mut OpenApi) {
    let each = |role: &crate::accounts::Role| SecurityRequirement::new(BEARER, [role.as_str()]);
    for (path, method, operation) in operations(document).filter(|_| !group.is_open()) {
        let scopes = std::iter::once(group).chain(beside(method, path)).map(Group::name);
        let key = group.takes_keys().then(|| SecurityRequirement::new(KEY, scopes));
        operation.security = Some(group.roles().iter().map(each).chain(key).collect());
    }
}

async fn let_in(
    State((app, group)): State<(Arc<App>, Group)>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    let user = SignedIn::of(&app, request.headers(), peer).await?;
    let (watch, mut request) = Watch::begin(&app, &user, request)?;
    let address = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let beside = beside(asks_as(request.method()).as_str(), address);
    let response = if user.may(group) && beside.is_none_or(|group| user.may(group)) {
        let reader = Reader::of(&app, &user, group, (request.method(), address));
        request.extensions_mut().insert(user);
        let response = next.run(request).await;
        match reader {
            Some(reader) => {
                reader.shown(&app, response).await.unwrap_or_else(|error| error.into_response())
            }
            None => response,
        }
    } else {
        user.lacks_a_role().into_response()
    };
    if let Some(watch) = watch {
        watch.end(&response);
    }
    Ok(response)
}
