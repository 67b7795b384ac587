//! Lines of the tail on their way into files.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use duckdb::{Appender, Connection, params};

use super::parquet::{Grouping, Selection};
use super::sorted::ORDER;
use super::{LakeError, tail};
use crate::events::{self, Rows};
use crate::storage::{StorageError, TailRow};

/// What was taken in.
pub(super) struct Taken {
    /// The days they are of, those with most events first.
    pub(super) days: Vec<i64>,
    /// How many.
    pub(super) lines: u64,
}

/// The lines as they are; DuckDB reads them when it writes.
pub(super) fn take_in(connection: &Connection, rows: &[TailRow]) -> Result<Taken, LakeError> {
    connection.execute_batch("CREATE TABLE lines (day BIGINT, line VARCHAR);")?;
    let mut days = HashMap::new();
    let mut lines = connection.appender("lines")?;
    for row in rows {
        append(row, &mut lines, &mut days)?;
    }
    lines.flush()?;
    let mut days: Vec<(i64, u64)> = days.into_iter().collect();
    days.sort_unstable_by_key(|(day, events)| (Reverse(*events), *day));
    let lines = days.iter().map(|(_, events)| events).sum();
    Ok(Taken { days: days.into_iter().map(|(day, _)| day).collect(), lines })
}

fn append(
    row: &TailRow,
    lines: &mut Appender<'_>,
    days: &mut HashMap<i64, u64>,
) -> Result<(), LakeError> {
    let damaged = |why: &dyn std::fmt::Display| {
        StorageError::Failed(format!("tail row {} {}: {why}", row.at.stream, row.at.seq))
    };
    let unpacked = Rows::unpack(&row.packed).map_err(|error| damaged(&error))?;
    for line in unpacked.iter() {
        let line = str::from_utf8(line).map_err(|error| damaged(&error))?;
        let time = events::time_of(line).map_err(|error| damaged(&error))?;
        lines.append_row(params![time.day(), line])?;
        *days.entry(time.day()).or_default() += 1;
    }
    Ok(())
}

/// Lines that go into one file: of these days, and with these numbers.
pub(super) struct Slice {
    days: String,
    day: Option<i64>,
    numbers: Range<u64>,
}

impl Slice {
    pub(super) fn of(days: &[i64], day: Option<i64>, lines: u64) -> Self {
        let days: Vec<String> = days.iter().map(ToString::to_string).collect();
        Self { days: days.join(", "), day, numbers: 0..lines }
    }

    pub(super) fn selection(&self) -> Selection {
        let Range { start, end } = &self.numbers;
        let days = &self.days;
        let from = format!("lines WHERE day IN ({days}) AND rowid >= {start} AND rowid < {end}");
        let sql = format!("{} {ORDER}", tail::read("", "line", &from));
        Selection { sql, day: self.day, grouping: Grouping::Fresh }
    }

    pub(super) fn may_be_halved(&self) -> bool {
        self.numbers.end - self.numbers.start > 1
    }

    pub(super) fn halves(&self) -> [Self; 2] {
        let Range { start, end } = self.numbers;
        let middle = start + (end - start) / 2;
        let half = |numbers| Self { days: self.days.clone(), day: self.day, numbers };
        [half(start..middle), half(middle..end)]
    }
}
