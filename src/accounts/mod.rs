//! Who may administer: passwords, tokens, and how often somebody may try.

mod account;
mod checks;
mod password;
mod role;
mod tokens;

pub use account::Account;
pub use checks::Place;
pub use password::{hash, is_strong, verify};
pub use role::Role;
pub use tokens::{Session, authenticate, new_token};

use std::num::NonZeroU32;

use checks::Checks;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::admission::{Limiter, Ticks};
use crate::clock::Clock;

/// Limits attempts to sign in: how many for each account and address, so that passwords cannot be
/// tried out, and how many at one time, since each takes memory.
#[derive(Debug)]
pub struct Logins {
    attempts: Limiter<(String, String)>,
    checks: Checks,
}

impl Logins {
    /// At most `per_minute` attempts.
    #[must_use]
    pub fn new(per_minute: u32, clock: &Clock) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        let ticks = Ticks(clock.clone());
        let attempts = RateLimiter::new(quota, HashMapStateStore::default(), ticks);
        Self { attempts, checks: Checks::new() }
    }

    /// Counts one attempt; false when it is one too many.
    #[must_use]
    pub fn allows(&self, account: &Account, address: &str) -> bool {
        self.attempts.retain_recent();
        self.attempts.check_key(&(account.as_str().to_owned(), address.to_owned())).is_ok()
    }

    /// A place to check a password in, as soon as one is free; none when too many wait already.
    pub async fn place(&self) -> Option<Place> {
        self.checks.place().await
    }
}
