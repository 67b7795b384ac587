//! The scratch folder: a part for each process that has the lake open, gone with it.

use std::path::{Path, PathBuf};

use super::LakeError;

/// Makes this process's part, and removes what processes that are no more have left.
pub(super) fn make(folder: &Path, number: u64) -> Result<PathBuf, LakeError> {
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
