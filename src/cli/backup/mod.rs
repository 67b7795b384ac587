//! `kith backup`: everything in the data folder, as it is at one moment, while the server runs.

pub(super) mod copying;
mod earlier;
pub(super) mod manifest;
mod place;
mod writing;

use std::path::PathBuf;

use clap::Args;

use super::folder::Folder;
use super::say;
use crate::config::Config;
use crate::lake;
use crate::storage;
use earlier::Earlier;
use manifest::Manifest;
use place::Unfinished;
use writing::Writing;

/// Where to.
#[derive(Debug, Args)]
pub(super) struct BackupCommand {
    /// The folder to make. It must not be there.
    backup: PathBuf,
    /// An earlier backup on the same disk: files that it holds already take no room again.
    #[arg(long, value_name = "BACKUP")]
    since: Option<PathBuf>,
}

/// Works with the server running or not. Nothing in the data folder is changed.
pub(super) fn run(config: &Config, command: &BackupCommand) -> Result<(), String> {
    refuse_elsewhere(config)?;
    let data = &config.data_dir;
    Folder::must_exist(config)?;
    must_have_files(config)?;
    let earlier = command.since.as_deref().map(Earlier::read).transpose()?;
    let unfinished = Unfinished::make(data, &command.backup)?;
    // The server's rounds come first.
    lake::weigh_less();
    let manifest = Writing::new(data, unfinished.folder(), earlier)?.write()?;
    unfinished.finish()?;
    say_what_is_where(&manifest, &command.backup);
    Ok(())
}

/// What lies elsewhere has tools of its own.
pub(super) fn refuse_elsewhere(config: &Config) -> Result<(), String> {
    let set = [
        (&config.database_url, "database_url", "pg_dump or pg_basebackup copy that database"),
        (&config.events_url, "events_url", "docs/operations.md says how to copy both"),
    ];
    match set.into_iter().find(|(url, ..)| !url.trim().is_empty()) {
        None => Ok(()),
        Some((_, key, hint)) => Err(format!(
            "this is for data that lies in the data folder alone, and {key} is set; {hint}"
        )),
    }
}

/// Where a server has them elsewhere by a setting that this command lacks, they would seem to be missing.
fn must_have_files(config: &Config) -> Result<(), String> {
    // A database of an older format is copied as it is.
    let Ok(storage) = storage::to_look(config) else { return Ok(()) };
    lake::must_lead_to_files(config, storage.as_ref()).map_err(|error| error.to_string())
}

/// The last line of a backup, and of its restoring.
pub(super) fn say_what_is_where(manifest: &Manifest, place: &std::path::Path) {
    let Manifest { profiles, sessions, events, time, .. } = manifest;
    let counts = format!("{profiles} profiles, {sessions} sessions and {events} events");
    say(&format!("{counts}, as of {time}, are in {}", place.display()));
}
