//! The lake's files in a folder of this machine: DuckDB writes them where they stay.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::Listed;
use crate::lake::LakeError;

/// See the module.
#[derive(Debug)]
pub(in crate::lake) struct Folder {
    /// Where it really is on this machine.
    path: PathBuf,
    /// As the settings have it.
    said: PathBuf,
    /// The settings name it, and those of another installation may, too.
    is_named: bool,
}

impl Folder {
    /// The folder, made if need be.
    pub(super) fn open(path: &Path, is_named: bool) -> Result<Self, LakeError> {
        std::fs::create_dir_all(path).map_err(LakeError::disk)?;
        let said = path.to_owned();
        let path = path.canonicalize().map_err(LakeError::disk)?;
        Ok(Self { path, said, is_named })
    }

    /// What all nodes call it whose settings name it alike: one may reach it through a link, and another by a mount.
    pub(super) fn shared_name(&self) -> &Path {
        if self.is_named { &self.said } else { &self.path }
    }

    pub(super) fn is_named(&self) -> bool {
        self.is_named
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the file `path` lies.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// Where the file `path` is to be written.
    pub(super) fn draft(&self, path: &str) -> Result<PathBuf, LakeError> {
        let whole = self.path.join(path);
        std::fs::create_dir_all(whole.parent().unwrap_or(&self.path)).map_err(LakeError::disk)?;
        Ok(whole)
    }

    /// Makes a file that was written last: itself, and its name in the folders above it.
    pub(super) fn keep(&self, path: &str) -> Result<(), LakeError> {
        let whole = self.path.join(path);
        let folders = [whole.parent().unwrap_or(&self.path), &self.path];
        for place in [whole.as_path()].into_iter().chain(folders) {
            File::open(place).and_then(|file| file.sync_all()).map_err(LakeError::disk)?;
        }
        Ok(())
    }

    /// It may be gone already: a crash before the catalogue was told.
    pub(super) fn remove(&self, path: &str) -> Result<(), LakeError> {
        match std::fs::remove_file(self.path.join(path)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(LakeError::disk(error))
            }
            _ => Ok(()),
        }
    }

    /// Every Parquet file, one folder deep.
    pub(super) fn list(&self) -> Result<Vec<Listed>, LakeError> {
        self.found().map_err(LakeError::disk)
    }

    fn found(&self) -> std::io::Result<Vec<Listed>> {
        let mut files = Vec::new();
        for day in std::fs::read_dir(&self.path)? {
            let day = day?.path();
            if !day.is_dir() {
                continue;
            }
            for entry in std::fs::read_dir(day)? {
                let path = entry?.path();
                if path.extension().is_some_and(|ending| ending == "parquet") {
                    files.extend(self.listed(&path));
                }
            }
        }
        Ok(files)
    }

    /// None when it has just gone.
    fn listed(&self, whole: &Path) -> Option<Listed> {
        let meta = whole.metadata().ok()?;
        let path = whole.strip_prefix(&self.path).ok()?.to_string_lossy().into_owned();
        let age = meta.modified().map(super::age).unwrap_or_default();
        Some(Listed { path, bytes: meta.len(), age })
    }
}
