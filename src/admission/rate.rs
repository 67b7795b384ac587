//! How much a source may send.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Reference;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::clock::Clock;

/// Our clock, as the limiter wants it.
#[derive(Clone, Debug)]
struct Ticks(Clock);

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.elapsed())
    }
}

/// A limiter per key.
type Limiter<K> = RateLimiter<K, HashMapStateStore<K>, Ticks, NoOpMiddleware<Nanos>>;

/// Payloads per second and source.
#[derive(Debug)]
pub struct Rates {
    limiter: Option<Limiter<crate::model::SourceId>>,
    clock: Clock,
}

impl Rates {
    /// At most `per_second` in the long run and `burst` at once; 0 per second: no limit.
    #[must_use]
    pub fn new(per_second: u32, burst: u32, clock: &Clock) -> Self {
        let quota = NonZeroU32::new(per_second).map(|rate| {
            Quota::per_second(rate).allow_burst(NonZeroU32::new(burst).unwrap_or(rate))
        });
        let limiter = quota.map(|quota| {
            RateLimiter::new(quota, HashMapStateStore::default(), Ticks(clock.clone()))
        });
        Self { limiter, clock: clock.clone() }
    }

    /// Counts one payload.
    ///
    /// # Errors
    /// How long to wait, when it is one too many.
    pub fn check(&self, source: &crate::model::SourceId) -> Result<(), Duration> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        limiter.check_key(source).map_err(|until| {
            let now = Nanos::from(self.clock.elapsed());
            until.earliest_possible().duration_since(now).into()
        })
    }
}
