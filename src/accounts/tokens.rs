//! Bearer tokens: random, stored hashed, one per sign-in, each revocable by itself.

use std::time::Duration;

use crate::app::App;
use crate::committer::Unavailable;
use crate::storage::{Edit, StorageError, StoredToken, StoredUser};

/// Who is asking, proven by a token.
#[derive(Clone, Debug)]
pub struct Session {
    /// The user.
    pub user: StoredUser,
    /// The hash of the token, by which it is revoked.
    pub token_hash: String,
}

/// A new token for `user`. It is shown once; only its hash is stored.
///
/// # Errors
/// When nothing can be stored now.
pub async fn issue(app: &App, user: &StoredUser) -> Result<String, Unavailable> {
    let token = app.ids.secret();
    let lasts = Duration::from_secs(app.config.accounts.token_hours_max * 3600);
    let stored = StoredToken {
        hash: app.hashing.token(&token),
        email: user.email.clone(),
        expires: app.clock.now().plus(lasts),
    };
    app.committer.edit(Edit::PutToken(stored)).await?;
    Ok(token)
}

/// The user behind a token, if it is known, not expired, and the user may still sign in. Blocks.
///
/// # Errors
/// What the storage says.
pub fn authenticate(app: &App, token: &str) -> Result<Option<Session>, StorageError> {
    let token_hash = app.hashing.token(token);
    let Some(stored) = app.storage.token(&token_hash)? else { return Ok(None) };
    if stored.expires <= app.clock.now() {
        return Ok(None);
    }
    let user = app.storage.user(&stored.email)?.filter(|user| user.enabled);
    Ok(user.map(|user| Session { user, token_hash }))
}
