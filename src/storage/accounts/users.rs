//! Users: who may administer. Whatever makes a user less than they were ends their tokens.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Done, begin, keys, remember, tokens};
use crate::model::Time;
use crate::storage::configuration::By;
use crate::storage::sql::{Row, Sql, rows, values};
use crate::storage::{Settled, Storage, StorageError};

/// The kind that the audit log has.
pub(super) const KIND: &str = "user";
/// The role without which nobody could let others in.
const ADMIN: &str = "admin";
const COLUMNS: &str = "email, body, epoch, signed_in_at";

/// A user as stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredUser {
    /// Lower case; what they sign in with.
    pub email: String,
    /// For people.
    pub name: String,
    /// argon2id, PHC text. Empty: no password lets them in.
    pub password_hash: String,
    /// What they may do: `admin`, `developer`, `marketer`, `maintainer`.
    pub roles: Vec<String>,
    /// Off: cannot sign in, and tokens no longer count.
    pub enabled: bool,
    /// When.
    pub created: Time,
    /// What they show beside their password; none where the password is enough.
    pub totp: Option<Box<StoredTotp>>,
    /// What their tokens must have. Never told, and never the same again.
    pub epoch: String,
    /// When they signed in last.
    pub signed_in: Option<Time>,
}

/// One-time codes of a user.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct StoredTotp {
    /// What the user's app has too, in Base32. Codes are made of it, so a hash would not do.
    pub secret: String,
    /// Whether a code of it was shown. Before that nobody is asked for one.
    pub confirmed: bool,
    /// The step of the last code that was taken: none is taken twice.
    pub last_step: i64,
    /// Keyed hashes of the recovery codes that are left.
    pub recovery_codes: Vec<String>,
}

/// Without the secret.
impl std::fmt::Debug for StoredTotp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredTotp").field("confirmed", &self.confirmed).finish_non_exhaustive()
    }
}

/// What becomes of a user. What is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// For people.
    pub name: Option<String>,
    /// A new password's.
    pub password_hash: Option<String>,
    /// What they may do from now on.
    pub roles: Option<Vec<String>>,
    /// Whether they may sign in.
    pub enabled: Option<bool>,
    /// Only if their password's is still this one.
    pub was: Option<String>,
}

/// Whether a user was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserChanged {
    /// They were.
    Done,
    /// There is no such user, or they are no longer what the change says they were.
    Missing,
    /// Nobody would be left who may let others in; nothing was done.
    LastAdministrator,
}

impl StoredUser {
    fn administers(&self) -> bool {
        self.enabled && self.roles.iter().any(|role| role == ADMIN)
    }

    /// Whether they could do something that `after` cannot, or in another way.
    fn loses(&self, after: &Self) -> bool {
        self.password_hash != after.password_hash
            || (self.enabled && !after.enabled)
            || self.roles.iter().any(|role| !after.roles.contains(role))
    }

    /// As the audit log has them: no secrets.
    fn shown(&self, password: &str) -> Value {
        json!({
            "email": self.email, "name": self.name, "roles": self.roles,
            "enabled": self.enabled, "password": password, "totp": self.asks_for_codes(),
        })
    }

    /// Whether their password alone lets them in no more.
    #[must_use]
    pub fn asks_for_codes(&self) -> bool {
        self.totp.as_ref().is_some_and(|totp| totp.confirmed)
    }

    fn password(&self) -> &'static str {
        if self.password_hash.is_empty() { "none" } else { "set" }
    }
}

impl dyn Storage + '_ {
    /// The user with this e-mail.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn user(&self, email: &str) -> Result<Option<StoredUser>, StorageError> {
        self.ask(|database| find(database, email))
    }

    /// All users, sorted by e-mail.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn users(&self) -> Result<Vec<StoredUser>, StorageError> {
        self.ask(all)
    }

    /// Adds a user; false when there is one with this e-mail.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn add_user(&self, user: &StoredUser, by: By<'_>) -> Result<bool, StorageError> {
        self.change_if(|database| {
            let version = begin(database)?;
            if find(database, &user.email)?.is_some() {
                return Ok((false, Settled::Dropped));
            }
            put(database, user)?;
            let after = Some(user.shown(user.password()));
            let done = Done { kind: KIND, subject: &user.email, before: None, after };
            remember(database, by, version, &done)?;
            Ok((true, Settled::Kept))
        })
    }

    /// Changes a user. If they lose anything by it, or get another password, their tokens end in
    /// the same moment, and `epoch` is what later ones must have.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn change_user(
        &self,
        email: &str,
        change: &UserChange,
        epoch: &str,
        by: By<'_>,
    ) -> Result<UserChanged, StorageError> {
        self.change_if(|database| {
            let version = begin(database)?;
            let Some(before) = find(database, email)?.filter(|user| change.fits(user)) else {
                return Ok((UserChanged::Missing, Settled::Dropped));
            };
            let mut after = change.applied(&before);
            if before.loses(&after) {
                epoch.clone_into(&mut after.epoch);
                tokens::end(database, email)?;
            }
            put(database, &after)?;
            if is_abandoned(database, &before)? {
                return Ok((UserChanged::LastAdministrator, Settled::Dropped));
            }
            let is_new = before.password_hash != after.password_hash;
            let password = if is_new { "set anew" } else { after.password() };
            let (before, after) = (before.shown(before.password()), after.shown(password));
            let done =
                Done { kind: KIND, subject: email, before: Some(before), after: Some(after) };
            remember(database, by, version, &done)?;
            Ok((UserChanged::Done, Settled::Kept))
        })
    }

    /// Changes a user's one-time codes, as `change` does to what is there at this moment, unless it
    /// answers none. Whoever else changes them waits: of two who take one code, one has it. Taking
    /// one is written into the audit log where somebody signs in; every other change here.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn change_totp<T>(
        &self,
        email: &str,
        by: By<'_>,
        mut change: impl FnMut(&mut Option<Box<StoredTotp>>) -> Option<T>,
    ) -> Result<Option<T>, StorageError> {
        self.change_if(|database| {
            let version = begin(database)?;
            let Some(before) = find(database, email)? else { return Ok((None, Settled::Dropped)) };
            let mut after = before.clone();
            let Some(done) = change(&mut after.totp) else { return Ok((None, Settled::Dropped)) };
            put(database, &after)?;
            let shown = [&before, &after].map(|user| Some(user.shown(user.password())));
            if let [before, after] = shown
                && before != after
            {
                let done = Done { kind: KIND, subject: email, before, after };
                remember(database, by, version, &done)?;
            }
            Ok((Some(done), Settled::Kept))
        })
    }

    /// Removes a user, with their tokens and their keys.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn remove_user(&self, email: &str, by: By<'_>) -> Result<UserChanged, StorageError> {
        self.change_if(|database| {
            let version = begin(database)?;
            let Some(before) = find(database, email)? else {
                return Ok((UserChanged::Missing, Settled::Dropped));
            };
            tokens::end(database, email)?;
            database.execute("DELETE FROM \"user\" WHERE email = $1", values![email])?;
            if is_abandoned(database, &before)? {
                return Ok((UserChanged::LastAdministrator, Settled::Dropped));
            }
            let before = Some(before.shown(before.password()));
            let done = Done { kind: KIND, subject: email, before, after: None };
            remember(database, by, version, &done)?;
            keys::remove_all_of(database, email, by)?;
            Ok((UserChanged::Done, Settled::Kept))
        })
    }
}

impl UserChange {
    fn fits(&self, user: &StoredUser) -> bool {
        self.was.as_ref().is_none_or(|was| *was == user.password_hash)
    }

    fn applied(&self, before: &StoredUser) -> StoredUser {
        let mut after = before.clone();
        after.name.clone_from(self.name.as_ref().unwrap_or(&before.name));
        after
            .password_hash
            .clone_from(self.password_hash.as_ref().unwrap_or(&before.password_hash));
        after.roles.clone_from(self.roles.as_ref().unwrap_or(&before.roles));
        after.enabled = self.enabled.unwrap_or(before.enabled);
        after
    }
}

/// Whether somebody who administered was the last who did.
fn is_abandoned(sql: &mut dyn Sql, before: &StoredUser) -> Result<bool, StorageError> {
    Ok(before.administers() && !all(sql)?.iter().any(StoredUser::administers))
}

/// The user with this e-mail.
pub(super) fn find(sql: &mut dyn Sql, email: &str) -> Result<Option<StoredUser>, StorageError> {
    let ask = format!("SELECT {COLUMNS} FROM \"user\" WHERE email = $1");
    sql.one(&ask, values![email], |row| read(row, 0))
}

fn all(sql: &mut dyn Sql) -> Result<Vec<StoredUser>, StorageError> {
    let ask = format!("SELECT {COLUMNS} FROM \"user\"");
    sql.all_sorted(&ask, &[], |row| read(row, 0), |user| user.email.clone())
}

/// The body of a `user` row.
#[derive(Deserialize, Serialize)]
struct Body<'a> {
    name: std::borrow::Cow<'a, str>,
    password_hash: std::borrow::Cow<'a, str>,
    roles: std::borrow::Cow<'a, [String]>,
    enabled: bool,
    created: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    totp: Option<std::borrow::Cow<'a, StoredTotp>>,
}

fn put(sql: &mut dyn Sql, user: &StoredUser) -> Result<(), StorageError> {
    let body = Body {
        name: (&user.name).into(),
        password_hash: (&user.password_hash).into(),
        roles: (&user.roles).into(),
        enabled: user.enabled,
        created: user.created.to_string(),
        totp: user.totp.as_deref().map(std::borrow::Cow::Borrowed),
    };
    let body = serde_json::to_string(&body).map_err(rows::damaged("user"))?;
    let signed_in = user.signed_in.map_or(0, Time::micros);
    let put = "INSERT INTO \"user\" (email, body, epoch, signed_in_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (email) DO UPDATE SET body = excluded.body, epoch = excluded.epoch";
    sql.execute(put, values![&user.email, &body, &user.epoch, signed_in]).map(|_| ())
}

/// A user whose columns begin at `at`.
pub(super) fn read(row: &dyn Row, at: usize) -> Result<StoredUser, StorageError> {
    let body: Body<'_> = serde_json::from_str(row.text(at + 1)?).map_err(rows::damaged("user"))?;
    let signed_in = row.number(at + 3)?;
    Ok(StoredUser {
        email: row.string(at)?,
        name: body.name.into_owned(),
        password_hash: body.password_hash.into_owned(),
        roles: body.roles.into_owned(),
        enabled: body.enabled,
        created: Time::parse(&body.created).unwrap_or_default(),
        totp: body.totp.map(|totp| Box::new(totp.into_owned())),
        epoch: row.string(at + 2)?,
        signed_in: (signed_in > 0).then(|| Time::from_micros(signed_in)),
    })
}
