//! Files that hold history no more leave the disk: replaced ones after a grace, unknown ones too.

use std::collections::HashSet;
use std::time::Duration;

use super::files::Claim;
use super::{Lake, LakeError};

/// How long a file that nobody knows may be one that is just being written.
const UNKNOWN_AGE: Duration = Duration::from_secs(3600);

impl Lake {
    /// Forgets old snapshots of the catalogue, and removes files whose grace is over: whoever reads
    /// the lake from outside may be at a snapshot that needs them. How many were removed. Copies of
    /// files that the catalogue knows no more, whoever removed them, leave this machine.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn sweep(&self) -> Result<usize, LakeError> {
        let _job = self.job();
        let grace = Duration::from_secs(self.config.grace_seconds);
        let due = self.storage.expire_snapshots(self.now(), grace)?;
        // Whether S3 answers or not, copies go of what others have removed.
        let removed = self.files.remove(&due).and_then(|()| Ok(self.storage.forget_files(&due)?));
        self.forget_copies()?;
        removed.map(|()| due.len())
    }

    /// Copies of files that the catalogue knows no more, whichever node removed them, leave this
    /// one.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn forget_copies(&self) -> Result<(), LakeError> {
        self.files.keep_copies_of(&self.storage.known_paths()?);
        Ok(())
    }

    /// Removes files that the catalogue does not know: left by a crash between writing a file and
    /// its commit.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn sweep_unknown(&self) -> Result<usize, LakeError> {
        let _job = self.job();
        if let Claim::NotNow(why) = self.files.claim(&self.installation)? {
            return Err(LakeError::Disk(why));
        }
        let known: HashSet<String> = self.storage.known_paths()?.into_iter().collect();
        let mut unknown = self.files.list()?;
        unknown.retain(|file| file.age > UNKNOWN_AGE && !known.contains(&file.path));
        let paths: Vec<String> = unknown.into_iter().map(|file| file.path).collect();
        self.files.remove(&paths)?;
        Ok(paths.len())
    }
}
