//! Who is asking: the user behind the bearer token (docs/wire.md §8.1).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::accounts::{self, Role};
use crate::app::App;
use crate::http::{ApiError, Code};
use crate::storage::StorageError;

/// The user whom the layer around a group has let in. A handler names it to know who asks; it is never
/// what protects the handler.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who it is.
    pub email: String,
    /// What they may do; roles that this version does not know are left out.
    pub roles: Vec<Role>,
}

impl SignedIn {
    /// The user of the token among these headers.
    pub(super) async fn of(app: &Arc<App>, headers: &HeaderMap) -> Result<Self, ApiError> {
        let token = bearer(headers).ok_or(Code::NotAuthenticated)?;
        let app = Arc::clone(app);
        let work = move || {
            let now = app.clock.now();
            accounts::authenticate(app.storage.as_ref(), &app.hashing, now, &token)
        };
        let session = tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| StorageError::Failed(error.to_string()))??;
        let user = session.ok_or(Code::TokenInvalid)?.user;
        let roles = user.roles.iter().filter_map(|name| Role::named(name)).collect();
        Ok(Self { email: user.email, roles })
    }
}

impl<State: Sync> FromRequestParts<State> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &State) -> Result<Self, ApiError> {
        // Only a handler of the open group can miss it, and such a handler is a mistake of ours.
        Ok(parts.extensions.get::<Self>().cloned().ok_or(Code::Defect)?)
    }
}

/// The token after `Bearer`, in any case.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}
