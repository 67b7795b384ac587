//! API keys: recognised by how they begin, shown once, and how often their use is written down.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::hashing::Hashing;
use crate::ids::Ids;
use crate::model::Time;
use crate::storage::StoredKey;

/// How keys begin, so that those who look for lost secrets find them in code and logs.
const PREFIX: &str = "kith_";
/// The use of a key is noted so often at most: a write for each request would cost more than most
/// requests do.
const NOTED_EVERY: Duration = Duration::from_secs(60);
/// Keys whose last note is remembered; there may be no more of them.
const REMEMBERED_MAX: usize = 1000;

/// Whether a bearer shows a key, not the token of somebody who signed in.
pub(super) fn is_key(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// A new key, and `key` with what is stored of it. It is shown once.
#[must_use]
pub fn new_key(ids: &Ids, hashing: &Hashing, now: Time, key: StoredKey) -> (String, StoredKey) {
    let secret = format!("{PREFIX}{}", ids.secret());
    let (id, hash) = (ids.uuid(now).to_string(), hashing.token(&secret));
    (secret, StoredKey { id, hash, created: now, ..key })
}

/// When the use of each key was noted last by this process.
#[derive(Debug, Default)]
pub struct Uses(Mutex<HashMap<String, Time>>);

impl Uses {
    /// Whether the use of `key` is to be noted now, and the moment since which it was not. It is
    /// taken as done.
    #[must_use]
    pub fn is_due(&self, key: &StoredKey, now: Time) -> Option<Time> {
        let since = now.minus(NOTED_EVERY);
        if key.used.is_some_and(|used| since < used) {
            return None;
        }
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&key.id).is_some_and(|noted| since < *noted) {
            return None;
        }
        if noted.len() >= REMEMBERED_MAX {
            noted.clear();
        }
        noted.insert(key.id.clone(), now);
        Some(since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_noted_once_a_minute() {
        let uses = Uses::default();
        let at = |seconds: i64| Time::from_micros(seconds * 1_000_000);
        let key = StoredKey { id: "k".to_owned(), ..StoredKey::default() };
        assert_eq!(uses.is_due(&key, at(1000)), Some(at(940)));
        assert_eq!(uses.is_due(&key, at(1059)), None, "this process has noted it");
        assert_eq!(uses.is_due(&key, at(1060)), Some(at(1000)));
        let key = StoredKey { used: Some(at(1110)), ..key };
        assert_eq!(uses.is_due(&key, at(1169)), None, "another one has noted it");
        assert!(uses.is_due(&key, at(1170)).is_some());
    }
}
