//! Are the files of history where the catalogue says, as large as they were written?

use std::collections::{HashMap, HashSet};

use super::LakeError;
use super::files::{Files, S3Access};
use crate::config::Config;
use crate::storage::Storage;

/// Everything that is wrong with the files, one sentence each. Changes nothing, and needs no open
/// lake: nothing is read but the list of the files there are.
///
/// # Errors
/// See [`LakeError`].
pub fn check(
    config: &Config,
    storage: &dyn Storage,
    s3: &S3Access,
) -> Result<Vec<String>, LakeError> {
    let mut known = storage.files()?;
    let found = Files::in_place(config, s3)?;
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
    Ok(known.iter().filter_map(|file| problem(&file.path, file.bytes)).collect())
}
