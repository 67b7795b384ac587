//! The installation's key for hashes.

use super::StorageError;
use super::sql::{Sql, values};
use crate::model::Time;

/// The one stored, or `fresh` for a new database. Of several nodes that start at once, the first
/// one's.
pub(super) fn key(sql: &mut dyn Sql, now: Time, fresh: [u8; 32]) -> Result<[u8; 32], StorageError> {
    let put = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
    if sql.execute(put, values!["installation_key", &to_hex(&fresh)])? == 1 {
        sql.execute(put, values!["installed_at", &now.to_string()])?;
    }
    known(sql)
}

/// The one stored.
pub(super) fn known(sql: &mut dyn Sql) -> Result<[u8; 32], StorageError> {
    let read = "SELECT value FROM meta WHERE key = 'installation_key'";
    // Whoever makes tables by hand makes no key.
    let text = sql.text(read, &[])?.ok_or(StorageError::Unmade)?;
    from_hex(&text).ok_or_else(|| StorageError::Failed("the installation key is damaged".into()))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(key)
}
