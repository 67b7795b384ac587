//! Whoever changes something can use it at once: the change is over when all that live know it.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use super::Registry;
use crate::storage::StorageError;

/// How long a change waits for those who have not taken it over, at most.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it looks whether they have.
const LOOK: Duration = Duration::from_millis(5);

impl Registry {
    /// Says that this server lives, and what it works with.
    ///
    /// # Errors
    /// What the storage says.
    pub fn sign(&self) -> Result<(), StorageError> {
        // Held until it is said, so that nobody says it after the farewell.
        let node = self.node();
        let Some(name) = node.as_deref() else { return Ok(()) };
        self.storage.greet(name, self.now().version(), self.clock.now())
    }

    /// Says that this server ends. Nobody waits for it from now on.
    pub fn leave(&self) {
        let Some(name) = self.node().take() else { return };
        if let Err(error) = self.storage.farewell(&name) {
            tracing::debug!(%error, "others will notice by themselves");
        }
    }

    pub(super) fn node(&self) -> MutexGuard<'_, Option<String>> {
        self.node.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until every server that runs works with `version`, or for as long as is reasonable: one
    /// that hangs must not stop administrators. Blocks.
    pub(super) fn wait_for_others(&self, version: i64) {
        for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
            match self.storage.nodes_behind(version, self.clock.now()) {
                Ok(0) => return,
                Ok(_) => std::thread::sleep(LOOK),
                Err(error) => {
                    tracing::debug!(%error, "nobody knows who has taken over the configuration");
                    return;
                }
            }
        }
        tracing::warn!(version, "a server that runs has not taken over the configuration yet");
    }
}

impl Drop for Registry {
    /// A command that does what a server does ends without jobs, and nobody is to wait for it either.
    fn drop(&mut self) {
        self.leave();
    }
}
