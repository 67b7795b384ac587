//! What is in a file's tables, for whoever copies them into those of a server.

use super::marks;
use crate::storage::StorageError;
use crate::storage::sql::{Sql, Visit, values};

/// The columns of a mark of an event id on a server.
pub(in crate::storage) const MARKS: [&str; 3] = ["hash", "rest", "day"];

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::storage) enum Kind {
    Number,
    Text,
    Bytes,
}

/// A column of a table.
#[derive(Debug)]
pub(in crate::storage) struct Column {
    pub(in crate::storage) name: String,
    pub(in crate::storage) kind: Kind,
}

/// The tables that a server has too.
pub(in crate::storage) fn tables(source: &mut dyn Sql) -> Result<Vec<String>, StorageError> {
    let ask = "SELECT name FROM sqlite_schema \
               WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'mark_batch' ORDER BY name";
    source.all(ask, &[], |row| row.string(0))
}

/// The columns of a table.
pub(in crate::storage) fn columns(
    source: &mut dyn Sql,
    table: &str,
) -> Result<Vec<Column>, StorageError> {
    let ask = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid";
    source.all(ask, values![table], |row| {
        let kind = match row.text(1)? {
            "BLOB" => Kind::Bytes,
            "BIGINT" | "INTEGER" => Kind::Number,
            _ => Kind::Text,
        };
        Ok(Column { name: row.string(0)?, kind })
    })
}

/// Shows all rows of a table.
pub(in crate::storage) fn rows(
    source: &mut dyn Sql,
    table: &str,
    columns: &str,
    visit: &mut Visit<'_>,
) -> Result<(), StorageError> {
    source.each(&format!("SELECT {columns} FROM \"{table}\""), &[], visit)
}

/// Shows the marks of event ids that wait to be entered, each as a row of a server's: see [`MARKS`].
pub(in crate::storage) fn waiting_marks(
    source: &mut dyn Sql,
    visit: &mut dyn FnMut([i64; 3]) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    marks::each(source, &mut |day, marks| {
        marks.iter().try_for_each(|mark| {
            let [hash, rest] = mark.halves();
            visit([hash, rest, day])
        })
    })
}
