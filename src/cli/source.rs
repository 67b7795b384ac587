//! `kith source`: add, list, remove.

use clap::Subcommand;

use super::folder::{Folder, Having};
use super::{in_line, say};
use crate::config::Config;
use crate::model::{Bridge, Source, SourceId, Trust, kept_id};
use crate::registry::{Author, NotSaved, Snapshot};

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
        #[arg(long = "type", value_name = "TYPE", value_parser = ["rest", "webhook", "redirect"], default_value = "rest")]
        bridges: Vec<String>,
        /// How far it is believed when it says who somebody is; by the type unless said.
        #[arg(long, value_parser = ["public", "signed", "trusted"])]
        trust: Option<String>,
    },
    /// Lists the sources.
    List,
    /// Removes a source.
    Remove {
        /// Its id.
        id: String,
    },
}

/// Who changes it, for the audit log.
const AUTHOR: Author<'static> = Author { who: "command line", address: None, based_on: None };

/// Works with the server running or not. One that runs knows the change when this ends.
pub(super) fn run(config: &Config, command: SourceCommand) -> Result<(), String> {
    let folder = match command {
        SourceCommand::Add { .. } => Folder::open(config, Having::First)?,
        SourceCommand::List => Folder::to_look(config)?,
        SourceCommand::Remove { .. } => Folder::existing(config)?,
    };
    let registry = folder.registry()?;
    match command {
        SourceCommand::Add { name, id, bridges, trust } => {
            let id = id.map(|id| kept_id(&id));
            let drawn = || folder.ids.uuid(folder.clock.now()).to_string();
            let id = id.unwrap_or_else(drawn);
            if registry.now().get::<Source>(&id).is_some() {
                return Err(format!("there is a source {id} already"));
            }
            let bridges = bridges.iter().filter_map(|name| Bridge::named(name)).collect();
            let now = folder.clock.now();
            let mut source = Source::new(SourceId::new(id.as_str()), name.trim(), bridges, now);
            source.trust = trust.as_deref().and_then(Trust::named).unwrap_or(source.trust);
            registry.put(&source, AUTHOR).map_err(|why| why.to_string())?;
            say(&id);
            Ok(())
        }
        SourceCommand::List => {
            list(&registry.now());
            Ok(())
        }
        SourceCommand::Remove { id } => match registry.remove::<Source>(&id, AUTHOR) {
            Err(NotSaved::Missing) => Err(format!("there is no source {id}")),
            done => done.map_err(|why| why.to_string()),
        },
    }
}

fn list(known: &Snapshot) {
    for source in known.all::<Source>() {
        let source = &source.entity;
        let bridges: Vec<_> = source.bridges.iter().map(|bridge| bridge.as_str()).collect();
        let off = if source.enabled { "" } else { "  (disabled)" };
        let (id, name) = (in_line(source.id.as_str()), in_line(&source.name));
        say(&format!("{id}  {}  {name}{off}", bridges.join(",")));
    }
}
