//! For whom a function has stopped its worker lately: they have turns of their own, and take nobody else's.
//!
//! Nobody is kept from a function because of what others have sent: what somebody sends without a token may
//! delay a function, or leave it out, for that payload, and never switches it off.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Caller;
use crate::clock::Clock;

/// So long it is remembered of somebody.
const REMEMBERED: Duration = Duration::from_secs(60);
/// Of so many at most.
const KNOWN_MAX: usize = 1_000;

/// Callers, with the moment until which they are suspected, by the clock that only goes on.
pub(super) struct Suspects {
    clock: Clock,
    until: Mutex<HashMap<Caller, Duration>>,
}

impl Suspects {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, until: Mutex::default() }
    }

    /// A worker was stopped with what they have sent.
    pub(super) fn suspect(&self, caller: &Caller) {
        let mut known = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX && !known.contains_key(caller) {
            forget_first(&mut known);
        }
        known.insert(caller.clone(), self.clock.elapsed() + REMEMBERED);
    }

    pub(super) fn are(&self, caller: &Caller) -> bool {
        let known = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(caller).is_some_and(|until| self.clock.elapsed() < *until)
    }
}

/// The one that is to be forgotten first anyway.
fn forget_first(known: &mut HashMap<Caller, Duration>) {
    let first = known.iter().min_by_key(|(_, until)| **until);
    if let Some(caller) = first.map(|(caller, _)| caller.clone()) {
        known.remove(&caller);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;

    #[test]
    fn somebody_is_suspected_for_a_while_and_only_so_many_are() {
        let clock = Clock::set_to(Time::from_micros(0));
        let suspects = Suspects::new(clock.clone());
        let caller = |number: usize| Caller::new("shop", &number.to_string());
        suspects.suspect(&caller(0));
        assert_eq!((suspects.are(&caller(0)), suspects.are(&caller(1))), (true, false));
        clock.advance(REMEMBERED);
        assert!(!suspects.are(&caller(0)));
        (1..=2 * KNOWN_MAX).for_each(|number| suspects.suspect(&caller(number)));
        assert_eq!(suspects.until.lock().unwrap().len(), KNOWN_MAX);
        assert!(suspects.are(&caller(2 * KNOWN_MAX)));
    }
}
