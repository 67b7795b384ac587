//! Users and their tokens.

use serde::Deserialize;

use super::sql::{Row, rows, values};
use super::{Storage, StorageError};
use crate::model::Time;

/// A user as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredUser {
    /// Lower case; what they sign in with.
    pub email: String,
    /// For people.
    pub name: String,
    /// argon2id, PHC text.
    pub password_hash: String,
    /// What they may do: `admin`, `developer`, `marketer`, `maintainer`.
    pub roles: Vec<String>,
    /// Off: cannot sign in, and tokens no longer count.
    pub enabled: bool,
    /// When.
    pub created: Time,
}

/// A token as stored: only its hash, so that the database gives nobody access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// HMAC-SHA-256 of the token, hexadecimal.
    pub hash: String,
    /// Whose.
    pub email: String,
    /// Not valid from then on.
    pub expires: Time,
}

impl dyn Storage + '_ {
    /// The user with this e-mail.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn user(&self, email: &str) -> Result<Option<StoredUser>, StorageError> {
        let ask = "SELECT email, body FROM \"user\" WHERE email = $1";
        self.ask(|database| database.one(ask, values![email], user))
    }

    /// All users, sorted by e-mail.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn users(&self) -> Result<Vec<StoredUser>, StorageError> {
        self.ask(|database| {
            database.all("SELECT email, body FROM \"user\" ORDER BY email", &[], user)
        })
    }

    /// The token with this hash.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn token(&self, hash: &str) -> Result<Option<StoredToken>, StorageError> {
        let ask = "SELECT hash, email, expires_at FROM token WHERE hash = $1";
        self.ask(|database| database.one(ask, values![hash], token))
    }
}

/// The body of a `user` row.
#[derive(Deserialize)]
struct UserBody {
    name: String,
    password_hash: String,
    roles: Vec<String>,
    enabled: bool,
    created: String,
}

fn user(row: &dyn Row) -> Result<StoredUser, StorageError> {
    let body: UserBody = serde_json::from_str(row.text(1)?).map_err(rows::damaged("user"))?;
    Ok(StoredUser {
        email: row.string(0)?,
        name: body.name,
        password_hash: body.password_hash,
        roles: body.roles,
        enabled: body.enabled,
        created: Time::parse(&body.created).unwrap_or_default(),
    })
}

fn token(row: &dyn Row) -> Result<StoredToken, StorageError> {
    let expires = Time::from_micros(row.number(2)?);
    Ok(StoredToken { hash: row.string(0)?, email: row.string(1)?, expires })
}
