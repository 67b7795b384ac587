//! New ids and secrets: the one place that asks for chance, so that a test can decide.

use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

use crate::model::{Draw, Time};

/// Draws ids. Cheap to clone; clones of a seeded source share one sequence.
#[derive(Clone, Debug)]
pub struct Ids(Source);

#[derive(Clone, Debug)]
enum Source {
    /// The thread's cryptographic generator: profile ids must not be guessed.
    System,
    Seeded(Arc<Mutex<StdRng>>),
}

impl Ids {
    /// Unguessable ids.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// The same ids for the same seed, for tests.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }

    /// A UUIDv7: sorts by `now`, so that new rows land at the end of an index.
    #[must_use]
    pub fn uuid(&self, now: Time) -> Uuid {
        let millis = u64::try_from(now.micros() / 1000).unwrap_or(0);
        let chance = self.bytes::<10>();
        uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid()
    }

    /// The seed of all ids of one payload.
    #[must_use]
    pub fn draw(&self, now: Time) -> Draw {
        Draw::new(now, self.bytes())
    }

    /// A secret of 32 characters (160 bits) that can be read aloud and pasted.
    #[must_use]
    pub fn secret(&self) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        self.bytes::<32>().iter().map(|b| char::from(LETTERS[usize::from(b % 32)])).collect()
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            Source::System => rand::rng().fill_bytes(&mut bytes),
            Source::Seeded(rng) => {
                rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
            }
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_a_seed_repeats_them() {
        let (one, two) = (Ids::seeded(1), Ids::seeded(1));
        let (early, late) = (Time::from_micros(1_000_000), Time::from_micros(2_000_000));
        assert!(one.uuid(early) < one.uuid(late));
        assert_eq!(two.uuid(early), Ids::seeded(1).uuid(early));
        assert_ne!(Ids::system().uuid(early), Ids::system().uuid(early));
        assert_eq!(one.secret().len(), 32);
    }
}
