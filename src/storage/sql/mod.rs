//! What both engines say in the same words, and the seam that a database is reached through.
//!
//! The words are the common dialect of SQLite and PostgreSQL: `$1` to `$n`, in order of their first
//! use; no clock, no casts but of sums, no functions that give another value tomorrow.

pub(super) mod rows;

use std::ops::ControlFlow;

use super::StorageError;

/// A value on its way into a statement.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A whole number.
    Number(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// Ids that one statement asks for.
pub(super) const IDS_AT_ONCE: usize = 500;

/// Ids for `IN (…)`: their places, which begin with `$1`, and their values.
pub(super) fn one_of<'a>(ids: impl IntoIterator<Item = &'a str>) -> (String, Vec<Value<'a>>) {
    let values: Vec<Value<'a>> = ids.into_iter().map(Value::Text).collect();
    let places: Vec<String> = (1..=values.len()).map(|at| format!("${at}")).collect();
    (places.join(", "), values)
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        // No counter of ours gets there.
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The values of a statement, whatever they are of.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::storage::sql::Value::from($value)),*] };
}
pub(super) use values;

/// What is shown the rows of an answer, one after the other.
pub type Visit<'a> = dyn FnMut(&dyn Row) -> Result<ControlFlow<()>, StorageError> + 'a;

/// A database that answers in SQL: one connection, mostly inside a transaction that the engine
/// begins and ends.
pub trait Sql {
    /// Runs a statement. How many rows it changed.
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StorageError>;

    /// Asks, and shows each row until `visit` breaks off.
    fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut Visit<'_>,
    ) -> Result<(), StorageError>;

    /// What stands behind a text so that it is sorted by code points, and not by the language of the database. No index
    /// serves that order: it is for what has to be sorted anyway.
    fn by_code_points(&self) -> &'static str {
        ""
    }
}

/// A row of an answer. Columns count from 0.
pub trait Row {
    /// A number, or null.
    fn maybe_number(&self, column: usize) -> Result<Option<i64>, StorageError>;
    /// A text, or null.
    fn maybe_text(&self, column: usize) -> Result<Option<&str>, StorageError>;
    /// Bytes.
    fn bytes(&self, column: usize) -> Result<&[u8], StorageError>;
}

impl dyn Row + '_ {
    /// A number that is never null.
    pub fn number(&self, column: usize) -> Result<i64, StorageError> {
        self.maybe_number(column)?.ok_or_else(|| missing(column))
    }

    /// A number that is never below zero.
    pub fn count(&self, column: usize) -> Result<u64, StorageError> {
        Ok(u64::try_from(self.number(column)?).unwrap_or(0))
    }

    /// A text that is never null.
    pub fn text(&self, column: usize) -> Result<&str, StorageError> {
        self.maybe_text(column)?.ok_or_else(|| missing(column))
    }

    /// The same, to keep.
    pub fn string(&self, column: usize) -> Result<String, StorageError> {
        self.text(column).map(str::to_owned)
    }
}

fn missing(column: usize) -> StorageError {
    StorageError::Failed(format!("column {column} of an answer is empty"))
}

impl dyn Sql + '_ {
    /// All rows, read by `read`.
    pub fn all<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&dyn Row) -> Result<T, StorageError>,
    ) -> Result<Vec<T>, StorageError> {
        let mut found = Vec::new();
        self.each(sql, values, &mut |row| {
            found.push(read(row)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// The same, sorted by code points. A database may have another language, in which `ORDER BY` is another order:
    /// whatever is shown sorted by a text, and is not read page by page, is sorted here. See [`Sql::by_code_points`].
    pub fn all_sorted<T, K: Ord>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnMut(&dyn Row) -> Result<T, StorageError>,
        key: impl FnMut(&T) -> K,
    ) -> Result<Vec<T>, StorageError> {
        let mut found = self.all(sql, values, read)?;
        found.sort_by_cached_key(key);
        Ok(found)
    }

    /// The first row, read by `read`, or nothing.
    pub fn one<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&dyn Row) -> Result<T, StorageError>,
    ) -> Result<Option<T>, StorageError> {
        let mut found = None;
        self.each(sql, values, &mut |row| {
            found = Some(read(row)?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// The first number of the first row; 0 when there is none.
    pub fn number(&mut self, sql: &str, values: &[Value<'_>]) -> Result<i64, StorageError> {
        Ok(self.one(sql, values, |row| row.number(0))?.unwrap_or(0))
    }

    /// The first text of the first row, or nothing.
    pub fn text(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Option<String>, StorageError> {
        self.one(sql, values, |row| row.string(0))
    }
}
