//! The snapshot that is worked with, and how it follows what is stored.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use super::Snapshot;
use crate::clock::Clock;
use crate::storage::{Storage, StorageError};

/// The configuration of a process.
pub struct Registry {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) clock: Clock,
    snapshot: RwLock<Arc<Snapshot>>,
    /// Under which name this process says what it works with; none for commands, which say nothing, and from
    /// the end on.
    pub(super) node: Mutex<Option<String>>,
    /// The day on which old entries of the audit log were forgotten last.
    forgotten: AtomicI64,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("snapshot", &self.now()).finish_non_exhaustive()
    }
}

impl Registry {
    /// For a command beside a server that may be running.
    ///
    /// # Errors
    /// What the storage says, or that a record cannot be read.
    pub fn open(storage: Arc<dyn Storage>, clock: Clock) -> Result<Self, StorageError> {
        let registry = Self {
            storage,
            clock,
            snapshot: RwLock::default(),
            node: Mutex::default(),
            forgotten: AtomicI64::new(i64::MIN),
        };
        registry.renew()?;
        Ok(registry)
    }

    /// For a server, which is known as `node` among those that run: whoever changes something waits
    /// until it is known here.
    ///
    /// # Errors
    /// As [`Registry::open`].
    pub fn of_server(
        storage: Arc<dyn Storage>,
        clock: Clock,
        node: String,
    ) -> Result<Self, StorageError> {
        let registry = Self::open(storage, clock)?;
        *registry.node() = Some(node);
        registry.sign()?;
        Ok(registry)
    }

    /// From now on, until it is read anew, with another layer of rules.
    #[cfg(test)]
    pub(crate) fn lay_over(&self, layer: crate::model::Layer) {
        let configured = self.storage.configured().unwrap();
        let changed = Arc::new(self.now().over(layer, &configured));
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = changed;
    }

    /// The configuration now. Whoever works with it holds it for the length of their work.
    #[must_use]
    pub fn now(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads it again if anybody, in this process or another, has changed it.
    ///
    /// # Errors
    /// What the storage says; the snapshot that is known stays.
    pub fn renew(&self) -> Result<(), StorageError> {
        if self.storage.config_version()? == self.now().version() {
            return Ok(());
        }
        let read = Snapshot::read(&self.storage.configured()?)?;
        {
            let mut known = self.snapshot.write().unwrap_or_else(PoisonError::into_inner);
            // Somebody else may have read a later one meanwhile.
            if known.version() >= read.version() {
                return Ok(());
            }
            *known = Arc::new(read);
        }
        self.sign()
    }

    /// Forgets what the audit log has of more than `days` ago, once a day; 0: nothing, ever.
    ///
    /// # Errors
    /// What the storage says.
    pub fn forget_audit(&self, days: u64) -> Result<(), StorageError> {
        let now = self.clock.now();
        if days == 0 || self.forgotten.swap(now.day(), Ordering::Relaxed) == now.day() {
            return Ok(());
        }
        let kept = Duration::from_secs(days.saturating_mul(86_400));
        self.storage.forget_audit(now.minus(kept)).map(|_| ())
    }
}
