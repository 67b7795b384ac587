//! Whose place is it? The first installation to use a place leaves its mark there.
//!
//! Each removes files that its catalogue does not know, so two must not share a place.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::time::Duration;

use object_store::{Error, ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions};

use super::folder::Folder;
use super::s3::Bucket;
use crate::lake::LakeError;

/// The mark's name below the prefix, or in the folder.
const MARK: &str = "kith.json";
const ANOTHERS: &str = "the files of another Kith lie there";
/// How long a start waits for the bucket.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// What a claim has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lake) enum Claim {
    /// The place is ours.
    Ours,
    /// S3 does not answer now, or the disk does not take the mark, and says or shows why.
    NotNow(String),
}

impl Bucket {
    /// Leaves the mark of `installation`, or finds it there.
    ///
    /// # Errors
    /// When the place is another's, when there is no such bucket, when we may not use it: waiting
    /// does not help.
    pub(super) fn claim(&self, installation: &str) -> Result<Claim, LakeError> {
        match self.try_to(PATIENCE, self.leave_mark(installation))? {
            Some(Ok(found)) if found == installation => Ok(Claim::Ours),
            Some(Ok(_)) => Err(LakeError::Setting(self.said(ANOTHERS))),
            Some(Err(error)) if is_final(&error) => Err(self.error(&error)),
            Some(Err(error)) => Ok(Claim::NotNow(self.said(error))),
            None => Ok(Claim::NotNow(self.said("it does not answer"))),
        }
    }

    /// Whose mark is there now.
    async fn leave_mark(&self, installation: &str) -> Result<String, Error> {
        let key = self.key(MARK);
        let mark = mark_of(installation);
        let options = PutOptions::from(PutMode::Create);
        match self.store.put_opts(&key, mark.into(), options).await {
            Ok(_) => return Ok(installation.to_owned()),
            Err(Error::AlreadyExists { .. }) => {}
            Err(error) => return Err(error),
        }
        let found = self.store.get(&key).await?.bytes().await?;
        Ok(whose(&found))
    }
}

impl Folder {
    /// The same in a folder that the settings name. Whoever has the data folder has those in it.
    ///
    /// # Errors
    /// When the folder is another's.
    pub(super) fn claim(&self, installation: &str) -> Result<Claim, LakeError> {
        if !self.is_named() {
            return Ok(Claim::Ours);
        }
        let said = |why: &dyn std::fmt::Display| format!("{}: {why}", self.path().display());
        match self.leave_mark(installation) {
            Ok(found) if found == installation => Ok(Claim::Ours),
            Ok(_) => Err(LakeError::Setting(said(&ANOTHERS))),
            Err(error) => Ok(Claim::NotNow(said(&error))),
        }
    }

    /// Whose mark is there now. It appears with what it says in it, so that of two that start at once one is first
    /// and the other reads it.
    fn leave_mark(&self, installation: &str) -> std::io::Result<String> {
        let (path, beside) = (self.place(MARK), self.place(&format!("{MARK}.{installation}")));
        let found = found_mark(&path)?;
        if let Some(found) = found.as_deref().filter(|found| !found.is_empty()) {
            return Ok(whose(found));
        }
        let mut file = File::create(&beside)?;
        file.write_all(mark_of(installation).as_bytes())?;
        file.sync_all()?;
        match found {
            // An empty one is nobody's.
            Some(_) => std::fs::rename(&beside, &path)?,
            None => link_first(&beside, &path)?,
        }
        std::fs::read(&path).map(|found| whose(&found))
    }
}

fn found_mark(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// Gives the file its name where nobody has it yet, and takes the other name from it.
fn link_first(beside: &Path, path: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(beside, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        // A mount without links: a name is all that there is.
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::StorageFull) => {
            return std::fs::rename(beside, path);
        }
        linked => linked?,
    }
    std::fs::remove_file(beside)
}

fn mark_of(installation: &str) -> String {
    serde_json::json!({"installation": installation}).to_string()
}

/// Whose mark this is; nobody's where it cannot be read.
fn whose(mark: &[u8]) -> String {
    let mark: serde_json::Value = serde_json::from_slice(mark).unwrap_or_default();
    mark["installation"].as_str().unwrap_or_default().to_owned()
}

fn is_final(error: &Error) -> bool {
    matches!(
        error,
        Error::NotFound { .. } | Error::PermissionDenied { .. } | Error::Unauthenticated { .. }
    )
}
