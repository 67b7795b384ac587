//! History at one moment: a connection whose tables `events`, `profiles` and `sessions` stand still.

use std::path::Path;
use std::sync::Arc;

use duckdb::{Connection, InterruptHandle, ToSql};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::ask::Scope;
use super::engine::{literal, literals, named};
use super::files::Held;
use super::finite::make_finite;
use super::{LakeError, masked};
use crate::events::COLUMNS;
use crate::model::{Map, Masking, Time};
use crate::storage::{DataFile, LakeView};

/// The time that a question is about: files that hold nothing of it are left out.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// What happened from this moment on.
    pub from: Time,
    /// Up to this moment, and with it.
    pub to: Time,
    /// What came in from this moment on.
    pub received_from: Time,
    /// Up to this moment, and with it.
    pub received_to: Time,
}

impl Span {
    /// All of history.
    pub const ALWAYS: Self = Self {
        from: Time::BEGINNING,
        to: Time::END,
        received_from: Time::BEGINNING,
        received_to: Time::END,
    };
    /// No time: for questions about people alone, which need no file.
    pub const NEVER: Self = Self { from: Time::END, to: Time::BEGINNING, ..Self::ALWAYS };

    pub(super) fn meets(&self, file: &DataFile) -> bool {
        let came_in = file
            .received
            .is_none_or(|(first, last)| first <= self.received_to && last >= self.received_from);
        came_in && file.from <= self.to && file.to >= self.from
    }
}

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// One list of objects.
    Json,
    /// One object a line.
    JsonLines,
    /// With a line of names first.
    Csv,
    /// Parquet, zstd.
    Parquet,
    /// Arrow's stream format.
    Arrow,
}

impl Format {
    /// How the names of such files end.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }
}

/// What one question may take beside DuckDB.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// The memory for all questions, in bytes.
    pub(super) memory: u64,
    /// Threads that work at one question.
    pub(super) threads: usize,
}

/// See the module.
pub struct Moment {
    pub(super) connection: Connection,
    /// A query for `events` under the ids that they came with. A question of ours asks it, and shows
    /// nobody whose fields are hidden.
    pub(super) as_kept: String,
    /// The query that `events` is.
    pub(super) events: String,
    /// See [`LakeView::edition`].
    pub(super) edition: i64,
    /// Whether anybody was ever merged.
    pub(super) any_merged: bool,
    /// No event in the files is earlier than the one, or later than the other.
    pub(super) of_files: (Time, Time),
    pub(super) room: Room,
    /// Events in the files, and those that are in none of them.
    pub(super) rows_at_hand: u64,
    /// What whoever asks may not see.
    pub(super) hidden: Option<Masking>,
    /// Read until the connection is gone.
    pub(super) files: Held,
}

/// Called while nobody else changes the tail's tables.
pub(super) fn stand_still(
    connection: Connection,
    view: &LakeView,
    (files, in_files): (Held, u64),
    tail: &str,
    room: Room,
    hidden: Option<&Masking>,
) -> Result<Moment, LakeError> {
    let in_tail: i64 =
        connection.query_row(&format!("SELECT count(*) FROM {tail}"), [], |row| row.get(0))?;
    let as_kept = kept(view, &files, tail, in_tail > 0);
    let events = living(&as_kept, view.any_merged);
    let (events, people) = match hidden {
        Some(masking) => (masked::events(&events, masking), masked::people(masking)),
        None => (events, String::new()),
    };
    connection.execute_batch(&format!("CREATE TEMP VIEW events AS {events}; {people}"))?;
    // DuckDB fixes the moment of a transaction at its first look at a table.
    connection.execute_batch(&format!("BEGIN TRANSACTION READ ONLY; FROM {tail} LIMIT 0;"))?;
    let from = view.files.iter().map(|file| file.from).min();
    let to = view.files.iter().map(|file| file.to).max();
    let of_files = (from.unwrap_or(Time::END), to.unwrap_or(Time::BEGINNING));
    let rows_at_hand = in_files + u64::try_from(in_tail).unwrap_or_default();
    let hidden = hidden.cloned();
    let (edition, any_merged) = (view.edition, view.any_merged);
    Ok(Moment {
        connection,
        as_kept,
        events,
        edition,
        any_merged,
        of_files,
        room,
        rows_at_hand,
        hidden,
        files,
    })
}

/// The table `events`: the living one instead of whoever was merged.
fn living(kept: &str, any_merged: bool) -> String {
    if !any_merged {
        return kept.to_owned();
    }
    format!(
        "SELECT e.* REPLACE (coalesce(m.profile_id, e.profile_id) AS profile_id) \
         FROM ({kept}) AS e LEFT JOIN kith.merged AS m ON m.id = e.profile_id"
    )
}

/// Files, then what is in none of them; nothing of people whose erasure is under way.
fn kept(view: &LakeView, files: &Held, tail: &str, has_tail: bool) -> String {
    let names: Vec<String> = COLUMNS.iter().map(|c| format!("\"{}\"", c.name)).collect();
    let all = names.join(", ");
    let mut sql = format!("SELECT {all} FROM {tail}");
    if let Some(files) = files.sql() {
        let in_files = format!("SELECT {all} FROM {files}");
        // DuckDB plans better over files alone.
        sql = if has_tail { format!("{in_files} UNION ALL {sql}") } else { in_files };
    }
    if !view.hidden.is_empty() {
        let ids = literals(view.hidden.iter().map(|id| id.as_str()));
        sql =
            format!("SELECT * FROM ({sql}) WHERE profile_id IS NULL OR profile_id NOT IN ({ids})");
    }
    sql
}

/// Moments in text, as documents have them.
const MOMENT: &str = "'%Y-%m-%dT%H:%M:%S.%fZ'";

impl Moment {
    /// Stops whatever it is answering, from another thread.
    #[must_use]
    pub fn stop(&self) -> Arc<InterruptHandle> {
        self.connection.interrupt_handle()
    }

    /// The rows as objects, absent values left out.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn rows(&self, sql: &str, values: &[&dyn ToSql]) -> Result<Vec<Map>, LakeError> {
        let mut maps = Vec::new();
        self.visit(sql, values, &mut |row| {
            maps.push(row);
            Ok(())
        })?;
        Ok(maps)
    }

    /// The rows as what each is to be, column by column.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub(super) fn read<T: DeserializeOwned>(&self, sql: &str) -> Result<Vec<T>, LakeError> {
        let mut read = Vec::new();
        self.each(sql, &[], &mut |row| {
            read.push(row);
            Ok(())
        })?;
        Ok(read)
    }

    /// Shows each row as an object, absent values left out.
    ///
    /// # Errors
    /// See [`LakeError`], and what `visit` says.
    pub(super) fn visit(
        &self,
        sql: &str,
        values: &[&dyn ToSql],
        visit: &mut dyn FnMut(Map) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        self.each(sql, values, &mut |mut row: Map| {
            row.retain(|_, value| !value.is_null());
            visit(row)
        })
    }

    /// Shows each row as what it is to be.
    ///
    /// # Errors
    /// See [`LakeError`], and what `visit` says.
    pub(super) fn each<T: DeserializeOwned>(
        &self,
        sql: &str,
        values: &[&dyn ToSql],
        visit: &mut dyn FnMut(T) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        let sql = format!("SELECT CAST(to_json(q) AS VARCHAR) FROM (\n{sql}\n) AS q");
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            let read = serde_json::from_str(&row.get::<_, String>(0)?);
            let read = read
                .map_err(|error| LakeError::Question(format!("a row is not as said: {error}")))?;
            visit(read)?;
        }
        Ok(())
    }

    /// From now on there are only the events of `scope`, whatever is asked.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn confine(&self, scope: &Scope) -> Result<(), LakeError> {
        if *scope == Scope::default() { Ok(()) } else { self.narrow(&scope.sql()) }
    }

    /// From now on there are only those events for which a condition holds.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub(super) fn narrow(&self, condition: &str) -> Result<(), LakeError> {
        let events = &self.events;
        let narrower = format!("SELECT * FROM ({events}) AS events WHERE {condition}");
        self.connection
            .execute_batch(&format!("CREATE OR REPLACE TEMP VIEW events AS {narrower}"))?;
        Ok(())
    }

    /// Keeps the rows of `sql` as a table of this name for as long as the moment lasts.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub(super) fn keep(&self, name: &str, sql: &str) -> Result<(), LakeError> {
        self.connection.execute(&format!("CREATE TEMP TABLE {name} AS {sql}"), [])?;
        Ok(())
    }

    /// The first value of the first row, as a number.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn number(&self, sql: &str, values: &[&dyn ToSql]) -> Result<i64, LakeError> {
        Ok(self.connection.query_row(sql, values, |row| row.get(0))?)
    }

    /// What is wrong with the question `sql` by itself, where something is: it was asked within others, and lines
    /// are told as whoever asks has written them.
    pub(super) fn as_of(&self, sql: &str, error: LakeError) -> LakeError {
        let LakeError::Question(_) = error else { return error };
        self.connection.prepare(sql).err().map_or(error, LakeError::from)
    }

    /// Writes the answer to `sql`, at most `rows_max` rows of it, into a file. How many there are.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn write(
        &self,
        sql: &str,
        format: Format,
        rows_max: usize,
        to: &Path,
    ) -> Result<usize, LakeError> {
        let sql = format!("SELECT * FROM (\n{sql}\n) LIMIT {rows_max}");
        let options = match format {
            Format::Json => "FORMAT json, ARRAY true",
            Format::JsonLines => "FORMAT json",
            Format::Csv => "FORMAT csv, HEADER true",
            Format::Parquet => "FORMAT parquet, COMPRESSION zstd",
            Format::Arrow => return self.arrow(&sql, to),
        };
        let sql = if format == Format::Parquet { sql } else { self.with_moments_as_text(&sql)? };
        let copy = format!("COPY ({sql}) TO {} ({options})", literal(&to.to_string_lossy()));
        let rows = self.connection.execute(&copy, [])?;
        if matches!(format, Format::Json | Format::JsonLines) {
            let types: Vec<String> =
                self.described(&sql)?.into_iter().map(|(_, kind)| kind).collect();
            make_finite(to, &types)?;
        }
        Ok(rows)
    }

    /// Writes the rows of `sql` into a file in their order, one object a line, compressed (zstd).
    ///
    /// # Errors
    /// See [`LakeError`].
    pub(super) fn write_lines(&self, sql: &str, to: &Path) -> Result<(), LakeError> {
        let to = literal(&to.to_string_lossy());
        let copy = format!("COPY ({sql}) TO {to} (FORMAT json, COMPRESSION zstd)");
        self.connection.execute(&copy, [])?;
        Ok(())
    }

    /// `sql`, its moments as documents write them. Times without a zone are somebody's local ones, and
    /// stay as they are.
    pub(super) fn with_moments_as_text(&self, sql: &str) -> Result<String, LakeError> {
        let moments = format!(
            "SELECT column_name FROM (DESCRIBE {sql}) \
             WHERE column_type = 'TIMESTAMP WITH TIME ZONE'"
        );
        let mut statement = self.connection.prepare(&moments)?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        let texts = names.map(|name| {
            let name = named(&name?);
            Ok(format!("strftime({name}, {MOMENT}) AS {name}"))
        });
        let texts = texts.collect::<Result<Vec<_>, duckdb::Error>>()?;
        if texts.is_empty() {
            return Ok(sql.to_owned());
        }
        Ok(format!("SELECT * REPLACE ({}) FROM (\n{sql}\n)", texts.join(", ")))
    }

    fn arrow(&self, sql: &str, to: &Path) -> Result<usize, LakeError> {
        let fault = |error: arrow::error::ArrowError| LakeError::Disk(error.to_string());
        let mut statement = self.connection.prepare(sql)?;
        let batches = statement.query_arrow([])?;
        let file = std::fs::File::create(to).map_err(LakeError::disk)?;
        let schema = batches.get_schema();
        let mut writer = arrow::ipc::writer::StreamWriter::try_new(file, &schema).map_err(fault)?;
        let mut rows = 0;
        for batch in batches {
            rows += batch.num_rows();
            writer.write(&batch).map_err(fault)?;
        }
        writer.finish().map_err(fault)?;
        Ok(rows)
    }
}
