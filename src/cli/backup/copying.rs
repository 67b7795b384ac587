//! Files on their way into a backup and out of it: copied, measured, on disk.

use std::fs::File;
use std::io::{ErrorKind, Read, Write as _};
use std::path::Path;

use indicatif::ProgressBar;
use sha2::{Digest as _, Sha256};

use super::manifest::Entry;

/// Read, written and synced at a time: the disk's queue stays short for those who commit beside it.
const STEP_BYTES: usize = 4 << 20;

/// What became of a copy.
pub(in crate::cli) enum Copied {
    /// It is on disk.
    Done(Entry),
    /// There is no such file, any more.
    Vanished,
}

/// Copies the file `from` into the new file `to`; a backup names it `path`.
pub(in crate::cli) fn copy(
    path: &str,
    from: &Path,
    to: &Path,
    bar: &ProgressBar,
) -> Result<Copied, String> {
    let original = match File::open(from) {
        Ok(original) => original,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Copied::Vanished),
        Err(error) => return Err(format!("{}: {error}", from.display())),
    };
    make_room(to)?;
    let fault = |error: std::io::Error| format!("{}: {error}", to.display());
    let mut copy = File::create_new(to).map_err(fault)?;
    let write = |bytes: &[u8]| copy.write_all(bytes).and_then(|()| copy.sync_data());
    let entry = read(path, &original, bar, write).map_err(fault)?;
    copy.sync_all().map_err(fault)?;
    Ok(Copied::Done(entry))
}

/// The folder of a file that is to be written.
pub(super) fn make_room(place: &Path) -> Result<(), String> {
    let folder = place.parent().unwrap_or(place);
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

/// Measures the file `path` of `folder`, which stays where it is.
pub(super) fn measure(path: &str, folder: &Path) -> Result<Entry, String> {
    let place = folder.join(path);
    let fault = |error: std::io::Error| format!("{}: {error}", place.display());
    let file = File::open(&place).map_err(fault)?;
    read(path, &file, &ProgressBar::hidden(), |_| Ok(())).map_err(fault)
}

fn read(
    path: &str,
    mut file: &File,
    bar: &ProgressBar,
    mut each: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<Entry> {
    let (mut bytes, mut hash) = (0, Sha256::new());
    let mut step = Vec::with_capacity(STEP_BYTES);
    loop {
        step.clear();
        Read::by_ref(&mut file).take(STEP_BYTES as u64).read_to_end(&mut step)?;
        if step.is_empty() {
            let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            return Ok(Entry { path: path.to_owned(), bytes, sha256 });
        }
        each(&step)?;
        hash.update(&step);
        bytes += step.len() as u64;
        bar.inc(step.len() as u64);
    }
}

/// Makes the names of files last, in `folder` and all folders below it.
pub(in crate::cli) fn sync_folders(folder: &Path) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.is_dir() {
            sync_folders(&path)?;
        }
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault)
}
