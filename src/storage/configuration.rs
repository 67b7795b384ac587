//! The configuration: records of every kind, and its version.

use super::sql::values;
use super::{Storage, StorageError};

impl dyn Storage + '_ {
    /// All configuration records of a kind, as `(id, body)`, sorted by id.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn config(&self, kind: &str) -> Result<Vec<(String, String)>, StorageError> {
        let ask = "SELECT id, body FROM config WHERE kind = $1 ORDER BY id";
        self.ask(|database| {
            database.all(ask, values![kind], |row| Ok((row.string(0)?, row.string(1)?)))
        })
    }

    /// Grows with every configuration change, whoever makes it.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn config_version(&self) -> Result<i64, StorageError> {
        let ask = "SELECT value FROM meta WHERE key = 'config_version'";
        let version = self.ask(|database| database.text(ask, &[]))?;
        Ok(version.and_then(|text| text.parse().ok()).unwrap_or(0))
    }
}
