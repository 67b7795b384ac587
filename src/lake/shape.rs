//! The shape of files: which columns they hold, and how those of several shapes are one table.
//!
//! Files are never written again because a column was added. What an older one lacks is null.

use std::path::PathBuf;

use super::engine::literal;
use super::tail::type_name;
use crate::events::COLUMNS;

/// Files as one table, for a `FROM`. Where some may lack columns, DuckDB is told of all columns, and
/// finds them by their numbers. That takes a millisecond or two for each question: where all are
/// whole, the first file says what is in them.
pub(super) fn table(paths: &[PathBuf], are_whole: bool) -> String {
    let paths: Vec<String> = paths.iter().map(|path| literal(&path.to_string_lossy())).collect();
    let paths = paths.join(", ");
    let schema = if are_whole { String::new() } else { format!(", schema = {}", schema()) };
    format!("read_parquet([{paths}], hive_partitioning = false{schema})")
}

/// The columns by their numbers, for `read_parquet`.
fn schema() -> String {
    let columns = COLUMNS.iter().map(|column| {
        let (id, name, kind) = (column.field_id, column.name, type_name(column.kind));
        format!("{id}: {{name: '{name}', type: '{kind}', default_value: NULL}}")
    });
    format!("MAP {{{}}}", columns.collect::<Vec<_>>().join(", "))
}

/// The columns' numbers, for files that are written.
pub(super) fn field_ids() -> String {
    let ids = COLUMNS.iter().map(|column| {
        let (id, name) = (column.field_id, column.name);
        match column.element_id() {
            Some(element) => format!("\"{name}\": {{__duckdb_field_id: {id}, element: {element}}}"),
            None => format!("\"{name}\": {id}"),
        }
    });
    format!("{{{}}}", ids.collect::<Vec<_>>().join(", "))
}
