//! Are the files of history where the catalogue says, as large as they were written?

use std::collections::{HashMap, HashSet};

use super::files::{Files, Listed, S3Access};
use super::{LakeError, must_lead_to_files};
use crate::config::Config;
use crate::storage::{DataFile, Storage};

/// Everything that is wrong with the files, one sentence each. Changes nothing, and needs no open
/// lake: nothing is read but the list of the files there are. What is in them is `unreadable`'s to look at.
///
/// # Errors
/// See [`LakeError`]; [`LakeError::Setting`] where the settings lead to another place than the catalogue.
pub fn check(
    config: &Config,
    storage: &dyn Storage,
    s3: &S3Access,
) -> Result<Vec<String>, LakeError> {
    must_lead_to_files(config, storage)?;
    Ok(compare(storage, || Files::in_place(config, s3))?.wrong)
}

/// The catalogue's files beside those that are there.
pub(super) struct Compared {
    /// How many there are to be.
    pub(super) known: usize,
    /// What is wrong with them, one sentence each.
    pub(super) wrong: Vec<String>,
    /// Those that this is said of.
    pub(super) lost: Vec<DataFile>,
    /// Files that the catalogue does not know at all.
    pub(super) unknown: Vec<String>,
}

/// Compares the catalogue with the files that `list` finds.
pub(super) fn compare(
    storage: &dyn Storage,
    list: impl FnOnce() -> Result<Vec<Listed>, LakeError>,
) -> Result<Compared, LakeError> {
    let mut known = storage.files()?;
    let found = list()?;
    // A file that has left the catalogue meanwhile may have left the place as well.
    let still: HashSet<i64> = storage.files()?.into_iter().map(|file| file.id).collect();
    known.retain(|file| still.contains(&file.id));
    let sizes: HashMap<&str, u64> =
        found.iter().map(|file| (file.path.as_str(), file.bytes)).collect();
    let problem = |path: &str, bytes: u64| match sizes.get(path) {
        Some(is) if *is == bytes => None,
        Some(is) => Some(format!("the file {path} has {is} bytes, not {bytes}")),
        None => Some(format!("the file {path} is missing")),
    };
    let wrong =
        known.iter().filter_map(|file| Some((problem(&file.path, file.bytes)?, file.clone())));
    let (wrong, lost) = wrong.unzip();
    let ours: HashSet<String> = storage.known_paths()?.into_iter().collect();
    let others = found.iter().filter(|file| !ours.contains(&file.path));
    let unknown = others.map(|file| file.path.clone()).collect();
    Ok(Compared { known: known.len(), wrong, lost, unknown })
}
