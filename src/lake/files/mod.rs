//! The lake's files, wherever they lie: what jobs and questions ask of them.
//!
//! A file is written once, under a name that nobody else has, and never changed. The catalogue knows
//! it by its name below the place, so a lake can be copied from one place to another.

mod location;
mod folder;
mod access;
mod s3;
mod claim;
mod transfer;
mod cache;
mod mirror;

pub use access::S3Access;
pub use cache::CacheUse;
pub(super) use claim::Claim;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use super::LakeError;
use super::shape::table;
use crate::clock::Clock;
use crate::config::Config;
use crate::storage::DataFile;
use cache::{Cache, Hold};
use folder::Folder;
pub(super) use location::Location;
use mirror::Mirror;
use s3::Bucket;

/// Copies of files on S3, below the data folder.
const CACHE: &str = "cache";

/// For whom files are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A server, which keeps copies for the next question and the next start.
    Server,
    /// A command, which ends: nobody would take away the copies that it left of what is erased later.
    Command,
}

/// The two places where files can lie.
pub(super) enum Files {
    Folder(Folder),
    S3(Box<Mirror>),
}

/// A file that was found in the place, whether the catalogue knows it or not.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) path: String,
    pub(super) bytes: u64,
    /// Since it was written.
    pub(super) age: Duration,
}

/// What questions ask of the lake's files. A trait, since those who answer may be in another process
/// than those who have the files.
pub trait AtHand: Send + Sync {
    /// The folder that they are read in.
    fn reach(&self) -> &Path;

    /// These files, if they can be read without fetching any.
    ///
    /// # Errors
    /// See [`LakeError`].
    fn at_hand(&self, files: &[&DataFile]) -> Result<Option<Held>, LakeError>;

    /// These files, fetched within `limit`.
    ///
    /// # Errors
    /// See [`LakeError`].
    fn fetch(&self, files: &[&DataFile], limit: Duration) -> Result<Held, LakeError>;
}

/// Files that can be read, until this is dropped: nobody puts them out of the cache.
#[derive(Default)]
pub struct Held {
    paths: Vec<PathBuf>,
    holds: Vec<Hold>,
    /// Those that are here for nobody else.
    passing: Vec<PathBuf>,
    /// Whether each of them holds every column.
    are_whole: bool,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Held").field(&self.paths).finish()
    }
}

impl Held {
    /// Files that somebody else holds.
    #[must_use]
    pub fn elsewhere(paths: Vec<PathBuf>, files: &[&DataFile]) -> Self {
        let (holds, passing) = (Vec::new(), Vec::new());
        Self { paths, holds, passing, are_whole: are_whole(files) }
    }

    /// Where they are.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The files as DuckDB reads them, as one table; none when there are none.
    pub(super) fn sql(&self) -> Option<String> {
        (!self.paths.is_empty()).then(|| table(&self.paths, self.are_whole))
    }

    /// A table for each file, in the order they were asked for.
    pub(super) fn each(&self) -> impl Iterator<Item = String> {
        self.paths.iter().map(|path| table(std::slice::from_ref(path), self.are_whole))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for path in &self.passing {
            // It may not have come. The scratch folder is emptied at the next start.
            drop(std::fs::remove_file(path));
        }
    }
}

impl Files {
    /// The place that the settings name. On S3, nobody is asked yet.
    pub(super) fn open(
        config: &Config,
        access: &S3Access,
        scratch: &Path,
        (clock, who): (&Clock, Who),
    ) -> Result<Self, LakeError> {
        let is_named = !config.events_url.trim().is_empty();
        let (bucket, prefix) = match Location::of(config)? {
            Location::Folder(path) => return Folder::open(&path, is_named).map(Self::Folder),
            Location::S3 { bucket, prefix } => (bucket, prefix),
        };
        let (folder, own) = (config.data_dir.join(CACHE), scratch.join(CACHE));
        Ok(Self::S3(Box::new(Mirror {
            bucket: Bucket::open(&bucket, &prefix, access)?,
            cache: Cache::open((&folder, &own), who, config.events.cache_bytes_max)?,
            scratch: scratch.to_owned(),
            clock: clock.clone(),
            passing: AtomicU64::new(0),
        })))
    }

    /// Every file that is in the place; nothing is opened for reading or writing.
    pub(super) fn in_place(config: &Config, access: &S3Access) -> Result<Vec<Listed>, LakeError> {
        match Location::of(config)? {
            // It is made when the first file is written.
            Location::Folder(path) if !path.exists() => Ok(Vec::new()),
            Location::Folder(path) => Folder::open(&path, false)?.list(),
            Location::S3 { bucket, prefix } => Bucket::open(&bucket, &prefix, access)?.list(),
        }
    }

    /// Makes sure that the place is this installation's, or says why nobody knows now.
    ///
    /// # Errors
    /// When it is not, and when there is no such place.
    pub(super) fn claim(&self, installation: &str) -> Result<Claim, LakeError> {
        match self {
            Self::Folder(folder) => folder.claim(installation),
            Self::S3(mirror) => mirror.bucket.claim(installation),
        }
    }

    /// The place, as readers from outside find it.
    pub(super) fn location(&self) -> String {
        match self {
            Self::Folder(folder) => Location::Folder(folder.path().to_owned()).to_string(),
            Self::S3(mirror) => mirror.bucket.url().to_owned(),
        }
    }

    /// The same for several nodes, each of which may have it elsewhere on its own machine.
    pub(super) fn shared_location(&self) -> String {
        match self {
            Self::Folder(folder) => Location::Folder(folder.shared_name().to_owned()).to_string(),
            Self::S3(_) => self.location(),
        }
    }

    /// Where DuckDB writes the new file `path`.
    pub(super) fn draft(&self, path: &str) -> Result<PathBuf, LakeError> {
        match self {
            Self::Folder(folder) => folder.draft(path),
            Self::S3(mirror) => Ok(mirror.scratch.join(path.replace('/', "_"))),
        }
    }

    /// Makes a file that was written last. Nobody knows of it before the catalogue does.
    pub(super) fn keep(&self, path: &str, bytes: u64, draft: &Path) -> Result<(), LakeError> {
        match self {
            Self::Folder(folder) => folder.keep(path),
            Self::S3(mirror) => mirror.keep(path, bytes, draft),
        }
    }

    /// These files, for a job.
    pub(super) fn for_job(&self, files: &[&DataFile]) -> Result<Held, LakeError> {
        match self {
            Self::Folder(folder) => Ok(in_folder(folder, files)),
            Self::S3(mirror) => mirror.for_job(files),
        }
    }

    /// Removes files, for good.
    pub(super) fn remove(&self, paths: &[String]) -> Result<(), LakeError> {
        match self {
            Self::Folder(folder) => paths.iter().try_for_each(|path| folder.remove(path)),
            Self::S3(_) if paths.is_empty() => Ok(()),
            Self::S3(mirror) => mirror.remove(paths),
        }
    }

    /// Copies of other files than these leave this machine.
    pub(super) fn keep_copies_of(&self, known: &[String]) {
        if let Self::S3(mirror) = self {
            mirror.cache.keep_only(known);
        }
    }

    /// Whether the file is there; also where nobody can say it now.
    pub(super) fn has(&self, path: &str) -> bool {
        match self {
            Self::Folder(folder) => folder.place(path).exists(),
            Self::S3(mirror) => mirror.bucket.has(path),
        }
    }

    /// Whether they lie on this machine, as far as it knows.
    pub(super) fn is_folder(&self) -> bool {
        matches!(self, Self::Folder(_))
    }

    /// Whether they lie in the data folder, and no setting names another place.
    pub(super) fn are_beside(&self) -> bool {
        matches!(self, Self::Folder(folder) if !folder.is_named())
    }

    /// Every file there is.
    pub(super) fn list(&self) -> Result<Vec<Listed>, LakeError> {
        match self {
            Self::Folder(folder) => folder.list(),
            Self::S3(mirror) => mirror.bucket.list(),
        }
    }

    /// How the cache goes, where there is one.
    pub(super) fn cache(&self) -> CacheUse {
        match self {
            Self::Folder(_) => CacheUse::default(),
            Self::S3(mirror) => mirror.cache.usage(),
        }
    }

    /// What is under way ends soon, and nothing begins.
    pub(super) fn close(&self) {
        if let Self::S3(mirror) = self {
            mirror.bucket.close();
        }
    }
}

impl AtHand for Files {
    fn reach(&self) -> &Path {
        match self {
            Self::Folder(folder) => folder.path(),
            Self::S3(mirror) => mirror.cache.folder(),
        }
    }

    fn at_hand(&self, files: &[&DataFile]) -> Result<Option<Held>, LakeError> {
        Ok(match self {
            Self::Folder(folder) => Some(in_folder(folder, files)),
            Self::S3(mirror) => mirror.at_hand(files),
        })
    }

    fn fetch(&self, files: &[&DataFile], limit: Duration) -> Result<Held, LakeError> {
        match self {
            Self::Folder(folder) => Ok(in_folder(folder, files)),
            Self::S3(mirror) => mirror.fetch(files, limit),
        }
    }
}

fn in_folder(folder: &Folder, files: &[&DataFile]) -> Held {
    let paths = files.iter().map(|file| folder.place(&file.path)).collect();
    Held { paths, holds: Vec::new(), passing: Vec::new(), are_whole: are_whole(files) }
}

fn are_whole(files: &[&DataFile]) -> bool {
    files.iter().all(|file| file.is_whole)
}

/// How long ago a file was written, by the clock of whoever keeps it.
fn age(written: SystemTime) -> Duration {
    written.elapsed().unwrap_or_default()
}
