//! By whose clock those go who share a database: its own.
//!
//! What one node writes of time another compares with its own: leases, signs of life, who is due in an audience, how
//! much was let in. Machines' clocks differ, and what all of them have in common is the database.

use std::time::Duration;

use super::sql::Sql;
use super::{Storage, StorageError};
use crate::clock::{Clock, Compared};
use crate::model::Time;

/// How often it is asked at most: the answer that came soonest leaves least open. The first time, a statement may have to
/// be made, or a connection.
const LOOKS: usize = 3;
/// An answer that took no longer is good enough.
const SOON: Duration = Duration::from_millis(5);
/// Farther apart one of both is so wrong that nobody can tell which, and nobody goes by the other: what is old enough is
/// removed for ever.
const BELIEVED: Duration = Duration::from_secs(24 * 3600);
/// From when on, in microseconds, somebody should look at the machine's clock.
const FAR: i64 = 1_000_000;

impl dyn Storage + '_ {
    /// Sets `clock` by the database's, where several nodes share it.
    ///
    /// # Errors
    /// See [`StorageError`]; the clock stays as it was then.
    pub fn set_clock(&self, clock: &Clock) -> Result<(), StorageError> {
        let Some(ask) = self.asks_time().filter(|_| clock.is_machines()) else { return Ok(()) };
        let looked = self.ask(|database| look(database, ask, clock))?;
        let doubted = Some(looked).filter(|looked| !looked.is_within(BELIEVED));
        if clock.doubts_anew(doubted) {
            tracing::error!(
                "this machine's clock and the database's are more than a day apart: this node goes on as it did"
            );
        }
        if doubted.is_some() {
            return Ok(());
        }
        let before = clock.correction();
        clock.go_by(looked);
        tell(before, clock.correction());
        Ok(())
    }
}

/// The best of a few looks.
fn look(database: &mut dyn Sql, ask: &str, clock: &Clock) -> Result<Compared, StorageError> {
    let mut once = || clock.compare(|| database.number(ask, &[]).map(Time::from_micros));
    let mut best = once()?;
    for _ in 1..LOOKS {
        if best.trip <= SOON {
            break;
        }
        let seen = once()?;
        if seen.trip < best.trip {
            best = seen;
        }
    }
    Ok(best)
}

/// Once when it goes wrong, and not again for each step of one that drifts.
fn tell(before: i64, now: i64) {
    let is_news = now.abs_diff(before) > FAR.unsigned_abs();
    let [was_far, is_far] = [before, now].map(|one| one.abs() > FAR);
    // A clock that is ahead is put back.
    let seconds = now.unsigned_abs() / FAR.unsigned_abs();
    let side = if now < 0 { "ahead of" } else { "behind" };
    if is_far && (is_news || !was_far) {
        tracing::warn!(
            "this machine's clock is {seconds} s {side} the database's, by which this node goes"
        );
    } else if was_far && !is_far {
        tracing::info!("this machine's clock shows what the database's does again");
    }
}
