//! History, open to be asked: DuckDB with what it has of the tail, and the files that questions read.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use duckdb::Connection;
use serde::{Deserialize, Serialize};

use super::engine::{self, Bounds, Engine};
use super::files::{AtHand, Files, Held, S3Access, Who};
use super::moment::{Moment, Room, Span, stand_still};
use super::people::{self, HeldBack, Registered};
use super::scratch::{Scratch, ScratchFile};
use super::tail::{self, Tail};
use super::{LakeError, must_lead_to_files};
use crate::clock::Clock;
use crate::config::{Config, QueryConfig};
use crate::model::Masking;
use crate::storage::{DataFile, LakeView, Storage};

/// How often a question looks for a moment whose files are all here.
const LOOKS_MAX: usize = 8;

/// See the module. Whoever has one answers questions; a server leaves that to other processes.
pub struct History {
    storage: Arc<dyn Storage>,
    query: QueryConfig,
    masking: Masking,
    files: Arc<dyn AtHand>,
    engine: Engine,
    tail: Mutex<Tail>,
    scratch: Scratch,
    /// DuckDB finds the people by it.
    _people: Registered,
}

/// What it is built of.
pub struct HistoryParts {
    /// The database, to be read only.
    pub storage: Arc<dyn Storage>,
    /// The files that questions read.
    pub files: Arc<dyn AtHand>,
    /// Sessions that are newer in memory than in the database.
    pub held_back: HeldBack,
    /// Where answers are to be written; none for the scratch folder.
    pub answers: Option<PathBuf>,
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}

/// What is shown of history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sight {
    /// All of it.
    Everything,
    /// All but what `masking.fields` hides.
    Masked,
}

impl History {
    /// Opens history within the bounds of the settings (`query`).
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn open(config: &Config, parts: HistoryParts) -> Result<Self, LakeError> {
        Self::over(config, parts, Scratch::make(&config.data_dir)?)
    }

    /// The same for a command beside a server that may be running. Last-seen times that the server
    /// holds back are not in it yet.
    ///
    /// # Errors
    /// See [`LakeError`]; [`LakeError::Setting`] where the settings lead to another place than the catalogue.
    pub fn beside(
        config: &Config,
        storage: Arc<dyn Storage>,
        s3: &S3Access,
    ) -> Result<Self, LakeError> {
        must_lead_to_files(config, storage.as_ref())?;
        let scratch = Scratch::make(&config.data_dir)?;
        let files = Files::open(config, s3, scratch.folder(), (&Clock::system(), Who::Command))?;
        let held_back: HeldBack = Box::new(|_| Ok(Vec::new()));
        let files = Arc::new(files);
        Self::over(config, HistoryParts { storage, files, held_back, answers: None }, scratch)
    }

    fn over(config: &Config, parts: HistoryParts, scratch: Scratch) -> Result<Self, LakeError> {
        let HistoryParts { storage, files, held_back, answers } = parts;
        let people = people::register(Arc::clone(&storage), held_back);
        let room = Room::of(&config.query);
        let bounds = Bounds {
            memory: room.memory,
            scratch_bytes: config.query.scratch_bytes_max,
            threads: room.threads,
            files: files.reach(),
            scratch: scratch.folder(),
            answers: answers.as_deref().unwrap_or(scratch.folder()),
        };
        let engine = Engine::open(&bounds, &people)?;
        let tail = Mutex::new(Tail::new(engine.connect()?));
        let query = config.query.clone();
        let masking = Masking::parse(&config.masking.fields).unwrap_or_default();
        Ok(Self { storage, query, masking, files, engine, tail, scratch, _people: people })
    }

    /// History as it is now: everything acknowledged until now is in it. What is not on this machine
    /// is fetched while others ask; the catalogue may change meanwhile, so then it looks again.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn moment(&self, span: Span) -> Result<Moment, LakeError> {
        self.moment_seen(span, Sight::Everything)
    }

    /// The same, as it is shown to somebody.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn moment_seen(&self, span: Span, sight: Sight) -> Result<Moment, LakeError> {
        self.with_files(span, sight, || {
            let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
            let view = tail.sync(self.storage.as_ref())?;
            let connection = self.engine.connect()?;
            Ok(Seen { view, connection, tail: "kith.tail", still: Some(tail) })
        })
    }

    /// The events alone that came under these ids, without following who was merged into whom: of the tail
    /// nothing else is taken in, so it is there soon, also beside full load.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn moment_under(&self, ids: &[String], span: Span) -> Result<Moment, LakeError> {
        self.with_files(span, Sight::Everything, || {
            let connection = self.engine.connect()?;
            let view = tail::under(ids, &connection, self.storage.as_ref())?;
            Ok(Seen { view, connection, tail: tail::UNDER, still: None })
        })
    }

    fn with_files<'a>(
        &'a self,
        span: Span,
        sight: Sight,
        mut look: impl FnMut() -> Result<Seen<'a>, LakeError>,
    ) -> Result<Moment, LakeError> {
        let limit = Duration::from_secs(self.query.seconds_max);
        // Kept, so that nothing of it is put out before the next look.
        let mut fetched = Ok(Held::default());
        for _ in 0..LOOKS_MAX {
            let Seen { view, connection, tail, still } = look()?;
            let files: Vec<&DataFile> = view.files.iter().filter(|file| span.meets(file)).collect();
            if let Some(held) = self.files.at_hand(&files)? {
                let room = Room::of(&self.query);
                let hidden = (sight == Sight::Masked).then_some(&self.masking);
                let rows = files.iter().map(|file| file.rows).sum();
                return stand_still(connection, &view, (held, rows), tail, room, hidden);
            }
            drop(still);
            fetched = match self.files.fetch(&files, limit) {
                // Somebody may have removed what this view has.
                Err(LakeError::Missing(said)) => Err(LakeError::Missing(said)),
                fetched => Ok(fetched?),
            };
        }
        fetched.and(Err(LakeError::Busy))
    }

    /// What one question may take: memory in bytes, and threads.
    #[must_use]
    pub fn room(&self) -> (u64, usize) {
        let Room { memory, threads } = Room::of(&self.query);
        (memory, threads)
    }

    /// A file for a result of this process. It is not there yet.
    #[must_use]
    pub fn scratch_file(&self, name: &str) -> ScratchFile {
        ScratchFile::new(self.scratch.folder().join(name))
    }
}

/// History as it was looked at, and a connection that sees it.
struct Seen<'a> {
    view: LakeView,
    connection: Connection,
    /// The table with what is in no file.
    tail: &'static str,
    /// Nobody changes that table meanwhile.
    still: Option<MutexGuard<'a, Tail>>,
}

impl Room {
    /// What the settings give to one question.
    fn of(query: &QueryConfig) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if query.threads_max == 0 { cores } else { query.threads_max };
        Self { memory: engine::memory(query.memory_bytes_max), threads }
    }
}
