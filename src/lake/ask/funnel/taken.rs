//! Steps that people took, put together for each of them.

use super::pass::{Came, Micros, Step, Walk};

/// Somebody: see [`super::WHO`].
pub(super) type Who = u64;

/// People are spread over so many heaps by their first bits, and each heap is counted by itself.
const HEAPS: usize = 1 << HEAP_BITS;
const HEAP_BITS: u32 = 6;

/// The steps of all people, as they came.
///
/// In files a person's events are beside each other. So a run of them is kept as one, and only the
/// runs are sorted by person: there are a few for each, and sorting or hashing event by event would
/// take longer than all the rest.
pub(super) struct Taken {
    /// What came together; not in one piece, which would be moved again and again as it grows.
    batches: Vec<Vec<Step>>,
    heaps: Vec<Vec<Run>>,
    bytes: usize,
    bytes_max: usize,
}

/// Steps beside each other that one person took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    who: Who,
    batch: usize,
    from: u32,
    to: u32,
}

impl Taken {
    /// Nothing yet, and room for so many bytes.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { batches: Vec::new(), heaps: vec![Vec::new(); HEAPS], bytes: 0, bytes_max }
    }

    /// About so many events: whose each is, its moment, and a bit for each step that it is, the lowest
    /// for the first.
    pub(super) fn add(&mut self, events: impl Iterator<Item = (Who, Micros, u16)>, about: usize) {
        let mut taken = Vec::with_capacity(about);
        let (mut of, mut from) = (None, 0);
        for (who, at, mut steps) in events {
            if of != Some(who) {
                self.close(of, from, taken.len());
                (of, from) = (Some(who), taken.len());
            }
            let mut counts = true;
            while steps != 0 {
                taken.push(Step::new(at, steps.trailing_zeros(), counts));
                counts = false;
                steps &= steps - 1;
            }
        }
        self.close(of, from, taken.len());
        self.bytes += taken.capacity() * size_of::<Step>();
        self.batches.push(taken);
    }

    /// Someone's run in the batch that comes next is over.
    fn close(&mut self, who: Option<Who>, from: usize, to: usize) {
        let (Some(who), Ok(from), Ok(to)) = (who, u32::try_from(from), u32::try_from(to)) else {
            return;
        };
        let heap = usize::try_from(who >> (u64::BITS - HEAP_BITS)).unwrap_or(0);
        self.heaps[heap].push(Run { who, batch: self.batches.len(), from, to });
        self.bytes += size_of::<Run>();
    }

    /// Whether it is within its room.
    pub(super) fn fits(&self) -> bool {
        self.bytes <= self.bytes_max
    }

    /// How many people came to each of so many steps, counted on so many threads.
    pub(super) fn count(mut self, steps: usize, window: Micros, threads: usize) -> Counted {
        let (all, heaps) = (&self.batches, &mut self.heaps);
        let mut counted = Counted::new(steps);
        std::thread::scope(|scope| {
            let shares = heaps.chunks_mut(HEAPS.div_ceil(threads.max(1)));
            let work = |share| move || count(share, all, steps, window);
            let working: Vec<_> = shares.map(|share| scope.spawn(work(share))).collect();
            for one in working {
                counted.add(one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
        });
        counted
    }
}

/// How far people came.
#[derive(Debug)]
pub(super) struct Counted {
    /// For each step, the people who surely came so far.
    pub(super) people: Vec<u64>,
    /// Those who came further if one order of what happened at one moment is right, and not if
    /// another is; they are not among the people.
    pub(super) open: Vec<Who>,
}

impl Counted {
    pub(super) fn new(steps: usize) -> Self {
        Self { people: vec![0; steps], open: Vec::new() }
    }

    /// Counts one person.
    pub(super) fn person(&mut self, who: Who, came: Came) {
        if came.perhaps > came.surely {
            self.open.push(who);
        } else {
            self.came(came.surely);
        }
    }

    /// One person more who came so far.
    pub(super) fn came(&mut self, steps: usize) {
        self.people.iter_mut().take(steps).for_each(|count| *count += 1);
    }

    pub(super) fn add(&mut self, other: Self) {
        self.people.iter_mut().zip(other.people).for_each(|(all, share)| *all += share);
        self.open.extend(other.open);
    }
}

/// How far the people in these heaps came.
fn count(heaps: &mut [Vec<Run>], all: &[Vec<Step>], steps: usize, window: Micros) -> Counted {
    let (mut walk, mut counted) = (Walk::default(), Counted::new(steps));
    for heap in heaps {
        heap.sort_unstable();
        for runs in heap.chunk_by(|one, next| one.who == next.who) {
            for run in runs {
                let taken = &all[run.batch][run.from as usize..run.to as usize];
                walk.taken.extend_from_slice(taken);
            }
            counted.person(runs[0].who, walk.came(steps, window));
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{Counted, Micros, Step, Taken, Walk, Who};

    const STEPS: usize = 3;

    fn count(
        events: &[(Who, Micros, u16)],
        window: Micros,
        threads: usize,
    ) -> (Vec<u64>, Vec<Who>) {
        let mut taken = Taken::new(usize::MAX);
        events.chunks(50).for_each(|some| taken.add(some.iter().copied(), some.len()));
        let Counted { people, mut open } = taken.count(STEPS, window, threads);
        open.sort_unstable();
        (people, open)
    }

    /// The same, of people whose events were put together first.
    fn naive(events: &[(Who, Micros, u16)], window: Micros) -> (Vec<u64>, Vec<Who>) {
        let mut of_each: BTreeMap<Who, Vec<Step>> = BTreeMap::new();
        for (who, at, steps) in events {
            let is = (0..3).filter(|step| steps & (1 << step) != 0);
            let step = |step| Step::new(*at, step, step == steps.trailing_zeros());
            of_each.entry(*who).or_default().extend(is.map(step));
        }
        let mut counted = Counted::new(STEPS);
        for (who, taken) in of_each {
            counted.person(who, Walk { taken }.came(STEPS, window));
        }
        (counted.people, counted.open)
    }

    #[test]
    fn it_says_when_it_is_full() {
        let mut taken = Taken::new(1000);
        assert!(taken.fits());
        taken.add((0..200).map(|who| (who, 0, 1)), 200);
        assert!(!taken.fits());
    }

    proptest! {
        /// People in one heap and in several, events in any order, each several steps.
        #[test]
        fn it_agrees_with_putting_people_together_first(
            events in prop::collection::vec(
                (prop::sample::select(vec![0, 1, 2, 1 << 63, u64::MAX]), 0..30_i64, 0..8_u16),
                0..120,
            ),
            window in 0..35_i64,
            threads in 1..5_usize,
        ) {
            prop_assert_eq!(count(&events, window, threads), naive(&events, window));
        }
    }
}
