//! The model of identity: disjoint sets of keys. A payload unites the sets that it touches.

use std::collections::{BTreeMap, BTreeSet};

/// What a payload can know somebody by: a session, an identifier.
pub(crate) type Key = String;

#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    parent: BTreeMap<Key, Key>,
}

impl People {
    /// All of `keys` are one person from now on.
    pub(crate) fn meet(&mut self, keys: &[Key]) {
        for key in keys {
            let (one, other) = (self.root(&keys[0]), self.root(key));
            self.parent.insert(other, one);
        }
    }

    fn root(&self, key: &Key) -> Key {
        match self.parent.get(key) {
            Some(parent) if parent != key => self.root(parent),
            _ => key.clone(),
        }
    }

    /// The sets of keys, each a person.
    pub(crate) fn all(&self) -> BTreeSet<BTreeSet<Key>> {
        let mut people: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
        for key in self.parent.keys() {
            people.entry(self.root(key)).or_default().insert(key.clone());
        }
        people.into_values().collect()
    }
}
