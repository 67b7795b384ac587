//! API keys: what programs show instead of signing in.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Done, StoredUser, begin, remember, users};
use crate::model::Time;
use crate::storage::configuration::By;
use crate::storage::sql::{Row, Sql, rows, values};
use crate::storage::{Settled, Storage, StorageError};

/// The kind that the audit log has.
const KIND: &str = "key";
/// All keys that there may be.
const KEYS_MAX: usize = 1000;
const COLUMNS: &str = "api_key.id, api_key.hash, api_key.owner, api_key.used_at, api_key.body";

/// A key as stored: only its hash, so that the database gives nobody access.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredKey {
    /// By which it is revoked.
    pub id: String,
    /// HMAC-SHA-256 of the key, hexadecimal.
    pub hash: String,
    /// Who has made it: a user's e-mail address, or empty for the command line.
    pub owner: String,
    /// For people.
    pub name: String,
    /// Whose doors it opens.
    pub roles: Vec<String>,
    /// Single groups of doors that it opens beside those.
    pub scopes: Vec<String>,
    /// When.
    pub created: Time,
    /// Not valid from then on; none: until it is revoked.
    pub expires: Option<Time>,
    /// When it was used last, to the minute.
    pub used: Option<Time>,
}

/// Who stands behind a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyHolder {
    /// Whoever has the machine.
    CommandLine,
    /// A user.
    User(StoredUser),
    /// A user who is no more.
    Gone,
}

/// Whether a key was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAdded {
    /// It was.
    Done,
    /// There are as many as there may be; nothing was done.
    TooMany,
    /// Whoever made it is no user any more; nothing was done. It would be the key of whoever has the address next.
    OwnerGone,
}

impl dyn Storage + '_ {
    /// The key with this hash, and who stands behind it.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn key_of(&self, hash: &str) -> Result<Option<(StoredKey, KeyHolder)>, StorageError> {
        let ask = format!(
            "SELECT {COLUMNS}, \"user\".email, \"user\".body, \"user\".epoch, \
             \"user\".signed_in_at FROM api_key \
             LEFT JOIN \"user\" ON \"user\".email = api_key.owner WHERE api_key.hash = $1"
        );
        self.ask(|database| {
            database.one(&ask, values![hash], |row| {
                let key = read(row)?;
                let holder = match row.maybe_text(5)? {
                    Some(_) => KeyHolder::User(users::read(row, 5)?),
                    None if key.owner.is_empty() => KeyHolder::CommandLine,
                    None => KeyHolder::Gone,
                };
                Ok((key, holder))
            })
        })
    }

    /// All keys, the oldest first.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn keys(&self) -> Result<Vec<StoredKey>, StorageError> {
        let ask = format!("SELECT {COLUMNS} FROM api_key");
        self.ask(|database| database.all_sorted(&ask, &[], read, |key| key.id.clone()))
    }

    /// Stores a new key of the command line, or of a user who is there.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn add_key(&self, key: &StoredKey, by: By<'_>) -> Result<KeyAdded, StorageError> {
        self.change_if(|database| {
            let version = begin(database)?;
            let count = database.number("SELECT count(*) FROM api_key", &[])?;
            if usize::try_from(count).unwrap_or(usize::MAX) >= KEYS_MAX {
                return Ok((KeyAdded::TooMany, Settled::Dropped));
            }
            if !key.owner.is_empty() && users::find(database, &key.owner)?.is_none() {
                return Ok((KeyAdded::OwnerGone, Settled::Dropped));
            }
            put(database, key)?;
            let done = Done { kind: KIND, subject: &key.id, before: None, after: Some(shown(key)) };
            remember(database, by, version, &done)?;
            Ok((KeyAdded::Done, Settled::Kept))
        })
    }

    /// Revokes a key, whoever's or only if it is `owner`'s; false when there is none.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn remove_key(
        &self,
        id: &str,
        owner: Option<&str>,
        by: By<'_>,
    ) -> Result<bool, StorageError> {
        let ask = format!("SELECT {COLUMNS} FROM api_key WHERE id = $1");
        self.change_if(|database| {
            begin(database)?;
            let found = database.one(&ask, values![id], read)?;
            match found.filter(|key| owner.is_none_or(|owner| owner == key.owner)) {
                Some(key) => remove(database, &key, by).map(|()| (true, Settled::Kept)),
                None => Ok((false, Settled::Dropped)),
            }
        })
    }

    /// Notes that a key was used now, unless that was noted since `before`.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn key_used(&self, id: &str, now: Time, before: Time) -> Result<(), StorageError> {
        let note = "UPDATE api_key SET used_at = $1 WHERE id = $2 AND used_at <= $3";
        let values = values![now.micros(), id, before.micros()];
        self.change(|database| database.execute(note, values).map(|_| ()))
    }
}

/// Revokes all keys of a user.
pub(super) fn remove_all_of(
    sql: &mut dyn Sql,
    owner: &str,
    by: By<'_>,
) -> Result<(), StorageError> {
    let ask = format!("SELECT {COLUMNS} FROM api_key WHERE owner = $1 ORDER BY id");
    let keys = sql.all(&ask, values![owner], read)?;
    keys.iter().try_for_each(|key| remove(sql, key, by))
}

fn remove(sql: &mut dyn Sql, key: &StoredKey, by: By<'_>) -> Result<(), StorageError> {
    // A version for each: by it the entries of one moment are told apart.
    let version = begin(sql)?;
    sql.execute("DELETE FROM api_key WHERE id = $1", values![&key.id])?;
    let done = Done { kind: KIND, subject: &key.id, before: Some(shown(key)), after: None };
    remember(sql, by, version, &done)
}

/// As the audit log has it.
fn shown(key: &StoredKey) -> Value {
    json!({
        "id": key.id, "name": key.name, "owner": key.owner, "roles": key.roles,
        "scopes": key.scopes, "expires": key.expires.map(|time| time.to_string()),
    })
}

/// The body of an `api_key` row.
#[derive(Deserialize, Serialize)]
struct Body {
    name: String,
    roles: Vec<String>,
    scopes: Vec<String>,
    created: String,
    expires: Option<String>,
}

fn put(sql: &mut dyn Sql, key: &StoredKey) -> Result<(), StorageError> {
    let body = Body {
        name: key.name.clone(),
        roles: key.roles.clone(),
        scopes: key.scopes.clone(),
        created: key.created.to_string(),
        expires: key.expires.map(|time| time.to_string()),
    };
    let body = serde_json::to_string(&body).map_err(rows::damaged("api_key"))?;
    let put = "INSERT INTO api_key (id, hash, owner, used_at, body) VALUES ($1, $2, $3, 0, $4)";
    sql.execute(put, values![&key.id, &key.hash, &key.owner, &body]).map(|_| ())
}

fn read(row: &dyn Row) -> Result<StoredKey, StorageError> {
    let body: Body = serde_json::from_str(row.text(4)?).map_err(rows::damaged("api_key"))?;
    let used = row.number(3)?;
    Ok(StoredKey {
        id: row.string(0)?,
        hash: row.string(1)?,
        owner: row.string(2)?,
        name: body.name,
        roles: body.roles,
        scopes: body.scopes,
        created: Time::parse(&body.created).unwrap_or_default(),
        // A moment that cannot be read is over.
        expires: body.expires.map(|text| Time::parse(&text).unwrap_or_default()),
        used: (used > 0).then(|| Time::from_micros(used)),
    })
}
