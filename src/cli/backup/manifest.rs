//! What a backup says of itself: when, by whom, and every file in it.

use std::fs::File;
use std::io::Write as _;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use crate::model::Time;

/// The manifest's name. A folder without one is no backup, or half of one.
const NAME: &str = "manifest.json";
/// The layout of a backup. A newer one is refused.
const FORMAT: u32 = 1;
/// The database, in a backup as in a data folder.
pub(in crate::cli) const DATABASE: &str = "kith.db";
/// The folder of history.
pub(in crate::cli) const EVENTS: &str = "events";
/// Settings, if they lie in the data folder.
pub(in crate::cli) const SETTINGS: &str = "kith.toml";

/// See the module.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::cli) struct Manifest {
    format: u32,
    /// The version that made it.
    pub(in crate::cli) kith: String,
    /// Everything acknowledged before this moment is in it.
    pub(in crate::cli) time: String,
    pub(in crate::cli) profiles: u64,
    pub(in crate::cli) sessions: u64,
    pub(in crate::cli) events: u64,
    pub(in crate::cli) files: Vec<Entry>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::cli) struct Entry {
    /// Below the backup's folder, with slashes.
    pub(in crate::cli) path: String,
    pub(in crate::cli) bytes: u64,
    pub(in crate::cli) sha256: String,
}

impl Manifest {
    /// Of a backup made now; nothing is counted or listed yet.
    pub(in crate::cli) fn new(now: Time) -> Self {
        let time = now.to_string();
        let kith = env!("CARGO_PKG_VERSION").to_owned();
        let (profiles, sessions, events) = (0, 0, 0);
        Self { format: FORMAT, kith, time, profiles, sessions, events, files: Vec::new() }
    }

    /// Of the backup in `folder`.
    pub(in crate::cli) fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join(NAME);
        let text = std::fs::read(&path).map_err(|error| {
            format!(
                "{} is not a whole backup: its {NAME} cannot be read: {error}",
                folder.display()
            )
        })?;
        let damaged = |why: &dyn std::fmt::Display| format!("{} is damaged: {why}", path.display());
        let manifest: Self = serde_json::from_slice(&text).map_err(|error| damaged(&error))?;
        if manifest.format > FORMAT {
            let by = &manifest.kith;
            return Err(format!("{} was made by Kith {by}; use that version", folder.display()));
        }
        if let Some(strange) = manifest.files.iter().find(|file| !stays_inside(&file.path)) {
            return Err(damaged(&format!("{} is no path in a backup", strange.path)));
        }
        if !manifest.files.iter().any(|file| file.path == DATABASE) {
            return Err(damaged(&format!("it does not name {DATABASE}")));
        }
        Ok(manifest)
    }

    /// Into `folder`, and on disk.
    pub(in crate::cli) fn write(&self, folder: &Path) -> Result<(), String> {
        let path = folder.join(NAME);
        let fault = |error: std::io::Error| format!("{}: {error}", path.display());
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        let mut file = File::create_new(&path).map_err(fault)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)
    }
}

/// Nobody writes elsewhere by means of a manifest.
fn stays_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_elsewhere_is_refused() {
        for path in ["kith.db", "events/2026-01-01/x.parquet"] {
            assert!(stays_inside(path), "{path}");
        }
        for path in ["", "/etc/passwd", "../x", "events/../../x", "./x"] {
            assert!(!stays_inside(path), "{path}");
        }
    }
}
