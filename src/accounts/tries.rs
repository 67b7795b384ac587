//! Allowances that fill again, for any number of names.

use std::time::Duration;

use super::ledger::{Kind, Numbers};
use crate::storage::StorageError;

/// So many at once for each name, and another whenever a pace has gone by.
#[derive(Debug)]
pub(super) struct Tries {
    kind: Kind,
    pace: Duration,
    burst: u32,
}

impl Tries {
    pub(super) fn per_minute(kind: Kind, many: u32) -> Self {
        let burst = many.max(1);
        Self { kind, pace: Duration::from_secs(60) / burst, burst }
    }

    /// So many at once, and another whenever `pace` has gone by.
    pub(super) fn new(kind: Kind, burst: u32, pace: Duration) -> Self {
        Self { kind, pace, burst }
    }

    /// Takes one, or says how long there is none.
    pub(super) fn take(
        &self,
        numbers: &mut Numbers<'_>,
        name: &[&str],
        now: Duration,
    ) -> Result<Result<(), Duration>, StorageError> {
        let spent = numbers.get(self.kind, name)?;
        // What was taken lasts until then.
        let until = Duration::from_micros(spent).max(now) + self.pace;
        let latest = now + self.pace * self.burst;
        if latest < until {
            return Ok(Err(until - latest));
        }
        numbers.set(self.kind, name, micros(until)).map(Ok)
    }

    /// Gives one back.
    pub(super) fn give_back(
        &self,
        numbers: &mut Numbers<'_>,
        name: &[&str],
    ) -> Result<(), StorageError> {
        let spent = numbers.get(self.kind, name)?;
        numbers.set(self.kind, name, spent.saturating_sub(micros(self.pace)))
    }
}

/// Whole microseconds.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::ledger::Ledger;
    use crate::ids::Ids;

    const NAME: [&str; 2] = ["ann", "here"];

    struct Door(Ledger, Tries);

    impl Door {
        fn new(many: u32) -> Self {
            Self(Ledger::here(&Ids::seeded(1)), Tries::per_minute(Kind::Near, many))
        }

        fn take(&self, name: &[&str], now: Duration) -> Result<(), Duration> {
            self.0.with(|numbers| self.1.take(numbers, name, now)).unwrap()
        }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_allowance_fills_again_at_its_pace() {
        let tries = Door::new(3);
        (0..3).for_each(|_| assert_eq!(tries.take(&NAME, seconds(100)), Ok(())));
        assert_eq!(tries.take(&NAME, seconds(100)), Err(seconds(20)));
        assert_eq!(tries.take(&["ann", "there"], seconds(100)), Ok(()), "each has their own");
        assert_eq!(tries.take(&NAME, seconds(120)), Ok(()));
        assert_eq!(tries.take(&NAME, seconds(120)), Err(seconds(20)));
        tries.0.with(|numbers| tries.1.give_back(numbers, &NAME)).unwrap();
        assert_eq!(tries.take(&NAME, seconds(120)), Ok(()));
    }

    #[test]
    fn as_many_names_as_can_be_tried_take_nothing_from_another() {
        let tries = Door::new(10);
        for number in 0..12_000 {
            assert_eq!(tries.take(&[&number.to_string()], seconds(100)), Ok(()));
        }
        (0..8).for_each(|_| assert_eq!(tries.take(&NAME, seconds(100)), Ok(())));
    }
}
