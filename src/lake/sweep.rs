//! Files that hold history no more leave the disk: replaced ones after a grace, unknown ones too.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Lake, LakeError};

/// How long a file that nobody knows may be one that is just being written.
const UNKNOWN_AGE: Duration = Duration::from_secs(3600);

impl Lake {
    /// Forgets old snapshots of the catalogue, and removes files whose grace is over: whoever reads
    /// the lake from outside may be at a snapshot that needs them. How many were removed.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn sweep(&self) -> Result<usize, LakeError> {
        let _job = self.job();
        let grace = Duration::from_secs(self.config.grace_seconds);
        let due = self.storage.expire_snapshots(self.now(), grace)?;
        for path in &due {
            remove(&self.files.join(path))?;
        }
        self.storage.forget_files(&due)?;
        Ok(due.len())
    }

    /// Removes files that the catalogue does not know: left by a crash between writing a file and
    /// its commit.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn sweep_unknown(&self) -> Result<usize, LakeError> {
        let _job = self.job();
        let known: HashSet<String> = self.storage.known_paths()?.into_iter().collect();
        let mut removed = 0;
        for path in parquet_files(&self.files).map_err(LakeError::disk)? {
            let relative = path.strip_prefix(&self.files).unwrap_or(&path).to_string_lossy();
            let age = path.metadata().and_then(|meta| meta.modified()).map(|at| at.elapsed());
            let is_old = matches!(age, Ok(Ok(age)) if age > UNKNOWN_AGE);
            if is_old && !known.contains(relative.as_ref()) {
                remove(&path)?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

/// It may be gone already: a crash before the catalogue was told.
fn remove(path: &Path) -> Result<(), LakeError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(LakeError::disk(error)),
        _ => Ok(()),
    }
}

/// Every Parquet file, one folder deep.
fn parquet_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for day in std::fs::read_dir(folder)? {
        let day = day?.path();
        if !day.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(day)? {
            let file = file?.path();
            if file.extension().is_some_and(|ending| ending == "parquet") {
                files.push(file);
            }
        }
    }
    Ok(files)
}
