//! Passwords: argon2id, and nothing else is ever stored.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

use crate::ids::Ids;
use crate::memory::give_back;

/// The PHC text to store for a password. Takes some 20 ms and 19 MiB, on purpose.
///
/// # Errors
/// When the library refuses the password, which is when it is longer than 4 GiB.
pub fn hash(password: &str, ids: &Ids) -> Result<String, argon2::password_hash::Error> {
    let salt = ids.bytes::<16>();
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt)?;
    give_back_soon();
    Ok(hash.to_string())
}

/// Whether the password is the one that was hashed.
#[must_use]
pub fn verify(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    let is_it = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
    give_back_soon();
    is_it
}

/// How long the allocator keeps what was freed, for whoever wants as much again.
const KEPT: Duration = Duration::from_millis(150);

/// Whether a thread is about to give back.
static IS_GIVING_BACK: AtomicBool = AtomicBool::new(false);

/// What a hash took (19 MiB) goes back to the system before another thread has part of it: one waits until it may go.
fn give_back_soon() {
    if IS_GIVING_BACK.swap(true, Ordering::Relaxed) {
        return;
    }
    let later = || {
        std::thread::sleep(KEPT);
        IS_GIVING_BACK.store(false, Ordering::Relaxed);
        give_back();
    };
    if std::thread::Builder::new().name("kith-give-back".to_owned()).spawn(later).is_err() {
        IS_GIVING_BACK.store(false, Ordering::Relaxed);
    }
}

/// Whether a password is long enough to be set.
#[must_use]
pub fn is_strong(password: &str, characters_min: usize) -> bool {
    password.chars().count() >= characters_min
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_verifies() {
        let text = hash("correct horse", &Ids::seeded(1)).unwrap();
        assert!(text.starts_with("$argon2id$"));
        assert!(verify("correct horse", &text));
        assert!(!verify("correct horsf", &text));
        assert!(!verify("correct horse", "damaged"));
    }
}
