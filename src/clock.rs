//! What time it is: the one place that asks, so that a test can decide.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::model::Time;

/// Tells the time. Cheap to clone; every clone tells the same.
#[derive(Clone, Debug)]
pub struct Clock(Hands);

#[derive(Clone, Debug)]
enum Hands {
    System {
        started: Instant,
    },
    /// Microseconds since the epoch, moved by the test that holds the clock.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's own clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place the lint points to")]
    pub fn system() -> Self {
        Self(Hands::System { started: Instant::now() })
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    #[must_use]
    pub fn set_to(time: Time) -> Self {
        Self(Hands::Set(Arc::new(AtomicI64::new(time.micros()))))
    }

    /// Now, in UTC. May jump when somebody sets the machine's clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place the lint points to")]
    pub fn now(&self) -> Time {
        match &self.0 {
            Hands::System { .. } => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Time::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
            }
            Hands::Set(micros) => Time::from_micros(micros.load(Ordering::SeqCst)),
        }
    }

    /// Time since the clock was made; never goes back. For durations and rate limits.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place the lint points to")]
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Hands::System { started } => Instant::now().duration_since(*started),
            Hands::Set(micros) => {
                Duration::from_micros(u64::try_from(micros.load(Ordering::SeqCst)).unwrap_or(0))
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
