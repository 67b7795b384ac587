//! What happens beside the payloads: copying the log, renewing sources, watching the lock.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::admission::Sources;
use crate::clock::Clock;
use crate::storage::{StillHeld, Storage, StorageError};

/// How often. A source that is switched off stops within twice this time.
const EVERY: Duration = Duration::from_millis(250);

/// The housekeeping thread. Dropped, it ends after what it is doing.
#[derive(Debug)]
pub struct Housekeeping {
    stop: SyncSender<()>,
    thread: JoinHandle<()>,
}

/// What it looks after.
struct Keeper {
    storage: Arc<dyn Storage>,
    sources: Arc<Sources>,
    clock: Clock,
    lock: Option<StillHeld>,
    /// Said once, not four times a second.
    complained: bool,
}

impl Housekeeping {
    /// Starts it. `lock` is the folder's, kept until the end.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        storage: Arc<dyn Storage>,
        sources: Arc<Sources>,
        clock: Clock,
        lock: Option<StillHeld>,
    ) -> Result<Self, StorageError> {
        let (stop, stopped) = sync_channel(1);
        let keeper = Keeper { storage, sources, clock, lock, complained: false };
        let builder = std::thread::Builder::new().name("kith-housekeeping".to_owned());
        let thread = builder
            .spawn(move || keeper.run(&stopped))
            .map_err(|error| StorageError::Failed(error.to_string()))?;
        Ok(Self { stop, thread })
    }

    /// Ends it.
    pub fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the housekeeping thread had panicked");
        }
    }
}

impl Keeper {
    fn run(mut self, stopped: &Receiver<()>) {
        while matches!(stopped.recv_timeout(EVERY), Err(RecvTimeoutError::Timeout)) {
            let done = self
                .sources
                .renew(self.storage.as_ref())
                .and_then(|()| self.storage.tidy_up(self.clock.now()));
            self.report(done);
            self.watch();
        }
    }

    fn report(&mut self, done: Result<(), StorageError>) {
        match done {
            Ok(()) => self.complained = false,
            Err(_) if self.complained => {}
            Err(error) => {
                tracing::warn!(%error, "housekeeping failed; it is tried again");
                self.complained = true;
            }
        }
    }

    /// A removed lock file would let a second process in. The database's owner mark keeps the data
    /// safe then; this only says it early.
    fn watch(&mut self) {
        if self.lock.as_ref().is_some_and(|lock| !lock.is_in_place()) {
            tracing::error!(
                "somebody removed kith.lock; do not start a second Kith on this folder"
            );
            self.lock = None;
        }
    }
}
