//! How often somebody may try to sign in: wrong passwords count, right ones never do.
//!
//! See docs/decisions/0012-signing-in.md. Where nodes share a database it counts for all of them, and
//! whoever asks here waits for it.

use std::sync::Arc;
use std::time::Duration;

use super::checks::{AT_PROVIDER_MAX, Checks, Place, RUNNING_MAX};
use super::ledger::{Kind, Ledger, Numbers};
use super::tries::{Tries, micros};
use super::{Account, Network};
use crate::clock::Clock;
use crate::ids::Ids;
use crate::storage::{Storage, StorageError};

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
    ledger: Ledger,
    /// Wrong ones, by account and network.
    near: Tries,
    /// Wrong ones of those who are not known, by account.
    everywhere: Tries,
    /// Wrong codes beside a right password.
    codes: Tries,
    checks: Checks,
    at_provider: Checks,
}

/// Why somebody may not try.
#[derive(Debug)]
pub enum Turned {
    /// There was too much that was wrong; again after so long.
    Away(Duration),
    /// Nobody knows how much was wrong, so nobody may.
    Unknown(StorageError),
}

impl From<StorageError> for Turned {
    fn from(error: StorageError) -> Self {
        Self::Unknown(error)
    }
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
    pub(super) fn of(ledger: Ledger, per_minute: u32, clock: &Clock) -> Self {
        let from_everywhere = per_minute.saturating_mul(EVERYWHERE);
        Self {
            clock: clock.clone(),
            ledger,
            near: Tries::per_minute(Kind::Near, per_minute),
            everywhere: Tries::per_minute(Kind::Everywhere, from_everywhere),
            codes: Tries::new(Kind::Codes, CODES, CODES_PACE),
            checks: Checks::new(RUNNING_MAX),
            at_provider: Checks::new(AT_PROVIDER_MAX),
        }
    }

    /// The same, by all who share this storage.
    #[must_use]
    pub fn new(per_minute: u32, storage: &Arc<dyn Storage>, clock: &Clock, ids: &Ids) -> Self {
        Self::of(Ledger::new(storage, ids), per_minute, clock)
    }

    /// Begins an attempt.
    ///
    /// # Errors
    /// [`Turned`].
    pub fn begin(&self, account: &Account, network: &Network) -> Result<Attempt, Turned> {
        let now = self.ledger.now(&self.clock);
        let begun = self.ledger.with(|numbers| self.counted(numbers, (account, network), now))?;
        begun.map_err(Turned::Away)
    }

    /// What an attempt counts for, and how long it waits.
    fn counted(
        &self,
        numbers: &mut Numbers<'_>,
        (account, network): (&Account, &Network),
        now: Duration,
    ) -> Result<Result<Attempt, Duration>, StorageError> {
        let since = micros(now.saturating_sub(KNOWN_FOR));
        let last = numbers.get(Kind::Known, &[account.as_str(), network.name()])?;
        let is_known = last > 0 && last >= since;
        let mut attempt = Attempt {
            account: account.clone(),
            network: network.clone(),
            is_known,
            near: !network.is_shared(),
            everywhere: !is_known || network.is_shared(),
            wait: Duration::ZERO,
        };
        if attempt.near
            && let Err(wait) = self.near.take(numbers, &attempt.pair(), now)?
        {
            return Ok(Err(wait));
        }
        if attempt.everywhere && self.everywhere.take(numbers, &[account.as_str()], now)?.is_err() {
            attempt.everywhere = false;
            match wait_in_line(numbers, account, now)? {
                Ok(wait) => attempt.wait = wait,
                Err(wait) => {
                    self.take_back(numbers, &attempt)?;
                    return Ok(Err(wait));
                }
            }
        }
        Ok(Ok(attempt))
    }

    /// A place to check the password in, as soon as one is free; none when too many wait already.
    pub async fn place(&self, attempt: &Attempt) -> Option<Place> {
        // Behind a proxy that names nobody, it is the account that tells people apart.
        let [account, network] = attempt.pair();
        let line = if attempt.network.is_shared() { [account, network] } else { ["", network] };
        self.checks.place(self.ledger.hash(&line), attempt.is_known).await
    }

    /// A place to hash a new password of somebody who has signed in.
    pub async fn own_place(&self, who: &str) -> Option<Place> {
        self.checks.place(self.ledger.hash(&["own", who]), true).await
    }

    /// A place to ask the provider whom it has sent back from there; none when too many wait already. Anybody may come
    /// with a code that is none, so networks take turns here, too.
    pub async fn place_at_provider(&self, network: &Network) -> Option<Place> {
        self.at_provider.place(self.ledger.hash(&["", network.name()]), false).await
    }

    /// Begins to look at a code beside a right password. It counts as a wrong one until
    /// [`Logins::code_was_right`].
    ///
    /// # Errors
    /// [`Turned`].
    pub fn begin_code(&self, attempt: &Attempt) -> Result<(), Turned> {
        let now = self.ledger.now(&self.clock);
        let guesser = attempt.guesser();
        let taken = self.ledger.with(|numbers| self.codes.take(numbers, &guesser, now))?;
        taken.map_err(Turned::Away)
    }

    /// The code was right: nothing was tried out.
    pub fn code_was_right(&self, attempt: &Attempt) {
        let guesser = attempt.guesser();
        settle(self.ledger.with(|numbers| self.codes.give_back(numbers, &guesser)));
    }

    /// The password was right: nothing was tried out.
    pub fn was_right(&self, attempt: &Attempt) {
        let now = micros(self.ledger.now(&self.clock));
        settle(self.ledger.with(|numbers| {
            numbers.get(Kind::Known, &attempt.pair())?;
            // Never 0, which is the number of those who never were here.
            numbers.set(Kind::Known, &attempt.pair(), now.max(1))?;
            self.take_back(numbers, attempt)
        }));
    }

    /// The password was not looked at.
    pub fn was_not_made(&self, attempt: &Attempt) {
        settle(self.ledger.with(|numbers| self.take_back(numbers, attempt)));
    }

    fn take_back(&self, numbers: &mut Numbers<'_>, attempt: &Attempt) -> Result<(), StorageError> {
        if attempt.near {
            self.near.give_back(numbers, &attempt.pair())?;
        }
        if attempt.everywhere {
            self.everywhere.give_back(numbers, &[attempt.account.as_str()])?;
        }
        Ok(())
    }
}

/// What cannot be given back counts as wrong until it is made up for.
fn settle(given_back: Result<(), StorageError>) {
    if let Err(error) = given_back {
        tracing::warn!(%error, "an attempt to sign in counts as a wrong one");
    }
}

/// When it is this one's turn among all who try this account.
fn wait_in_line(
    numbers: &mut Numbers<'_>,
    account: &Account,
    now: Duration,
) -> Result<Result<Duration, Duration>, StorageError> {
    let name = [account.as_str()];
    let turn = Duration::from_micros(numbers.get(Kind::Slow, &name)?).max(now);
    let wait = turn - now;
    if wait > WAIT_MAX {
        return Ok(Err(wait));
    }
    numbers.set(Kind::Slow, &name, micros(turn + PACE))?;
    Ok(Ok(wait))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::model::Time;

    struct Door {
        logins: Logins,
        clock: Clock,
    }

    fn door() -> Door {
        let clock = Clock::set_to(Time::from_micros(1_000_000_000));
        Door { logins: Logins::of(Ledger::here(&Ids::seeded(1)), 3, &clock), clock }
    }

    /// How long.
    fn waiting(turned: Turned) -> Duration {
        match turned {
            Turned::Away(wait) => wait,
            Turned::Unknown(error) => panic!("{error}"),
        }
    }

    impl Door {
        fn begin(&self, address: &str) -> Result<Attempt, Duration> {
            let account = Account::named("ann@example.com").unwrap();
            let peer = address.parse().unwrap();
            let network = Network::of("", &axum::http::HeaderMap::new(), Some(peer));
            self.logins.begin(&account, &network).map_err(waiting)
        }

        fn right(&self, address: &str) {
            let attempt = self.begin(address).unwrap();
            assert_eq!(attempt.wait, Duration::ZERO);
            self.logins.was_right(&attempt);
        }
    }

    #[test]
    fn whoever_floods_a_provider_keeps_nobody_else_from_it() {
        let door = door();
        let network = |address: &str| {
            let peer = address.parse().unwrap();
            Network::of("", &axum::http::HeaderMap::new(), Some(peer))
        };
        let place = |from: Network| {
            let door = &door;
            let mut place = async move { door.logins.place_at_provider(&from).await }.boxed();
            let now = (&mut place).now_or_never();
            (place, now)
        };
        let mut flood: Vec<_> = (0..100).map(|_| place(network("203.0.113.1"))).collect();
        let (mut other, now) = place(network("203.0.113.2"));
        assert!(now.is_none(), "waits for its turn");
        let places = flood.iter_mut().filter_map(|(_, now)| now.take()).flatten();
        let mut places: Vec<Place> = places.collect();
        assert_eq!(places.len(), AT_PROVIDER_MAX);
        // The flood's next has the first place that is free, and the other the second.
        places.drain(..2).for_each(drop);
        assert!((&mut other).now_or_never().unwrap().is_some());
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
        assert_eq!(door.logins.begin_code(&stranger(CODES)).map_err(waiting), Err(CODES_PACE));
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
