//! Going by a clock that several machines have in common, rather than each by its own.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Clock, Hands};
use crate::model::Time;

/// How far ours may be away from the common one: setting it makes times jump, which nobody needs for less.
const TOLERANCE: Duration = Duration::from_millis(50);

/// How often it is told that both are too far apart to go by the common one: somebody may have missed it.
const TOLD_EVERY: Duration = Duration::from_secs(3600);
/// Who is farther away than last time, in microseconds, was set meanwhile.
const SET: u64 = 60_000_000;

/// What a look at the common clock has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// How far it is ahead of the machine's, in microseconds; below 0 where it is behind.
    ahead: i64,
    /// How long the answer took to come. It is of a moment in between, so half of it is open.
    pub trip: Duration,
}

impl Compared {
    /// Whether both are no farther apart than this.
    #[must_use]
    pub fn is_within(&self, most: Duration) -> bool {
        u128::from(self.ahead.unsigned_abs()) <= most.as_micros()
    }
}

/// That both clocks are too far apart, as it was told last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Doubt {
    ahead: i64,
    told: Duration,
}

impl Doubt {
    /// Whether it is to be told after this one.
    fn is_news_after(self, before: Option<Self>) -> bool {
        before.is_none_or(|before| {
            self.ahead.abs_diff(before.ahead) > SET
                || self.told.saturating_sub(before.told) >= TOLD_EVERY
        })
    }
}

impl Clock {
    /// Whether it is to be told that both clocks are so far apart that nobody goes by the other: it is looked often, and
    /// told once, again when it changes, and once an hour. None where they are not.
    #[must_use]
    pub fn doubts_anew(&self, doubted: Option<Compared>) -> bool {
        let Hands::System { doubt, .. } = &self.0 else { return false };
        let now = doubted.map(|Compared { ahead, .. }| Doubt { ahead, told: self.elapsed() });
        let mut told = doubt.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = now.is_some_and(|now| now.is_news_after(*told));
        if is_news || now.is_none() {
            *told = now;
        }
        is_news
    }

    /// Whether it is the machine's, which may be wrong. One that a test has set is as it is to be.
    #[must_use]
    pub fn is_machines(&self) -> bool {
        matches!(self.0, Hands::System { .. })
    }

    /// What is added to the machine's clock, in microseconds.
    #[must_use]
    pub fn correction(&self) -> i64 {
        match &self.0 {
            Hands::System { correction, .. } => correction.load(Ordering::Relaxed),
            Hands::Set(_) => 0,
        }
    }

    /// Asks the common clock what time it is, and compares it with the machine's.
    ///
    /// # Errors
    /// What `ask` says.
    pub fn compare<E>(&self, ask: impl FnOnce() -> Result<Time, E>) -> Result<Compared, E> {
        let (ours, begun) = (self.of_machine(), self.elapsed());
        let theirs = ask()?;
        let trip = self.elapsed().saturating_sub(begun);
        let ours = Time::from_micros(ours).plus(trip / 2);
        Ok(Compared { ahead: theirs.micros().saturating_sub(ours.micros()), trip })
    }

    /// Goes by the common clock from now on, where it is away from this one by more than the look leaves open. What has
    /// [`elapsed`](Clock::elapsed) is the machine's as ever.
    pub fn go_by(&self, compared: Compared) {
        let Hands::System { correction, .. } = &self.0 else { return };
        let off = compared.ahead.saturating_sub(self.correction());
        if u128::from(off.unsigned_abs()) > (TOLERANCE + compared.trip / 2).as_micros() {
            correction.store(compared.ahead, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000;

    fn away(one: &Clock, other: &Clock) -> i64 {
        (one.now().micros() - other.now().micros()).abs()
    }

    fn look(clock: &Clock, other: &Clock) -> Compared {
        clock.compare(|| Ok::<_, ()>(other.now())).unwrap()
    }

    #[test]
    fn a_clock_that_is_wrong_goes_by_the_common_one_and_so_do_its_clones() {
        let right = Clock::system();
        for wrong in [MINUTE, -MINUTE] {
            let clock = Clock::wrong_by(wrong);
            let clone = clock.clone();
            assert!(away(&clock, &right) > MINUTE / 2);
            clock.go_by(look(&clock, &right));
            assert!(away(&clock, &right) < MINUTE / 2 && away(&clone, &right) < MINUTE / 2);
            assert!((clone.correction() + wrong).abs() < MINUTE / 2);
        }
    }

    #[test]
    fn what_a_look_leaves_open_sets_no_clock() {
        let clock = Clock::system();
        let seen = |ahead, millis| Compared { ahead, trip: Duration::from_millis(millis) };
        clock.go_by(seen(50_000, 0));
        clock.go_by(seen(-1_000_000, 2_000));
        assert_eq!(clock.correction(), 0);
        clock.go_by(seen(-1_000_000, 1_000));
        clock.go_by(seen(-1_040_000, 0));
        assert_eq!(clock.correction(), -1_000_000);
        clock.go_by(seen(0, 0));
        assert_eq!(clock.correction(), 0, "somebody has set the machine's");
        let (day, hour) = (Duration::from_secs(86_400), 3_600_000_000);
        let is_believed = |ahead| seen(ahead, 0).is_within(day);
        assert_eq!(
            [23, 25, -23, -25].map(|hours| is_believed(hours * hour)),
            [true, false, true, false]
        );
    }

    #[test]
    fn a_doubt_is_told_once_and_again_when_it_changes_or_an_hour_later() {
        let clock = Clock::system();
        let far = |days: i64| {
            Some(Compared { ahead: days * 1440 * MINUTE, trip: Duration::from_millis(1) })
        };
        let looks = [far(2), far(2), far(3), far(3), None, far(3)];
        let told = looks.map(|doubted| clock.doubts_anew(doubted));
        assert_eq!(told, [true, false, true, false, false, true]);
        let at = |seconds, ahead| Doubt { ahead, told: Duration::from_secs(seconds) };
        assert!(!at(3599, MINUTE).is_news_after(Some(at(0, 0))), "it drifts");
        assert!(at(3600, 0).is_news_after(Some(at(0, 0))));
    }

    #[test]
    fn a_clock_of_a_test_stays_as_it_is() {
        let clock = Clock::set_to(Time::from_micros(MINUTE));
        clock.go_by(look(&clock, &Clock::system()));
        assert_eq!((clock.now(), clock.correction()), (Time::from_micros(MINUTE), 0));
    }
}
