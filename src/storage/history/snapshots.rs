//! What changes the catalogue: one snapshot for each job, and old ones forgotten.

use std::time::Duration;

use super::founding::{self, TABLE, moment};
use super::{files, view};
use crate::model::Time;
use crate::storage::sql::{Row, Sql, values};
use crate::storage::{LakeChange, Landed, StorageError, edits};

/// All of `change`; or [`Landed::Overtaken`] when what it stands on has moved, and then the
/// transaction must not be committed.
pub(super) fn commit(sql: &mut dyn Sql, change: &LakeChange) -> Result<Landed, StorageError> {
    lock(sql)?;
    if !change.added.is_empty() {
        founding::settle(sql, &change.places)?;
    }
    let edition = view::edition(sql)?;
    if change.edition.is_some_and(|read| read != edition) {
        return Ok(Landed::Overtaken);
    }
    let snapshot = begin(sql, change)?;
    let end = "UPDATE ducklake_data_file SET end_snapshot = $1 \
               WHERE data_file_id = $2 AND end_snapshot IS NULL";
    for file in &change.ended {
        if sql.execute(end, values![snapshot, file.id])? != 1 {
            return Ok(Landed::Overtaken);
        }
    }
    for (at, file) in change.added.iter().enumerate() {
        files::add(sql, snapshot, at, file)?;
    }
    count(sql)?;
    if change.at_once {
        // Whoever has read the events that are gone must not say any more what they were.
        edits::new_edition(sql)?;
        expire(sql, snapshot, Time::default())?;
    }
    // Last: from here on, rounds of these streams wait until the commit.
    move_marks(sql, change)
}

/// One job at a time changes the catalogue; others wait here, where there are others.
pub(super) fn lock(sql: &mut dyn Sql) -> Result<(), StorageError> {
    let lock = "UPDATE ducklake_table_stats SET next_row_id = next_row_id WHERE table_id = $1";
    sql.execute(lock, values![TABLE]).map(|_| ())
}

/// Rounds leave the tail for good when their mark has moved: their events must all be in the files.
fn move_marks(sql: &mut dyn Sql, change: &LakeChange) -> Result<Landed, StorageError> {
    let sum = "SELECT CAST(coalesce(sum(events), 0) AS BIGINT), \
               CAST(coalesce(sum(length(rows)), 0) AS BIGINT) \
               FROM tail WHERE stream = $1 AND seq > $2 AND seq <= $3";
    let mark = "UPDATE stream SET flushed = $1, events = events - $2, bytes = bytes - $3 \
                WHERE id = $4 AND flushed = $5";
    let mut in_tail = 0;
    for (from, to) in &change.flushed {
        let stream = from.stream.as_ref();
        let read = |row: &dyn Row| Ok((row.count(0)?, row.count(1)?));
        let moved = sql.one(sum, values![stream, from.seq, *to], read)?;
        let (events, bytes) = moved.unwrap_or_default();
        in_tail += events;
        if sql.execute(mark, values![*to, events, bytes, stream, from.seq])? != 1 {
            return Ok(Landed::Overtaken);
        }
    }
    let in_files: u64 = change.added.iter().map(|file| file.rows).sum();
    if change.flushed.is_empty() || in_tail == in_files {
        return Ok(Landed::Done);
    }
    Err(StorageError::Failed(format!("the files hold {in_files} events of {in_tail}")))
}

/// Rounds that are in files now leave the tail.
pub(super) fn trim(sql: &mut dyn Sql, change: &LakeChange) -> Result<(), StorageError> {
    let trim = "DELETE FROM tail WHERE stream = $1 AND seq <= $2";
    for (from, to) in &change.flushed {
        sql.execute(trim, values![from.stream.as_ref(), *to])?;
    }
    Ok(())
}

/// Opens the change's snapshot.
fn begin(sql: &mut dyn Sql, change: &LakeChange) -> Result<i64, StorageError> {
    let next = "INSERT INTO ducklake_snapshot \
                SELECT snapshot_id + 1, $1, schema_version, next_catalog_id, next_file_id + $2 \
                FROM ducklake_snapshot ORDER BY snapshot_id DESC LIMIT 1 RETURNING snapshot_id";
    let snapshot = sql.number(next, values![&moment(change.time), change.added.len()])?;
    let made = match (change.added.is_empty(), change.ended.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!("inserted_into_table:{TABLE}"),
        (true, false) => format!("deleted_from_table:{TABLE}"),
        (false, false) => format!("inserted_into_table:{TABLE},deleted_from_table:{TABLE}"),
    };
    let put = "INSERT INTO ducklake_snapshot_changes VALUES ($1, $2, 'kith', NULL, NULL)";
    sql.execute(put, values![snapshot, &made])?;
    Ok(snapshot)
}

/// What all files together hold.
fn count(sql: &mut dyn Sql) -> Result<(), StorageError> {
    for statement in [
        "UPDATE ducklake_table_stats SET (record_count, file_size_bytes) = (SELECT \
         CAST(coalesce(sum(record_count), 0) AS BIGINT), \
         CAST(coalesce(sum(file_size_bytes), 0) AS BIGINT) \
         FROM ducklake_data_file WHERE end_snapshot IS NULL)",
        "DELETE FROM ducklake_table_column_stats",
        "INSERT INTO ducklake_table_column_stats SELECT s.table_id, s.column_id, \
         max(CASE WHEN s.null_count > 0 THEN 1 ELSE 0 END), NULL, \
         min(s.min_value), max(s.max_value), NULL \
         FROM ducklake_data_file f JOIN ducklake_file_column_stats s \
         ON s.data_file_id = f.data_file_id \
         WHERE f.end_snapshot IS NULL AND s.min_value IS NOT NULL GROUP BY s.table_id, s.column_id",
    ] {
        sql.execute(statement, &[])?;
    }
    Ok(())
}

/// Forgets the snapshots before `kept`, and schedules files that only they need. `since` is when
/// the wait for their deletion began.
fn expire(sql: &mut dyn Sql, kept: i64, since: Time) -> Result<(), StorageError> {
    for statement in [
        "DELETE FROM ducklake_snapshot WHERE snapshot_id < $1",
        "DELETE FROM ducklake_snapshot_changes WHERE snapshot_id < $1",
    ] {
        sql.execute(statement, values![kept])?;
    }
    let schedule = "INSERT INTO ducklake_files_scheduled_for_deletion \
                    SELECT data_file_id, path, path_is_relative, $1 FROM ducklake_data_file \
                    WHERE end_snapshot <= $2";
    sql.execute(schedule, values![&moment(since), kept])?;
    for statement in [
        "DELETE FROM ducklake_file_column_stats WHERE data_file_id IN \
         (SELECT data_file_id FROM ducklake_data_file WHERE end_snapshot <= $1)",
        "DELETE FROM ducklake_file_partition_value WHERE data_file_id IN \
         (SELECT data_file_id FROM ducklake_data_file WHERE end_snapshot <= $1)",
        "DELETE FROM ducklake_data_file WHERE end_snapshot <= $1",
    ] {
        sql.execute(statement, values![kept])?;
    }
    Ok(())
}

/// Forgets snapshots older than `grace` but the newest. Files that have waited as long are due.
pub(in crate::storage) fn expire_old(
    sql: &mut dyn Sql,
    now: Time,
    grace: Duration,
) -> Result<Vec<String>, StorageError> {
    lock(sql)?;
    let since = moment(now.minus(grace));
    let kept = "SELECT min(snapshot_id) FROM ducklake_snapshot WHERE snapshot_time >= $1 \
                OR snapshot_id = (SELECT max(snapshot_id) FROM ducklake_snapshot)";
    let kept = sql.number(kept, values![&since])?;
    expire(sql, kept, now)?;
    let due = "SELECT path FROM ducklake_files_scheduled_for_deletion WHERE schedule_start <= $1";
    sql.all(due, values![&since], |row| row.string(0))
}

/// These files have left the disk.
pub(in crate::storage) fn forget_files(
    sql: &mut dyn Sql,
    paths: &[String],
) -> Result<(), StorageError> {
    let forget = "DELETE FROM ducklake_files_scheduled_for_deletion WHERE path = $1";
    paths.iter().try_for_each(|path| sql.execute(forget, values![path]).map(|_| ()))
}
