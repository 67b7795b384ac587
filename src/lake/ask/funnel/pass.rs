//! One pass over one person's steps.

use super::MOST_STEPS;

/// A moment, in microseconds.
pub(super) type Micros = i64;

/// Bits for the number of a step and for what else is said of it; those of a moment before the year
/// 10000 are above them.
const LOW_BITS: u32 = 5;
const STEP_MASK: i64 = 15;

/// A step and when it was taken, in the order in which they are looked at: by time, and of those at
/// the same moment the last step first, so that none of them follows another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step(i64);

impl Step {
    /// Steps are counted from 0. An event may be several of them: it `counts` with one alone, so that
    /// they tell how many events there were at a moment.
    pub(super) fn new(at: Micros, step: u32, counts: bool) -> Self {
        Self(at << LOW_BITS | (STEP_MASK - i64::from(step)) << 1 | i64::from(!counts))
    }

    fn at(self) -> Micros {
        self.0 >> LOW_BITS
    }

    fn step(self) -> usize {
        usize::try_from(STEP_MASK - (self.0 >> 1 & STEP_MASK)).unwrap_or(0)
    }

    fn counts(self) -> bool {
        self.0 & 1 == 0
    }
}

/// How far a person came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Came {
    /// So many steps, whatever the order of what happened at one moment.
    pub(super) surely: usize,
    /// So many in an order that is the best for them.
    pub(super) perhaps: usize,
}

/// What a person did, and room for it: the same for person after person.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// In any order.
    pub(super) taken: Vec<Step>,
}

impl Walk {
    /// How many of the `steps` the person came, each after the one before and at most `window` after
    /// the first. Then it is ready for the next person.
    pub(super) fn came(&mut self, steps: usize, window: Micros) -> Came {
        // Not the unstable sort: they are a few pieces that are sorted already.
        self.taken.sort();
        let in_order = self.taken.iter().map(|one| (one.at(), one.step()));
        let surely = follow(in_order, steps, window);
        let mut perhaps = surely;
        if surely > 0 && surely < steps && self.has_ties() {
            perhaps = follow(self.best_order(), steps, window);
        }
        self.taken.clear();
        Came { surely, perhaps }
    }

    /// Whether any two steps were taken at one moment.
    fn has_ties(&self) -> bool {
        self.taken.windows(2).any(|two| two[0].at() == two[1].at())
    }

    /// Where several events share a moment, the first step first.
    fn best_order(&self) -> impl Iterator<Item = (Micros, usize)> {
        let moments = self.taken.chunk_by(|one, next| one.at() == next.at());
        moments.flat_map(|moment| {
            let is_open = moment.iter().filter(|one| one.counts()).count() > 1;
            let last = moment.len() - 1;
            (0..moment.len()).map(move |at| {
                let one = moment[if is_open { last - at } else { at }];
                (one.at(), one.step())
            })
        })
    }
}

/// How many of the `steps` were taken in this order. For each step that was reached in time the latest
/// first step that leads there is kept: it leaves the most of the window, so it is enough.
pub(super) fn follow(
    taken: impl Iterator<Item = (Micros, usize)>,
    steps: usize,
    window: Micros,
) -> usize {
    let mut began: [Option<Micros>; MOST_STEPS] = [None; MOST_STEPS];
    let mut came = 0;
    for (at, step) in taken {
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

    use super::{Came, Micros, Step, Walk};

    /// `steps` has the moments of each step, all of other events; they come in two pieces, the second
    /// one backwards.
    fn walked(steps: &[Vec<Micros>], window: Micros) -> Came {
        let numbered = (0..).zip(steps);
        let of_step = |(step, at): (u32, &Vec<Micros>)| -> Vec<Step> {
            at.iter().map(|at| Step::new(*at, step, true)).collect()
        };
        let mut taken: Vec<Step> = numbered.flat_map(of_step).collect();
        taken[steps[0].len()..].reverse();
        Walk { taken }.came(steps.len(), window)
    }

    fn came(steps: &[Vec<Micros>], window: Micros) -> usize {
        walked(steps, window).surely
    }

    /// The same, by trying every beginning and going to the earliest next step each time.
    fn naive(steps: &[Vec<Micros>], window: Micros, may_be_at_once: bool) -> usize {
        let from = |began: Micros| {
            let (mut at, mut came) = (began, 1);
            for step in &steps[1..] {
                let follows = |next: &Micros| *next > at || may_be_at_once && *next == at;
                let next = step.iter().copied().filter(follows).min();
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
    fn an_event_that_is_several_steps_follows_itself_never() {
        let one = |at: Micros| [Step::new(at, 0, true), Step::new(at, 1, false)];
        let mut walk = Walk { taken: one(3).to_vec() };
        assert_eq!(walk.came(2, 9), Came { surely: 1, perhaps: 1 });
        walk.taken = [one(3), one(3)].concat();
        assert_eq!(walk.came(2, 9), Came { surely: 1, perhaps: 2 });
        walk.taken = [one(3), one(4)].concat();
        assert_eq!(walk.came(2, 9), Came { surely: 2, perhaps: 2 });
    }

    #[test]
    fn a_step_keeps_its_moment_and_its_number() {
        for at in [crate::model::Time::BEGINNING.micros(), crate::model::Time::END.micros()] {
            for step in 0..10 {
                for counts in [true, false] {
                    let one = Step::new(at, step, counts);
                    assert_eq!((one.at(), one.step(), one.counts()), (at, step as usize, counts));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_trying_every_beginning(
            steps in prop::collection::vec(prop::collection::vec(0..40_i64, 0..12), 1..11),
            window in 0..45_i64,
        ) {
            let Came { surely, perhaps } = walked(&steps, window);
            prop_assert_eq!(surely, naive(&steps, window, false));
            prop_assert_eq!(perhaps, naive(&steps, window, true));
        }

        #[test]
        fn the_earliest_beginning_is_enough_when_the_window_holds_all(
            steps in prop::collection::vec(prop::collection::vec(0..40_i64, 1..12), 2..7),
        ) {
            let mut earliest = steps.clone();
            earliest[0] = vec![*steps[0].iter().min().expect("not empty")];
            prop_assert_eq!(came(&earliest, 39), naive(&steps, 39, false));
        }
    }
}
