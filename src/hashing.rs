//! Keyed hashes: what is stored about addresses, event ids and tokens instead of themselves.

use std::hash::Hasher as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use siphasher::sip128::{Hasher128 as _, SipHasher13};

use crate::model::{Identifier, IdentifierKey, Mark};

/// Hashes with the installation's key, so that the same address gives another hash elsewhere.
#[derive(Clone)]
pub struct Hashing {
    key: [u8; 32],
    sip: [u64; 2],
}

impl std::fmt::Debug for Hashing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hashing")
    }
}

impl Hashing {
    /// With this key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        let word = |at: usize| {
            key.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
        };
        Self { sip: [word(0), word(8)], key }
    }

    /// The key under which an identifier is kept.
    #[must_use]
    pub fn identifier(&self, identifier: &Identifier) -> IdentifierKey {
        let mut hash = self.hex(&["identifier", identifier.namespace.as_str(), &identifier.value]);
        hash.truncate(32);
        IdentifierKey { namespace: identifier.namespace.clone(), hash }
    }

    /// The mark by which a repeated event is known.
    #[must_use]
    pub fn mark(&self, source: &str, event: &str) -> Mark {
        let mut hasher = SipHasher13::new_with_keys(self.sip[0], self.sip[1]);
        hasher.write(source.as_bytes());
        hasher.write_u8(0xff);
        hasher.write(event.as_bytes());
        Mark(hasher.finish128().as_u128())
    }

    /// What is kept of a token.
    #[must_use]
    pub fn token(&self, token: &str) -> String {
        self.hex(&["token", token])
    }

    /// The secret with which a source's server signs. It is never stored: `salt` is, and is worth
    /// nothing without the installation's key.
    #[must_use]
    pub fn source_secret(&self, source: &str, salt: &str) -> String {
        self.hex(&["source secret", source, salt])
    }

    /// What is kept of a recovery code.
    #[must_use]
    pub fn recovery_code(&self, code: &str) -> String {
        self.hex(&["recovery code", code])
    }

    /// What is kept of what a link holds that lets somebody in once.
    #[must_use]
    pub fn link(&self, secret: &str) -> String {
        self.hex(&["link", secret])
    }

    /// What a sign-in with a provider shows there: a part of an attempt, which tells nothing of it.
    #[must_use]
    pub fn oidc(&self, part: &str, attempt: &str) -> String {
        self.hex(&["oidc", part, attempt])
    }

    /// HMAC-SHA-256 over the parts, each ended by a byte that no text holds.
    fn hex(&self, parts: &[&str]) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else {
            unreachable!("HMAC takes keys of any length")
        };
        for part in parts {
            mac.update(part.as_bytes());
            mac.update(&[0xff]);
        }
        let bytes = mac.finalize().into_bytes();
        bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect()
    }
}

/// A number below sixteen as it is written.
fn digit(number: u8) -> char {
    char::from_digit(u32::from(number), 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Namespace;

    /// What is stored was hashed before: it must be found.
    #[test]
    fn a_hash_is_what_it_always_was() {
        let hash = "3623a1952985286f21767f9dd19e46e4465011d2666fcdfff17b8df406412eda";
        assert_eq!(Hashing::new([7; 32]).token("x"), hash);
    }

    #[test]
    fn namespaces_parts_and_installations_are_told_apart() {
        let hashing = Hashing::new([7; 32]);
        let (email, pk) = (Namespace::new("email"), Namespace::new("pk"));
        let identifier = |namespace: &Namespace, value: &str| Identifier {
            namespace: namespace.clone(),
            value: value.to_owned(),
        };
        let key = |value| hashing.identifier(&identifier(&email, value));
        assert_ne!(key("jo@gmail.com"), hashing.identifier(&identifier(&pk, "jo@gmail.com")));
        assert_ne!(hashing.mark("ab", "c"), hashing.mark("a", "bc"));
        assert_ne!(key("a"), Hashing::new([8; 32]).identifier(&identifier(&email, "a")));
    }
}
