//! One pass over one person's steps.

use super::MOST_STEPS;

/// A moment, in microseconds.
pub(super) type Micros = i64;

/// Bits for the number of a step; those of a moment before the year 10000 are above them.
const STEP_BITS: u32 = 4;
const STEP_MASK: i64 = (1 << STEP_BITS) - 1;

/// A step and when it was taken, in the order in which they are looked at: by time, and of those at
/// the same moment the last step first, so that none of them follows another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step(i64);

impl Step {
    /// Steps are counted from 0.
    pub(super) fn new(at: Micros, step: u32) -> Self {
        Self(at << STEP_BITS | (STEP_MASK - i64::from(step)))
    }

    fn at(self) -> Micros {
        self.0 >> STEP_BITS
    }

    fn step(self) -> usize {
        usize::try_from(STEP_MASK - (self.0 & STEP_MASK)).unwrap_or(0)
    }
}

/// What a person did, and room for it: the same for person after person.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// In any order.
    pub(super) taken: Vec<Step>,
}

impl Walk {
    /// How many of the `steps` the person came, each strictly after the one before and at most
    /// `window` after the first. Then it is ready for the next person.
    pub(super) fn came(&mut self, steps: usize, window: Micros) -> usize {
        // Not the unstable sort: they are a few pieces that are sorted already.
        self.taken.sort();
        let came = follow(&self.taken, steps, window);
        self.taken.clear();
        came
    }
}

/// For each step that was reached in time the latest first step that leads there is kept: it leaves
/// the most of the window, so it is enough.
fn follow(taken: &[Step], steps: usize, window: Micros) -> usize {
    let mut began: [Option<Micros>; MOST_STEPS] = [None; MOST_STEPS];
    let mut came = 0;
    for one in taken {
        let (at, step) = (one.at(), one.step());
        let begin = match step.checked_sub(1) {
            None => Some(at),
            Some(before) => began[before].filter(|begin| at.saturating_sub(*begin) <= window),
        };
        if begin.is_some() {
            began[step] = begin;
            came = came.max(step + 1);
            if came == steps {
                break;
            }
        }
    }
    came
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Micros, Step, Walk};

    /// `steps` has the moments of each step; they come in two pieces, the second one backwards.
    fn came(steps: &[Vec<Micros>], window: Micros) -> usize {
        let numbered = (0..).zip(steps);
        let mut taken: Vec<Step> =
            numbered.flat_map(|(step, at)| at.iter().map(move |at| Step::new(*at, step))).collect();
        taken[steps[0].len()..].reverse();
        Walk { taken }.came(steps.len(), window)
    }

    /// The same, by trying every beginning and going to the earliest next step each time.
    fn naive(steps: &[Vec<Micros>], window: Micros) -> usize {
        let from = |began: Micros| {
            let (mut at, mut came) = (began, 1);
            for step in &steps[1..] {
                let next = step.iter().copied().filter(|next| *next > at).min();
                let Some(next) = next.filter(|next| next - began <= window) else { break };
                (at, came) = (next, came + 1);
            }
            came
        };
        steps[0].iter().map(|began| from(*began)).max().unwrap_or(0)
    }

    #[test]
    fn a_later_beginning_may_be_the_one_in_time() {
        assert_eq!(came(&[vec![0, 8], vec![9], vec![12]], 5), 3);
        assert_eq!(came(&[vec![0, 8], vec![1], vec![12]], 5), 2);
    }

    #[test]
    fn the_window_holds_its_last_moment_and_the_same_moment_follows_nothing() {
        assert_eq!(came(&[vec![0], vec![5]], 5), 2);
        assert_eq!(came(&[vec![0], vec![6]], 5), 1);
        assert_eq!(came(&[vec![3], vec![3]], 5), 1);
        assert_eq!(came(&[vec![], vec![3]], 5), 0);
    }

    #[test]
    fn one_person_with_very_many_events_takes_one_pass() {
        let (odd, even) = ((0..300_000).map(|n| 2 * n + 1), (0..300_000).rev().map(|n| 2 * n));
        assert_eq!(came(&[odd.collect(), even.collect(), vec![600_000]], 2), 2);
    }

    #[test]
    fn a_step_keeps_its_moment_and_its_number() {
        for at in [crate::model::Time::BEGINNING.micros(), crate::model::Time::END.micros()] {
            for step in 0..10 {
                let one = Step::new(at, step);
                assert_eq!((one.at(), one.step()), (at, step as usize));
            }
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_trying_every_beginning(
            steps in prop::collection::vec(prop::collection::vec(0..40_i64, 0..12), 1..11),
            window in 0..45_i64,
        ) {
            prop_assert_eq!(came(&steps, window), naive(&steps, window));
        }

        #[test]
        fn the_earliest_beginning_is_enough_when_the_window_holds_all(
            steps in prop::collection::vec(prop::collection::vec(0..40_i64, 1..12), 2..7),
        ) {
            let mut earliest = steps.clone();
            earliest[0] = vec![*steps[0].iter().min().expect("not empty")];
            prop_assert_eq!(came(&earliest, 39), naive(&steps, 39));
        }
    }
}
