//! `kith events`: looking after the files of history by hand.

use clap::Subcommand;

use super::{history, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::lake::Eagerness;
use crate::registry::Registry;

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
    let (lake, storage) = history::open(config)?;
    let fault = |error: crate::lake::LakeError| error.to_string();
    match command {
        EventsCommand::Compact => {
            let flushed = lake.flush().map_err(fault)?;
            say(&format!("{} events moved into {} files", flushed.events, flushed.files));
            let done = lake.compact(Eagerness::Everything).map_err(fault)?;
            say(&format!("{} files merged into {}", done.replaced, done.files));
        }
        EventsCommand::Expire => {
            let registry = Registry::open(storage, Clock::system());
            let registry = registry.map_err(|error| error.to_string())?;
            let done = lake.expire(&registry.now()).map_err(fault)?;
            say(&format!("{} events removed from {} files", done.events, done.files));
            say(&format!("{} replaced files removed", lake.sweep().map_err(fault)?));
        }
    }
    Ok(())
}
