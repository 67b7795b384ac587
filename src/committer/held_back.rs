//! Touches that wait: which sessions hold them, and since which round.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use crate::model::SessionId;

/// Sessions whose last-seen time and event count are newer in memory than on disk. They can be
/// folded again from the tail, so they are written a few per round instead of all at once: writing
/// everything every two seconds gave stalls of 100 ms.
#[derive(Debug, Default)]
pub(super) struct HeldBack {
    since: HashMap<SessionId, (u64, Duration)>,
    by_round: BTreeSet<(u64, SessionId)>,
}

impl HeldBack {
    /// Holds a session back since `round`, unless it is already. `now` is the monotonic clock's: a
    /// wall clock that jumps must not keep anything back.
    pub(super) fn hold(&mut self, id: &SessionId, round: u64, now: Duration) {
        if !self.since.contains_key(id) {
            self.since.insert(id.clone(), (round, now));
            self.by_round.insert((round, id.clone()));
        }
    }

    /// The session is written, or gone.
    pub(super) fn release(&mut self, id: &SessionId) {
        if let Some((round, _)) = self.since.remove(id) {
            self.by_round.remove(&(round, id.clone()));
        }
    }

    /// Whether this one waits.
    pub(super) fn has(&self, id: &SessionId) -> bool {
        self.since.contains_key(id)
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.since.len()
    }

    /// The oldest: at most `rows_max` of those that have waited for `age`, but always as many as
    /// are more than `sessions_max`.
    pub(super) fn due(
        &self,
        now: Duration,
        age: Duration,
        rows_max: usize,
        sessions_max: usize,
    ) -> Vec<SessionId> {
        let over = self.len().saturating_sub(sessions_max);
        let waited = |id: &SessionId| self.since.get(id).is_some_and(|(_, at)| *at + age <= now);
        let oldest = self.by_round.iter().enumerate();
        let due = oldest.take_while(|(at, (_, id))| *at < over || (*at < rows_max && waited(id)));
        due.map(|(_, (_, id))| id.clone()).collect()
    }

    /// The last round before the first that is held back, if any is.
    pub(super) fn written_through(&self) -> Option<u64> {
        self.by_round.first().map(|(round, _)| round.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_written_first_and_the_mark_follows() {
        let mut held = HeldBack::default();
        let at = Duration::from_secs;
        let id = |name: &str| SessionId::new(name);
        held.hold(&id("a"), 3, at(0));
        held.hold(&id("b"), 4, at(50));
        held.hold(&id("a"), 5, at(55));
        let minute = Duration::from_secs(60);
        assert_eq!(held.written_through(), Some(2));
        assert_eq!(held.due(at(59), minute, 8, 8), vec![]);
        assert_eq!(held.due(at(60), minute, 8, 8), vec![id("a")]);
        assert_eq!(held.due(at(0), minute, 8, 0), vec![id("a"), id("b")], "over the bound");
        held.release(&id("a"));
        assert_eq!(held.written_through(), Some(3));
    }
}
