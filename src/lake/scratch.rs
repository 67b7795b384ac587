//! The scratch folder: a part for each process that has the lake open, gone with it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::LakeError;

/// What DuckDB puts aside, and results on their way out, below the data folder.
pub(super) const SCRATCH: &str = "scratch";
/// Parts of one process are numbered: tests have several.
static NUMBERS: AtomicU64 = AtomicU64::new(1);

/// A part of the scratch folder, gone with this.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// One of this process's, below the data folder.
    pub(super) fn make(data: &Path) -> Result<Self, LakeError> {
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        make(&data.join(SCRATCH), number).map(Self)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // DuckDB may still hold files in it; the next start empties what is left.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Makes this process's part, and removes what processes that are no more have left.
fn make(folder: &Path, number: u64) -> Result<PathBuf, LakeError> {
    std::fs::create_dir_all(folder).map_err(LakeError::disk)?;
    let own = format!("{}-{number}", std::process::id());
    for entry in std::fs::read_dir(folder).map_err(LakeError::disk)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == own || !may_live(&name) {
            // Somebody else may be removing it too.
            drop(std::fs::remove_dir_all(entry.path()));
        }
    }
    let own = folder.join(own);
    std::fs::create_dir_all(&own).and_then(|()| own.canonicalize()).map_err(LakeError::disk)
}

/// Where there is no `/proc`, nobody is taken for dead.
fn may_live(name: &str) -> bool {
    let process = name.split('-').next().unwrap_or_default();
    let proc = Path::new("/proc");
    !proc.join("self").exists() || proc.join(process).exists()
}

/// A file for a result on its way out, which goes when nobody names it any more; who has it open
/// reads on.
#[derive(Debug)]
pub struct ScratchFile(PathBuf);

impl ScratchFile {
    /// The file at `path`, which need not be there yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchFile {
    fn drop(&mut self) {
        // It may never have been written.
        drop(std::fs::remove_file(&self.0));
    }
}
