//! A backup that is there already: files of history that it holds need not be copied again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::copying;
use super::manifest::{Entry, Manifest};

/// See the module.
pub(super) struct Earlier {
    folder: PathBuf,
    files: BTreeMap<String, Entry>,
}

impl Earlier {
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let files = Manifest::read(folder)?.files;
        let files = files.into_iter().map(|file| (file.path.clone(), file)).collect();
        Ok(Self { folder: folder.to_owned(), files })
    }

    /// Gives the file of history `path`, of so many bytes, a second name in the folder `to`. Its name
    /// is never given to another, and it is never changed. None when it is not there, or on another
    /// disk.
    pub(super) fn link(&self, path: &str, bytes: u64, to: &Path) -> Option<Entry> {
        let entry = self.files.get(path).filter(|file| file.bytes == bytes)?;
        let (from, place) = (self.folder.join(path), to.join(path));
        from.metadata().ok().filter(|found| found.len() == bytes)?;
        copying::make_room(&place).ok()?;
        std::fs::hard_link(from, place).ok()?;
        Some(entry.clone())
    }
}
