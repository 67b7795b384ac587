//! History as an open lake: from the tail into Parquet files, and every question about it.
//!
//! DuckDB writes the files and answers the questions; which files there are is decided in our own
//! database, in the transaction that also takes their rows out of the tail. So there is one truth,
//! and a crash at any point leaves at worst a file that nobody knows, which is swept away.

mod error;
mod files;
mod engine;
mod tail;
mod numbered;
mod lines;
mod people;
mod members;
mod found;
mod history;
mod known;
mod masked;
mod moment;
mod order;
mod allowed;
mod arrows;
mod formulas;
mod named;
mod finite;
mod question;
pub mod ask;
mod parquet;
mod shape;
mod workshop;
mod flush;
mod portion;
mod sorted;
mod compact;
mod damaged;
mod expire;
mod erase;
mod search;
mod sweep;
mod scratch;
mod upkeep;
mod check;
mod library;
mod whole;
mod blame;
mod lost;
mod place;
mod table;

pub use check::check;
pub use compact::{Compacted, Eagerness};
pub use engine::weigh_less;
pub use erase::{Erased, Erasure, NamedIn};
pub use error::LakeError;
pub use expire::Expired;
pub use files::{AtHand, CacheUse, Held, S3Access, Who};
pub use flush::Flushed;
pub use formulas::FORMULA_BEGINS;
pub use history::{History, HistoryParts, Sight};
pub use library::{Loading, load as load_duckdb};
pub use lost::Lost;
pub use moment::{Format, Moment, Span};
pub use named::{IN_DOUBT, ONLY_NAMED};
pub use order::{AS_RECEIVED, NEWEST_FIRST, NO_POSITION, OLDEST_FIRST};
pub use people::{HeldBack, NewerSession};
pub use place::must_lead_to_files;
pub use scratch::ScratchFile;
pub use upkeep::Retained;
pub use whole::unreadable;
pub use workshop::work as write_files;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::config::{Config, EventsConfig, QueryConfig};
use crate::hashing::Hashing;
use crate::ids::Ids;
use crate::model::Time;
use crate::storage::Storage;
use crate::telemetry::Telemetry;
use damaged::Damaged;
use files::Files;
use place::Place;
use scratch::Scratch;
use workshop::{Room, Workshop, Workshops};

/// What is hashed with the installation's key to name it.
const INSTALLATION: &str = "lake";

/// The lake, open.
pub struct Lake {
    storage: Arc<dyn Storage>,
    clock: Clock,
    ids: Ids,
    telemetry: Arc<Telemetry>,
    config: EventsConfig,
    query: QueryConfig,
    files: Arc<Files>,
    /// What the files' place knows us by.
    installation: String,
    /// What the catalogue may call it.
    places: Vec<String>,
    scratch: Scratch,
    /// Where files are written.
    workshops: Workshops,
    /// Files that were found too large to be merged.
    left: Mutex<HashSet<String>>,
    /// Files that were found to be unreadable.
    damaged: Mutex<Damaged>,
    /// One job at a time changes files; questions go on meanwhile.
    job: Mutex<()>,
    /// The server ends.
    is_closing: AtomicBool,
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
    /// Where S3 is, should the files lie there.
    pub s3: S3Access,
    /// The program that writes files: this one, but in tests.
    pub program: PathBuf,
    /// For whom it is opened.
    pub who: Who,
}

impl std::fmt::Debug for Lake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lake").field("files", &self.files.location()).finish_non_exhaustive()
    }
}

impl Lake {
    /// Opens the lake of these settings for a server. Several processes may have it open.
    ///
    /// # Errors
    /// See [`LakeError`]: [`LakeError::Setting`] where the files that the catalogue knows lie elsewhere.
    pub fn open(config: &Config, parts: Parts) -> Result<Self, LakeError> {
        Self::opened(config, parts, |place, now| place.take(now))
    }

    /// The same for a command beside a server that may be running, of another version: what the catalogue says
    /// stays as it is.
    ///
    /// # Errors
    /// As [`Lake::open`].
    pub fn open_beside(config: &Config, parts: Parts) -> Result<Self, LakeError> {
        Self::opened(config, parts, |place, now| place.find(now))
    }

    fn opened(
        config: &Config,
        parts: Parts,
        settle: impl FnOnce(Place<'_>, Time) -> Result<Vec<String>, LakeError>,
    ) -> Result<Self, LakeError> {
        let scratch = Scratch::make(&config.data_dir)?;
        let files = Files::open(config, &parts.s3, scratch.folder(), (&parts.clock, parts.who))?;
        let installation = Hashing::new(parts.storage.key()).token(INSTALLATION);
        let place = Place::of(parts.storage.as_ref(), &files)?.claimed(&installation)?;
        let places = settle(place, parts.clock.now())?;
        Ok(Self {
            workshops: Workshops::new(
                parts.program,
                parts.clock.clone(),
                Arc::clone(&parts.telemetry),
            ),
            storage: parts.storage,
            clock: parts.clock,
            ids: parts.ids,
            telemetry: parts.telemetry,
            config: config.events.clone(),
            query: config.query.clone(),
            files: Arc::new(files),
            installation,
            places,
            scratch,
            left: Mutex::default(),
            damaged: Mutex::default(),
            job: Mutex::default(),
            is_closing: AtomicBool::default(),
        })
    }

    /// A file for a result on its way out. It is not there yet.
    #[must_use]
    pub fn scratch_file(&self, ending: &str) -> ScratchFile {
        let name = format!("{}.{ending}", self.ids.uuid(self.clock.now()));
        ScratchFile::new(self.scratch.folder().join(name))
    }

    /// Where answers lie on their way out.
    #[must_use]
    pub fn answers(&self) -> &Path {
        self.scratch.folder()
    }

    /// The files, for those who read them elsewhere.
    #[must_use]
    pub fn files(&self) -> Arc<dyn AtHand> {
        Arc::clone(&self.files) as Arc<dyn AtHand>
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn job(&self) -> MutexGuard<'_, ()> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lake {
    /// A DuckDB for one job on files.
    fn workshop(&self) -> Result<Workshop<'_>, LakeError> {
        self.workshop_in(self.files.reach())
    }

    /// One that reaches the files in this folder.
    fn workshop_in(&self, files: &Path) -> Result<Workshop<'_>, LakeError> {
        let settings = (&self.config, &self.query);
        self.workshops.enter(Room::of(settings, files, self.scratch.folder()))
    }

    /// Ends the process that writes files when it has had nothing to do for a while.
    pub fn rest(&self) {
        self.workshops.rest();
    }
}
