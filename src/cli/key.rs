//! `kith key`: add, list, remove.

use std::time::Duration;

use clap::Subcommand;

use super::folder::{Folder, Having};
use super::user::by;
use super::{in_line, say};
use crate::accounts;
use crate::config::Config;
use crate::hashing::Hashing;
use crate::http;
use crate::storage::{KeyAdded, StoredKey};

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Makes a key and prints it.
    Add {
        /// For people: what it is for.
        name: String,
        /// Whose doors it opens: admin, developer, marketer or maintainer; may be given more than once.
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<String>,
        /// A single group of doors, such as events:read; may be given more than once.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// How long it is valid [default: until it is removed].
        #[arg(long, value_name = "DAYS")]
        days: Option<u64>,
    },
    /// Lists the keys.
    List,
    /// Revokes a key.
    Remove {
        /// Its id.
        id: String,
    },
}

/// Works with the server running or not, and holds at once on all nodes.
pub(super) fn run(config: &Config, command: KeyCommand) -> Result<(), String> {
    let folder = match command {
        KeyCommand::Add { .. } => Folder::open(config, Having::First)?,
        KeyCommand::List => Folder::to_look(config)?,
        KeyCommand::Remove { .. } => Folder::existing(config)?,
    };
    match command {
        KeyCommand::Add { name, roles, scopes, days } => {
            let key = http::key(&name, roles, scopes, days)?;
            add(&folder, key, days)
        }
        KeyCommand::List => list(&folder),
        KeyCommand::Remove { id } => {
            let removed = folder.storage.remove_key(&id, None, by(&folder));
            let is_done = removed.map_err(|error| error.to_string())?;
            is_done.then_some(()).ok_or_else(|| format!("there is no key {id}"))
        }
    }
}

fn add(folder: &Folder, key: StoredKey, days: Option<u64>) -> Result<(), String> {
    let now = folder.clock.now();
    let expires = days.map(|days| now.plus(Duration::from_secs(days * 86_400)));
    let hashing = Hashing::new(folder.storage.key());
    let (shown, key) = accounts::new_key(&folder.ids, &hashing, now, StoredKey { expires, ..key });
    let added = folder.storage.add_key(&key, by(folder)).map_err(|error| error.to_string())?;
    if added != KeyAdded::Done {
        return Err("there are as many keys as there may be".to_owned());
    }
    say(&format!("Key {}, shown only now: {shown}", key.id));
    Ok(())
}

fn list(folder: &Folder) -> Result<(), String> {
    for key in folder.storage.keys().map_err(|error| error.to_string())? {
        let may: Vec<_> = key.roles.iter().chain(&key.scopes).map(String::as_str).collect();
        let owner = if key.owner.is_empty() { super::user::AUTHOR } else { &key.owner };
        let until = key.expires.map_or_else(String::new, |time| format!("  until {time}"));
        let used = key.used.map_or_else(|| "never".to_owned(), |time| time.to_string());
        let (may, name) = (may.join(","), in_line(&key.name));
        say(&format!("{}  {may}  by {owner}  last used {used}{until}  {name}", key.id));
    }
    Ok(())
}
