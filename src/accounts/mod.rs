//! Who may administer: passwords, tokens, and how often somebody may try.

mod account;
mod password;
mod tokens;

pub use account::Account;
pub use password::{hash, is_strong, verify};
pub use tokens::{Session, authenticate, issue};

use std::num::NonZeroU32;

use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::admission::{Limiter, Ticks};
use crate::clock::Clock;

/// Limits attempts to sign in, per account and address, so that passwords cannot be tried out.
#[derive(Debug)]
pub struct Logins(Limiter<(String, String)>);

impl Logins {
    /// At most `per_minute` attempts.
    #[must_use]
    pub fn new(per_minute: u32, clock: &Clock) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        Self(RateLimiter::new(quota, HashMapStateStore::default(), Ticks(clock.clone())))
    }

    /// Counts one attempt; false when it is one too many.
    #[must_use]
    pub fn allows(&self, account: &Account, address: &str) -> bool {
        self.0.retain_recent();
        self.0.check_key(&(account.as_str().to_owned(), address.to_owned())).is_ok()
    }
}
