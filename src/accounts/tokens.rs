//! Bearer tokens: random, stored hashed, one per sign-in, each revocable by itself.

use std::time::Duration;

use crate::hashing::Hashing;
use crate::ids::Ids;
use crate::model::Time;
use crate::storage::{Storage, StorageError, StoredToken, StoredUser};

/// Who is asking, proven by a token.
#[derive(Clone, Debug)]
pub struct Session {
    /// The user.
    pub user: StoredUser,
    /// The hash of the token, by which it is revoked.
    pub token_hash: String,
}

/// A new token for `user` that lasts so long from `now` on, and what is stored of it. It is shown once.
#[must_use]
pub fn new_token(
    ids: &Ids,
    hashing: &Hashing,
    user: &StoredUser,
    (now, lasts): (Time, Duration),
) -> (String, StoredToken) {
    let token = ids.secret();
    let (hash, email) = (hashing.token(&token), user.email.clone());
    (token, StoredToken { hash, email, expires: now.plus(lasts) })
}

/// The user behind a token, if it is known, not expired, and the user may still sign in. Blocks.
///
/// # Errors
/// What the storage says.
pub fn authenticate(
    storage: &dyn Storage,
    hashing: &Hashing,
    now: Time,
    token: &str,
) -> Result<Option<Session>, StorageError> {
    let token_hash = hashing.token(token);
    let Some(stored) = storage.token(&token_hash)? else { return Ok(None) };
    if stored.expires <= now {
        return Ok(None);
    }
    let user = storage.user(&stored.email)?.filter(|user| user.enabled);
    Ok(user.map(|user| Session { user, token_hash }))
}
