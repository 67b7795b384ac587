//! The columns of history in the catalogue: a new lake's, and those that an older one lacks.

use std::collections::BTreeMap;

use super::founding::{TABLE, moment};
use super::snapshots;
use crate::events::{COLUMNS, Column, Kind};
use crate::model::Time;
use crate::storage::StorageError;
use crate::storage::sql::{Sql, Value, values};

/// What DuckLake calls the column of what a list holds.
const ELEMENT: &str = "element";

/// The number of the column of this name.
pub(super) fn column_id(name: &str) -> i64 {
    COLUMNS.iter().find(|column| column.name == name).map_or(0, |column| column.field_id)
}

/// Brings the catalogue to the columns that this Kith knows, as DuckLake adds them itself: a snapshot
/// with a new version of the schema, and rows that begin with it. Older snapshots keep the columns
/// they had, and older files are not touched. Changes nothing when all are there.
///
/// # Errors
/// [`StorageError::UnknownColumn`] when there are columns that this Kith does not know: what it would write
/// again, in place of older files, would lack them.
pub(in crate::storage) fn grow(sql: &mut dyn Sql, now: Time) -> Result<(), StorageError> {
    if missing(sql)?.is_empty() {
        return Ok(());
    }
    snapshots::lock(sql)?;
    // Asked again: whoever held the lock may have done it.
    let missing = missing(sql)?;
    if missing.is_empty() {
        return Ok(());
    }
    let next = "INSERT INTO ducklake_snapshot \
                SELECT snapshot_id + 1, $1, schema_version + 1, next_catalog_id, next_file_id \
                FROM ducklake_snapshot ORDER BY snapshot_id DESC LIMIT 1 RETURNING snapshot_id";
    let snapshot = sql.number(next, values![&moment(now)])?;
    let made = format!("altered_table:{TABLE}");
    let put = "INSERT INTO ducklake_snapshot_changes VALUES ($1, $2, 'kith', NULL, NULL)";
    sql.execute(put, values![snapshot, &made])?;
    let put_version = "INSERT INTO ducklake_schema_versions SELECT snapshot_id, schema_version, $1 \
                       FROM ducklake_snapshot WHERE snapshot_id = $2";
    sql.execute(put_version, values![TABLE, snapshot])?;
    enter(sql, snapshot, &missing)
}

/// Whether all are there, for whoever may not add them: servers of the version before may be running.
pub(super) fn must_be_all(sql: &mut dyn Sql) -> Result<(), StorageError> {
    let missing = missing(sql)?;
    let lacks = |column: &Column| Err(StorageError::LacksColumn(column.name.to_owned()));
    missing.first().map_or(Ok(()), lacks)
}

/// The columns that the catalogue lacks.
fn missing(sql: &mut dyn Sql) -> Result<Vec<Column>, StorageError> {
    let ask = "SELECT column_id, column_name FROM ducklake_column \
               WHERE table_id = $1 AND end_snapshot IS NULL";
    let there = sql.all(ask, values![TABLE], |row| Ok((row.number(0)?, row.string(1)?)))?;
    let mut there: BTreeMap<i64, String> = there.into_iter().collect();
    let mut missing = Vec::new();
    for column in COLUMNS {
        match there.remove(&column.field_id) {
            None => missing.push(column),
            Some(name) if name == column.name => {}
            Some(name) => {
                let (id, ours) = (column.field_id, column.name);
                let said = format!("column {id} of the catalogue is {name}, and not {ours}");
                return Err(StorageError::Failed(said));
            }
        }
        column.element_id().and_then(|element| there.remove(&element));
    }
    match there.into_values().next() {
        None => Ok(missing),
        Some(column) => Err(StorageError::UnknownColumn(column)),
    }
}

/// Enters columns that begin with a snapshot.
pub(super) fn enter(
    sql: &mut dyn Sql,
    snapshot: i64,
    columns: &[Column],
) -> Result<(), StorageError> {
    let put = "INSERT INTO ducklake_column VALUES \
               ($1, $2, NULL, $3, $1, $4, $5, NULL, 'NULL', 1, $6, 'literal', 'duckdb')";
    for column in columns {
        let (id, kind) = (column.field_id, type_name(column.kind));
        sql.execute(put, values![id, snapshot, TABLE, column.name, kind, Value::Null])?;
        if let Some(element) = column.element_id() {
            sql.execute(put, values![element, snapshot, TABLE, ELEMENT, "varchar", id])?;
        }
    }
    Ok(())
}

/// DuckLake's name of a type.
fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "varchar",
        Kind::Moment => "timestamptz",
        Kind::Truth => "boolean",
        Kind::Number => "int64",
        Kind::Texts => "list",
        Kind::Json => "json",
    }
}
