//! What waits in memory: which rows hold it, and since which round.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::ops::Bound::{Excluded, Unbounded};
use std::time::Duration;

use crate::model::Time;

/// Sessions whose last-seen time and event count are newer in memory than on disk, or people of whom more
/// is counted. It can be folded again from the tail, so they are written a few per round instead of all at
/// once: writing everything every two seconds gave stalls of 100 ms.
///
/// They are written in the order in which they began, round and round: rows that began one
/// after the other lie in one page of the database, which is then written once for all of them. The
/// oldest change first would write a page for each.
#[derive(Debug)]
pub(crate) struct HeldBack<K> {
    waiting: HashMap<K, Waiting>,
    by_round: BTreeSet<(u64, K)>,
    by_place: BTreeSet<Place<K>>,
    /// The last that was due.
    passed: Option<Place<K>>,
    /// What all of them take, about.
    bytes: usize,
}

/// Where a row lies, about.
type Place<K> = (Time, K);

#[derive(Clone, Copy, Debug)]
struct Waiting {
    round: u64,
    since: Duration,
    began: Time,
    bytes: usize,
}

/// How long they may wait, and how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Until the first of them has waited for so long, nothing has to be written.
    pub(crate) age: Duration,
    /// From then on, so many in a round.
    pub(crate) rows_max: usize,
    /// As many as are more than these, in any case.
    pub(crate) most: usize,
    /// The same of what they take, in bytes.
    pub(crate) bytes_max: usize,
}

/// The same of each kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waits {
    pub(crate) sessions: Patience,
    pub(crate) people: Patience,
}

impl Waits {
    /// Nothing waits any longer.
    pub(crate) const OVER: Self = Self { sessions: Patience::OVER, people: Patience::OVER };
}

impl Patience {
    /// Nothing waits any longer.
    pub(crate) const OVER: Self =
        Self { age: Duration::ZERO, rows_max: usize::MAX, most: 0, bytes_max: 0 };
}

impl<K> Default for HeldBack<K> {
    fn default() -> Self {
        let (waiting, by_round, by_place) = (HashMap::new(), BTreeSet::new(), BTreeSet::new());
        Self { waiting, by_round, by_place, passed: None, bytes: 0 }
    }
}

impl<K: Clone + Ord + Hash> HeldBack<K> {
    /// Holds one that `began` then back since `round`; false when it is already. `now` is the
    /// monotonic clock's: a wall clock that jumps must not keep anything back. `bytes` are what it takes by now.
    pub(crate) fn hold(
        &mut self,
        id: &K,
        began: Time,
        (round, now): (u64, Duration),
        bytes: usize,
    ) -> bool {
        self.bytes += bytes;
        if let Some(waiting) = self.waiting.get_mut(id) {
            self.bytes -= std::mem::replace(&mut waiting.bytes, bytes);
            return false;
        }
        self.waiting.insert(id.clone(), Waiting { round, since: now, began, bytes });
        self.by_round.insert((round, id.clone()));
        self.by_place.insert((began, id.clone()));
        true
    }

    /// It is written, or gone; false when it did not wait.
    pub(crate) fn release(&mut self, id: &K) -> bool {
        let Some(Waiting { round, began, bytes, .. }) = self.waiting.remove(id) else {
            return false;
        };
        self.by_round.remove(&(round, id.clone()));
        self.by_place.remove(&(began, id.clone()));
        self.bytes -= bytes;
        true
    }

    /// Whether this one waits.
    pub(crate) fn has(&self, id: &K) -> bool {
        self.waiting.contains_key(id)
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// How many are to be written with a round.
    pub(crate) fn count_due(&self, now: Duration, patience: Patience) -> usize {
        let of_bytes = self.len() * self.bytes.saturating_sub(patience.bytes_max);
        let of_bytes = of_bytes.div_ceil(self.bytes.max(1));
        let over = self.len().saturating_sub(patience.most).max(of_bytes);
        let first = self.by_round.first().and_then(|(_, id)| self.waiting.get(id));
        let waited = first.is_some_and(|first| first.since + patience.age <= now);
        if waited { over.max(patience.rows_max).min(self.len()) } else { over }
    }

    /// Those that are to be written with this round: the next ones, and after the last the first.
    pub(crate) fn due(&mut self, now: Duration, patience: Patience) -> Vec<K> {
        let count = self.count_due(now, patience);
        let from = self.passed.as_ref().map_or(Unbounded, Excluded);
        let next = self.by_place.range((from, Unbounded)).chain(&self.by_place);
        let due: Vec<Place<K>> = next.take(count).cloned().collect();
        self.passed = due.last().cloned().or_else(|| self.passed.take());
        due.into_iter().map(|(_, id)| id).collect()
    }

    /// The last round before the first that is held back, if any is.
    pub(crate) fn written_through(&self) -> Option<u64> {
        self.by_round.first().map(|(round, _)| round.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SessionId;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn ids(names: &str) -> Vec<SessionId> {
        names.chars().map(|name| SessionId::new(name.to_string().as_str())).collect()
    }

    /// Sessions that are named in the order in which they opened, held back by a round each.
    fn held(names: &str) -> HeldBack<SessionId> {
        let mut held = HeldBack::default();
        for (round, id) in ids(names).iter().enumerate() {
            let opened = Time::from_micros(i64::from(id.as_str().as_bytes()[0]));
            held.hold(id, opened, (round as u64 + 1, at(0)), 100);
        }
        held
    }

    fn take(
        held: &mut HeldBack<SessionId>,
        now: Duration,
        rows_max: usize,
        most: usize,
    ) -> Vec<SessionId> {
        let due = held.due(now, Patience { age: MINUTE, rows_max, most, bytes_max: 1_000 });
        due.iter().for_each(|id| assert!(held.release(id)));
        due
    }

    #[test]
    fn nothing_is_due_before_the_first_has_waited_and_the_mark_follows() {
        let mut held = held("b");
        held.hold(&ids("a")[0], Time::from_micros(97), (4, at(50)), 100);
        held.hold(&ids("b")[0], Time::from_micros(98), (5, at(55)), 100);
        assert_eq!(held.written_through(), Some(0));
        assert_eq!(take(&mut held, at(59), 8, 8), vec![]);
        held.release(&ids("b")[0]);
        assert_eq!(held.written_through(), Some(3));
        assert_eq!(take(&mut held, at(109), 8, 8), vec![]);
        assert_eq!(take(&mut held, at(110), 8, 8), ids("a"));
        assert_eq!(held.written_through(), None);
    }

    #[test]
    fn those_that_opened_together_are_written_together_round_and_round() {
        let mut held = held("dbfac");
        assert_eq!(take(&mut held, at(60), 2, 8), ids("ab"));
        held.hold(&ids("a")[0], Time::from_micros(97), (9, at(60)), 100);
        assert_eq!(take(&mut held, at(60), 2, 8), ids("cd"));
        assert_eq!(take(&mut held, at(60), 2, 8), ids("fa"), "after the last the first");
    }

    #[test]
    fn more_than_may_wait_are_due_at_once() {
        let mut held = held("abcd");
        assert_eq!(take(&mut held, at(0), 2, 1), ids("abc"));
        assert_eq!(take(&mut held, at(0), 2, 1), vec![]);
    }

    #[test]
    fn more_bytes_than_may_wait_are_due_at_once() {
        let mut held = held("abcd");
        held.hold(&ids("b")[0], Time::from_micros(98), (9, at(1)), 800);
        assert_eq!(take(&mut held, at(2), 2, 8), ids("a"), "of 1,100 bytes");
        assert_eq!(take(&mut held, at(2), 2, 8), vec![]);
        held.hold(&ids("c")[0], Time::from_micros(99), (9, at(1)), 5_100);
        assert_eq!(take(&mut held, at(2), 2, 8), ids("bcd"), "whoever has most is among them");
    }
}
