//! Moving house: all that a folder's database knows, into a shared one in which nothing is yet.
//!
//! Both engines have the same tables, so rows are copied as they are, in one transaction: all of them or none. What
//! lies otherwise in a file ([`leaving`]) is brought into the form that it has on a server.

use std::ops::ControlFlow;

use super::sql::{Row, Sql, Value};
use super::sqlite::leaving::{self, Column, Kind};
use super::{Settled, Storage, StorageError};

/// Rows of one statement, and about how many bytes.
const ROWS_MAX: usize = 200;
const BYTES_MAX: usize = 4 << 20;
/// What is of servers that run, and not of the data.
const OF_SERVERS: [&str; 3] = ["allowance", "lease", "node"];
/// Where one of these has a row, somebody uses the database.
const OF_USE: [&str; 5] = ["config", "user", "profile", "tail", "ducklake_data_file"];

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MovedIn {
    /// So many rows were copied.
    Done(u64),
    /// Something is there already, so nothing was done.
    Used,
    /// The folder's server has not written all that it counted, as one does that ends in order: nothing was done.
    Unsettled,
}

/// Copies all that is in `from`, the database of a folder that nobody serves, into `into`.
///
/// # Errors
/// See [`StorageError`]; nothing is copied then.
pub fn move_in(from: &dyn Storage, into: &dyn Storage) -> Result<MovedIn, StorageError> {
    let mut is_settled = true;
    from.unfolded(&mut |_| is_settled = false)?;
    if !is_settled {
        return Ok(MovedIn::Unsettled);
    }
    into.change_if(|target| {
        if is_used(target)? {
            return Ok((MovedIn::Used, Settled::Dropped));
        }
        let rows = from.look(|source| copy_all(source, target))?;
        Ok((MovedIn::Done(rows), Settled::Kept))
    })
}

fn is_used(target: &mut dyn Sql) -> Result<bool, StorageError> {
    for table in OF_USE {
        let first = format!("SELECT count(*) FROM (SELECT 1 FROM \"{table}\" LIMIT 1) AS found");
        if target.number(&first, &[])? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn copy_all(source: &mut dyn Sql, target: &mut dyn Sql) -> Result<u64, StorageError> {
    let mut rows = 0;
    for table in leaving::tables(source)? {
        if !OF_SERVERS.contains(&table.as_str()) {
            rows += copy(source, target, &table)?;
        }
    }
    let mut marks = Sheaf::new("seen", &leaving::MARKS, " ON CONFLICT (hash) DO NOTHING");
    leaving::waiting_marks(source, &mut |mark| {
        marks.cells.extend(mark.map(Cell::Number));
        marks.put_if_full(target)
    })?;
    // Who writes is said otherwise there.
    target.execute("DELETE FROM meta WHERE key = 'owner'", &[])?;
    Ok(rows + marks.put(target)?)
}

/// What is there instead, such as the key and the catalogue of an installation that begins, makes room.
fn copy(source: &mut dyn Sql, target: &mut dyn Sql, table: &str) -> Result<u64, StorageError> {
    let columns = leaving::columns(source, table)?;
    target.execute(&format!("DELETE FROM \"{table}\""), &[])?;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let mut sheaf = Sheaf::new(table, &names, "");
    leaving::rows(source, table, &sheaf.names.clone(), &mut |row| {
        sheaf.take(row, &columns)?;
        sheaf.put_if_full(target)?;
        Ok(ControlFlow::Continue(()))
    })?;
    sheaf.put(target)
}

/// A value on its way.
enum Cell {
    Nothing,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Cell {
    fn of(row: &dyn Row, at: usize, kind: Kind) -> Result<Self, StorageError> {
        Ok(match kind {
            Kind::Number => row.maybe_number(at)?.map_or(Self::Nothing, Self::Number),
            Kind::Text => {
                row.maybe_text(at)?.map_or(Self::Nothing, |text| Self::Text(text.to_owned()))
            }
            Kind::Bytes => Self::Bytes(row.bytes(at)?.to_owned()),
        })
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Nothing => Value::Null,
            Self::Number(number) => Value::Number(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Nothing | Self::Number(_) => 0,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// Rows of a table that go together.
struct Sheaf<'a> {
    table: &'a str,
    names: String,
    width: usize,
    /// What the statement ends with.
    end: &'static str,
    cells: Vec<Cell>,
    bytes: usize,
    put: u64,
}

impl<'a> Sheaf<'a> {
    fn new(table: &'a str, columns: &[&str], end: &'static str) -> Self {
        let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
        let (width, names) = (columns.len(), names.join(", "));
        Self { table, names, width, end, cells: Vec::new(), bytes: 0, put: 0 }
    }

    fn take(&mut self, row: &dyn Row, columns: &[Column]) -> Result<(), StorageError> {
        for (at, column) in columns.iter().enumerate() {
            let cell = Cell::of(row, at, column.kind)?;
            self.bytes += cell.bytes();
            self.cells.push(cell);
        }
        Ok(())
    }

    fn put_if_full(&mut self, target: &mut dyn Sql) -> Result<(), StorageError> {
        if self.cells.len() >= ROWS_MAX * self.width || self.bytes >= BYTES_MAX {
            self.put(target)?;
        }
        Ok(())
    }

    /// Puts them there. How many it has put by then.
    fn put(&mut self, target: &mut dyn Sql) -> Result<u64, StorageError> {
        let rows = self.cells.len() / self.width.max(1);
        if rows > 0 {
            let places: Vec<String> = (0..rows).map(|row| self.places(row)).collect();
            let (table, names, end) = (self.table, &self.names, self.end);
            let put =
                format!("INSERT INTO \"{table}\" ({names}) VALUES {}{end}", places.join(", "));
            let values: Vec<Value<'_>> = self.cells.iter().map(Cell::value).collect();
            self.put += target.execute(&put, &values)?;
        }
        self.cells.clear();
        self.bytes = 0;
        Ok(self.put)
    }

    fn places(&self, row: usize) -> String {
        let first = row * self.width + 1;
        let places: Vec<String> = (first..first + self.width).map(|at| format!("${at}")).collect();
        format!("({})", places.join(", "))
    }
}
