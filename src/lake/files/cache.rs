//! Files from S3 that lie on this machine, in a folder with a bound: those used last.
//!
//! Files never change once they are written, so a copy of the right size is as good as the file. The
//! folder outlives the process that has it, a server, which hears of what is erased. Whoever only looks in (a command,
//! or a second server) has one of their own while they run, and links into it what the server has.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use hashlink::LinkedHashMap;

use super::Who;
use crate::lake::LakeError;
use crate::storage::DataFile;

/// How the name of a file ends that is still coming.
pub(super) const UNFINISHED: &str = "part";
/// How the name of a whole one ends.
const WHOLE: &str = "parquet";
/// Locked by the process that has the folder.
const LOCK: &str = "lock";

/// Whoever has one keeps its file from being put out for want of room.
pub(super) type Hold = Arc<()>;

/// See the module.
pub(super) struct Cache {
    folder: PathBuf,
    /// The folder that another process has.
    lender: Option<PathBuf>,
    bytes_max: u64,
    kept: Mutex<Kept>,
    pub(super) counts: CacheCounts,
    /// Taken by whoever downloads into it, so that nobody downloads the same.
    coming: Mutex<()>,
    /// Ours until this is dropped.
    _lock: Option<File>,
}

/// What is in the folder, the one used longest ago first.
#[derive(Default)]
struct Kept {
    files: LinkedHashMap<String, Copy>,
    /// Of all of them, and of those that are coming.
    bytes: u64,
}

struct Copy {
    bytes: u64,
    hold: Hold,
}

/// What was asked of it, since the start.
#[derive(Default)]
pub(super) struct CacheCounts {
    pub(super) read: AtomicU64,
    pub(super) fetched: AtomicU64,
    evicted: AtomicU64,
}

/// What is in the cache of files, and what was asked of it since the start. All of it is 0 where files are read where
/// they lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheUse {
    /// Files in it.
    pub files: usize,
    /// What they take, with those that are coming.
    pub bytes: u64,
    /// What they may take.
    pub bytes_max: u64,
    /// Files that questions have read.
    pub read: u64,
    /// Those that had to be fetched for it.
    pub fetched: u64,
    /// Files that were put out for want of room.
    pub evicted: u64,
}

/// The lock of the folder, unless another process has it.
fn take(folder: &Path) -> std::io::Result<Option<File>> {
    std::fs::create_dir_all(folder)?;
    let lock = File::create(folder.join(LOCK))?;
    Ok(lock.try_lock().is_ok().then_some(lock))
}

impl Cache {
    /// The cache in `folder`, or in `own` for a command and when another process has that.
    pub(super) fn open(
        (folder, own): (&Path, &Path),
        who: Who,
        bytes_max: u64,
    ) -> Result<Self, LakeError> {
        let lock = match who {
            Who::Server => take(folder).map_err(LakeError::disk)?,
            Who::Command => None,
        };
        let lender = lock.is_none().then(|| folder.to_owned());
        let folder = if lock.is_some() { folder } else { own };
        std::fs::create_dir_all(folder).map_err(LakeError::disk)?;
        let cache = Self {
            folder: folder.canonicalize().map_err(LakeError::disk)?,
            lender,
            bytes_max,
            kept: Mutex::default(),
            counts: CacheCounts::default(),
            coming: Mutex::default(),
            _lock: lock,
        };
        cache.find_again().map_err(LakeError::disk)?;
        Ok(cache)
    }

    /// What an earlier process has left, the youngest kept; what it did not finish goes.
    fn find_again(&self) -> std::io::Result<()> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let meta = path.metadata()?;
            if path.extension().is_some_and(|ending| ending == WHOLE) {
                found.push((meta.modified().unwrap_or(SystemTime::UNIX_EPOCH), name, meta.len()));
            } else if name != LOCK {
                std::fs::remove_file(path)?;
            }
        }
        found.sort_unstable();
        let mut kept = self.kept();
        for (_, name, bytes) in found {
            kept.bytes += bytes;
            kept.files.insert(name, Copy { bytes, hold: Hold::default() });
        }
        // The bound may have become smaller.
        self.make_room(&mut kept, 0);
        Ok(())
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether another process has the folder.
    pub(super) fn is_lent(&self) -> bool {
        self.lender.is_some()
    }

    /// What is in it, and what was asked of it.
    pub(super) fn usage(&self) -> CacheUse {
        let (files, bytes) = {
            let kept = self.kept();
            (kept.files.len(), kept.bytes)
        };
        CacheUse {
            files,
            bytes,
            bytes_max: self.bytes_max,
            read: self.counts.read.load(Ordering::Relaxed),
            fetched: self.counts.fetched.load(Ordering::Relaxed),
            evicted: self.counts.evicted.load(Ordering::Relaxed),
        }
    }

    pub(super) fn bytes_max(&self) -> u64 {
        self.bytes_max
    }

    /// Where the file of this name in the catalogue lies, or would lie.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        self.folder.join(name(path))
    }

    /// Until this is dropped, nobody else downloads into it.
    pub(super) fn coming(&self) -> MutexGuard<'_, ()> {
        self.coming.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file as just used, if it is here and whole.
    pub(super) fn hold(&self, file: &DataFile) -> Option<Hold> {
        let mut kept = self.kept();
        let copy = kept.files.to_back(&name(&file.path))?;
        if is_whole(&self.place(&file.path), file.bytes) {
            return Some(Arc::clone(&copy.hold));
        }
        self.put_out(&mut kept, &name(&file.path));
        None
    }

    /// Makes room for so many bytes, and reserves it. False when too much is in use.
    pub(super) fn reserve(&self, bytes: u64) -> bool {
        let mut kept = self.kept();
        let has_room = self.make_room(&mut kept, bytes);
        kept.bytes += if has_room { bytes } else { 0 };
        has_room
    }

    /// Links the file from the process that has the folder, if it has the file.
    pub(super) fn borrow(&self, file: &DataFile) -> bool {
        let Some(lender) = &self.lender else { return false };
        let theirs = lender.join(name(&file.path));
        is_whole(&theirs, file.bytes) && std::fs::hard_link(theirs, self.place(&file.path)).is_ok()
    }

    /// A file for which room was reserved has come, or has not: then the room is free again.
    pub(super) fn settle(&self, path: &str, bytes: u64) -> Option<Hold> {
        let mut kept = self.kept();
        if !is_whole(&self.place(path), bytes) {
            kept.bytes -= bytes;
            return None;
        }
        let hold = Hold::default();
        let copy = Copy { bytes, hold: Arc::clone(&hold) };
        if let Some(before) = kept.files.insert(name(path), copy) {
            kept.bytes -= before.bytes;
        }
        Some(hold)
    }

    /// Removes a file at once, whoever uses it: nobody may read it any more.
    pub(super) fn remove(&self, path: &str) {
        let mut kept = self.kept();
        if !self.put_out(&mut kept, &name(path)) {
            // One that came without our knowing.
            drop(std::fs::remove_file(self.place(path)));
        }
    }

    /// Removes all files but these.
    pub(super) fn keep_only(&self, known: &[String]) {
        let known: HashSet<String> = known.iter().map(|path| name(path)).collect();
        let mut kept = self.kept();
        let gone: Vec<String> =
            kept.files.keys().filter(|name| !known.contains(*name)).cloned().collect();
        for name in gone {
            self.put_out(&mut kept, &name);
        }
    }

    /// Puts out files that nobody uses, those used longest ago first, until `bytes` more fit.
    fn make_room(&self, kept: &mut Kept, bytes: u64) -> bool {
        let mut too_much = (kept.bytes + bytes).saturating_sub(self.bytes_max);
        let mut out = Vec::new();
        for (name, copy) in &kept.files {
            if too_much == 0 {
                break;
            }
            if Arc::strong_count(&copy.hold) == 1 {
                too_much = too_much.saturating_sub(copy.bytes);
                out.push(name.clone());
            }
        }
        if too_much == 0 {
            self.counts.evicted.fetch_add(out.len() as u64, Ordering::Relaxed);
            for name in out {
                self.put_out(kept, &name);
            }
        }
        too_much == 0
    }

    /// Whether it was there.
    fn put_out(&self, kept: &mut Kept, name: &str) -> bool {
        let Some(copy) = kept.files.remove(name) else { return false };
        kept.bytes -= copy.bytes;
        // Somebody may have emptied the folder.
        drop(std::fs::remove_file(self.folder.join(name)));
        true
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// In one folder, for all days.
fn name(path: &str) -> String {
    path.replace('/', "_")
}

fn is_whole(path: &Path, bytes: u64) -> bool {
    path.metadata().is_ok_and(|meta| meta.len() == bytes)
}
