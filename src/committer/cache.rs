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
}

/// Two generations: what is asked for moves to the young one; when that is full, the old one is
/// forgotten. Costs one look-up more than a plain map and needs no order of use.
#[derive(Debug)]
pub(super) struct Cache<K, V> {
    young: HashMap<K, Entry<V>>,
    old: HashMap<K, Entry<V>>,
    entries_max: usize,
}

impl<K: Eq + Hash + Clone, V> Cache<K, V> {
    /// Remembers at most about `entries_max` rows, beside those that must stay.
    pub(super) fn new(entries_max: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), entries_max: entries_max.max(2) }
    }

    /// The row, if it is remembered.
    pub(super) fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut Entry<V>>
    where
        K: Borrow<Q>,
    {
        if let Some((key, entry)) = self.old.remove_entry(key) {
            self.young.insert(key, entry);
        }
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
            self.young.insert(key, Entry { value, version, round: 0, held: false });
        }
    }

    /// Remembers a row that `round` changed, and returns its entry.
    pub(super) fn put(&mut self, key: K, value: Option<V>, round: u64) -> &mut Entry<V> {
        if let Some((key, entry)) = self.old.remove_entry(&key) {
            self.young.insert(key, entry);
        }
        let entry =
            self.young.entry(key).or_insert(Entry { value: None, version: 0, round, held: false });
        entry.value = value;
        entry.round = round;
        entry
    }

    /// Makes room between two rounds. Whatever `committed` does not cover yet stays.
    pub(super) fn age(&mut self, committed: u64) {
        if self.young.len() < self.entries_max / 2 {
            return;
        }
        let forgotten = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
        let stays = |entry: &Entry<V>| entry.held || entry.round > committed;
        self.young.extend(forgotten.into_iter().filter(|(_, entry)| stays(entry)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asks_for_is_forgotten_and_what_must_stay_stays() {
        let mut cache: Cache<String, u32> = Cache::new(4);
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
        let mut cache: Cache<String, u32> = Cache::new(4);
        cache.put("a".into(), Some(2), 1);
        cache.learn("a".into(), Some(1), 7);
        assert_eq!(cache.get("a").unwrap().value, Some(2));
    }
}
