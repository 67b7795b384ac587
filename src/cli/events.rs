//! `kith events`: looking after the files of history by hand.

use std::sync::Arc;

use clap::Subcommand;

use super::{history, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::lake::{Eagerness, Lake, LakeError};
use crate::registry::Registry;
use crate::storage::Storage;

/// What can be done with the files.
#[derive(Debug, Subcommand)]
pub(super) enum EventsCommand {
    /// Moves what waits in the tail into files, and merges small files.
    Compact,
    /// Removes events older than their source keeps them, and files whose grace is over.
    Expire,
}

/// Works with the server running or not: whoever is faster wins, and the other tries again.
pub(super) fn run(config: &Config, command: &EventsCommand) -> Result<(), String> {
    match command {
        EventsCommand::Compact => with_files(config, |lake, _| {
            let done = lake.compact(Eagerness::Everything).map_err(said)?;
            say(&format!("{} files merged into {}", done.replaced, done.files));
            Ok(())
        }),
        EventsCommand::Expire => with_files(config, |lake, storage| {
            let registry = Registry::open(Arc::clone(storage), Clock::system());
            let registry = registry.map_err(|error| error.to_string())?;
            let done = lake.expire(&registry.now()).map_err(said)?;
            say(&format!("{} events removed from {} files", done.events, done.files));
            say(&format!("{} replaced files removed", lake.sweep().map_err(said)?));
            Ok(())
        }),
    }
}

/// Does something with all of history: what waits in the tail is moved into files first.
fn with_files(
    config: &Config,
    work: impl FnOnce(&Lake, &Arc<dyn Storage>) -> Result<(), String>,
) -> Result<(), String> {
    let (lake, storage) = history::open(config)?;
    let flushed = lake.flush().map_err(said)?;
    say(&format!("{} events moved into {} files", flushed.events, flushed.files));
    work(&lake, &storage)?;
    // Where a server was faster, or payloads have come in.
    let left = storage.tail_size().map_err(|error| error.to_string())?.events;
    if left > 0 {
        say(&format!("{left} events wait in the tail, and were left as they are"));
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn said(error: LakeError) -> String {
    error.to_string()
}
