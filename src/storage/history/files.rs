//! The files that the catalogue knows, and how a new one enters it.

use super::columns::column_id;
use super::founding::{PARTITIONING, TABLE};
use crate::events::NEWEST;
use crate::model::Time;
use crate::storage::sql::{Row, Sql, Value, values};
use crate::storage::{DataFile, NewFile, StorageError};

pub(in crate::storage) fn files(sql: &mut dyn Sql) -> Result<Vec<DataFile>, StorageError> {
    // A file has a row for each of its columns. Those of the times and of the newest are found in one
    // pass over them: this is asked for every question, and there may be thousands of files.
    let ask = "SELECT f.data_file_id, f.path, f.record_count, f.file_size_bytes, \
               max(CASE WHEN s.column_id = $1 THEN s.min_value END), \
               max(CASE WHEN s.column_id = $1 THEN s.max_value END), max(s.column_id), \
               max(CASE WHEN s.column_id = $2 THEN s.min_value END), \
               max(CASE WHEN s.column_id = $2 THEN s.max_value END) \
               FROM ducklake_data_file f JOIN ducklake_file_column_stats s \
               ON s.data_file_id = f.data_file_id AND s.column_id IN ($1, $2, $3) \
               WHERE f.end_snapshot IS NULL GROUP BY f.data_file_id ORDER BY f.data_file_id";
    let columns = values![column_id("time"), column_id("received_at"), NEWEST.field_id];
    let mut files = sql.all(ask, columns, file)?;
    files.sort_by_key(|file| (file.from, file.id));
    Ok(files)
}

fn file(row: &dyn Row) -> Result<DataFile, StorageError> {
    let maybe = |column| row.maybe_text(column)?.map(time).transpose();
    let received = maybe(7)?.zip(maybe(8)?);
    Ok(DataFile {
        id: row.number(0)?,
        path: row.string(1)?,
        rows: row.count(2)?,
        bytes: row.count(3)?,
        from: time(row.text(4)?)?,
        to: time(row.text(5)?)?,
        received,
        is_whole: row.number(6)? == NEWEST.field_id,
    })
}

/// A moment as DuckLake writes it.
fn time(text: &str) -> Result<Time, StorageError> {
    Time::parse(&format!("{}Z", text.trim_end_matches("+00").replace(' ', "T")))
        .ok_or_else(|| StorageError::Failed(format!("the catalogue has a time {text}")))
}

/// The `at`-th new file of a snapshot.
pub(super) fn add(
    sql: &mut dyn Sql,
    snapshot: i64,
    at: usize,
    file: &NewFile,
) -> Result<(), StorageError> {
    let put = "INSERT INTO ducklake_data_file \
               SELECT p.next_file_id + $1, $2, $3, NULL, NULL, $4, 1, 'parquet', $5, $6, $7, \
               t.next_row_id, $8, NULL, NULL, NULL \
               FROM ducklake_table_stats t, ducklake_snapshot p WHERE p.snapshot_id = \
               (SELECT max(snapshot_id) FROM ducklake_snapshot WHERE snapshot_id < $3) \
               RETURNING data_file_id";
    let partitioning = Value::from(file.day.map(|_| PARTITIONING));
    let id = sql.number(
        put,
        values![
            at,
            TABLE,
            snapshot,
            &file.path,
            file.rows,
            file.bytes,
            file.footer_bytes,
            partitioning
        ],
    )?;
    let rows = "UPDATE ducklake_table_stats SET next_row_id = next_row_id + $1";
    sql.execute(rows, values![file.rows])?;
    let put = "INSERT INTO ducklake_file_partition_value VALUES ($1, $2, $3, $4)";
    for (key, value) in file.day.map(year_month_day).into_iter().flatten().enumerate() {
        sql.execute(put, values![id, TABLE, key, &value])?;
    }
    describe(sql, id, file)
}

/// What is in the columns, in one statement: there are dozens, and a database may be far away.
fn describe(sql: &mut dyn Sql, id: i64, file: &NewFile) -> Result<(), StorageError> {
    const EACH: usize = 8;
    let (mut rows, mut values) = (Vec::new(), Vec::new());
    for range in &file.columns {
        let numbers: Vec<String> =
            (1..=EACH).map(|number| format!("${}", values.len() + number)).collect();
        rows.push(format!("({}, NULL, NULL)", numbers.join(", ")));
        let (column, counts) = (column_id(range.column), [range.bytes, range.values, range.nulls]);
        values.extend([id, TABLE, column].map(Value::from));
        values.extend(counts.map(Value::from));
        values.extend([Value::from(range.min.as_ref()), Value::from(range.max.as_ref())]);
    }
    if rows.is_empty() {
        return Ok(());
    }
    let put = format!("INSERT INTO ducklake_file_column_stats VALUES {}", rows.join(", "));
    sql.execute(&put, &values)?;
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
