//! Links that let somebody in once: the first start prints one.

use super::{StoredToken, begin, users};
use crate::model::Time;
use crate::storage::sql::values;
use crate::storage::{Storage, StorageError, StoredUser};

impl dyn Storage + '_ {
    /// Stores a link, in the shape of the token that it is to become, and forgets those that ended.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn put_link(&self, link: &StoredToken, now: Time) -> Result<(), StorageError> {
        let StoredToken { hash, email, expires, epoch } = link;
        let put =
            "INSERT INTO sign_in_link (hash, email, expires_at, epoch) VALUES ($1, $2, $3, $4)";
        self.change(|database| {
            begin(database)?;
            let ended = "DELETE FROM sign_in_link WHERE expires_at <= $1";
            database.execute(ended, values![now.micros()])?;
            database.execute(put, values![hash, email, expires.micros(), epoch])?;
            Ok(())
        })
    }

    /// Takes a link out, and says whose it was. Whoever comes second, however close behind, finds none:
    /// whoever takes one waits until nobody else is taking it.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn take_link(&self, hash: &str, now: Time) -> Result<Option<StoredUser>, StorageError> {
        let find = "SELECT \"user\".email, \"user\".body, \"user\".epoch, \"user\".signed_in_at \
                    FROM sign_in_link JOIN \"user\" ON \"user\".email = sign_in_link.email \
                    AND \"user\".epoch = sign_in_link.epoch \
                    WHERE sign_in_link.hash = $1 AND sign_in_link.expires_at > $2";
        // Anybody may try: whoever guesses costs a look and keeps nobody waiting.
        let is_there = |user: Option<StoredUser>| user.is_some();
        if !self.ask(|database| {
            database.one(find, values![hash, now.micros()], |row| users::read(row, 0)).map(is_there)
        })? {
            return Ok(None);
        }
        self.change(|database| {
            begin(database)?;
            let found =
                database.one(find, values![hash, now.micros()], |row| users::read(row, 0))?;
            database.execute("DELETE FROM sign_in_link WHERE hash = $1", values![hash])?;
            Ok(found)
        })
    }
}
