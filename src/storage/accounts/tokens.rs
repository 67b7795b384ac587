//! Tokens: one for each time that somebody has signed in.

use super::{begin, users};
use crate::model::Time;
use crate::storage::audit::{Entry, remember};
use crate::storage::configuration::By;
use crate::storage::sql::{Sql, values};
use crate::storage::{Storage, StorageError, StoredUser};

/// Tokens that one user may have at one time. Signing in once more ends the one that would end first.
const TOKENS_MAX: usize = 100;

/// A token as stored: only its hash, so that the database gives nobody access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// HMAC-SHA-256 of the token, hexadecimal.
    pub hash: String,
    /// Whose.
    pub email: String,
    /// Not valid from then on.
    pub expires: Time,
    /// What its user had when they were let in. Should that be another by now, it counts no more:
    /// so it makes no difference whether a password changes before or after a token of the old one
    /// is stored.
    pub epoch: String,
}

impl dyn Storage + '_ {
    /// Whose the token with this hash is, and when it expires; none when it ended.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn token(&self, hash: &str) -> Result<Option<(StoredUser, Time)>, StorageError> {
        let ask = "SELECT \"user\".email, \"user\".body, \"user\".epoch, \"user\".signed_in_at, \
                   token.expires_at FROM token \
                   JOIN \"user\" ON \"user\".email = token.email AND \"user\".epoch = token.epoch \
                   WHERE token.hash = $1";
        self.ask(|database| {
            database.one(ask, values![hash], |row| {
                Ok((users::read(row, 0)?, Time::from_micros(row.number(4)?)))
            })
        })
    }

    /// Ends all tokens of a user, or of everybody; `epoch` is what later ones must have.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn end_tokens(
        &self,
        email: Option<&str>,
        epoch: &str,
        by: By<'_>,
    ) -> Result<u64, StorageError> {
        self.change(|database| {
            let (version, subject) = (begin(database)?, email.unwrap_or_default());
            let (before, after) = (None, None);
            let done =
                Entry { action: "sign-out", kind: users::KIND, subject, version, before, after };
            remember(database, by, &done)?;
            let Some(email) = email else {
                database.execute("UPDATE \"user\" SET epoch = $1", values![epoch])?;
                return database.execute("DELETE FROM token", &[]);
            };
            let renew = "UPDATE \"user\" SET epoch = $1 WHERE email = $2";
            database.execute(renew, values![epoch, email])?;
            end(database, email)
        })
    }
}

/// Stores a token, and forgets those that ended.
pub(in crate::storage) fn put(
    sql: &mut dyn Sql,
    token: &StoredToken,
    now: Time,
) -> Result<(), StorageError> {
    let StoredToken { hash, email, expires, epoch } = token;
    let put = "INSERT INTO token (hash, email, expires_at, epoch) VALUES ($1, $2, $3, $4)";
    sql.execute(put, values![hash, email, expires.micros(), epoch])?;
    sql.execute("DELETE FROM token WHERE expires_at <= $1", values![now.micros()])?;
    let fewer = "DELETE FROM token WHERE email = $1 AND hash NOT IN \
                 (SELECT hash FROM token WHERE email = $1 ORDER BY expires_at DESC, hash LIMIT $2)";
    sql.execute(fewer, values![email, TOKENS_MAX])?;
    let signed_in = "UPDATE \"user\" SET signed_in_at = $1 WHERE email = $2 AND epoch = $3";
    sql.execute(signed_in, values![now.micros(), email, epoch]).map(|_| ())
}

/// Ends all tokens of a user.
pub(super) fn end(sql: &mut dyn Sql, email: &str) -> Result<u64, StorageError> {
    sql.execute("DELETE FROM token WHERE email = $1", values![email])
}
