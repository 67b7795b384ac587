//! `kith events`: looking after the files of history by hand.

use clap::Subcommand;

use super::folder::Folder;
use super::{history, say};
use crate::config::Config;
use crate::lake::{Eagerness, Lake, LakeError, Lost, S3Access};

/// What can be done with the files.
#[derive(Debug, Subcommand)]
pub(super) enum EventsCommand {
    /// Moves what waits in the tail into files, and merges small files.
    Compact,
    /// Moves what waits in the tail into files, and removes events older than their source keeps them, and files
    /// whose grace is over.
    Expire,
    /// Gives up files of history that are not where `events_url` leads, or not as they were written: what was in them
    /// is gone, and history goes on without it.
    ForgetLost {
        /// How many they are. Unless that is said, they are named, and nothing is changed.
        #[arg(long, value_name = "NUMBER")]
        files: Option<usize>,
    },
}

/// Works with the server running or not: whoever is faster wins, and the other tries again.
pub(super) fn run(config: &Config, command: &EventsCommand) -> Result<(), String> {
    match command {
        EventsCommand::Compact => with_files(config, |lake, _| {
            let done = lake.compact(Eagerness::Everything).map_err(said)?;
            say(&format!("{} files merged into {}", done.replaced, done.files));
            Ok(())
        }),
        EventsCommand::Expire => with_files(config, |lake, folder| {
            let registry = folder.registry()?;
            let done = lake.expire(&registry.now()).map_err(said)?;
            say(&format!("{} events removed from {} files", done.events, done.files));
            say(&format!("{} replaced files removed", lake.sweep().map_err(said)?));
            Ok(())
        }),
        EventsCommand::ForgetLost { files } => forget_lost(config, *files),
    }
}

/// Does something with all of history: what waits in the tail is moved into files first.
fn with_files(
    config: &Config,
    work: impl FnOnce(&Lake, &Folder) -> Result<(), String>,
) -> Result<(), String> {
    let (lake, folder) = history::open(config)?;
    let flushed = lake.flush().map_err(said)?;
    say(&format!("{} events moved into {} files", flushed.events, flushed.files));
    work(&lake, &folder)?;
    // Where a server was faster, or payloads have come in.
    let left = folder.storage.tail_size().map_err(|error| error.to_string())?.events;
    if left > 0 {
        say(&format!("{left} events wait in the tail, and were left as they are"));
    }
    match lake.damaged_files() {
        0 => Ok(()),
        many => {
            Err(format!("{many} files cannot be read and were left aside; `kith check` names them"))
        }
    }
}

/// A place that cannot be looked at now, or another one that the settings lead to, looks as if all were lost. So whoever
/// gives files up says how many.
fn forget_lost(config: &Config, files: Option<usize>) -> Result<(), String> {
    let folder = Folder::existing(config)?;
    let lost = Lost::find(config, folder.storage.as_ref(), &S3Access::from_env()).map_err(said)?;
    for one in &lost.said {
        say(one);
    }
    let (many, known, events) = (lost.said.len(), lost.known, lost.events());
    say(&format!(
        "{many} of {known} files are lost in {}, and {events} events with them",
        lost.place
    ));
    if many == 0 {
        return Ok(());
    }
    if let Some(said) = lost.elsewhere(folder.storage.as_ref()).map_err(said)? {
        return Err(format!(
            "by the catalogue they lie in {said}, and here is none: set `events_url` to that place"
        ));
    }
    if files != Some(many) {
        return Err(format!(
            "nothing was changed; where they are lost for good, and that is the right place, say --files {many}"
        ));
    }
    let detail = format!("events forget-lost --files {many}\n{}", lost.said.join("\n"));
    history::note(&folder, ("remove", "file"), &detail)?;
    lost.forget(folder.storage.as_ref(), folder.clock.now()).map_err(said)?;
    say("They are given up.");
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn said(error: LakeError) -> String {
    error.to_string()
}
