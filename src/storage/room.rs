//! Whether there is room to write.

use super::sql::values;
use super::{Storage, StorageError};

/// More than most rounds take, in bytes.
const ROOM: usize = 64 << 10;
/// Under this key of `meta` for a moment.
const KEY: &str = "room";

impl dyn Storage + '_ {
    /// Writes as much as a round may, and takes it away again.
    ///
    /// # Errors
    /// [`StorageError::Full`] where there is no room for it; see [`StorageError`].
    pub fn try_room(&self) -> Result<(), StorageError> {
        let put = "INSERT INTO meta (key, value) VALUES ($1, $2) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        let much = much();
        self.change(|database| database.execute(put, values![KEY, &much]))?;
        let remove = "DELETE FROM meta WHERE key = $1";
        self.change(|database| database.execute(remove, values![KEY]).map(|_| ()))
    }
}

/// Numbers, which do not become much smaller where a database presses what is long.
fn much() -> String {
    let mut text = String::with_capacity(ROOM + 20);
    let mut number = 1_u64;
    while text.len() < ROOM {
        // Knuth's multiplier: digits that do not come again.
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        text.push_str(&format!("{number:x}"));
    }
    text
}
