//! `kith merge`: what a person is made of, and taking mergers back.

use std::sync::Arc;

use clap::Subcommand;

use super::folder::Folder;
use super::with_app::with_app;
use super::{history, say};
use crate::app::App;
use crate::config::Config;
use crate::storage::{MergeId, Storage};
use crate::undo::{self, NotUndone, Undone};

/// Where a server that runs takes mergers back.
const UNDO: &str = "POST /api/merges/{id}/undo";
const UNDO_ALL: &str = "POST /api/merges/undo";
/// How the audit log calls it.
const UNDONE: (&str, &str) = ("undo", "merge");

/// What can be done with mergers.
#[derive(Debug, Subcommand)]
pub(super) enum MergeCommand {
    /// Shows the mergers of a person.
    Show {
        /// Any id of theirs.
        profile: String,
    },
    /// Takes a merger back: both people stand again.
    Undo {
        /// Its name, as `show` has it.
        merge: String,
    },
    /// Takes back every merger that a value has caused.
    UndoAll {
        /// What the value is: email, phone, id, pk, or a namespace of your own.
        namespace: String,
        /// The value.
        value: String,
    },
}

/// Showing works beside a server. Taking back needs the folder for itself, or a PostgreSQL, where it
/// is one more node.
pub(super) fn run(config: &Config, command: MergeCommand) -> Result<(), String> {
    // Before anything is said of a merger that is elsewhere.
    Folder::must_exist(config)?;
    match command {
        MergeCommand::Show { profile } => {
            let folder = Folder::existing(config)?;
            history::note(&folder, ("look", "profile"), &format!("merge show {profile}"))?;
            show(folder.storage.as_ref(), &profile)
        }
        MergeCommand::Undo { merge } => {
            let merge: MergeId = merge.parse().map_err(|_| NotUndone::NoMerger.to_string())?;
            let said = format!("merge undo {merge}");
            with_app(config, UNDO, (UNDONE, &said), async |app| {
                let undone = undo::undo(app, &[merge]).await.map_err(|why| why.to_string())?;
                tell(&undone);
                Ok(())
            })
        }
        MergeCommand::UndoAll { namespace, value } => {
            let said = format!("merge undo-all {namespace} {value}");
            let all = async |app: &Arc<App>| undo_all(app, &namespace, &value).await;
            with_app(config, UNDO_ALL, (UNDONE, &said), all)
        }
    }
}

async fn undo_all(app: &Arc<App>, namespace: &str, value: &str) -> Result<(), String> {
    let (mut undone, mut left, mut after) = (false, Vec::new(), None);
    loop {
        let all = undo::all_by(app, namespace, value, after).await;
        let all = all.map_err(|why| why.to_string())?;
        all.undone.iter().for_each(tell);
        undone |= !all.undone.is_empty();
        left.extend(all.left);
        after = all.next;
        if after.is_none() {
            break;
        }
    }
    if !left.is_empty() {
        let left: Vec<String> = left.iter().map(ToString::to_string).collect();
        return Err(format!("not taken back: {}: {}", left.join(", "), NotUndone::OfRemoved));
    }
    if !undone {
        say(&format!(
            "No merger stands that the {namespace} {value} has caused; nothing was changed."
        ));
    }
    Ok(())
}

fn show(storage: &dyn Storage, id: &str) -> Result<(), String> {
    let person = storage.profile(id).map_err(|error| error.to_string())?;
    let person = person.ok_or_else(|| format!("nobody has the id {id}"))?;
    say(&format!("{}  is the person's id", person.id));
    for merge in storage.merges_of(&person.ids).map_err(|error| error.to_string())? {
        let undone = merge.undone.map(|time| format!(", taken back {time}")).unwrap_or_default();
        let (loser, winner, time) = (&merge.loser, &merge.winner, merge.merged);
        say(&format!("{}  {loser} into {winner}, {time}{undone}", merge.id));
    }
    Ok(())
}

fn tell(undone: &Undone) {
    let people: Vec<String> = undone.people.iter().map(ToString::to_string).collect();
    let (merges, events) = (undone.merges.len(), undone.events);
    say(&format!("{merges} taken back, {events} events folded again: {}", people.join(", ")));
    if let Some(first) = people.first().filter(|_| !undone.untold.is_empty()) {
        say(&format!("what no event tells stays with {first}: {}", undone.untold.join(", ")));
    }
}
