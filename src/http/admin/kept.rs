//! What saved questions, dashboards and lists have in common: an owner, who alone may change them.

use std::sync::Arc;

use axum::Json;
use axum::http::HeaderMap;

use super::entities::{self, Editor};
use crate::accounts::Role;
use crate::app::App;
use crate::http::answers::Deleted;
use crate::http::{ApiError, Code, SignedIn};
use crate::model::About;
use crate::registry::Entity;

/// What it says of itself from now on: the owner and the beginning stay.
///
/// # Errors
/// 403 when it belongs to somebody else.
pub(super) fn about(
    app: &App,
    user: &SignedIn,
    (name, note): (&str, Option<String>),
    before: Option<&About>,
) -> Result<About, ApiError> {
    if let Some(before) = before {
        may_change(user, &before.owner)?;
    }
    let now = app.clock.now();
    let owner = before.map_or_else(|| user.owner(), |before| before.owner.clone());
    Ok(About {
        name: name.trim().to_owned(),
        note: note.unwrap_or_default(),
        owner,
        created: before.map_or(now, |before| before.created),
        changed: now,
    })
}

/// Whether this user may change what belongs to `owner`.
///
/// # Errors
/// 403 when they are neither the owner nor an administrator.
pub(super) fn may_change(user: &SignedIn, owner: &str) -> Result<(), ApiError> {
    // Older releases have said of no key of the command line which one it was.
    let is_some_key = owner.is_empty() && user.email.is_empty();
    if user.owner() == owner || is_some_key || user.roles.contains(&Role::Admin) {
        return Ok(());
    }
    let sentence = "It belongs to somebody else: only they and administrators may change it.";
    Err(ApiError::new(Code::RoleMissing, sentence))
}

/// Removes what this user may change; `owner` says whose it is.
///
/// # Errors
/// 403 when it belongs to somebody else, 404 when there is none, and what the registry says.
pub(super) async fn remove<T: Entity>(
    app: &Arc<App>,
    user: &SignedIn,
    headers: &HeaderMap,
    id: String,
    owner: impl Fn(&T) -> &str,
) -> Result<Json<Deleted>, ApiError> {
    let stored = entities::one::<T>(app, &id).await?;
    may_change(user, owner(&stored.entity))?;
    let editor = Editor { user, headers, invalid: Code::SavedInvalid };
    entities::remove::<T>(app, editor, id).await
}
