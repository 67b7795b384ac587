//! `kith user`: add, list, disable, enable, remove, sign out, reset one-time codes.

use std::io::BufRead as _;

use clap::Subcommand;

use super::folder::{Folder, Having};
use super::{in_line, say};
use crate::accounts::{self, Account, Role};
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::Ids;
use crate::storage::{By, StorageError, StoredUser, UserChange, UserChanged};

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Adds a user, or gives a known one a new password, which ends their tokens.
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
    /// Says what a user may do from now on. A role taken away ends their tokens.
    Roles {
        /// What they sign in with.
        email: String,
        /// admin, developer, marketer or maintainer; all that they have from now on.
        #[arg(required = true, value_parser = role)]
        roles: Vec<Role>,
    },
    /// Lets a user in no more, and ends their tokens. Their keys do not work until they are enabled.
    Disable {
        /// What they sign in with.
        email: String,
    },
    /// Lets a disabled user in again.
    Enable {
        /// What they sign in with.
        email: String,
    },
    /// Removes a user, with their tokens and keys.
    Remove {
        /// What they sign in with.
        email: String,
    },
    /// Ends a user's one-time codes, who has lost the app: the password alone is enough again.
    ResetTotp {
        /// What they sign in with.
        email: String,
    },
    /// Ends all tokens of a user, or of everybody.
    SignOut {
        /// What they sign in with; everybody unless said.
        email: Option<String>,
    },
}

/// Who changes it, for the audit log.
pub(super) const AUTHOR: &str = "command line";

/// Works with the server running or not, and holds at once on all nodes.
pub(super) fn run(config: &Config, command: UserCommand) -> Result<(), String> {
    let folder = match command {
        UserCommand::Add { .. } => Folder::open(config, Having::First)?,
        UserCommand::List => Folder::to_look(config)?,
        UserCommand::Roles { .. }
        | UserCommand::Disable { .. }
        | UserCommand::Enable { .. }
        | UserCommand::Remove { .. }
        | UserCommand::ResetTotp { .. }
        | UserCommand::SignOut { .. } => Folder::existing(config)?,
    };
    let enable = |email: &str, enabled| {
        change(&folder, email, &UserChange { enabled: Some(enabled), ..UserChange::default() })
    };
    match command {
        UserCommand::Add { email, roles, password_stdin } => {
            let given = if password_stdin { Some(read(config)?) } else { None };
            add(&folder, &email, &roles, given.as_deref())
        }
        UserCommand::List => list(&folder),
        UserCommand::Roles { email, roles } => {
            let roles = Some(named(&roles));
            change(&folder, &email, &UserChange { roles, ..UserChange::default() })
        }
        UserCommand::Disable { email } => enable(&email, false),
        UserCommand::Enable { email } => enable(&email, true),
        UserCommand::Remove { email } => {
            let account = account(&email)?;
            let removed = folder.storage.remove_user(account.as_str(), by(&folder));
            told(removed, &email)
        }
        UserCommand::ResetTotp { email } => reset_totp(&folder, &email),
        UserCommand::SignOut { email } => sign_out(&folder, email.as_deref()),
    }
}

/// Who changes something now.
pub(super) fn by(folder: &Folder) -> By<'static> {
    By { who: AUTHOR, address: None, at: folder.clock.now() }
}

fn add(folder: &Folder, email: &str, roles: &[Role], given: Option<&str>) -> Result<(), String> {
    let password = given.map_or_else(|| folder.ids.secret(), str::to_owned);
    let mut new = user(email, &password, &folder.clock, &folder.ids)?;
    let roles = (!roles.is_empty()).then(|| named(roles));
    new.roles = roles.clone().unwrap_or(new.roles);
    if !folder.storage.add_user(&new, by(folder)).map_err(|error| error.to_string())? {
        let password_hash = Some(new.password_hash);
        change(folder, email, &UserChange { password_hash, roles, ..UserChange::default() })?;
    }
    if given.is_none() {
        say(&format!("Password of {email}, shown only now: {password}"));
    }
    Ok(())
}

fn list(folder: &Folder) -> Result<(), String> {
    for user in folder.storage.users().map_err(|error| error.to_string())? {
        let off = if user.enabled { "" } else { "  (disabled)" };
        let codes = if user.asks_for_codes() { "  (one-time codes)" } else { "" };
        let never = || "never".to_owned();
        let last = user.signed_in.map_or_else(never, |time| time.to_string());
        let (email, roles) = (in_line(&user.email), user.roles.join(","));
        say(&format!("{email}  {roles}  last sign-in {last}{codes}{off}"));
    }
    Ok(())
}

fn change(folder: &Folder, email: &str, change: &UserChange) -> Result<(), String> {
    let account = account(email)?;
    let (epoch, by) = (folder.ids.secret(), by(folder));
    let changed = folder.storage.change_user(account.as_str(), change, &epoch, by);
    told(changed, email)
}

fn reset_totp(folder: &Folder, email: &str) -> Result<(), String> {
    let account = account(email)?;
    let ended = folder.storage.change_totp(account.as_str(), by(folder), Option::take);
    let ended = ended.map_err(|error| error.to_string())?;
    ended.map(|_| ()).ok_or_else(|| format!("there is no user {email} with one-time codes"))
}

fn sign_out(folder: &Folder, email: Option<&str>) -> Result<(), String> {
    let account = email.map(account).transpose()?;
    let named = account.as_ref().map(Account::as_str);
    if let Some(named) = named {
        let there = folder.storage.user(named).map_err(|error| error.to_string())?;
        there.ok_or_else(|| nobody(named))?;
    }
    let ended = folder.storage.end_tokens(named, &folder.ids.secret(), by(folder));
    say(&format!("{} tokens have ended.", ended.map_err(|error| error.to_string())?));
    Ok(())
}

fn told(changed: Result<UserChanged, StorageError>, email: &str) -> Result<(), String> {
    match changed.map_err(|error| error.to_string())? {
        UserChanged::Done => Ok(()),
        UserChanged::Missing => Err(nobody(email)),
        UserChanged::LastAdministrator => {
            Err("nobody would be left who may let others in; nothing was changed".to_owned())
        }
    }
}

fn nobody(email: &str) -> String {
    format!("there is no user {email}")
}

fn account(email: &str) -> Result<Account, String> {
    let account = Account::named(email).filter(|account| account.as_str().contains('@'));
    account.ok_or_else(|| no_address(email))
}

fn no_address(email: &str) -> String {
    format!("{} is no e-mail address", in_line(email.trim()))
}

/// An administrator with this password.
pub(super) fn user(
    email: &str,
    password: &str,
    clock: &Clock,
    ids: &Ids,
) -> Result<StoredUser, String> {
    let account = Account::address(email);
    let email = account.ok_or_else(|| no_address(email))?.as_str().to_owned();
    Ok(StoredUser {
        name: email.clone(),
        email,
        password_hash: accounts::hash(password, ids).map_err(|error| error.to_string())?,
        roles: vec![Role::Admin.as_str().to_owned()],
        enabled: true,
        created: clock.now(),
        totp: None,
        epoch: ids.secret(),
        signed_in: None,
    })
}

fn named(roles: &[Role]) -> Vec<String> {
    let each = Role::ALL.into_iter().filter(|role| roles.contains(role));
    each.map(|role| role.as_str().to_owned()).collect()
}

/// The role of this name.
pub(super) fn role(name: &str) -> Result<Role, String> {
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
