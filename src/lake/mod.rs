//! History as an open lake: from the tail into Parquet files, and every question about it.
//!
//! DuckDB writes the files and answers the questions; which files there are is decided in our own
//! database, in the transaction that also takes their rows out of the tail. So there is one truth,
//! and a crash at any point leaves at worst a file that nobody knows, which is swept away.

mod error;
mod engine;
mod tail;
mod people;
mod moment;
mod question;
pub mod ask;
mod parquet;
mod flush;
mod compact;
mod expire;
mod erase;
mod sweep;
mod scratch;
mod keeper;

pub use compact::{Compacted, Eagerness};
pub use engine::{literal, weigh_less};
pub use erase::{Erased, Erasure};
pub use error::LakeError;
pub use expire::Expired;
pub use flush::Flushed;
pub use keeper::Keeper;
pub use moment::{Format, Moment, Span};
pub use people::HeldBack;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::config::{EventsConfig, QueryConfig};
use crate::ids::Ids;
use crate::model::Time;
use crate::storage::Storage;
use crate::telemetry::Telemetry;
use engine::Engine;
use people::Registered;
use tail::Tail;

/// Parquet files below the data folder.
const FILES: &str = "events";
/// What DuckDB puts aside, and results on their way out. Emptied at every start.
const SCRATCH: &str = "scratch";

/// The lake, open.
pub struct Lake {
    storage: Arc<dyn Storage>,
    clock: Clock,
    ids: Ids,
    telemetry: Arc<Telemetry>,
    config: EventsConfig,
    query: QueryConfig,
    files: PathBuf,
    scratch: PathBuf,
    people: Registered,
    /// Opened when it is needed first: a server that nobody sends to stays small.
    duck: Mutex<Option<Arc<Duck>>>,
    /// One job at a time changes files; questions go on meanwhile.
    job: Mutex<()>,
}

/// DuckDB, and what it has of the tail.
struct Duck {
    engine: Engine,
    tail: Mutex<Tail>,
}

impl Duck {
    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a lake is built of.
pub struct Parts {
    /// What must last.
    pub storage: Arc<dyn Storage>,
    /// Time.
    pub clock: Clock,
    /// Names of files.
    pub ids: Ids,
    /// What is counted.
    pub telemetry: Arc<Telemetry>,
    /// Sessions that are newer in memory than in the database.
    pub held_back: HeldBack,
}

impl std::fmt::Debug for Lake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lake").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Lake {
    /// Opens the lake of the data folder `folder`. Several processes may have it open.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn open(
        folder: &Path,
        config: &EventsConfig,
        query: &QueryConfig,
        parts: Parts,
    ) -> Result<Self, LakeError> {
        let files = folder.join(FILES);
        let people = people::register(Arc::clone(&parts.storage), parts.held_back);
        let scratch = scratch::make(&folder.join(SCRATCH), people.number())?;
        for folder in [&files, &scratch] {
            std::fs::create_dir_all(folder).map_err(LakeError::disk)?;
        }
        let files = files.canonicalize().map_err(LakeError::disk)?;
        let scratch = scratch.canonicalize().map_err(LakeError::disk)?;
        parts.storage.locate(&format!("{}/", files.display()))?;
        Ok(Self {
            storage: parts.storage,
            clock: parts.clock,
            ids: parts.ids,
            telemetry: parts.telemetry,
            config: config.clone(),
            query: query.clone(),
            files,
            scratch,
            people,
            duck: Mutex::default(),
            job: Mutex::default(),
        })
    }

    /// What the questions' bounds are.
    #[must_use]
    pub fn bounds(&self) -> &QueryConfig {
        &self.query
    }

    /// A path for a result on its way out.
    #[must_use]
    pub fn scratch_file(&self, ending: &str) -> PathBuf {
        self.scratch.join(format!("{}.{ending}", self.ids.uuid(self.clock.now())))
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn job(&self) -> MutexGuard<'_, ()> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn duck(&self) -> Result<Arc<Duck>, LakeError> {
        let mut duck = self.duck.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(duck) = duck.as_ref() {
            return Ok(Arc::clone(duck));
        }
        let engine = Engine::open(&self.files, &self.scratch, &self.query, &self.people)?;
        let tail = Mutex::new(Tail::new(engine.connect()?));
        Ok(Arc::clone(duck.insert(Arc::new(Duck { engine, tail }))))
    }
}

impl Drop for Lake {
    fn drop(&mut self) {
        // DuckDB may still hold files in it; the next start empties what is left.
        drop(std::fs::remove_dir_all(&self.scratch));
    }
}
