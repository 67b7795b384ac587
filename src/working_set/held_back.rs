//! Touches that wait: which sessions hold them, and since which round.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound::{Excluded, Unbounded};
use std::time::Duration;

use crate::model::{SessionId, Time};

/// Sessions whose last-seen time and event count are newer in memory than on disk. They can be
/// folded again from the tail, so they are written a few per round instead of all at once: writing
/// everything every two seconds gave stalls of 100 ms.
///
/// They are written in the order in which they opened, round and round: sessions that opened one
/// after the other lie in one page of the database, which is then written once for all of them. The
/// oldest touch first would write a page for each.
#[derive(Debug, Default)]
pub(crate) struct HeldBack {
    waiting: HashMap<SessionId, Waiting>,
    by_round: BTreeSet<(u64, SessionId)>,
    by_place: BTreeSet<Place>,
    /// The last that was due.
    passed: Option<Place>,
}

/// Where a session lies, about.
type Place = (Time, SessionId);

#[derive(Clone, Copy, Debug)]
struct Waiting {
    round: u64,
    since: Duration,
    opened: Time,
}

/// How long touches may wait, and how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Until the first of them has waited for so long, nothing has to be written.
    pub(crate) age: Duration,
    /// From then on, so many sessions in a round.
    pub(crate) rows_max: usize,
    /// As many as are more than these, in any case.
    pub(crate) sessions_max: usize,
}

impl HeldBack {
    /// Holds a session that `opened` then back since `round`, unless it is already. `now` is the
    /// monotonic clock's: a wall clock that jumps must not keep anything back.
    pub(crate) fn hold(&mut self, id: &SessionId, opened: Time, round: u64, now: Duration) {
        if !self.has(id) {
            self.waiting.insert(id.clone(), Waiting { round, since: now, opened });
            self.by_round.insert((round, id.clone()));
            self.by_place.insert((opened, id.clone()));
        }
    }

    /// The session is written, or gone.
    pub(crate) fn release(&mut self, id: &SessionId) {
        if let Some(Waiting { round, opened, .. }) = self.waiting.remove(id) {
            self.by_round.remove(&(round, id.clone()));
            self.by_place.remove(&(opened, id.clone()));
        }
    }

    /// Whether this one waits.
    pub(crate) fn has(&self, id: &SessionId) -> bool {
        self.waiting.contains_key(id)
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// How many are to be written with a round.
    pub(crate) fn count_due(&self, now: Duration, patience: Patience) -> usize {
        let over = self.len().saturating_sub(patience.sessions_max);
        let first = self.by_round.first().and_then(|(_, id)| self.waiting.get(id));
        let waited = first.is_some_and(|first| first.since + patience.age <= now);
        if waited { over.max(patience.rows_max).min(self.len()) } else { over }
    }

    /// Those that are to be written with this round: the next ones, and after the last the first.
    pub(crate) fn due(&mut self, now: Duration, patience: Patience) -> Vec<SessionId> {
        let count = self.count_due(now, patience);
        let from = self.passed.as_ref().map_or(Unbounded, Excluded);
        let next = self.by_place.range((from, Unbounded)).chain(&self.by_place);
        let due: Vec<Place> = next.take(count).cloned().collect();
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

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn ids(names: &str) -> Vec<SessionId> {
        names.chars().map(|name| SessionId::new(name.to_string().as_str())).collect()
    }

    /// Sessions that are named in the order in which they opened, held back by a round each.
    fn held(names: &str) -> HeldBack {
        let mut held = HeldBack::default();
        for (round, id) in ids(names).iter().enumerate() {
            let opened = Time::from_micros(i64::from(id.as_str().as_bytes()[0]));
            held.hold(id, opened, round as u64 + 1, at(0));
        }
        held
    }

    fn take(
        held: &mut HeldBack,
        now: Duration,
        rows_max: usize,
        sessions_max: usize,
    ) -> Vec<SessionId> {
        let due = held.due(now, Patience { age: MINUTE, rows_max, sessions_max });
        due.iter().for_each(|id| held.release(id));
        due
    }

    #[test]
    fn nothing_is_due_before_the_first_has_waited_and_the_mark_follows() {
        let mut held = held("b");
        held.hold(&ids("a")[0], Time::from_micros(97), 4, at(50));
        held.hold(&ids("b")[0], Time::from_micros(98), 5, at(55));
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
        held.hold(&ids("a")[0], Time::from_micros(97), 9, at(60));
        assert_eq!(take(&mut held, at(60), 2, 8), ids("cd"));
        assert_eq!(take(&mut held, at(60), 2, 8), ids("fa"), "after the last the first");
    }

    #[test]
    fn more_than_may_wait_are_due_at_once() {
        let mut held = held("abcd");
        assert_eq!(take(&mut held, at(0), 2, 1), ids("abc"));
        assert_eq!(take(&mut held, at(0), 2, 1), vec![]);
    }
}
