//! `kith user`: add, list.

use std::io::BufRead as _;

use clap::Subcommand;

use super::folder::Folder;
use super::say;
use crate::accounts::{self, Account, Role};
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::Ids;
use crate::storage::{Edit, StoredUser};

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Adds a user, or gives a known one a new password.
    Add {
        /// What they sign in with.
        email: String,
        /// What they may do: admin, developer, marketer or maintainer; may be given more than once
        /// [default: admin, or what a known user may already do].
        #[arg(long = "role", value_name = "ROLE", value_parser = role)]
        roles: Vec<Role>,
        /// Reads the password from standard input instead of drawing one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Lists the users.
    List,
}

/// Works with the server running or not.
pub(super) fn run(config: &Config, command: UserCommand) -> Result<(), String> {
    let folder = Folder::open(config)?;
    match command {
        UserCommand::Add { email, roles, password_stdin } => {
            let password = if password_stdin { read(config)? } else { folder.ids.secret() };
            let mut user = user(&email, &password, &folder.clock, &folder.ids)?;
            let known = folder.storage.user(&user.email).map_err(|error| error.to_string())?;
            if !roles.is_empty() {
                user.roles = roles.iter().map(|role| role.as_str().to_owned()).collect();
            } else if let Some(known) = known {
                user.roles = known.roles;
            }
            folder.edit(Edit::PutUser(user))?;
            if !password_stdin {
                say(&format!("Password of {email}, shown only now: {password}"));
            }
            Ok(())
        }
        UserCommand::List => {
            for user in folder.storage.users().map_err(|error| error.to_string())? {
                say(&format!("{}  {}", user.email, user.roles.join(",")));
            }
            Ok(())
        }
    }
}

/// An administrator with this password.
pub(super) fn user(
    email: &str,
    password: &str,
    clock: &Clock,
    ids: &Ids,
) -> Result<StoredUser, String> {
    let account = Account::named(email).filter(|account| account.as_str().contains('@'));
    let account = account.ok_or_else(|| format!("{} is no e-mail address", email.trim()))?;
    let email = account.as_str().to_owned();
    Ok(StoredUser {
        name: email.clone(),
        email,
        password_hash: accounts::hash(password, ids).map_err(|error| error.to_string())?,
        roles: vec![Role::Admin.as_str().to_owned()],
        enabled: true,
        created: clock.now(),
    })
}

fn role(name: &str) -> Result<Role, String> {
    let known = Role::ALL.map(Role::as_str).join(", ");
    Role::named(name).ok_or_else(|| format!("the roles are {known}"))
}

fn read(config: &Config) -> Result<String, String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| error.to_string())?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    let min = config.accounts.password_characters_min;
    if accounts::is_strong(&password, min) {
        Ok(password)
    } else {
        Err(format!("a password has at least {min} characters"))
    }
}
