//! What happens beside the payloads: copying the log, renewing sources, watching the lock.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::App;
use crate::clock::Clock;
use crate::registry::Registry;
use crate::storage::{StillHeld, Storage, StorageError};
use crate::telemetry::Telemetry;

/// How soon the log is looked at after a step of it was copied: under load the next is due then, and
/// seldom and much at a time would make rounds wait for the disk.
const TICK_MIN: Duration = Duration::from_millis(5);
/// How often it is looked at when it does not grow; half as often each time until then.
const TICK_MAX: Duration = Duration::from_millis(50);
/// How often the rest is done. A source that is switched off stops within twice this time.
const ROUND: Duration = Duration::from_millis(250);

/// The housekeeping thread. Dropped, it ends after what it is doing.
#[derive(Debug)]
pub struct Housekeeping {
    stop: SyncSender<Call>,
    thread: JoinHandle<()>,
}

/// What the thread is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    /// The configuration has changed.
    Renew,
    /// It is to end.
    Stop,
}

/// What it looks after.
struct Keeper {
    storage: Arc<dyn Storage>,
    registry: Arc<Registry>,
    audit_days_max: u64,
    telemetry: Arc<Telemetry>,
    clock: Clock,
    lock: Option<StillHeld>,
    /// Said once, not twenty times a second.
    complained: bool,
}

impl Housekeeping {
    /// Starts it for `app`, whose parts it shares. `lock` is the folder's, kept until the end.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(app: &App, lock: Option<StillHeld>) -> Result<Self, StorageError> {
        let (stop, stopped) = sync_channel(1);
        let keeper = Keeper {
            storage: Arc::clone(&app.storage),
            registry: Arc::clone(&app.registry),
            audit_days_max: app.config.accounts.audit_days_max,
            telemetry: Arc::clone(&app.telemetry),
            clock: app.clock.clone(),
            lock,
            complained: false,
        };
        let call = stop.clone();
        app.storage.watch_config(Arc::new(move || {
            if call.try_send(Call::Renew).is_err() {
                tracing::trace!("a call waits already, and is enough");
            }
        }));
        let builder = std::thread::Builder::new().name("kith-housekeeping".to_owned());
        let thread = builder
            .spawn(move || keeper.run(&stopped))
            .map_err(|error| StorageError::Failed(error.to_string()))?;
        Ok(Self { stop, thread })
    }

    /// Ends it.
    pub fn stop(self) {
        if self.stop.send(Call::Stop).is_err() {
            tracing::debug!("the housekeeping thread has ended already");
        }
        if self.thread.join().is_err() {
            tracing::error!("the housekeeping thread had panicked");
        }
    }
}

impl Keeper {
    fn run(mut self, calls: &Receiver<Call>) {
        let (mut tick, mut waited) = (TICK_MAX, Duration::ZERO);
        loop {
            let is_called = match calls.recv_timeout(tick) {
                Ok(Call::Renew) => true,
                Ok(Call::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => false,
            };
            waited += tick;
            let copied = self.storage.copy_log();
            tick = match copied {
                Ok(true) => TICK_MIN,
                Ok(false) => TICK_MAX.min(tick * 2),
                // A disk that fails is not asked twenty times a second: each time all of the log may
                // have to be read again.
                Err(_) => ROUND,
            };
            let mut done = copied.map(|_| ());
            if is_called || waited >= ROUND {
                done = done.and_then(|()| self.tidy_up());
                waited = Duration::ZERO;
            }
            self.report(done);
        }
    }

    fn tidy_up(&mut self) -> Result<(), StorageError> {
        self.watch();
        self.telemetry.condense();
        self.registry.renew()?;
        self.registry.forget_audit(self.audit_days_max)?;
        self.storage.tidy_up(self.clock.now())
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
