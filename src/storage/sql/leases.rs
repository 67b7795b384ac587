//! What only one node does at a time, and whose turn it is.

use std::sync::Arc;
use std::time::Duration;

use super::{Sql, values};
use crate::model::Time;
use crate::storage::StorageError;

/// Takes the lease `name` for `holder`, or keeps it, unless somebody else has it still. Nothing
/// breaks when two believe that they have it, as clocks that differ may let them: what they do is
/// compared when it is committed. It saves one of them the work.
pub(in crate::storage) fn lease(
    sql: &mut dyn Sql,
    name: &str,
    holder: &str,
    now: Time,
    length: Duration,
) -> Result<bool, StorageError> {
    let until = now.plus(length).micros();
    let take = "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $3) \
                ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
                WHERE lease.holder = excluded.holder OR lease.until < $4";
    Ok(sql.execute(take, values![name, holder, until, now.micros()])? == 1)
}

/// Streams that have rounds in no file.
pub(in crate::storage) fn streams_waiting(
    sql: &mut dyn Sql,
) -> Result<Vec<Arc<str>>, StorageError> {
    let ask = "SELECT id FROM stream WHERE bytes > 0 ORDER BY id";
    sql.all(ask, &[], |row| Ok(Arc::from(row.text(0)?)))
}
