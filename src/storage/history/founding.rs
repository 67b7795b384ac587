//! The catalogue of an empty lake, as DuckLake lays it out.

use super::columns::{self, column_id};
use crate::events::COLUMNS;
use crate::model::Time;
use crate::storage::StorageError;
use crate::storage::sql::{Sql, values};

/// Where the files lie until somebody says it, and in a copy: beside the database.
pub(in crate::storage) const BESIDE: &str = "events/";

/// The only schema, table and partitioning of our catalogue.
pub(super) const TABLE: i64 = 1;
pub(super) const PARTITIONING: i64 = 2;
/// The snapshot that made the table.
const FIRST: i64 = 1;
/// The next number for a schema, table or partitioning.
const NEXT_CATALOGUE_ID: i64 = 3;

/// Writes the catalogue of an empty lake, unless there is one.
pub(in crate::storage) fn found(sql: &mut dyn Sql, now: Time) -> Result<(), StorageError> {
    let exists = "SELECT value FROM ducklake_metadata WHERE key = 'version'";
    if sql.text(exists, &[])?.is_some() {
        return Ok(());
    }
    lay_out(sql, now)?;
    columns::enter(sql, FIRST, &COLUMNS)?;
    let put = "INSERT INTO ducklake_partition_column VALUES ($1, $2, $3, $4, $5)";
    for (at, transform) in ["year", "month", "day"].into_iter().enumerate() {
        let values = values![PARTITIONING, TABLE, at, column_id("time"), transform];
        sql.execute(put, values)?;
    }
    Ok(())
}

fn lay_out(sql: &mut dyn Sql, now: Time) -> Result<(), StorageError> {
    for statement in [
        "INSERT INTO ducklake_metadata (key, value) VALUES \
         ('version', '1.0'), ('created_by', 'Kith'), ('data_path', 'events/'), ('encrypted', 'false')",
        "INSERT INTO ducklake_snapshot_changes (snapshot_id, changes_made) \
         VALUES (0, 'created_schema:\"main\"'), (1, 'created_table:\"main\".\"events\"')",
        "INSERT INTO ducklake_schema_versions VALUES (1, 1, 1)",
        "INSERT INTO ducklake_partition_info VALUES (2, 1, 1, NULL)",
        "INSERT INTO ducklake_table_stats VALUES (1, 0, 0, 0)",
    ] {
        sql.execute(statement, &[])?;
    }
    let (first, second) = (uuid(now, 1), uuid(now, 2));
    let snapshot = "INSERT INTO ducklake_snapshot VALUES ($1, $2, $1, $3, 0)";
    sql.execute(snapshot, values![0_i64, &moment(now), 1_i64])?;
    sql.execute(snapshot, values![1_i64, &moment(now), NEXT_CATALOGUE_ID])?;
    let schema = "INSERT INTO ducklake_schema VALUES (0, $1, 0, NULL, 'main', '', 1)";
    sql.execute(schema, values![&first])?;
    let table = "INSERT INTO ducklake_table VALUES ($1, $2, 1, NULL, 0, 'events', '', 1)";
    sql.execute(table, values![TABLE, &second])?;
    Ok(())
}

/// DuckLake wants some, and nobody ever compares them: of the moment and a number.
fn uuid(now: Time, number: u8) -> String {
    let millis = u64::try_from(now.micros() / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &[number; 10]).into_uuid().to_string()
}

/// A moment as DuckLake writes it.
pub(super) fn moment(time: Time) -> String {
    format!("{}+00", time.to_string().trim_end_matches('Z').replace('T', " "))
}

/// Where the files lie by the catalogue; none where nobody has said it.
pub(super) fn located(sql: &mut dyn Sql) -> Result<Option<String>, StorageError> {
    let ask = "SELECT value FROM ducklake_metadata WHERE key = 'data_path'";
    Ok(sql.text(ask, &[])?.filter(|place| place != BESIDE))
}

/// New files lie where the others do. Where there are none yet, the first say where that is; and whoever has another
/// place learns it with its next.
pub(super) fn settle(sql: &mut dyn Sql, places: &[String]) -> Result<(), StorageError> {
    let Some(place) = places.first() else { return Ok(()) };
    let Some(said) = located(sql)?.filter(|said| !places.contains(said)) else { return Ok(()) };
    let files = "SELECT count(*) FROM ducklake_data_file WHERE end_snapshot IS NULL";
    if sql.number(files, &[])? == 0 {
        return locate(sql, place);
    }
    let wrong =
        "history lies there by its catalogue, and this server would put new files elsewhere";
    Err(StorageError::Failed(format!("{said}: {wrong}, into {place}")))
}

/// Where the files lie, for readers that are not told.
pub(in crate::storage) fn locate(sql: &mut dyn Sql, folder: &str) -> Result<(), StorageError> {
    let put = "UPDATE ducklake_metadata SET value = $1 WHERE key = 'data_path' AND value <> $1";
    sql.execute(put, values![folder])?;
    Ok(())
}
