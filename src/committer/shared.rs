//! What the committer's threads, its door and its readers have in common.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Work;
use crate::model::{ProfileId, Session, SessionId};
use crate::storage::StorageError;

/// What waits in the queue.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub(super) payloads: AtomicUsize,
    pub(super) bytes: AtomicUsize,
    /// When the last payload came, in microseconds of [`crate::clock::Clock::elapsed`]; 0 before the first.
    heard: AtomicU64,
}

impl Waiting {
    pub(super) fn add(&self, work: &Work) {
        self.payloads.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(work.bytes(), Ordering::Relaxed);
    }

    /// A payload came at this moment.
    pub(super) fn hear(&self, now: Duration) {
        self.heard.store(u64::try_from(now.as_micros()).unwrap_or(0), Ordering::Relaxed);
    }

    /// How long ago the last one came.
    pub(super) fn quiet(&self, now: Duration) -> Duration {
        now.saturating_sub(Duration::from_micros(self.heard.load(Ordering::Relaxed)))
    }

    pub(super) fn remove(&self, work: &Work) {
        self.payloads.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(work.bytes(), Ordering::Relaxed);
    }
}

/// What the threads and the readers have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Sessions whose committed touches are not in their rows yet.
    overlay: Mutex<HashMap<SessionId, Arc<Session>>>,
    /// People of whom more is counted than their rows say.
    counted: Mutex<HashSet<ProfileId>>,
    /// Why the storage takes nothing, while it does not.
    down: Mutex<Option<StorageError>>,
    /// The life that writes at present.
    pub(super) stream: Mutex<Arc<str>>,
    /// Since when the storage is asked what a round needs, and since when one is written.
    pub(super) loading: Since,
    pub(super) writing: Since,
}

/// Since when something has been under way, if it is.
#[derive(Debug, Default)]
pub(super) struct Since(Mutex<Option<Duration>>);

/// It is under way until this is dropped.
pub(super) struct Begun<'a>(&'a Since);

impl Since {
    /// It begins now.
    pub(super) fn begin(&self, now: Duration) -> Begun<'_> {
        self.set(Some(now));
        Begun(self)
    }

    pub(super) fn at(&self) -> Option<Duration> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, since: Option<Duration>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

impl Shared {
    pub(super) fn new() -> Self {
        let stream = Mutex::new(Arc::from(""));
        let (overlay, counted, down) = (Mutex::default(), Mutex::default(), Mutex::default());
        let (loading, writing) = (Since::default(), Since::default());
        Self { overlay, counted, down, stream, loading, writing }
    }

    pub(super) fn set_stream(&self, stream: &Arc<str>) {
        *self.stream.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(stream);
    }

    pub(super) fn overlay(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<Session>>> {
        self.overlay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counted(&self) -> MutexGuard<'_, HashSet<ProfileId>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn down(&self) -> Option<StorageError> {
        self.down.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_down(&self, why: Option<StorageError>) {
        *self.down.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }
}
