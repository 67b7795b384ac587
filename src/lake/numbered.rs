//! What DuckDB's functions need and cannot be given.
//!
//! They know nothing but their arguments, so a number leads them to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Things by number, for as long as whoever put them there wants.
pub(super) struct Numbered<T>(Mutex<(u64, BTreeMap<u64, Arc<T>>)>);

impl<T> Numbered<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new((0, BTreeMap::new())))
    }

    /// The number that leads to it from now on; none is given twice.
    pub(super) fn put(&self, one: T) -> u64 {
        let (last, known) = &mut *self.all();
        *last += 1;
        known.insert(*last, Arc::new(one));
        *last
    }

    pub(super) fn get(&self, number: u64) -> Option<Arc<T>> {
        self.all().1.get(&number).cloned()
    }

    pub(super) fn remove(&self, number: u64) {
        self.all().1.remove(&number);
    }

    fn all(&self) -> MutexGuard<'_, (u64, BTreeMap<u64, Arc<T>>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
