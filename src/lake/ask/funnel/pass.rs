//! One pass over one person's steps.

/// A moment, in microseconds.
pub(super) type Micros = i64;

/// What a person did, and room for the pass: the same for person after person.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// For each step the moments at which it was taken, in any order.
    pub(super) steps: Vec<Vec<Micros>>,
    reached: Vec<Reached>,
    next: Vec<Reached>,
}

/// A step that was reached in time.
#[derive(Clone, Copy, Debug)]
struct Reached {
    at: Micros,
    /// The latest first step that leads here: it leaves the most of the window, so it is enough.
    began: Micros,
}

impl Walk {
    /// For a funnel of so many steps.
    pub(super) fn new(steps: usize) -> Self {
        Self { steps: vec![Vec::new(); steps], ..Self::default() }
    }

    /// How many steps the person came, each strictly after the one before and at most `window` after
    /// the first.
    pub(super) fn came(&mut self, window: Micros) -> usize {
        let Some((first, others)) = self.steps.split_first_mut() else { return 0 };
        first.sort();
        self.reached.clear();
        self.reached.extend(first.iter().map(|at| Reached { at: *at, began: *at }));
        let mut came = usize::from(!self.reached.is_empty());
        for step in others {
            if self.reached.is_empty() {
                break;
            }
            // Not the unstable sort: lists are made of a few pieces that are sorted already.
            step.sort();
            follow(&self.reached, step, window, &mut self.next);
            std::mem::swap(&mut self.reached, &mut self.next);
            came += usize::from(!self.reached.is_empty());
        }
        came
    }
}

/// Which moments of the next `step` are reached from those of the step `before` it. Both are in order
/// of time, and so are the beginnings: the last of them before a moment is the latest.
fn follow(before: &[Reached], step: &[Micros], window: Micros, next: &mut Vec<Reached>) {
    next.clear();
    let mut passed = 0;
    for &at in step {
        passed += before[passed..].iter().take_while(|one| one.at < at).count();
        let Some(last) = passed.checked_sub(1).map(|last| before[last]) else { continue };
        if at.saturating_sub(last.began) <= window {
            next.push(Reached { at, began: last.began });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Micros, Walk};

    fn came(steps: &[Vec<Micros>], window: Micros) -> usize {
        let mut walk = Walk::new(steps.len());
        walk.steps.clone_from_slice(steps);
        walk.came(window)
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

    proptest! {
        #[test]
        fn it_agrees_with_trying_every_beginning(
            steps in prop::collection::vec(prop::collection::vec(0..40_i64, 0..12), 1..7),
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
