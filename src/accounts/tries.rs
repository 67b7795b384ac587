//! Allowances that fill again, for any number of names in a fixed amount of memory.

use std::hash::Hasher as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use siphasher::sip::SipHasher13;

use crate::ids::Ids;

/// Places for names. Two names may share one: with a few thousand wrong passwords a minute, which is
/// as many as can be checked, that is rare, and who shares one with the key unknown is chance.
const CELLS: usize = 1 << 16;

/// A number for each name, in as many places as there are. Names are not kept, and none is pushed out
/// by others however many there are.
#[derive(Debug)]
pub(super) struct Cells {
    key: [u64; 2],
    numbers: Mutex<Vec<u64>>,
}

impl Cells {
    /// All of them 0.
    pub(super) fn new(ids: &Ids) -> Self {
        let key = [u64::from_le_bytes(ids.bytes()), u64::from_le_bytes(ids.bytes())];
        Self { key, numbers: Mutex::new(vec![0; CELLS]) }
    }

    /// As many of 0, under the same key.
    fn empty(&self) -> Self {
        Self { key: self.key, numbers: Mutex::new(vec![0; CELLS]) }
    }

    /// Changes the number of a name.
    pub(super) fn with<T>(&self, name: &[&str], change: impl FnOnce(&mut u64) -> T) -> T {
        let at = usize::try_from(self.hash(name)).unwrap_or(usize::MAX) % CELLS;
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        // There are as many numbers as the remainder can be.
        numbers.get_mut(at).map_or_else(|| unreachable!("a place of {CELLS}"), change)
    }

    /// A number by which a name is known without it.
    pub(super) fn hash(&self, name: &[&str]) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.key[0], self.key[1]);
        for part in name {
            hasher.write(part.as_bytes());
            hasher.write_u8(0xff);
        }
        // Below 2^32, so that it fits any machine's index.
        hasher.finish() >> 32
    }
}

/// So many at once for each name, and another whenever a pace has gone by.
#[derive(Debug)]
pub(super) struct Tries {
    cells: Cells,
    pace: Duration,
    burst: u32,
}

impl Tries {
    pub(super) fn new(per_minute: u32, ids: &Ids) -> Self {
        let burst = per_minute.max(1);
        Self { cells: Cells::new(ids), pace: Duration::from_secs(60) / burst, burst }
    }

    /// Others beside these: so many at once, and another whenever `pace` has gone by.
    pub(super) fn beside(&self, burst: u32, pace: Duration) -> Self {
        Self { cells: self.cells.empty(), pace, burst }
    }

    /// Takes one, or says how long there is none.
    pub(super) fn take(&self, name: &[&str], now: Duration) -> Result<(), Duration> {
        self.cells.with(name, |spent| {
            // What was taken lasts until then.
            let until = Duration::from_micros(*spent).max(now) + self.pace;
            let latest = now + self.pace * self.burst;
            if latest < until {
                return Err(until - latest);
            }
            *spent = micros(until);
            Ok(())
        })
    }

    /// Gives one back.
    pub(super) fn give_back(&self, name: &[&str]) {
        self.cells.with(name, |spent| *spent = spent.saturating_sub(micros(self.pace)));
    }
}

/// Whole microseconds.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: [&str; 2] = ["ann", "here"];

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_allowance_fills_again_at_its_pace() {
        let tries = Tries::new(3, &Ids::seeded(1));
        (0..3).for_each(|_| assert_eq!(tries.take(&NAME, seconds(100)), Ok(())));
        assert_eq!(tries.take(&NAME, seconds(100)), Err(seconds(20)));
        assert_eq!(tries.take(&["ann", "there"], seconds(100)), Ok(()), "each has their own");
        assert_eq!(tries.take(&NAME, seconds(120)), Ok(()));
        assert_eq!(tries.take(&NAME, seconds(120)), Err(seconds(20)));
        tries.give_back(&NAME);
        assert_eq!(tries.take(&NAME, seconds(120)), Ok(()));
    }

    #[test]
    fn as_many_names_as_can_be_tried_take_nothing_from_another() {
        let tries = Tries::new(10, &Ids::seeded(1));
        for number in 0..12_000 {
            assert_eq!(tries.take(&[&number.to_string()], seconds(100)), Ok(()));
        }
        (0..8).for_each(|_| assert_eq!(tries.take(&NAME, seconds(100)), Ok(())));
    }
}
