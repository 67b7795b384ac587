//! Who may use which group of routes: asked in a layer around each group, before any handler.

mod group;
mod signed_in;

pub use group::Group;
pub use signed_in::{SignedIn, Who};

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::SecurityRequirement;

use super::ApiError;
use super::audited::Watch;
use super::openapi::operations;
use crate::app::App;

/// The name of our tokens in the document.
pub(super) const BEARER: &str = "bearer";
/// The name of our keys in the document.
pub(super) const KEY: &str = "key";

/// Lets nobody through to `routes` whom the group does not admit.
pub(super) fn lock(group: Group, routes: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
    if group.is_open() {
        return routes;
    }
    routes.route_layer(from_fn_with_state((Arc::clone(app), group), let_in))
}

/// Says in the document what [`lock`] asks: one of the roles, each of which is enough by itself, or
/// a key with the group's scope.
pub(super) fn describe(group: Group, document: &mut OpenApi) {
    let each = |role: &crate::accounts::Role| SecurityRequirement::new(BEARER, [role.as_str()]);
    let key = group.takes_keys().then(|| SecurityRequirement::new(KEY, [group.name()]));
    let wanted: Vec<_> = group.roles().iter().map(each).chain(key).collect();
    for (_, _, operation) in operations(document).filter(|_| !group.is_open()) {
        operation.security = Some(wanted.clone());
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
    let response = if user.may(group) {
        request.extensions_mut().insert(user);
        next.run(request).await
    } else {
        user.lacks_a_role().into_response()
    };
    if let Some(watch) = watch {
        watch.end(&response);
    }
    Ok(response)
}
