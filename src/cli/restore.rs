//! `kith restore`: a backup becomes a data folder.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;

use super::backup::copying::{self, Copied};
use super::backup::manifest::{DATABASE, Entry, Manifest};
use super::backup::{refuse_elsewhere, say_what_is_where};
use super::folder::{Folder, Having};
use super::privacy::make_private;
use super::{check, import, in_shell, say, user};
use crate::config::Config;
use crate::storage::StillHeld;

/// What the database is called until everything else is there.
const UNFINISHED: &str = "kith.db.unfinished";
/// Where history lies in a folder.
const EVENTS: &str = "events";

/// What says who has the folder.
const LOCK: &str = "kith.lock";

/// What to restore.
#[derive(Debug, Args)]
pub(super) struct RestoreCommand {
    /// A folder that `kith backup` has made.
    backup: PathBuf,
}

/// Into the data folder, which must be empty or not there. What fails leaves it empty.
pub(super) fn run(config: &Config, command: &RestoreCommand) -> Result<(), String> {
    refuse_elsewhere(config)?;
    let manifest = Manifest::read(&command.backup)?;
    let folder = &config.data_dir;
    make_private(folder)?;
    must_be_whole(folder)?;
    must_be_empty(folder)?;
    let lock = StillHeld::take(folder, "Give --data-dir another folder.")?;
    // Once more: whoever had the lock until now may have filled it.
    must_be_empty(folder)?;
    if let Err(problem) = fill(config, &command.backup, &manifest) {
        empty(folder)?;
        return Err(problem);
    }
    drop(lock);
    say_what_is_where(&manifest, folder);
    let folder = in_shell(&folder.display().to_string());
    say(&format!("Nobody is signed in. Keys are as they were: kith key list --data-dir {folder}"));
    say(&format!("Start it with: kith serve --data-dir {folder}"));
    Ok(())
}

/// A folder that has history and no database is none to begin in: what is made there anew knows none of its files, and
/// removes them in time.
///
/// # Errors
/// When a restore was cut off there, or the database is gone.
pub(super) fn must_be_whole(folder: &Path) -> Result<(), String> {
    if folder.join(DATABASE).exists() {
        return Ok(());
    }
    if folder.join(UNFINISHED).exists() {
        let folder = folder.display();
        return Err(format!("a restore into {folder} was cut off; remove it, and restore again"));
    }
    if has_files(&folder.join(EVENTS)) {
        return Err(format!(
            "{} has history in {EVENTS}, and no {DATABASE} that knows it; put the database back, restore a backup \
             elsewhere, or give --data-dir another folder",
            folder.display()
        ));
    }
    Ok(())
}

fn has_files(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .any(|path| if path.is_dir() { has_files(&path) } else { true })
}

/// The lock alone is nothing: whoever holds it is asked next.
fn must_be_empty(folder: &Path) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        if entry.map_err(fault)?.file_name() != LOCK {
            return Err(format!("{} is not empty; give --data-dir a new folder", folder.display()));
        }
    }
    Ok(())
}

fn empty(folder: &Path) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let removed =
            if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        removed.map_err(fault)?;
    }
    Ok(())
}

fn fill(config: &Config, backup: &Path, manifest: &Manifest) -> Result<(), String> {
    let folder = &config.data_dir;
    let bar = import::bar(manifest.files.iter().map(|file| file.bytes).sum());
    for file in &manifest.files {
        let name = if file.path == DATABASE { UNFINISHED } else { &file.path };
        let (from, to) = (backup.join(&file.path), folder.join(name));
        must_be(file, copying::copy(&file.path, &from, &to, &bar)?)?;
    }
    copying::sync_folders(folder)?;
    let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::rename(folder.join(UNFINISHED), folder.join(DATABASE)).map_err(fault)?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault)?;
    bar.finish_and_clear();
    // Opened as a server does: an older format is brought to the newest.
    let opened = Folder::open(config, Having::Alone)?;
    let problems = check::problems(config, &opened)?;
    if problems.is_empty() {
        // Some of them may have been ended since the backup was made.
        let ended = opened.storage.end_tokens(None, &opened.ids.secret(), user::by(&opened));
        ended.map_err(|error| error.to_string())?;
    }
    problems.first().map_or(Ok(()), |problem| Err(format!("the backup is damaged: {problem}")))
}

/// Byte for byte what was put into the backup.
fn must_be(file: &Entry, copied: Copied) -> Result<(), String> {
    let problem = match copied {
        Copied::Vanished => "is missing".to_owned(),
        Copied::Done(found) if found.bytes != file.bytes => {
            format!("has {} bytes, not {}", found.bytes, file.bytes)
        }
        Copied::Done(found) if found.sha256 != file.sha256 => {
            "is not what was written there".to_owned()
        }
        Copied::Done(_) => return Ok(()),
    };
    Err(format!("the backup is damaged: {} {problem}", file.path))
}
