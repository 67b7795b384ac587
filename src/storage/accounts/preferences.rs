//! How users like to see things: JSON that goes with their account, and that nobody else reads.

use crate::storage::sql::values;
use crate::storage::{Storage, StorageError};

impl dyn Storage + '_ {
    /// What this user has kept; none when there is no such user.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn preferences(&self, email: &str) -> Result<Option<String>, StorageError> {
        let ask = "SELECT preferences FROM \"user\" WHERE email = $1";
        self.ask(|database| database.text(ask, values![email]))
    }

    /// Keeps these for a user instead of what there is; false when there is no such user.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn prefer(&self, email: &str, preferences: &str) -> Result<bool, StorageError> {
        let put = "UPDATE \"user\" SET preferences = $1 WHERE email = $2";
        self.change(|database| Ok(database.execute(put, values![preferences, email])? > 0))
    }
}
