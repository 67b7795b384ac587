//! The table function `kith_lines`: lines of the tail as rows of history.
//!
//! They are read here and handed to DuckDB as texts, which its columns are made of. Its own `from_json` would read
//! each object twice, write it anew, and change the digits of its numbers.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use duckdb::Connection;
use duckdb::core::{DataChunkHandle, FlatVector, Inserter as _, LogicalTypeHandle, LogicalTypeId};
use duckdb::vtab::{BindInfo, InitInfo, TableFunctionInfo, VTab};

use super::LakeError;
use super::numbered::Numbered;
use super::people::Failure;
use super::tail::type_name;
use crate::events::{self, COLUMNS, Cell, Column, Kind, Rows, SortKey};
use crate::storage::{StorageError, TailRow, Through};

/// Lines, with the rounds that they came in.
#[derive(Default)]
pub(super) struct Batch {
    rounds: Vec<(Through, String)>,
    lines: Vec<Place>,
}

/// Where a line stands.
#[derive(Clone, Copy)]
struct Place {
    round: usize,
    from: usize,
    to: usize,
}

impl Batch {
    /// All of these rounds, or what of them came under some ids.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub(super) fn of(rows: &[TailRow], under: Option<&HashSet<&str>>) -> Result<Self, LakeError> {
        let mut batch = Self::default();
        for row in rows {
            let rows = Rows::unpack(&row.packed).map_err(|error| damaged(&row.at, &error))?;
            batch.find(&rows, under);
            let text = String::from_utf8(rows.lines).map_err(|error| damaged(&row.at, &error))?;
            batch.rounds.push((row.at.clone(), text));
        }
        Ok(batch)
    }

    /// Where the lines of the next round stand.
    fn find(&mut self, rows: &Rows, under: Option<&HashSet<&str>>) {
        let round = self.rounds.len();
        let place = |line: Range<usize>| Place { round, from: line.start, to: line.end };
        match under {
            Some(ids) => self.lines.extend(rows.under(ids).map(place)),
            None => self.lines.extend(rows.ranges().map(place)),
        }
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// For each line where its event belongs.
    ///
    /// # Errors
    /// A line that cannot be read.
    pub(super) fn keys(&self) -> Result<Vec<SortKey<'_>>, LakeError> {
        let key = |number| {
            let (at, line) = self.line(number);
            Ok(SortKey::of(line).map_err(|error| damaged(at, &error))?)
        };
        (0..self.len()).map(key).collect()
    }

    fn line(&self, number: usize) -> (&Through, &str) {
        let Place { round, from, to } = self.lines[number];
        let (at, text) = &self.rounds[round];
        (at, &text[from..to])
    }
}

fn damaged(at: &Through, why: &dyn std::fmt::Display) -> StorageError {
    StorageError::Failed(format!("tail row {} {}: {why}", at.stream, at.seq))
}

/// Lines that DuckDB can ask for until this is dropped.
pub(super) struct Readable(u64);

static READABLE: Numbered<Chosen> = Numbered::new();

impl Readable {
    /// All lines of a batch.
    pub(super) fn all(batch: Batch) -> Self {
        let lines = (0..batch.len()).collect();
        Self::some(Arc::new(batch), lines)
    }

    /// Those with these numbers.
    pub(super) fn some(batch: Arc<Batch>, lines: Vec<usize>) -> Self {
        Self(READABLE.put(Chosen { batch, lines }))
    }

    /// By which SQL finds them.
    pub(super) fn number(&self) -> u64 {
        self.0
    }

    /// The columns of history: a query, with the columns `more` before them.
    pub(super) fn sql(&self, more: &str) -> String {
        of_lines(self.0, more)
    }
}

/// A query for the columns of history of the lines with this number, with the columns `more` before them.
pub(super) fn of_lines(number: u64, more: &str) -> String {
    let columns: Vec<String> = COLUMNS.iter().map(typed).collect();
    format!("SELECT {more} {} FROM kith_lines({number})", columns.join(", "))
}

impl Drop for Readable {
    fn drop(&mut self) {
        READABLE.remove(self.0);
    }
}

fn typed(column: &Column) -> String {
    let name = column.name;
    match column.kind {
        Kind::Text | Kind::Texts | Kind::Json => format!("\"{name}\""),
        Kind::Moment | Kind::Truth | Kind::Number => {
            format!("CAST(\"{name}\" AS {}) AS \"{name}\"", type_name(column.kind))
        }
    }
}

/// Makes the function known.
///
/// # Errors
/// When DuckDB refuses.
pub(super) fn register(connection: &Connection) -> Result<(), LakeError> {
    Ok(connection.register_table_function::<Lines>("kith_lines")?)
}

/// `kith_lines(number)`: `stream`, `seq` and the columns of history as texts, a row for each line.
struct Lines;

/// Lines of a batch, by their numbers.
struct Chosen {
    batch: Arc<Batch>,
    lines: Vec<usize>,
}

/// How many were taken; several threads take some in turn.
#[derive(Default)]
struct Taken(AtomicUsize);

/// Columns before those of history.
const BEFORE: usize = 2;

impl VTab for Lines {
    type InitData = Taken;
    type BindData = Arc<Chosen>;

    fn bind(bind: &BindInfo) -> Result<Arc<Chosen>, Failure> {
        let text = || LogicalTypeHandle::from(LogicalTypeId::Varchar);
        for name in ["stream", "seq"] {
            bind.add_result_column(name, text());
        }
        for column in &COLUMNS {
            let mut kind = text();
            match column.kind {
                Kind::Json => kind.set_alias("JSON"),
                Kind::Texts => kind = LogicalTypeHandle::list(&text()),
                Kind::Text | Kind::Moment | Kind::Truth | Kind::Number => {}
            }
            bind.add_result_column(column.name, kind);
        }
        let number = u64::try_from(bind.get_parameter(0).to_int64())?;
        let chosen = READABLE.get(number).ok_or("these lines are gone")?;
        bind.set_cardinality(chosen.lines.len() as u64, true);
        Ok(chosen)
    }

    fn init(init: &InitInfo) -> Result<Taken, Failure> {
        init.set_max_threads(u64::MAX);
        Ok(Taken::default())
    }

    fn func(
        function: &TableFunctionInfo<Self>,
        output: &mut DataChunkHandle,
    ) -> Result<(), Failure> {
        let (chosen, taken) = (function.get_bind_data(), function.get_init_data());
        let room = output.flat_vector(0).capacity();
        let from = taken.0.fetch_add(room, Ordering::Relaxed).min(chosen.lines.len());
        let to = (from + room).min(chosen.lines.len());
        let mut chunk = Chunk::of(output);
        for (row, number) in chosen.lines[from..to].iter().enumerate() {
            let (at, line) = chosen.batch.line(*number);
            chunk.put(row, at, line)?;
        }
        chunk.end(output);
        output.set_len(to - from);
        Ok(())
    }

    fn parameters() -> Option<Vec<LogicalTypeHandle>> {
        Some(vec![LogicalTypeHandle::from(LogicalTypeId::Bigint)])
    }
}

/// Rows on their way into DuckDB's columns.
struct Chunk<'a> {
    columns: Vec<FlatVector<'a>>,
    lists: Vec<Lists>,
}

/// What the rows of a list's column hold: set in the end, when it is known how much that is.
struct Lists {
    column: usize,
    rows: Vec<Option<usize>>,
    texts: Vec<String>,
}

impl<'a> Chunk<'a> {
    fn of(output: &'a DataChunkHandle) -> Self {
        let columns = (0..BEFORE + COLUMNS.len()).map(|at| output.flat_vector(at)).collect();
        let lists = (0..COLUMNS.len()).filter(|at| COLUMNS[*at].kind == Kind::Texts);
        let lists = lists.map(|column| Lists { column, rows: Vec::new(), texts: Vec::new() });
        Self { columns, lists: lists.collect() }
    }

    fn put(&mut self, row: usize, at: &Through, line: &str) -> Result<(), Failure> {
        let cells = events::cells(line).map_err(|error| damaged(at, &error))?;
        self.columns[0].insert(row, at.stream.as_ref());
        self.columns[1].insert(row, at.seq.to_string().as_str());
        for list in &mut self.lists {
            list.put(&cells[list.column]);
        }
        for (cell, column) in cells.iter().zip(&mut self.columns[BEFORE..]) {
            match cell {
                Cell::Absent => column.set_null(row),
                Cell::One(text) => column.insert(row, text.as_ref()),
                Cell::Several(_) => {}
            }
        }
        Ok(())
    }

    fn end(self, output: &DataChunkHandle) {
        for list in self.lists {
            list.set(output);
        }
    }
}

impl Lists {
    fn put(&mut self, cell: &Cell<'_>) {
        let Cell::Several(texts) = cell else { return self.rows.push(None) };
        self.texts.extend(texts.iter().map(Cow::to_string));
        self.rows.push(Some(texts.len()));
    }

    fn set(self, output: &DataChunkHandle) {
        let mut vector = output.list_vector(BEFORE + self.column);
        let child = vector.child(self.texts.len());
        for (at, text) in self.texts.iter().enumerate() {
            child.insert(at, text.as_str());
        }
        vector.set_len(self.texts.len());
        let mut offset = 0;
        for (row, many) in self.rows.into_iter().enumerate() {
            match many {
                None => vector.set_null(row),
                Some(many) => {
                    vector.set_entry(row, offset, many);
                    offset += many;
                }
            }
        }
    }
}
