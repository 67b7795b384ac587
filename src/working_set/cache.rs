//! What the committer remembers between rounds: a bounded map that forgets what nobody asked for.

use std::borrow::Borrow;
use std::collections::VecDeque;
use std::hash::{Hash, RandomState};

use hashlink::LinkedHashMap;

/// Rows looked at to make room after one round, beside as many as there are too many.
const LOOKED_AT_MAX: usize = 4096;
/// Rows for which there is room from the start. A table that grows moves all of its rows, for
/// milliseconds in which a round stands still.
const ROOM_FROM_START_MAX: usize = 200_000;

/// One remembered row.
#[derive(Clone, Debug)]
pub(crate) struct Entry<V> {
    /// The row, or the knowledge that there is none.
    pub(crate) value: Option<V>,
    /// The stored version; 0 when there is no row.
    pub(crate) version: i64,
    /// The round that changed it last; it must stay until that round is on disk.
    pub(crate) round: u64,
    /// Must stay, since it holds what is written nowhere else.
    pub(crate) held: bool,
    /// What it takes, about.
    bytes: usize,
}

/// Rows in the order of their last use. Each round forgets about as many as it has brought:
/// forgetting many at once would hold up everybody for as long as that takes.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    rows: LinkedHashMap<K, Entry<V>, RandomState>,
    bytes: usize,
    bounds: Bounds<V>,
    /// Whether what is remembered is taken to be what is on disk.
    pub(crate) is_trusted: bool,
    /// The last round on disk.
    committed: u64,
    /// Where others write too: what rounds changed that are not on disk yet, in order.
    changed: VecDeque<(u64, K)>,
    /// Where others write too: what is not there, as far as this round knows.
    absent: Vec<K>,
}

/// When a cache forgets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds<V> {
    /// About so many rows, beside those that must stay.
    pub(crate) entries_max: usize,
    /// About so many bytes.
    pub(crate) bytes_max: usize,
    /// What a row takes, about, in bytes.
    pub(crate) weigh: fn(&V) -> usize,
    /// Whether others write too.
    pub(crate) is_shared: bool,
}

impl<K: Eq + Hash + Clone, V> Cache<K, V> {
    /// An empty one.
    pub(crate) fn new(bounds: Bounds<V>) -> Self {
        let room = bounds.entries_max.min(ROOM_FROM_START_MAX);
        let rows = LinkedHashMap::with_capacity_and_hasher(room, RandomState::new());
        let (changed, absent) = (VecDeque::new(), Vec::new());
        Self { rows, bytes: 0, bounds, is_trusted: true, committed: 0, changed, absent }
    }

    fn weight(&self, value: Option<&V>) -> usize {
        value.map_or(0, self.bounds.weigh)
    }

    /// The row, if it is remembered.
    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut Entry<V>>
    where
        K: Borrow<Q>,
    {
        self.rows.to_back(key)
    }

    /// Whether the row is remembered.
    pub(crate) fn has<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.rows.contains_key(key)
    }

    /// Remembers a row as it was loaded, unless a newer one is remembered.
    pub(crate) fn learn(&mut self, key: K, value: V, version: i64) {
        if self.rows.get(&key).is_some_and(|entry| self.is_newer(entry)) {
            return;
        }
        let bytes = self.weight(Some(&value));
        let entry = Entry { value: Some(value), version, round: 0, held: false, bytes };
        self.bytes += bytes;
        self.bytes -= self.rows.insert(key, entry).map_or(0, |old| old.bytes);
    }

    /// The same, of a value that follows from what earlier rounds changed and may yet be lost: it is
    /// forgotten with this round, which is void when they are.
    pub(crate) fn learn_ahead(&mut self, key: K, value: V, round: u64) {
        if !self.rows.get(&key).is_some_and(|entry| self.is_newer(entry)) {
            self.put(key, Some(value), round);
        }
    }

    /// What was asked for is not there, unless it is among what was loaded, which is learned next.
    pub(crate) fn learn_absent(&mut self, key: K) {
        if self.rows.get(&key).is_some_and(|entry| self.is_newer(entry)) {
            return;
        }
        if self.bounds.is_shared {
            self.absent.push(key.clone());
        }
        let none = Entry { value: None, version: 0, round: 0, held: false, bytes: 0 };
        self.bytes -= self.rows.insert(key, none).map_or(0, |old| old.bytes);
    }

    /// Whether what is remembered of it is newer than what is loaded.
    pub(crate) fn is_ahead(&self, key: &K) -> bool {
        self.rows.get(key).is_some_and(|entry| self.is_newer(entry))
    }

    /// Whether the row is newer than what is loaded: not on disk yet or, where nobody else writes,
    /// remembered at all.
    fn is_newer(&self, entry: &Entry<V>) -> bool {
        if self.bounds.is_shared {
            entry.round > self.committed
        } else {
            entry.value.is_some() || entry.round > 0
        }
    }

    /// The row, if it need not be asked for: where another node may have changed it since, only
    /// what is not on disk yet.
    pub(crate) fn known<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut Entry<V>>
    where
        K: Borrow<Q>,
    {
        let (is_trusted, committed) = (self.is_trusted, self.committed);
        self.get(key).filter(|entry| is_trusted || entry.round > committed)
    }

    /// What was not there may be there the next time.
    pub(crate) fn forget_absent(&mut self) {
        for key in std::mem::take(&mut self.absent) {
            if self.rows.get(&key).is_some_and(|entry| entry.value.is_none() && entry.round == 0) {
                self.remove(&key);
            }
        }
    }

    /// Forgets what rounds changed that will never be on disk.
    pub(crate) fn undo(&mut self, committed: u64) {
        for (round, key) in std::mem::take(&mut self.changed) {
            if round > committed {
                self.remove(&key);
            }
        }
    }

    /// Forgets a row.
    pub(crate) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.bytes -= self.rows.remove(key).map_or(0, |old| old.bytes);
    }

    /// Remembers a row that `round` changed, and returns its entry.
    pub(crate) fn put(&mut self, key: K, value: Option<V>, round: u64) -> &mut Entry<V> {
        let bytes = self.weight(value.as_ref());
        if self.bounds.is_shared {
            self.changed.push_back((round, key.clone()));
        }
        let none = Entry { value: None, version: 0, round, held: false, bytes: 0 };
        self.rows.to_back(&key);
        let entry = self.rows.entry(key).or_insert(none);
        self.bytes = (self.bytes + bytes).saturating_sub(entry.bytes);
        (entry.value, entry.round, entry.bytes) = (value, round, bytes);
        entry
    }

    /// Takes a row out to be changed, until it is put back: whoever changes what another holds has to copy it.
    pub(crate) fn lend<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.rows.get_mut(key)?.value.take()
    }

    /// Puts back what was lent, not changed.
    pub(crate) fn put_back<Q: Eq + Hash + ?Sized>(&mut self, key: &Q, value: V)
    where
        K: Borrow<Q>,
    {
        if let Some(entry) = self.rows.get_mut(key) {
            entry.value.get_or_insert(value);
        }
    }

    /// Puts back what was lent and `round` has changed, of which nothing is written: it must stay. What it
    /// takes by now.
    pub(crate) fn hold(&mut self, key: &K, value: V, round: u64) -> usize {
        let bytes = self.weight(Some(&value));
        let Some(entry) = self.rows.get_mut(key) else { return 0 };
        self.bytes = (self.bytes + bytes).saturating_sub(entry.bytes);
        (entry.value, entry.round, entry.held, entry.bytes) = (Some(value), round, true, bytes);
        bytes
    }

    /// A row that may be held is written with this round.
    pub(crate) fn write<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut Entry<V>>
    where
        K: Borrow<Q>,
    {
        let entry = self.rows.get_mut(key)?;
        entry.held = false;
        Some(entry)
    }

    /// From `round` on, what held a value that `is_gone` holds none.
    pub(crate) fn forget(&mut self, is_gone: impl Fn(&V) -> bool, round: u64) {
        for (key, entry) in &mut self.rows {
            if entry.value.as_ref().is_some_and(&is_gone) {
                (entry.value, entry.round) = (None, round);
                if self.bounds.is_shared {
                    self.changed.push_back((round, key.clone()));
                }
            }
        }
    }

    /// Makes room between two rounds: forgets what was not asked for the longest. Whatever
    /// `committed` does not cover yet stays.
    pub(crate) fn age(&mut self, committed: u64) {
        self.committed = committed;
        while self.changed.front().is_some_and(|(round, _)| *round <= committed) {
            self.changed.pop_front();
        }
        let too_many = self.rows.len().saturating_sub(self.bounds.entries_max);
        for _ in 0..too_many + LOOKED_AT_MAX {
            if self.rows.len() <= self.bounds.entries_max && self.bytes <= self.bounds.bytes_max {
                return;
            }
            let Some(mut oldest) = self.rows.front_entry() else { return };
            if oldest.get().held || oldest.get().round > committed {
                oldest.to_back();
            } else {
                self.bytes = self.bytes.saturating_sub(oldest.remove().bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(entries_max: usize, bytes_max: usize) -> Cache<String, u32> {
        Cache::new(Bounds { entries_max, bytes_max, weigh: |_| 10, is_shared: false })
    }

    #[test]
    fn large_rows_are_forgotten_sooner() {
        let mut cache = cache(1000, 40);
        for name in ["a", "b", "c", "d", "e"] {
            cache.put(name.into(), Some(1), 1);
            cache.put(name.into(), Some(2), 1);
            cache.age(1);
        }
        assert!(!cache.has("a") && cache.has("b") && cache.has("e"));
    }

    #[test]
    fn what_is_asked_for_is_remembered() {
        let mut cache = cache(2, 1000);
        for name in ["a", "b", "c", "d"] {
            cache.put(name.into(), Some(1), 1);
            assert!(cache.get("a").is_some());
            cache.age(1);
        }
        assert!(!cache.has("b") && !cache.has("c") && cache.has("d"));
        cache.put("e".into(), Some(1), 1);
        cache.put("d".into(), Some(2), 1);
        cache.age(1);
        assert!(!cache.has("a") && cache.has("d") && cache.has("e"));
    }

    #[test]
    fn what_nobody_asks_for_is_forgotten_and_what_must_stay_stays() {
        let mut cache = cache(3, 1000);
        cache.put("uncommitted".into(), Some(1), 9);
        cache.put("held".into(), Some(2), 1).held = true;
        cache.learn("plain".into(), 3, 1);
        cache.learn_absent("later".into());
        cache.age(5);
        assert!(cache.has("uncommitted") && cache.has("held") && cache.has("later"));
        assert!(!cache.has("plain"));
        cache.put("also uncommitted".into(), Some(1), 9);
        cache.put("another".into(), Some(1), 9);
        cache.age(5);
        assert_eq!(cache.rows.len(), 4, "all that can be forgotten is");
    }

    #[test]
    fn what_follows_from_a_lost_round_is_forgotten_with_it() {
        let bounds =
            Bounds { entries_max: 4, bytes_max: 1000, weigh: |_: &u32| 10, is_shared: true };
        let mut cache = Cache::new(bounds);
        cache.put("changed".to_owned(), Some(1), 2);
        cache.learn_ahead("changed".into(), 7, 3);
        cache.learn_ahead("follows".into(), 1, 3);
        cache.learn("read".into(), 1, 5);
        assert_eq!(cache.get("changed").unwrap().value, Some(1), "it is newer");
        cache.undo(1);
        assert!(!cache.has("changed") && !cache.has("follows") && cache.has("read"));
    }

    #[test]
    fn what_was_loaded_never_covers_what_was_changed() {
        let mut cache = cache(4, 1000);
        cache.put("a".into(), Some(2), 1);
        cache.learn("a".into(), 1, 7);
        assert_eq!(cache.get("a").unwrap().value, Some(2));
    }
}
