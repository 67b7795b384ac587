//! How often somebody may try to sign in: wrong passwords count, right ones never do.
//!
//! See docs/decisions/0012-signing-in.md.

use std::time::Duration;

use super::checks::{Checks, Place};
use super::tries::{Cells, Tries, micros};
use super::{Account, Network};
use crate::clock::Clock;
use crate::ids::Ids;

/// Wrong ones for one account from everywhere, as many times those from one network, before whoever
/// is not known has to wait.
const EVERYWHERE: u32 = 10;
/// From then on, one of them is looked at in so long,
const PACE: Duration = Duration::from_secs(1);
/// and more than wait so long are turned away.
const WAIT_MAX: Duration = Duration::from_secs(8);
/// Wrong one-time codes for one account, from each network that is known to it and from all others
/// together; then one in so long. There are a million of them, and three are right at one time.
const CODES: u32 = 10;
const CODES_PACE: Duration = Duration::from_secs(60);
/// How long a network is known to an account that has signed in from it.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 86_400);

/// Limits attempts to sign in, so that passwords cannot be tried out: how many are wrong, and how
/// many are looked at at one time, since each takes memory.
#[derive(Debug)]
pub struct Logins {
    clock: Clock,
    /// Wrong ones, by account and network.
    near: Tries,
    /// Wrong ones of those who are not known, by account.
    everywhere: Tries,
    /// Wrong codes beside a right password.
    codes: Tries,
    /// When the next of them is looked at, by account.
    slow: Cells,
    /// When somebody was let in last, by account and network.
    known: Cells,
    checks: Checks,
}

/// One attempt. It counts as a wrong one until [`Logins::was_right`] or [`Logins::was_not_made`].
#[derive(Clone, Debug)]
pub struct Attempt {
    account: Account,
    network: Network,
    is_known: bool,
    near: bool,
    everywhere: bool,
    /// To be waited for, before the password is looked at.
    pub wait: Duration,
}

impl Attempt {
    fn pair(&self) -> [&str; 2] {
        [self.account.as_str(), self.network.name()]
    }

    /// Those who share an allowance of codes: whoever knows the password from elsewhere takes nothing
    /// from where its user comes from.
    fn guesser(&self) -> [&str; 2] {
        let [account, network] = self.pair();
        [account, if self.is_known { network } else { "" }]
    }

    /// Whose account it is for.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Where it comes from.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }
}

impl Logins {
    /// At most so many wrong ones per minute, for one account from one network.
    #[must_use]
    pub fn new(per_minute: u32, clock: &Clock, ids: &Ids) -> Self {
        let near = Tries::new(per_minute, ids);
        Self {
            clock: clock.clone(),
            codes: near.beside(CODES, CODES_PACE),
            near,
            everywhere: Tries::new(per_minute.saturating_mul(EVERYWHERE), ids),
            slow: Cells::new(ids),
            known: Cells::new(ids),
            checks: Checks::default(),
        }
    }

    /// Begins an attempt.
    ///
    /// # Errors
    /// How long there is none more.
    pub fn begin(&self, account: Account, network: Network) -> Result<Attempt, Duration> {
        let now = self.clock.elapsed();
        let is_known = self.knows(&account, &network, now);
        let (near, everywhere) = (!network.is_shared(), !is_known || network.is_shared());
        let wait = Duration::ZERO;
        let mut attempt = Attempt { account, network, is_known, near, everywhere, wait };
        if attempt.near {
            self.near.take(&attempt.pair(), now)?;
        }
        if attempt.everywhere && self.everywhere.take(&[attempt.account.as_str()], now).is_err() {
            attempt.everywhere = false;
            attempt.wait = self.wait_in_line(&attempt, now).inspect_err(|_| {
                self.was_not_made(&attempt);
            })?;
        }
        Ok(attempt)
    }

    /// A place to check the password in, as soon as one is free; none when too many wait already.
    pub async fn place(&self, attempt: &Attempt) -> Option<Place> {
        // Behind a proxy that names nobody, it is the account that tells people apart.
        let [account, network] = attempt.pair();
        let line = if attempt.network.is_shared() { [account, network] } else { ["", network] };
        self.checks.place(self.known.hash(&line), attempt.is_known).await
    }

    /// A place to hash a new password of somebody who has signed in.
    pub async fn own_place(&self, who: &str) -> Option<Place> {
        self.checks.place(self.known.hash(&["own", who]), true).await
    }

    /// Begins to look at a code beside a right password. It counts as a wrong one until
    /// [`Logins::code_was_right`].
    ///
    /// # Errors
    /// How long there is none more.
    pub fn begin_code(&self, attempt: &Attempt) -> Result<(), Duration> {
        self.codes.take(&attempt.guesser(), self.clock.elapsed())
    }

    /// The code was right: nothing was tried out.
    pub fn code_was_right(&self, attempt: &Attempt) {
        self.codes.give_back(&attempt.guesser());
    }

    /// The password was right: nothing was tried out.
    pub fn was_right(&self, attempt: &Attempt) {
        self.was_not_made(attempt);
        let now = micros(self.clock.elapsed());
        // Never 0, which is the number of those who never were here.
        self.known.with(&attempt.pair(), |last| *last = now.max(1));
    }

    /// The password was not looked at.
    pub fn was_not_made(&self, attempt: &Attempt) {
        if attempt.near {
            self.near.give_back(&attempt.pair());
        }
        if attempt.everywhere {
            self.everywhere.give_back(&[attempt.account.as_str()]);
        }
    }

    fn knows(&self, account: &Account, network: &Network, now: Duration) -> bool {
        let since = micros(now.saturating_sub(KNOWN_FOR));
        let pair = [account.as_str(), network.name()];
        self.known.with(&pair, |last| *last > 0 && *last >= since)
    }

    /// When it is this one's turn among all who try this account.
    fn wait_in_line(&self, attempt: &Attempt, now: Duration) -> Result<Duration, Duration> {
        self.slow.with(&[attempt.account.as_str()], |next| {
            let turn = Duration::from_micros(*next).max(now);
            let wait = turn - now;
            if wait > WAIT_MAX {
                return Err(wait);
            }
            *next = micros(turn + PACE);
            Ok(wait)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;

    struct Door {
        logins: Logins,
        clock: Clock,
    }

    fn door() -> Door {
        let clock = Clock::set_to(Time::from_micros(1_000_000_000));
        Door { logins: Logins::new(3, &clock, &Ids::seeded(1)), clock }
    }

    impl Door {
        fn begin(&self, address: &str) -> Result<Attempt, Duration> {
            let account = Account::named("ann@example.com").unwrap();
            let peer = address.parse().unwrap();
            self.logins.begin(account, Network::of("", &axum::http::HeaderMap::new(), Some(peer)))
        }

        fn right(&self, address: &str) {
            let attempt = self.begin(address).unwrap();
            assert_eq!(attempt.wait, Duration::ZERO);
            self.logins.was_right(&attempt);
        }
    }

    #[test]
    fn only_wrong_ones_count_and_only_where_they_come_from() {
        let door = door();
        (0..50).for_each(|_| door.right("203.0.113.1"));
        (0..3).for_each(|_| drop(door.begin("203.0.113.2").unwrap()));
        assert!(door.begin("203.0.113.2").is_err());
        door.right("203.0.113.1");
        door.clock.advance(Duration::from_secs(20));
        assert!(door.begin("203.0.113.2").is_ok(), "a third of a minute gives one of three");
    }

    #[test]
    fn whoever_tries_from_everywhere_slows_down_strangers_and_nobody_who_is_known() {
        let door = door();
        door.right("198.51.100.1");
        let waits: Vec<_> =
            (0..60).map(|at| door.begin(&format!("203.0.113.{at}")).map(|one| one.wait)).collect();
        assert!(waits[..30].iter().all(|wait| *wait == Ok(Duration::ZERO)), "{waits:?}");
        let turns: Vec<_> = waits[30..].iter().filter_map(|wait| wait.ok()).collect();
        assert_eq!(turns.len(), 9, "{turns:?}");
        assert_eq!(turns.last(), Some(&WAIT_MAX));
        door.right("198.51.100.1");
        door.clock.advance(KNOWN_FOR + Duration::from_secs(1));
        door.right("198.51.100.1");
    }

    #[test]
    fn few_codes_are_looked_at_wherever_they_come_from() {
        let door = door();
        door.right("198.51.100.1");
        let stranger = |at: u32| door.begin(&format!("203.0.113.{at}")).unwrap();
        (0..CODES).for_each(|at| door.logins.begin_code(&stranger(at)).unwrap());
        assert_eq!(door.logins.begin_code(&stranger(CODES)), Err(CODES_PACE));
        let known = door.begin("198.51.100.1").unwrap();
        for _ in 0..2 * CODES {
            door.logins.begin_code(&known).unwrap();
            door.logins.code_was_right(&known);
        }
        door.clock.advance(CODES_PACE);
        door.logins.begin_code(&stranger(CODES + 1)).unwrap();
        assert!(door.logins.begin_code(&stranger(CODES + 2)).is_err());
    }

    #[test]
    fn behind_a_proxy_that_names_nobody_nobody_is_locked_out_by_a_few_wrong_ones() {
        let door = door();
        (0..29).for_each(|_| drop(door.begin("10.0.0.1").unwrap()));
        door.right("10.0.0.1");
        (0..10).for_each(|_| drop(door.begin("10.0.0.1").unwrap()));
        assert!(door.begin("10.0.0.1").unwrap_err() > WAIT_MAX);
        door.clock.advance(Duration::from_secs(3));
        assert!(door.begin("10.0.0.1").is_ok(), "slower, and not locked");
    }
}
