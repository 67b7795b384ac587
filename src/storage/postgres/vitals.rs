//! What is counted of connections and of commits that nobody answered.

use std::sync::atomic::{AtomicU64, Ordering};

use deadpool_postgres::Pool;

use crate::storage::{Doubts, PoolUse};

/// A pool, and how often somebody had to wait for one of it.
pub(super) struct Counted {
    pub(super) pool: Pool,
    waited: AtomicU64,
}

impl Counted {
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool, waited: AtomicU64::new(0) }
    }

    /// Somebody is about to take one.
    pub(super) fn is_wanted(&self) {
        let status = self.pool.status();
        if status.available == 0 && status.size >= status.max_size {
            self.waited.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn usage(&self) -> PoolUse {
        let status = self.pool.status();
        PoolUse {
            open: status.size,
            used: status.size.saturating_sub(status.available),
            waiting: status.waiting,
            waited: self.waited.load(Ordering::Relaxed),
        }
    }
}

/// Commits that nobody answered.
#[derive(Default)]
pub(super) struct Doubted {
    open: AtomicU64,
    committed: AtomicU64,
    undone: AtomicU64,
    unknown: AtomicU64,
}

/// What became of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Committed,
    Undone,
    Unknown,
}

impl Doubted {
    /// One is being asked about while `ask` runs, which says what became of it.
    pub(super) fn settle<T>(&self, ask: impl FnOnce() -> (Found, T)) -> T {
        self.open.fetch_add(1, Ordering::Relaxed);
        let (found, answer) = ask();
        self.open.fetch_sub(1, Ordering::Relaxed);
        let counter = match found {
            Found::Committed => &self.committed,
            Found::Undone => &self.undone,
            Found::Unknown => &self.unknown,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        answer
    }

    pub(super) fn all(&self) -> Doubts {
        Doubts {
            open: self.open.load(Ordering::Relaxed),
            committed: self.committed.load(Ordering::Relaxed),
            undone: self.undone.load(Ordering::Relaxed),
            unknown: self.unknown.load(Ordering::Relaxed),
        }
    }
}
