//! The lock file: one process per data folder, and a clear word to the second.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// Holds the folder until dropped. The system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct StillHeld {
    path: PathBuf,
    file: File,
}

impl StillHeld {
    /// Takes the folder for this process. `instead` says what to do where another one has it.
    ///
    /// # Errors
    /// Sentences for people: who holds it and what to do instead, or what the disk says.
    pub fn take(folder: &Path, instead: &str) -> Result<Self, String> {
        let path = folder.join("kith.lock");
        let fault = |error: std::io::Error| format!("{}: {error}", path.display());
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        let mut file = options.open(&path).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held_by(folder, &mut file, instead)),
            Err(TryLockError::Error(error)) => return Err(fault(error)),
        }
        let write = || -> std::io::Result<()> {
            file.set_len(0)?;
            file.rewind()?;
            write!(file, "{}", std::process::id())
        };
        let mut write = write;
        write().map_err(fault)?;
        Ok(Self { path, file })
    }

    /// Whether the lock file is still the one that was locked. When somebody removed it, another
    /// process could take the folder; the database's own owner mark then stops this one.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let here = self.file.metadata().map(|meta| meta.ino());
        let there = std::fs::metadata(&self.path).map(|meta| meta.ino());
        matches!((here, there), (Ok(here), Ok(there)) if here == there)
    }
}

fn held_by(folder: &Path, file: &mut File, instead: &str) -> String {
    let mut pid = String::new();
    let known = file.read_to_string(&mut pid).is_ok() && !pid.trim().is_empty();
    let who = if known { format!("process {}", pid.trim()) } else { "another process".to_owned() };
    format!("{} is in use by {who}. {instead}", folder.display())
}
