//! The order of what comes in at one moment.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::model::Time;

/// Moments that are remembered. Requests are read side by side, so a moment may come up again after
/// later ones, but not long after.
const MOMENTS_MAX: usize = 64;

/// Which places are taken at which moment: whoever comes second within one microsecond, as the next
/// person in one request does, comes after the first.
#[derive(Debug, Default)]
pub struct Places(Mutex<VecDeque<(Time, i64)>>);

impl Places {
    /// The first of so many places in a row at this moment.
    #[must_use]
    pub fn take(&self, at: Time, many: usize) -> i64 {
        let many = i64::try_from(many).unwrap_or(i64::MAX);
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, next)) = taken.iter_mut().rev().find(|(moment, _)| *moment == at) {
            let first = *next;
            *next = next.saturating_add(many);
            return first;
        }
        if taken.len() == MOMENTS_MAX {
            taken.pop_front();
        }
        taken.push_back((at, many));
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_second_at_a_moment_comes_after_the_first() {
        let (places, at) = (Places::default(), Time::from_micros);
        assert_eq!([places.take(at(1), 3), places.take(at(1), 2)], [0, 3]);
        assert_eq!([places.take(at(2), 1), places.take(at(1), 1)], [0, 5]);
        for moment in 10..10_000 {
            assert_eq!(places.take(at(moment), 1), 0);
        }
        assert_eq!(places.0.lock().unwrap().len(), MOMENTS_MAX);
    }
}
