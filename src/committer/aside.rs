//! Payloads that wait while their person stands still.
//!
//! A person that changes all the time can be taken apart only while it stands still, and nobody else has to
//! wait for that.

use std::time::Duration;

use super::fold::Folder;
use super::{Unavailable, Work};
use crate::model::{Payload, ProfileId};
use crate::working_set::{Command, WorkingSet};

/// How long a person stands still at most.
pub(super) const STILL: Duration = Duration::from_secs(3);
/// Most payloads that wait for it; those beyond are told to come back.
const PAYLOADS_MAX: usize = 1_000;
/// Most bytes of them, as long as they stand in the tail.
const BYTES_MAX: usize = 16 << 20;

/// The person, and what has come of it meanwhile, in order.
#[derive(Debug, Default)]
pub(super) struct Aside {
    still: Option<Still>,
    work: Vec<Work>,
    bytes: usize,
}

#[derive(Debug)]
struct Still {
    person: ProfileId,
    /// By the clock's `elapsed`.
    until: Duration,
}

impl Aside {
    /// Lets a person stand still; false where another does.
    pub(super) fn begin(&mut self, person: ProfileId, now: Duration) -> bool {
        let is_free = self.still.as_ref().is_none_or(|still| still.person == person);
        if is_free {
            self.still = Some(Still { person, until: now + STILL });
        }
        is_free
    }

    /// Whoever waits for this person goes on with the next round.
    pub(super) fn end(&mut self, person: &ProfileId) {
        if let Some(still) = self.still.as_mut().filter(|still| still.person == *person) {
            still.until = Duration::ZERO;
        }
    }

    /// Whether the payload is of the person who stands still, or may be.
    pub(super) fn concerns(&self, payload: &Payload, people: &mut WorkingSet) -> bool {
        let Some(still) = &self.still else { return false };
        people.known(payload).everybody().any(|living| living.id == still.person)
    }

    /// Sets it aside, or gives it back where too much waits.
    pub(super) fn put(&mut self, work: Work) -> Option<Work> {
        if self.work.len() >= PAYLOADS_MAX || self.bytes >= BYTES_MAX {
            return Some(work);
        }
        self.bytes += work.bytes();
        self.work.push(work);
        None
    }

    /// Whether somebody has stood still for long enough.
    pub(super) fn is_over(&self, now: Duration) -> bool {
        self.still.as_ref().is_some_and(|still| still.until <= now)
    }

    /// What has waited, when the time has come: nobody stands still then.
    pub(super) fn take(&mut self, now: Duration) -> Vec<Work> {
        if !self.is_over(now) {
            return Vec::new();
        }
        self.take_all()
    }

    /// The same, whether or not the time has come.
    pub(super) fn take_all(&mut self) -> Vec<Work> {
        (self.still, self.bytes) = (None, 0);
        std::mem::take(&mut self.work)
    }
}

impl Folder {
    /// Gives back what is not of somebody who stands still.
    pub(super) fn unless_set_aside(&mut self, work: Work) -> Option<Work> {
        let is_theirs = if let Work::Payload(payload, ..) = &work {
            self.aside.concerns(payload, &mut self.people)
        } else {
            false
        };
        if !is_theirs {
            return Some(work);
        }
        if let Some(too_much) = self.aside.put(work) {
            too_much.refuse(Unavailable::Overloaded);
        }
        None
    }

    pub(super) fn command(&mut self, command: Command) -> bool {
        if let Command::HoldStill(id) = &command {
            let now = self.parts.clock.elapsed();
            return self.people.living(id).is_some_and(|person| self.aside.begin(person, now));
        }
        if let Command::Preview(payload, seen) = command {
            return self.try_out(*payload, &seen);
        }
        if let Command::Split(split) = &command {
            self.aside.end(&split.whole.id);
        }
        self.people.command(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    fn work() -> Work {
        Work::Command(Command::HoldStill(ProfileId::new("ann")), oneshot::channel().0)
    }

    #[test]
    fn no_more_wait_than_may_and_all_of_them_go_on() {
        let mut aside = Aside::default();
        assert!(aside.begin(ProfileId::new("ann"), Duration::ZERO));
        assert!((0..PAYLOADS_MAX).all(|_| aside.put(work()).is_none()));
        assert!(aside.put(work()).is_some());
        assert!(aside.take(Duration::ZERO).is_empty(), "not yet");
        assert_eq!(aside.take(STILL).len(), PAYLOADS_MAX);
        assert!(aside.put(work()).is_none(), "there is room again");
    }

    #[test]
    fn one_stands_still_at_a_time() {
        let mut aside = Aside::default();
        let [ann, bob] = ["ann", "bob"].map(ProfileId::new);
        assert!(aside.begin(ann.clone(), Duration::ZERO));
        assert!(!aside.begin(bob.clone(), Duration::ZERO));
        aside.end(&bob);
        assert!(!aside.is_over(Duration::ZERO));
        aside.end(&ann);
        assert!(aside.is_over(Duration::ZERO));
        drop(aside.take(Duration::ZERO));
        assert!(aside.begin(bob, Duration::ZERO));
    }
}
