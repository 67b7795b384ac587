//! Workers of one kind: a few stay warm, each answers one question at a time, the dead are replaced.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::frames::{Asking, Beginning};
use super::lending::Lending;
use super::process::Worker;
use crate::clock::Clock;
use crate::lake::LakeError;
use crate::lake::ask::Asker;
use crate::telemetry::Telemetry;

/// Workers that stay when nobody asks, for a while.
const WARM_MAX: usize = 2;
/// After so long without a question, none does.
const IDLE: Duration = Duration::from_secs(600);

/// What all workers of a server have in common.
pub(super) struct Common {
    pub(super) program: PathBuf,
    pub(super) beginning: Beginning,
    pub(super) lending: Lending,
    pub(super) clock: Clock,
    pub(super) telemetry: Arc<Telemetry>,
}

/// See the module.
pub(super) struct Pool {
    common: Arc<Common>,
    asker: Asker,
    places: Arc<Semaphore>,
    resting: Mutex<Resting>,
}

/// Those that wait for a question; the one asked last is asked first, since it knows most of the tail.
#[derive(Default)]
struct Resting {
    workers: Vec<Worker>,
    /// When the pool was asked last, by the monotonic clock.
    last: Duration,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("places", &self.places).finish_non_exhaustive()
    }
}

impl Pool {
    pub(super) fn new(common: Arc<Common>, asker: Asker, running_max: usize) -> Self {
        let places = Arc::new(Semaphore::new(running_max));
        Self { common, asker, places, resting: Mutex::default() }
    }

    /// A place to ask one question, as soon as one is free.
    pub(super) async fn place(self: &Arc<Self>) -> Result<Place, LakeError> {
        let permit = Arc::clone(&self.places).acquire_owned().await;
        let _permit = permit.map_err(|error| LakeError::Nobody(error.to_string()))?;
        self.resting().last = self.common.clock.elapsed();
        Ok(Place { pool: Arc::clone(self), worker: None, is_used_up: false, _permit })
    }

    pub(super) fn rest(&self) {
        let mut resting = self.resting();
        if self.common.clock.elapsed().saturating_sub(resting.last) >= IDLE {
            resting.workers.clear();
        }
    }

    fn resting(&self) -> MutexGuard<'_, Resting> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, worker: Worker) {
        let mut resting = self.resting();
        if resting.workers.len() < WARM_MAX {
            resting.workers.push(worker);
        }
    }

    /// So that the next question need not wait for a process to start.
    async fn replace(self: Arc<Self>) {
        match Worker::start(&self.common, self.asker).await {
            Ok(worker) => self.keep(worker),
            Err(error) => tracing::warn!(%error, "a process for questions could not be replaced"),
        }
    }
}

/// The right to ask one question. Dropped in the middle of it, its worker is killed.
pub(super) struct Place {
    pool: Arc<Pool>,
    worker: Option<Worker>,
    /// The worker is in the middle of something, or no more.
    is_used_up: bool,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Asks, and gives the worker back.
    pub(super) async fn ask(mut self, asking: Asking) -> Result<Box<RawValue>, LakeError> {
        let resting = self.pool.resting().workers.pop();
        self.worker = Some(match resting {
            Some(worker) => worker,
            None => Worker::start(&self.pool.common, self.pool.asker).await?,
        });
        let Some(worker) = self.worker.as_mut() else { return Err(LakeError::Waits) };
        self.is_used_up = true;
        let usual = self.pool.common.lending.seconds_max;
        let is_long = Duration::from_secs(asking.seconds_max) > usual;
        let answer = worker.ask(&self.pool.common, asking).await?;
        // What it has once taken may not come back to it: the next would find too little memory left. After one that
        // goes through all of history that is more than a gigabyte.
        self.is_used_up = is_long || matches!(answer, Err(LakeError::TooLarge));
        answer
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(worker) = self.worker.take() else { return };
        if !self.is_used_up {
            return self.pool.keep(worker);
        }
        drop(worker);
        self.pool.common.telemetry.question_process_ended();
        // Where there is no runtime any more, nobody asks.
        if let Ok(runtime) = Handle::try_current() {
            drop(runtime.spawn(Arc::clone(&self.pool).replace()));
        }
    }
}
