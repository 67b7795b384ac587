//! Marks that wait to be entered in the index, in its order.

use std::collections::BTreeMap;

use super::batches::Batch;
use crate::model::Mark;
use crate::storage::Changes;

/// Where more wait than may, a round enters so many for each that it brings.
const ENTERED_FOR_EACH: usize = 4;

/// See the module.
#[derive(Debug)]
pub(super) struct Waiting {
    /// By the half that the index is sorted by, which is of one mark there: the other half, and the day on which
    /// it was kept.
    marks: BTreeMap<i64, (i64, i64)>,
    place: Place,
    /// The number of the last batch.
    last: i64,
    /// As many may wait.
    most: usize,
}

/// How far marks are entered: round and round, in the order of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) turn: i64,
    /// In this turn, everything before it is entered.
    pub(super) next: i64,
}

/// What one commit does.
#[derive(Debug)]
pub(super) struct Step {
    /// The number of its batch.
    pub(super) number: i64,
    /// What is entered, and of which day it is.
    pub(super) entered: Vec<(Mark, i64)>,
    /// Where that ends.
    pub(super) place: Place,
}

impl Place {
    const START: Self = Self { turn: 0, next: i64::MIN };

    /// Whether a mark that began to wait here is entered at `now`.
    fn has_passed(self, hash: i64, now: Self) -> bool {
        let turns = i64::from(hash < self.next);
        now > Self { turn: self.turn + turns, next: hash }
    }
}

impl Waiting {
    /// What waits of these, the first first.
    pub(super) fn of(batches: Vec<Batch>, most: usize) -> Self {
        let (last, place) = match batches.last() {
            Some(last) => (last.number, last.place),
            None => (0, Place::START),
        };
        let mut waiting = Self { marks: BTreeMap::new(), place, last, most };
        for batch in batches {
            let waits = |mark: &&Mark| !batch.place.has_passed(mark.halves()[0], place);
            waiting.add(batch.marks.iter().filter(waits), batch.day);
        }
        waiting
    }

    fn add<'a>(&mut self, marks: impl Iterator<Item = &'a Mark>, day: i64) {
        let halves = marks.map(|mark| mark.halves());
        self.marks.extend(halves.map(|[hash, rest]| (hash, (rest, day))));
    }

    pub(super) fn has(&self, mark: Mark) -> bool {
        let [hash, rest] = mark.halves();
        self.marks.get(&hash).is_some_and(|(waits, _)| *waits == rest)
    }

    /// What a commit of `changes` does.
    pub(super) fn step(&self, changes: &Changes) -> Step {
        let new = changes.marks.len();
        let over = (self.marks.len() + new).saturating_sub(self.most);
        // Not beside somebody who forgets some: these must not be entered.
        let is_alone = changes.forgotten().next().is_none();
        let count = if is_alone { over.min(new * ENTERED_FOR_EACH) } else { 0 };
        let next = self.marks.range(self.place.next..).take(count);
        let next = next.map(|(hash, (rest, day))| (Mark::of([*hash, *rest]), *day));
        let entered: Vec<(Mark, i64)> = next.collect();
        let place = self.place_after(&entered, count);
        Step { number: self.last + 1, entered, place }
    }

    fn place_after(&self, entered: &[(Mark, i64)], count: usize) -> Place {
        let next = entered.last().and_then(|(mark, _)| mark.halves()[0].checked_add(1));
        match next {
            None if count == 0 => self.place,
            Some(next) if entered.len() == count => Place { next, ..self.place },
            _ => Place { turn: self.place.turn + 1, ..Place::START },
        }
    }

    /// It is on disk.
    pub(super) fn turned(&mut self, step: &Step, changes: &Changes) {
        for (mark, _) in &step.entered {
            self.marks.remove(&mark.halves()[0]);
        }
        for mark in changes.forgotten() {
            if self.has(*mark) {
                self.marks.remove(&mark.halves()[0]);
            }
        }
        self.add(changes.marks.iter(), changes.time.day());
        self.place = step.place;
        if !changes.marks.is_empty() {
            self.last = step.number;
        }
    }

    /// These are no more.
    pub(super) fn expired(&mut self, batches: &[Batch]) {
        for batch in batches {
            for [hash, rest] in batch.marks.iter().map(|mark| mark.halves()) {
                // One that came again after it was forgotten waits with another day.
                if self.marks.get(&hash) == Some(&(rest, batch.day)) {
                    self.marks.remove(&hash);
                }
            }
        }
    }
}
