//! `kith source`: add, list, remove.

use clap::Subcommand;

use super::folder::Folder;
use super::say;
use crate::config::Config;
use crate::model::{Bridge, ID_BYTES_MAX, Source, SourceId};
use crate::storage::{Edit, SourceBody};

/// What can be done with sources.
#[derive(Debug, Subcommand)]
pub(super) enum SourceCommand {
    /// Adds a source and prints its id.
    Add {
        /// For people.
        name: String,
        /// Its id, if it must be a certain one.
        #[arg(long)]
        id: Option<String>,
        /// The doors it may use; may be given more than once.
        #[arg(long = "type", value_parser = ["rest", "webhook", "redirect"], default_value = "rest")]
        bridges: Vec<String>,
    },
    /// Lists the sources.
    List,
    /// Removes a source.
    Remove {
        /// Its id.
        id: String,
    },
}

/// Works with the server running or not.
pub(super) fn run(config: &Config, command: SourceCommand) -> Result<(), String> {
    let folder = Folder::open(config)?;
    match command {
        SourceCommand::Add { name, id, bridges } => {
            let source = source(&folder, &name, id, &bridges)?;
            let id = source.id.to_string();
            folder.edit(Edit::PutSource(Box::new(source)))?;
            say(&id);
            Ok(())
        }
        SourceCommand::List => list(&folder),
        SourceCommand::Remove { id } => {
            if !ids(&folder)?.contains(&id.to_lowercase()) {
                return Err(format!("there is no source {id}"));
            }
            folder.edit(Edit::RemoveSource(SourceId::new(id.to_lowercase())))
        }
    }
}

fn source(
    folder: &Folder,
    name: &str,
    id: Option<String>,
    bridges: &[String],
) -> Result<Source, String> {
    let now = folder.clock.now();
    let id = id.map_or_else(|| folder.ids.uuid(now).to_string(), |id| id.trim().to_lowercase());
    if id.is_empty() || id.len() > ID_BYTES_MAX || id.starts_with('@') {
        return Err(format!("an id has 1 to {ID_BYTES_MAX} bytes and does not start with @"));
    }
    if ids(folder)?.contains(&id) {
        return Err(format!("there is a source {id} already"));
    }
    let bridges = bridges.iter().filter_map(|name| Bridge::named(name)).collect();
    Ok(Source::new(SourceId::new(id), name.trim(), bridges, now))
}

fn ids(folder: &Folder) -> Result<Vec<String>, String> {
    let sources = folder.storage.config("source").map_err(|error| error.to_string())?;
    Ok(sources.into_iter().map(|(id, _)| id).collect())
}

fn list(folder: &Folder) -> Result<(), String> {
    for (id, body) in folder.storage.config("source").map_err(|error| error.to_string())? {
        let body: SourceBody = serde_json::from_str(&body).map_err(|error| error.to_string())?;
        let source = body.into_source(SourceId::new(id));
        let bridges: Vec<_> = source.bridges.iter().map(|bridge| bridge.as_str()).collect();
        let off = if source.enabled { "" } else { "  (disabled)" };
        say(&format!("{}  {}  {}{off}", source.id, bridges.join(","), source.name));
    }
    Ok(())
}
