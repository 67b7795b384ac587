//! Bearer tokens: random, stored hashed, one per sign-in, each revocable by itself.

use std::time::Duration;

use super::keys;
use crate::hashing::Hashing;
use crate::ids::Ids;
use crate::model::Time;
use crate::storage::{KeyHolder, Storage, StorageError, StoredKey, StoredToken, StoredUser};

/// Who is asking, proven by what they show.
#[derive(Clone, Debug)]
pub enum Caller {
    /// A user who has signed in.
    User(StoredUser),
    /// A program with an API key, and the user who made the key, unless the command line did.
    Key(StoredKey, Option<StoredUser>),
}

impl Caller {
    /// The user who asks, or who made the key.
    #[must_use]
    pub fn user(&self) -> Option<&StoredUser> {
        match self {
            Self::User(user) => Some(user),
            Self::Key(_, maker) => maker.as_ref(),
        }
    }
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
    let (hash, email, epoch) = (hashing.token(&token), user.email.clone(), user.epoch.clone());
    (token, StoredToken { hash, email, expires: now.plus(lasts), epoch })
}

/// What lets `user` in once, within so long from `now` on, and what is stored of it. It is shown once.
///
/// Its hash is another than a token's of the same letters would be, so neither can stand for the other.
#[must_use]
pub fn new_link(
    ids: &Ids,
    hashing: &Hashing,
    user: &StoredUser,
    (now, lasts): (Time, Duration),
) -> (String, StoredToken) {
    let secret = ids.secret();
    let (hash, email, epoch) = (hashing.link(&secret), user.email.clone(), user.epoch.clone());
    (secret, StoredToken { hash, email, expires: now.plus(lasts), epoch })
}

/// Who is behind a token or a key, if it is known, not expired, and its user may still come in. Asked
/// of the database every time, so whatever ended has ended on every node. Blocks.
///
/// # Errors
/// What the storage says.
pub fn authenticate(
    storage: &dyn Storage,
    hashing: &Hashing,
    now: Time,
    token: &str,
) -> Result<Option<Caller>, StorageError> {
    let hash = hashing.token(token);
    if keys::is_key(token) {
        return Ok(storage.key_of(&hash)?.and_then(|(key, holder)| program(key, holder, now)));
    }
    let found = storage.token(&hash)?.filter(|(user, expires)| user.enabled && now < *expires);
    Ok(found.map(|(user, _)| Caller::User(user)))
}

fn program(key: StoredKey, holder: KeyHolder, now: Time) -> Option<Caller> {
    if key.expires.is_some_and(|expires| expires <= now) {
        return None;
    }
    match holder {
        KeyHolder::CommandLine => Some(Caller::Key(key, None)),
        KeyHolder::User(user) => user.enabled.then_some(Caller::Key(key, Some(user))),
        KeyHolder::Gone => None,
    }
}
