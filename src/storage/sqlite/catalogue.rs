//! The lake's catalogue: DuckLake's tables, written and read in the transactions of the database.

use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::rows;
use crate::events::{COLUMNS, Kind};
use crate::model::Time;
use crate::storage::{DataFile, LakeChange, Landed, NewFile, StorageError};

/// The only schema, table and partitioning of our catalogue.
const TABLE: i64 = 1;
const PARTITIONING: i64 = 2;
/// The next number for a schema, table or partitioning.
const NEXT_CATALOGUE_ID: i64 = 3;

/// Numbers of the columns: a list's texts have a number of their own, right after the list's.
pub(super) fn column_id(name: &str) -> i64 {
    let before = COLUMNS.iter().take_while(|column| column.name != name);
    1 + before.map(|column| if column.kind == Kind::Texts { 2 } else { 1 }).sum::<i64>()
}

/// Draws a UUID. DuckLake wants some, and nobody ever compares them.
const UUID: &str = "lower(printf('%s-%s-%s-%s-%s', hex(randomblob(4)), hex(randomblob(2)), \
                    hex(randomblob(2)), hex(randomblob(2)), hex(randomblob(6))))";

/// Writes the catalogue of an empty lake, unless there is one.
pub(super) fn found(connection: &mut Connection, now: Time) -> Result<(), StorageError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let exists = "SELECT value FROM ducklake_metadata WHERE key = 'version'";
    if rows::one_text(&transaction, exists, [])?.is_none() {
        lay_out(&transaction, now)?;
    }
    Ok(transaction.commit()?)
}

fn lay_out(transaction: &Transaction<'_>, now: Time) -> Result<(), StorageError> {
    transaction.execute_batch(
        "INSERT INTO ducklake_metadata (key, value) VALUES \
         ('version', '1.0'), ('created_by', 'Kith'), ('data_path', 'events/'), ('encrypted', 'false'); \
         INSERT INTO ducklake_snapshot_changes (snapshot_id, changes_made) \
         VALUES (0, 'created_schema:\"main\"'), (1, 'created_table:\"main\".\"events\"'); \
         INSERT INTO ducklake_schema_versions VALUES (1, 1, 1); \
         INSERT INTO ducklake_partition_info VALUES (2, 1, 1, NULL); \
         INSERT INTO ducklake_table_stats VALUES (1, 0, 0, 0);",
    )?;
    let snapshot = "INSERT INTO ducklake_snapshot VALUES ($1, $2, $1, $3, 0)";
    transaction.execute(snapshot, (0, moment(now), 1))?;
    transaction.execute(snapshot, (1, moment(now), NEXT_CATALOGUE_ID))?;
    transaction.execute_batch(&format!(
        "INSERT INTO ducklake_schema VALUES (0, {UUID}, 0, NULL, 'main', '', 1); \
         INSERT INTO ducklake_table VALUES ({TABLE}, {UUID}, 1, NULL, 0, 'events', '', 1);"
    ))?;
    for column in COLUMNS {
        let id = column_id(column.name);
        put_column(transaction, id, column.name, type_name(column.kind), None)?;
        if column.kind == Kind::Texts {
            put_column(transaction, id + 1, "element", "varchar", Some(id))?;
        }
    }
    let put = "INSERT INTO ducklake_partition_column VALUES ($1, $2, $3, $4, $5)";
    for (at, transform) in ["year", "month", "day"].into_iter().enumerate() {
        transaction.execute(put, (PARTITIONING, TABLE, at, column_id("time"), transform))?;
    }
    Ok(())
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "varchar",
        Kind::Moment => "timestamptz",
        Kind::Truth => "boolean",
        Kind::Texts => "list",
        Kind::Json => "json",
    }
}

fn put_column(
    transaction: &Transaction<'_>,
    id: i64,
    name: &str,
    kind: &str,
    parent: Option<i64>,
) -> Result<(), StorageError> {
    let put = "INSERT INTO ducklake_column VALUES \
               ($1, 1, NULL, $2, $1, $3, $4, NULL, 'NULL', 1, $5, 'literal', 'duckdb')";
    transaction.prepare_cached(put)?.execute((id, TABLE, name, kind, parent))?;
    Ok(())
}

/// A moment as DuckLake writes it.
fn moment(time: Time) -> String {
    format!("{}+00", time.to_string().trim_end_matches('Z').replace('T', " "))
}

/// Where the files lie, for readers that are not told.
pub(super) fn locate(connection: &Connection, folder: &str) -> Result<(), StorageError> {
    let sql = "UPDATE ducklake_metadata SET value = $1 WHERE key = 'data_path' AND value <> $1";
    connection.execute(sql, [folder])?;
    Ok(())
}

pub(super) fn files(connection: &Connection) -> Result<Vec<DataFile>, StorageError> {
    let sql = "SELECT f.data_file_id, f.path, f.record_count, f.file_size_bytes, \
               s.min_value, s.max_value FROM ducklake_data_file f \
               JOIN ducklake_file_column_stats s \
               ON s.data_file_id = f.data_file_id AND s.column_id = $1 \
               WHERE f.end_snapshot IS NULL ORDER BY f.data_file_id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query([column_id("time")])?;
    let mut files = Vec::new();
    while let Some(row) = found.next()? {
        let time = |column| -> Result<Time, StorageError> {
            let text: String = row.get(column)?;
            Time::parse(&format!("{}Z", text.trim_end_matches("+00").replace(' ', "T")))
                .ok_or_else(|| StorageError::Failed(format!("the catalogue has a time {text}")))
        };
        files.push(DataFile {
            id: row.get(0)?,
            path: row.get(1)?,
            rows: row.get(2)?,
            bytes: row.get(3)?,
            from: time(4)?,
            to: time(5)?,
        });
    }
    files.sort_by_key(|file| (file.from, file.id));
    Ok(files)
}

/// The newest snapshot.
pub(super) fn snapshot(connection: &Connection) -> Result<i64, StorageError> {
    let sql = "SELECT max(snapshot_id) FROM ducklake_snapshot";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Grows with every change of rounds already written.
pub(super) fn edition(connection: &Connection) -> Result<i64, StorageError> {
    let sql = "SELECT value FROM meta WHERE key = 'tail_edition'";
    Ok(rows::one_text(connection, sql, [])?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Rounds already written are about to change.
pub(super) fn new_edition(transaction: &Transaction<'_>) -> Result<(), StorageError> {
    let sql = "INSERT INTO meta (key, value) VALUES ('tail_edition', '1') \
               ON CONFLICT (key) DO UPDATE SET value = CAST(meta.value AS BIGINT) + 1";
    transaction.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// All of `change`, or nothing when somebody was faster.
pub(super) fn commit(
    connection: &mut Connection,
    change: &LakeChange,
) -> Result<Landed, StorageError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !apply(&transaction, change)? {
        // Dropped, it rolls back.
        return Ok(Landed::Overtaken);
    }
    transaction.commit()?;
    Ok(Landed::Done)
}

/// False when what it stands on has moved.
fn apply(transaction: &Transaction<'_>, change: &LakeChange) -> Result<bool, StorageError> {
    if change.edition.is_some_and(|read| edition(transaction).is_ok_and(|now| now != read)) {
        return Ok(false);
    }
    // Rounds stay in the tail while touches may have to be counted again from them; `trim` takes
    // them out then.
    let mut mark = transaction
        .prepare_cached("UPDATE stream SET flushed = $1 WHERE id = $2 AND flushed = $3")?;
    for (from, to) in &change.flushed {
        if mark.execute((to, from.stream.as_ref(), from.seq))? != 1 {
            return Ok(false);
        }
    }
    must_be_whole(transaction, change)?;
    let snapshot = begin(transaction, change)?;
    let mut end = transaction.prepare_cached(
        "UPDATE ducklake_data_file SET end_snapshot = $1 \
         WHERE data_file_id = $2 AND end_snapshot IS NULL",
    )?;
    for file in &change.ended {
        if end.execute((snapshot, file.id))? != 1 {
            return Ok(false);
        }
    }
    for (at, file) in change.added.iter().enumerate() {
        add(transaction, snapshot, at, file)?;
    }
    count(transaction)?;
    if change.at_once {
        expire(transaction, snapshot, Time::default())?;
    }
    Ok(true)
}

/// Rounds leave the tail for good when their mark has moved: their events must all be in the files.
fn must_be_whole(transaction: &Transaction<'_>, change: &LakeChange) -> Result<(), StorageError> {
    let sql =
        "SELECT coalesce(sum(events), 0) FROM tail WHERE stream = $1 AND seq > $2 AND seq <= $3";
    let mut sum = transaction.prepare_cached(sql)?;
    let mut in_tail = 0_u64;
    for (from, to) in &change.flushed {
        let params = (from.stream.as_ref(), from.seq, to);
        in_tail += sum.query_row(params, |row| row.get::<_, u64>(0))?;
    }
    let in_files: u64 = change.added.iter().map(|file| file.rows).sum();
    if change.flushed.is_empty() || in_tail == in_files {
        return Ok(());
    }
    Err(StorageError::Failed(format!("the files hold {in_files} events of {in_tail}")))
}

/// Opens the change's snapshot.
fn begin(transaction: &Transaction<'_>, change: &LakeChange) -> Result<i64, StorageError> {
    let next = "INSERT INTO ducklake_snapshot \
                SELECT snapshot_id + 1, $1, schema_version, next_catalog_id, next_file_id + $2 \
                FROM ducklake_snapshot ORDER BY snapshot_id DESC LIMIT 1 RETURNING snapshot_id";
    let mut next = transaction.prepare_cached(next)?;
    let added = i64::try_from(change.added.len()).unwrap_or(i64::MAX);
    let snapshot = next.query_row((moment(change.time), added), |row| row.get(0))?;
    let made = match (change.added.is_empty(), change.ended.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!("inserted_into_table:{TABLE}"),
        (true, false) => format!("deleted_from_table:{TABLE}"),
        (false, false) => format!("inserted_into_table:{TABLE},deleted_from_table:{TABLE}"),
    };
    let put = "INSERT INTO ducklake_snapshot_changes VALUES ($1, $2, 'kith', NULL, NULL)";
    transaction.prepare_cached(put)?.execute((snapshot, made))?;
    Ok(snapshot)
}

/// The `at`-th new file of a snapshot.
fn add(
    transaction: &Transaction<'_>,
    snapshot: i64,
    at: usize,
    file: &NewFile,
) -> Result<(), StorageError> {
    let at = i64::try_from(at).unwrap_or(i64::MAX);
    let put = "INSERT INTO ducklake_data_file \
               SELECT p.next_file_id + $1, $2, $3, NULL, NULL, $4, 1, 'parquet', $5, $6, $7, \
               t.next_row_id, $8, NULL, NULL, NULL \
               FROM ducklake_table_stats t, ducklake_snapshot p WHERE p.snapshot_id = \
               (SELECT max(snapshot_id) FROM ducklake_snapshot WHERE snapshot_id < $3) \
               RETURNING data_file_id";
    let mut put = transaction.prepare_cached(put)?;
    let sizes = (file.rows, file.bytes, file.footer_bytes);
    let partitioning = file.day.map(|_| PARTITIONING);
    let id: i64 = put.query_row(
        (at, TABLE, snapshot, &file.path, sizes.0, sizes.1, sizes.2, partitioning),
        |row| row.get(0),
    )?;
    let rows = "UPDATE ducklake_table_stats SET next_row_id = next_row_id + $1";
    transaction.prepare_cached(rows)?.execute([file.rows])?;
    let put = "INSERT INTO ducklake_file_partition_value VALUES ($1, $2, $3, $4)";
    let mut put = transaction.prepare_cached(put)?;
    for (key, value) in file.day.map(year_month_day).into_iter().flatten().enumerate() {
        put.execute((id, TABLE, key, value))?;
    }
    let put = "INSERT INTO ducklake_file_column_stats \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, NULL)";
    let mut put = transaction.prepare_cached(put)?;
    for range in &file.columns {
        let column = column_id(range.column);
        let counts = (range.bytes, range.values, range.nulls);
        put.execute((id, TABLE, column, counts.0, counts.1, counts.2, &range.min, &range.max))?;
    }
    Ok(())
}

/// `2026`, `1`, `5`, as DuckLake writes the values of a partition.
fn year_month_day(day: i64) -> [String; 3] {
    let text = Time::from_micros(day.saturating_mul(86_400_000_000)).to_string();
    let part = |at: std::ops::Range<usize>| {
        text.get(at).unwrap_or_default().trim_start_matches('0').to_owned()
    };
    [part(0..4), part(5..7), part(8..10)]
}

/// What all files together hold.
fn count(transaction: &Transaction<'_>) -> Result<(), StorageError> {
    transaction.execute_batch(
        "UPDATE ducklake_table_stats SET (record_count, file_size_bytes) = (SELECT \
         coalesce(sum(record_count), 0), coalesce(sum(file_size_bytes), 0) \
         FROM ducklake_data_file WHERE end_snapshot IS NULL); \
         DELETE FROM ducklake_table_column_stats; \
         INSERT INTO ducklake_table_column_stats SELECT s.table_id, s.column_id, \
         max(s.null_count > 0), NULL, min(s.min_value), max(s.max_value), NULL \
         FROM ducklake_data_file f JOIN ducklake_file_column_stats s USING (data_file_id) \
         WHERE f.end_snapshot IS NULL AND s.min_value IS NOT NULL GROUP BY s.table_id, s.column_id;",
    )?;
    Ok(())
}

/// Forgets the snapshots before `kept`, and schedules files that only they need. `since` is when
/// the wait for their deletion began.
pub(super) fn expire(
    transaction: &Transaction<'_>,
    kept: i64,
    since: Time,
) -> Result<(), StorageError> {
    transaction.execute("DELETE FROM ducklake_snapshot WHERE snapshot_id < $1", [kept])?;
    transaction.execute("DELETE FROM ducklake_snapshot_changes WHERE snapshot_id < $1", [kept])?;
    let schedule = "INSERT INTO ducklake_files_scheduled_for_deletion \
                    SELECT data_file_id, path, path_is_relative, $1 FROM ducklake_data_file \
                    WHERE end_snapshot <= $2";
    transaction.execute(schedule, (moment(since), kept))?;
    for sql in [
        "DELETE FROM ducklake_file_column_stats WHERE data_file_id IN \
         (SELECT data_file_id FROM ducklake_data_file WHERE end_snapshot <= $1)",
        "DELETE FROM ducklake_file_partition_value WHERE data_file_id IN \
         (SELECT data_file_id FROM ducklake_data_file WHERE end_snapshot <= $1)",
        "DELETE FROM ducklake_data_file WHERE end_snapshot <= $1",
    ] {
        transaction.execute(sql, [kept])?;
    }
    Ok(())
}

/// Forgets snapshots older than `grace` but the newest. Files that have waited as long are due.
pub(super) fn expire_old(
    transaction: &Transaction<'_>,
    now: Time,
    grace: Duration,
) -> Result<Vec<String>, StorageError> {
    let since = moment(now.minus(grace));
    let kept = "SELECT min(snapshot_id) FROM ducklake_snapshot WHERE snapshot_time >= $1 \
                OR snapshot_id = (SELECT max(snapshot_id) FROM ducklake_snapshot)";
    let kept: i64 = transaction.query_row(kept, [&since], |row| row.get(0))?;
    expire(transaction, kept, now)?;
    let due = "SELECT path FROM ducklake_files_scheduled_for_deletion WHERE schedule_start <= $1";
    let mut due = transaction.prepare(due)?;
    let paths = due.query_map([&since], |row| row.get(0))?;
    Ok(paths.collect::<Result<_, _>>()?)
}

/// Rounds leave the tail that are in files and whose touches are in their sessions: at most
/// `rows_max` at a time.
pub(super) fn trim(connection: &Connection, rows_max: i64) -> Result<(), StorageError> {
    let sql = "DELETE FROM tail WHERE rowid IN (SELECT tail.rowid FROM stream JOIN tail \
               ON tail.stream = stream.id AND tail.seq <= min(stream.flushed, stream.written_through) \
               LIMIT $1)";
    connection.prepare_cached(sql)?.execute([rows_max])?;
    Ok(())
}
