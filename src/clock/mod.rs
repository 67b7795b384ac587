//! What time it is: the one place that asks, so that a test can decide.

mod places;
mod shared;

pub use places::Places;
pub use shared::Compared;
use shared::Doubt;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::model::Time;

/// How often a clock that a test moves is looked at by those who wait.
const LOOK: Duration = Duration::from_millis(1);

/// Tells the time. Cheap to clone; every clone tells the same.
#[derive(Clone, Debug)]
pub struct Clock(Hands);

#[derive(Clone, Debug)]
enum Hands {
    System {
        started: Instant,
        /// What is added to the machine's clock, in microseconds.
        correction: Arc<AtomicI64>,
        /// What was told last of a common clock that this one does not go by.
        doubt: Arc<Mutex<Option<Doubt>>>,
        /// How wrong a test has the machine's clock be, in microseconds.
        wrong: i64,
    },
    /// Microseconds since the epoch, moved by the test that holds the clock.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's own clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place the lint points to")]
    pub fn system() -> Self {
        let (correction, doubt) = (Arc::default(), Arc::default());
        Self(Hands::System { started: Instant::now(), correction, doubt, wrong: 0 })
    }

    /// The same of a machine whose clock is wrong by so many microseconds, for tests.
    #[must_use]
    pub fn wrong_by(micros: i64) -> Self {
        let mut clock = Self::system();
        if let Hands::System { wrong, .. } = &mut clock.0 {
            *wrong = micros;
        }
        clock
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    #[must_use]
    pub fn set_to(time: Time) -> Self {
        Self(Hands::Set(Arc::new(AtomicI64::new(time.micros()))))
    }

    /// Now, in UTC. May jump when somebody sets the machine's clock, or this one is set by another
    /// ([`Clock::go_by`]).
    #[must_use]
    pub fn now(&self) -> Time {
        Time::from_micros(self.of_machine().saturating_add(self.correction()))
    }

    /// What the machine's own clock shows, in microseconds since the epoch.
    #[expect(clippy::disallowed_methods, reason = "this is the place the lint points to")]
    fn of_machine(&self) -> i64 {
        match &self.0 {
            Hands::System { wrong, .. } => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_micros()).unwrap_or(i64::MAX).saturating_add(*wrong)
            }
            Hands::Set(micros) => micros.load(Ordering::SeqCst),
        }
    }

    /// Time since the clock was made; never goes back. For durations and rate limits.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place the lint points to")]
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Hands::System { started, .. } => Instant::now().duration_since(*started),
            Hands::Set(micros) => {
                Duration::from_micros(u64::try_from(micros.load(Ordering::SeqCst)).unwrap_or(0))
            }
        }
    }

    /// Waits for a word on `words`, at the longest until [`Clock::elapsed`] is `until`.
    ///
    /// # Errors
    /// When there was no word, and when nobody is left to send one.
    pub fn wait<T>(&self, words: &Receiver<T>, until: Duration) -> Result<T, RecvTimeoutError> {
        loop {
            let left = until.saturating_sub(self.elapsed());
            let (look, is_last) = match self.0 {
                Hands::System { .. } => (left, true),
                Hands::Set(_) => (left.min(LOOK), left.is_zero()),
            };
            let heard = words.recv_timeout(look);
            if is_last || !matches!(heard, Err(RecvTimeoutError::Timeout)) {
                return heard;
            }
        }
    }

    /// Moves a clock made by [`Clock::set_to`]; the machine's own clock stays as it is.
    pub fn advance(&self, by: Duration) {
        if let Hands::Set(micros) = &self.0 {
            let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            micros.fetch_add(by, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn whoever_waits_goes_on_when_a_test_moves_the_clock() {
        let clock = Clock::set_to(Time::from_micros(0));
        let (_keep, words) = sync_channel::<()>(1);
        clock.advance(HOUR);
        let mover = clock.clone();
        std::thread::scope(|scope| {
            scope.spawn(move || mover.advance(HOUR));
            assert_eq!(clock.wait(&words, HOUR * 2), Err(RecvTimeoutError::Timeout));
        });
    }

    #[test]
    fn a_word_is_heard_before_the_time() {
        for clock in [Clock::system(), Clock::set_to(Time::from_micros(0))] {
            let (tell, words) = sync_channel(1);
            tell.send("come").unwrap();
            assert_eq!(clock.wait(&words, HOUR), Ok("come"));
        }
    }
}
