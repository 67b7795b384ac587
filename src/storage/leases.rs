//! What only one node does at a time, and whose turn it is.

use std::time::Duration;

use super::sql::values;
use super::{Storage, StorageError};
use crate::model::Time;

impl dyn Storage + '_ {
    /// Takes the lease `name` for `holder`, or keeps it; false while somebody else has it still.
    /// `now` is the database's ([`set_clock`](Self::set_clock)). Nothing breaks when two believe that they have it, as a
    /// node that has slept may let them: what they do is compared when it is committed. It saves one of them the work.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn lease(
        &self,
        name: &str,
        holder: &str,
        now: Time,
        length: Duration,
    ) -> Result<bool, StorageError> {
        let until = now.plus(length).micros();
        let take = "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $3) \
                    ON CONFLICT (name) DO UPDATE SET \
                    holder = excluded.holder, until = excluded.until \
                    WHERE lease.holder = excluded.holder OR lease.until < $4";
        let values = values![name, holder, until, now.micros()];
        Ok(self.change(|database| database.execute(take, values))? == 1)
    }
}
