//! A bucket and the cache in front of it: what is in the bucket, at hand when somebody reads it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::cache::Cache;
use super::s3::{self, Bucket};
use super::transfer::Wanted;
use super::{Held, are_whole};
use crate::clock::Clock;
use crate::lake::LakeError;
use crate::storage::DataFile;

/// See the module.
pub(in crate::lake) struct Mirror {
    pub(super) bucket: Bucket,
    pub(super) cache: Cache,
    /// Where files are written, and where jobs have theirs.
    pub(super) scratch: PathBuf,
    pub(super) clock: Clock,
    pub(super) passing: AtomicU64,
}

impl Mirror {
    /// These files, if all of them are here.
    pub(super) fn at_hand(&self, files: &[&DataFile]) -> Option<Held> {
        let holds: Option<Vec<_>> = files.iter().map(|file| self.cache.hold(file)).collect();
        let holds = holds?;
        self.cache.counts.read.fetch_add(holds.len() as u64, Ordering::Relaxed);
        let paths = files.iter().map(|file| self.cache.place(&file.path)).collect();
        Some(Held { paths, holds, passing: Vec::new(), are_whole: are_whole(files) })
    }

    /// These files, for a question: what is not here is downloaded into the cache, within `limit`.
    pub(super) fn fetch(&self, files: &[&DataFile], limit: Duration) -> Result<Held, LakeError> {
        let begun = self.clock.elapsed();
        // What a command fetches is gone with it, so asking again would not go further.
        let limit = if self.cache.is_lent() { limit.max(s3::WORK) } else { limit };
        let (bytes, bytes_max) = (sum(files), self.cache.bytes_max());
        if bytes > bytes_max {
            return Err(LakeError::TooManyFiles { bytes, bytes_max });
        }
        let _coming = self.cache.coming();
        let (mut holds, mut missing) = (Vec::new(), Vec::new());
        for file in files {
            match self.cache.hold(file) {
                Some(hold) => holds.push(hold),
                None => missing.push(*file),
            }
        }
        if !self.cache.reserve(sum(&missing)) {
            return Err(LakeError::Busy);
        }
        self.cache.counts.fetched.fetch_add(missing.len() as u64, Ordering::Relaxed);
        let not_lent = missing.iter().filter(|file| !self.cache.borrow(file));
        let to_come: Vec<Wanted> =
            not_lent.map(|file| wanted(file, self.cache.place(&file.path))).collect();
        let left = limit.saturating_sub(self.clock.elapsed().saturating_sub(begun));
        let done = self.bucket.get(&to_come, left);
        let come = missing.iter().map(|file| self.cache.settle(&file.path, file.bytes));
        holds.extend(come.flatten());
        done?;
        let paths = files.iter().map(|file| self.cache.place(&file.path)).collect();
        Ok(Held { paths, holds, passing: Vec::new(), are_whole: are_whole(files) })
    }

    /// These files, for a job: what is not here is downloaded beside the cache and goes with the
    /// job. It is about to be replaced, and must not put out what questions use.
    pub(super) fn for_job(&self, files: &[&DataFile]) -> Result<Held, LakeError> {
        let mut held = Held::default();
        held.are_whole = are_whole(files);
        let mut to_come = Vec::new();
        for file in files {
            if let Some(hold) = self.cache.hold(file) {
                held.holds.push(hold);
                held.paths.push(self.cache.place(&file.path));
                continue;
            }
            let number = self.passing.fetch_add(1, Ordering::Relaxed);
            let place = self.scratch.join(format!("passing-{number}.parquet"));
            to_come.push(wanted(file, place.clone()));
            held.passing.push(place.clone());
            held.paths.push(place);
        }
        self.bucket.get(&to_come, s3::WORK)?;
        Ok(held)
    }

    /// Uploads a file that was written to `draft`; then it is the cache's first.
    pub(super) fn keep(&self, path: &str, bytes: u64, draft: &Path) -> Result<(), LakeError> {
        self.bucket.put(path, draft)?;
        if self.cache.reserve(bytes) {
            let moved = std::fs::File::open(draft)
                .and_then(|file| file.sync_all())
                .and_then(|()| std::fs::rename(draft, self.cache.place(path)));
            if let Err(error) = moved {
                tracing::debug!(%error, "a new file is not in the cache");
            }
            self.cache.settle(path, bytes);
        }
        // Where it was moved, there is none.
        drop(std::fs::remove_file(draft));
        Ok(())
    }

    /// Here first: what must go is not read any more, whether S3 answers or not.
    pub(super) fn remove(&self, paths: &[String]) -> Result<(), LakeError> {
        for path in paths {
            self.cache.remove(path);
        }
        self.bucket.remove(paths)
    }
}

fn sum(files: &[&DataFile]) -> u64 {
    files.iter().map(|file| file.bytes).sum()
}

fn wanted(file: &DataFile, to: PathBuf) -> Wanted {
    Wanted { path: file.path.clone(), bytes: file.bytes, to }
}
