//! What the committer remembers between rounds: a bounded map that forgets what nobody asked for.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// One remembered row.
#[derive(Clone, Debug)]
pub(super) struct Entry<V> {
    /// The row, or the knowledge that there is none.
    pub(super) value: Option<V>,
    /// The stored version; 0 when there is no row.
    pub(super) version: i64,
    /// The round that changed it last; it must stay until that round is on disk.
    pub(super) round: u64,
    /// Must stay, since it holds what is written nowhere else.
    pub(super) held: bool,
    /// What it takes, about.
    bytes: usize,
}

/// Two generations: what is asked for moves to the young one; when that is full, the old one is
/// forgotten. Costs one look-up more than a plain map and needs no order of use.
#[derive(Debug)]
pub(super) struct Cache<K, V> {
    young: HashMap<K, Entry<V>>,
    old: HashMap<K, Entry<V>>,
    young_bytes: usize,
    bounds: Bounds<V>,
}

/// When a cache forgets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds<V> {
    /// About so many rows, beside those that must stay.
    pub(super) entries_max: usize,
    /// About so many bytes.
    pub(super) bytes_max: usize,
    /// What a row takes, about, in bytes.
    pub(super) weigh: fn(&V) -> usize,
}

impl<K: Eq + Hash + Clone, V> Cache<K, V> {
    /// An empty one.
    pub(super) fn new(bounds: Bounds<V>) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), young_bytes: 0, bounds }
    }

    fn weight(&self, value: Option<&V>) -> usize {
        value.map_or(0, self.bounds.weigh)
    }

    /// Moves the row to the young generation, if the old one has it.
    fn renew<Q: Eq + Hash + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        if let Some((key, entry)) = self.old.remove_entry(key) {
            self.young_bytes += entry.bytes;
            self.young.insert(key, entry);
        }
    }

    /// The row, if it is remembered.
    pub(super) fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut Entry<V>>
    where
        K: Borrow<Q>,
    {
        self.renew(key);
        self.young.get_mut(key)
    }

    /// Whether the row is remembered.
    pub(super) fn has<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.young.contains_key(key) || self.old.contains_key(key)
    }

    /// Remembers a row as it was loaded, unless a newer one is remembered.
    pub(super) fn learn(&mut self, key: K, value: Option<V>, version: i64) {
        if !self.has(&key) {
            let bytes = self.weight(value.as_ref());
            self.young_bytes += bytes;
            self.young.insert(key, Entry { value, version, round: 0, held: false, bytes });
        }
    }

    /// Remembers a row that `round` changed, and returns its entry.
    pub(super) fn put(&mut self, key: K, value: Option<V>, round: u64) -> &mut Entry<V> {
        self.renew(&key);
        let bytes = self.weight(value.as_ref());
        let none = Entry { value: None, version: 0, round, held: false, bytes: 0 };
        let entry = self.young.entry(key).or_insert(none);
        self.young_bytes = (self.young_bytes + bytes).saturating_sub(entry.bytes);
        (entry.value, entry.round, entry.bytes) = (value, round, bytes);
        entry
    }

    /// From `round` on, what held a value that `is_gone` holds none.
    pub(super) fn forget(&mut self, is_gone: impl Fn(&V) -> bool, round: u64) {
        for entry in self.young.values_mut().chain(self.old.values_mut()) {
            if entry.value.as_ref().is_some_and(&is_gone) {
                (entry.value, entry.round) = (None, round);
            }
        }
    }

    /// Makes room between two rounds. Whatever `committed` does not cover yet stays.
    pub(super) fn age(&mut self, committed: u64) {
        let has_room = self.young.len() < self.bounds.entries_max.div_ceil(2)
            && self.young_bytes < self.bounds.bytes_max / 2;
        if has_room {
            return;
        }
        let forgotten = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
        let stays = |entry: &Entry<V>| entry.held || entry.round > committed;
        self.young.extend(forgotten.into_iter().filter(|(_, entry)| stays(entry)));
        self.young_bytes = self.young.values().map(|entry| entry.bytes).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(entries_max: usize, bytes_max: usize) -> Cache<String, u32> {
        Cache::new(Bounds { entries_max, bytes_max, weigh: |_| 10 })
    }

    #[test]
    fn large_rows_are_forgotten_sooner() {
        let mut cache = cache(1000, 40);
        for name in ["a", "b", "c", "d"] {
            cache.put(name.into(), Some(1), 1);
            cache.put(name.into(), Some(2), 1);
            cache.age(1);
        }
        assert!(!cache.has("b") && cache.has("c") && cache.has("d"));
    }

    #[test]
    fn what_nobody_asks_for_is_forgotten_and_what_must_stay_stays() {
        let mut cache = cache(4, 1000);
        cache.put("uncommitted".into(), Some(1), 9);
        cache.put("held".into(), Some(2), 1).held = true;
        cache.learn("plain".into(), Some(3), 1);
        cache.age(5);
        cache.learn("later".into(), None, 0);
        cache.learn("latest".into(), None, 0);
        cache.age(5);
        assert!(cache.has("uncommitted") && cache.has("held") && cache.has("later"));
        assert!(!cache.has("plain"));
    }

    #[test]
    fn what_was_loaded_never_covers_what_was_changed() {
        let mut cache = cache(4, 1000);
        cache.put("a".into(), Some(2), 1);
        cache.learn("a".into(), Some(1), 7);
        assert_eq!(cache.get("a").unwrap().value, Some(2));
    }
}
