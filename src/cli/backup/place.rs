//! Where a backup is written: beside its place, under another name until it is whole.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::copying;
use crate::cli::privacy::make_private;

/// What the name ends with until then.
const UNFINISHED: &str = "unfinished";

/// A folder that becomes a backup. Dropped before it is finished, it is removed.
pub(super) struct Unfinished {
    folder: PathBuf,
    parent: PathBuf,
    place: PathBuf,
}

impl Unfinished {
    /// Makes the folder that is to become `place`. `data` is what is backed up.
    pub(super) fn make(data: &Path, place: &Path) -> Result<Self, String> {
        if place.symlink_metadata().is_ok() {
            let said = "is there already; a backup overwrites nothing";
            return Err(format!("{} {said}", place.display()));
        }
        let Some(name) = place.file_name() else {
            return Err(format!("{} is no name for a backup", place.display()));
        };
        let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = resolve(parent.unwrap_or(Path::new(".")))?;
        if parent.starts_with(resolve(data)?) {
            return Err("a backup inside the data folder would be lost with it".to_owned());
        }
        let folder = parent.join(format!("{}.{UNFINISHED}", name.to_string_lossy()));
        if folder.exists() {
            let said = "is there: another backup is being written, or was cut off; remove it then";
            return Err(format!("{} {said}", folder.display()));
        }
        make_private(&folder)?;
        Ok(Self { folder, place: parent.join(name), parent })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Everything is on disk before it has its name.
    pub(super) fn finish(self) -> Result<(), String> {
        copying::sync_folders(&self.folder)?;
        std::fs::rename(&self.folder, &self.place)
            .and_then(|()| File::open(&self.parent)?.sync_all())
            .map_err(|error| format!("{}: {error}", self.place.display()))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Renamed, it is not there.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn resolve(folder: &Path) -> Result<PathBuf, String> {
    folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))
}
