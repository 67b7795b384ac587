//! SQLite behind the seam of [`crate::storage::sql`].

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use crate::storage::StorageError;
use crate::storage::sql::{Row, Sql, Value, Visit};

/// A connection, and whatever transaction is open on it.
pub(super) struct Speaking<'a>(pub(super) &'a Connection);

impl Sql for Speaking<'_> {
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StorageError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        // A statement that returns rows is done when they were read.
        while rows.next()?.is_some() {}
        drop(rows);
        Ok(self.0.changes())
    }

    fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut Visit<'_>,
    ) -> Result<(), StorageError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            if visit(row)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Number(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Row for rusqlite::Row<'_> {
    fn maybe_number(&self, column: usize) -> Result<Option<i64>, StorageError> {
        Ok(self.get(column)?)
    }

    fn maybe_text(&self, column: usize) -> Result<Option<&str>, StorageError> {
        self.get_ref(column)?.as_str_or_null().map_err(fault)
    }

    fn bytes(&self, column: usize) -> Result<&[u8], StorageError> {
        self.get_ref(column)?.as_blob().map_err(fault)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn fault(error: rusqlite::types::FromSqlError) -> StorageError {
    StorageError::Failed(error.to_string())
}
