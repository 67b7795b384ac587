//! History as an open lake: from the tail into Parquet files, and every question about it.
//!
//! DuckDB writes the files and answers the questions; which files there are is decided in our own
//! database, in the transaction that also takes their rows out of the tail. So there is one truth,
//! and a crash at any point leaves at worst a file that nobody knows, which is swept away.

mod error;
mod files;
mod engine;
mod tail;
mod people;
mod masked;
mod moment;
mod order;
mod question;
pub mod ask;
mod parquet;
mod shape;
mod flush;
mod portion;
mod sorted;
mod compact;
mod expire;
mod erase;
mod search;
mod sweep;
mod scratch;
mod upkeep;
mod check;

pub use check::check;
pub use compact::{Compacted, Eagerness};
pub use engine::weigh_less;
pub use erase::{Erased, Erasure};
pub use error::LakeError;
pub use expire::Expired;
pub use files::S3Access;
pub use flush::Flushed;
pub use masked::masked;
use moment::Room;
pub use moment::{Format, Moment, Span};
pub use order::{NEWEST_FIRST, OLDEST_FIRST};
pub use people::HeldBack;
pub use scratch::ScratchFile;
pub use upkeep::Retained;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use duckdb::Connection;

use crate::clock::Clock;
use crate::config::{Config, EventsConfig, QueryConfig};
use crate::hashing::Hashing;
use crate::ids::Ids;
use crate::model::Time;
use crate::storage::{Storage, Through};
use crate::telemetry::Telemetry;
use engine::{Bounds, Engine, LightThread};
use files::{Claim, Files};
use people::Registered;
use tail::Tail;

/// What DuckDB puts aside, and results on their way out. Emptied at every start.
const SCRATCH: &str = "scratch";
/// What is hashed with the installation's key to name it.
const INSTALLATION: &str = "lake";
/// After so long without a question, what they need in memory is given back.
const IDLE: Duration = Duration::from_secs(600);

/// The lake, open.
pub struct Lake {
    storage: Arc<dyn Storage>,
    clock: Clock,
    ids: Ids,
    telemetry: Arc<Telemetry>,
    config: EventsConfig,
    query: QueryConfig,
    files: Files,
    /// What the files' place knows us by.
    installation: String,
    scratch: PathBuf,
    people: Registered,
    /// Opened by the first question: a server that nobody asks stays small.
    duck: Mutex<Asked>,
    /// Where jobs on files run.
    light: LightThread,
    /// Files that were found too large to be merged.
    left: Mutex<HashSet<String>>,
    /// One job at a time changes files; questions go on meanwhile.
    job: Mutex<()>,
}

/// What questions need, if there were some lately.
#[derive(Default)]
struct Asked {
    duck: Option<Arc<Duck>>,
    /// When it was asked last, by the monotonic clock.
    last: Duration,
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
    /// Where S3 is, should the files lie there.
    pub s3: S3Access,
}

impl std::fmt::Debug for Lake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lake").field("files", &self.files.location()).finish_non_exhaustive()
    }
}

impl Lake {
    /// Opens the lake of these settings. Several processes may have it open.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn open(config: &Config, parts: Parts) -> Result<Self, LakeError> {
        let people = people::register(Arc::clone(&parts.storage), parts.held_back);
        let scratch = scratch::make(&config.data_dir.join(SCRATCH), people.number())?;
        let files = Files::open(config, &parts.s3, &scratch, &parts.clock)?;
        let installation = Hashing::new(parts.storage.key()).token(INSTALLATION);
        if let Claim::NotNow(why) = files.claim(&installation)? {
            tracing::warn!(why, "history cannot be reached now; it is tried again");
        }
        parts.storage.locate(&files.location(), parts.clock.now())?;
        Ok(Self {
            storage: parts.storage,
            clock: parts.clock,
            ids: parts.ids,
            telemetry: parts.telemetry,
            config: config.events.clone(),
            query: config.query.clone(),
            files,
            installation,
            scratch,
            people,
            duck: Mutex::default(),
            light: LightThread::start()?,
            left: Mutex::default(),
            job: Mutex::default(),
        })
    }

    /// What the questions' bounds are.
    #[must_use]
    pub fn bounds(&self) -> &QueryConfig {
        &self.query
    }

    /// A file for a result on its way out. It is not there yet.
    #[must_use]
    pub fn scratch_file(&self, ending: &str) -> ScratchFile {
        let name = format!("{}.{ending}", self.ids.uuid(self.clock.now()));
        ScratchFile::new(self.scratch.join(name))
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn job(&self) -> MutexGuard<'_, ()> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn duck(&self) -> Result<Arc<Duck>, LakeError> {
        let mut asked = self.asked();
        asked.last = self.clock.elapsed();
        if let Some(duck) = asked.duck.as_ref() {
            return Ok(Arc::clone(duck));
        }
        let Room { memory, threads } = self.room();
        let bounds = self.may(memory, threads);
        let engine = Engine::open(&bounds, &self.people)?;
        let tail = Mutex::new(Tail::new(engine.connect()?));
        Ok(Arc::clone(asked.duck.insert(Arc::new(Duck { engine, tail }))))
    }

    /// What questions may take.
    fn room(&self) -> Room {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if self.query.threads_max == 0 { cores } else { self.query.threads_max };
        Room { memory: engine::memory(self.query.memory_bytes_max), threads }
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.duck.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back the memory that questions need when there were none for [`IDLE`]. Those that are
    /// being answered keep what they have.
    pub fn rest(&self) {
        let mut asked = self.asked();
        if self.clock.elapsed().saturating_sub(asked.last) >= IDLE {
            asked.duck = None;
        }
    }
}

impl Lake {
    /// A DuckDB for one job on files. Called on the thread that is to do the job.
    fn workshop(&self) -> Result<Connection, LakeError> {
        engine::for_a_job(&self.may(self.config.memory_bytes_max, 1))
    }

    fn may(&self, memory: u64, threads: usize) -> Bounds<'_> {
        let scratch_bytes = self.query.scratch_bytes_max;
        Bounds { memory, scratch_bytes, threads, files: self.files.reach(), scratch: &self.scratch }
    }

    /// What was flushed need not be kept for questions; what they have not asked for is not fetched.
    fn forget_flushed(&self, flushed: &[(Through, u64)]) -> Result<(), LakeError> {
        let duck = self.asked().duck.clone();
        duck.map_or(Ok(()), |duck| {
            duck.tail().drop_flushed(flushed.iter().map(|(from, to)| (from.stream.as_ref(), *to)))
        })
    }
}

impl Drop for Lake {
    fn drop(&mut self) {
        // DuckDB may still hold files in it; the next start empties what is left.
        drop(std::fs::remove_dir_all(&self.scratch));
    }
}
