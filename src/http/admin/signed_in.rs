//! Who is asking: the bearer token, checked before any handler that names it (spec §7.1).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::accounts;
use crate::app::App;
use crate::http::{ApiError, Code};
use crate::storage::StorageError;

/// A handler with this parameter is for users who have signed in.
#[derive(Debug)]
pub(in crate::http) struct SignedIn {
    /// Who it is.
    pub(in crate::http) email: String,
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let Some(token) = bearer(parts) else {
            return Err(Code::NotAuthenticated.into());
        };
        let app = Arc::clone(app);
        let work = move || accounts::authenticate(&app, &token);
        let session = tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| StorageError::Failed(error.to_string()))??;
        let session = session.ok_or(Code::TokenInvalid)?;
        Ok(Self { email: session.user.email })
    }
}

/// The token after `Bearer`, in any case.
fn bearer(parts: &Parts) -> Option<String> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}
