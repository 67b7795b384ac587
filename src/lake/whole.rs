//! Can all that is in the files of history be read?
//!
//! A file of the right length may hold what a disk has made of it. So each is read to its end, every column of it, in
//! the process that writes files otherwise: what breaks the reader of Parquet is a sentence about that file then.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::LakeError;
use super::engine::literal;
use super::files::Location;
use super::scratch::SCRATCH;
use super::workshop::{Room, Workshop, Workshops};
use crate::clock::Clock;
use crate::config::Config;
use crate::storage::{DataFile, Storage};

/// The files that cannot be read, or hold another number of events than the catalogue says, one sentence each. Those
/// that are not there, or are of another length, are `check`'s to name; those on S3 are not fetched for it.
///
/// # Errors
/// See [`LakeError`].
pub fn unreadable(
    config: &Config,
    storage: &dyn Storage,
    (program, clock): (PathBuf, Clock),
) -> Result<Vec<String>, LakeError> {
    let Location::Folder(folder) = Location::of(config)? else { return Ok(Vec::new()) };
    // There is none before the first file.
    let Ok(folder) = folder.canonicalize() else { return Ok(Vec::new()) };
    let workshops = Workshops::new(program, clock, Arc::default());
    let scratch = config.data_dir.join(SCRATCH);
    let room = || Room::of((&config.events, &config.query), &folder, &scratch);
    let mut wrong = Vec::new();
    for file in storage.files()? {
        let path = folder.join(&file.path);
        if !path.metadata().is_ok_and(|there| there.len() == file.bytes) {
            continue;
        }
        // Whoever merges files may have removed it meanwhile.
        if let Some(said) = fault(&workshops, room(), &file, &path)
            && path.exists()
        {
            wrong.push(said);
        }
    }
    Ok(wrong)
}

fn fault(workshops: &Workshops, room: Room, file: &DataFile, path: &Path) -> Option<String> {
    let name = &file.path;
    let events = workshops.enter(room).and_then(|mut workshop| events(&mut workshop, path));
    match events {
        Ok(events) if events == file.rows => None,
        Ok(events) => Some(format!("the file {name} has {events} events, not {}", file.rows)),
        Err(error) => {
            let said = error.to_string();
            let said = said.lines().next().unwrap_or_default();
            Some(format!("the file {name} cannot be read: {said}"))
        }
    }
}

/// How many are in the file, once every value of it was looked at.
pub(super) fn events(workshop: &mut Workshop<'_>, path: &Path) -> Result<u64, LakeError> {
    workshop.count(reading(path))
}

/// A query for that which looks at every value.
pub(super) fn reading(path: &Path) -> String {
    let file = literal(&path.to_string_lossy());
    format!(
        "SELECT CAST(count(*) AS VARCHAR), CAST(bit_xor(hash(COLUMNS(*))) AS VARCHAR) \
         FROM read_parquet({file}, hive_partitioning = false)"
    )
}
