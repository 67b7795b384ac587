//! One Parquet file: written by DuckDB, on disk, and measured for the catalogue.

use std::path::Path;

use super::engine::literal;
use super::shape::field_ids;
use super::workshop::{Workshop, Written};
use super::{Lake, LakeError, ScratchFile};
use crate::events::{COLUMNS, Column, Kind};
use crate::model::Time;
use crate::storage::{ColumnRange, NewFile};

/// How rows are put together: into groups that are left out together when a question is not about
/// them. A group is in memory while it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grouping {
    /// Of a flush: its files are merged soon, and writing them must take little.
    Fresh,
    /// Of files that will be merged once more.
    Passing,
    /// Of files that stay.
    Lasting,
    /// Of files that stay and whose events are very large.
    Large,
}

impl Grouping {
    const fn rows(self) -> u32 {
        match self {
            Self::Fresh => 16_384,
            Self::Passing | Self::Lasting => 65_536,
            Self::Large => 256,
        }
    }

    /// zstd's.
    const fn level(self) -> u32 {
        match self {
            Self::Fresh => 1,
            Self::Passing => 3,
            Self::Lasting | Self::Large => 9,
        }
    }

    /// As many texts may be in the dictionary of a group that stays as there are rows: only what has a dictionary has
    /// a bloom filter, and ids must have one, so that a file can say that it does not hold an id. Of those that are
    /// soon merged there are few: DuckDB gives up a dictionary early that does not save anything, which takes a third
    /// less.
    fn dictionary(self) -> String {
        match self {
            Self::Fresh | Self::Passing => String::new(),
            Self::Lasting | Self::Large => format!("DICTIONARY_SIZE_LIMIT {}, ", self.rows()),
        }
    }
}

/// How often a bloom filter says that an id may be there although it is not: one row group in ten is
/// read for nothing, which takes two bytes an event less than one in a hundred.
const FALSE_POSITIVES: f32 = 0.1;

/// Which events go into a file.
pub(super) struct Selection {
    /// A query for the columns of history, sorted by person and time.
    pub(super) sql: String,
    /// The day they are of, counted from 1970; none for several.
    pub(super) day: Option<i64>,
    /// Its row groups.
    pub(super) grouping: Grouping,
}

impl Lake {
    /// The rows of a Parquet file of anybody's as lines of JSON, in their order.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn lines_of(&self, parquet: &Path) -> Result<ScratchFile, LakeError> {
        let folder = parquet.parent().unwrap_or(Path::new("."));
        let mut workshop = self.workshop_in(folder)?;
        let lines = self.scratch_file("jsonl");
        let [from, to] = [parquet, lines.path()].map(|path| literal(&path.to_string_lossy()));
        workshop.run(format!("COPY (SELECT * FROM read_parquet({from})) TO {to} (FORMAT json)"))?;
        Ok(lines)
    }

    /// Writes a file in large groups, unless the events are so large that memory does not hold one.
    pub(super) fn write_lasting(
        &self,
        workshop: &mut Workshop<'_>,
        selection: Selection,
    ) -> Result<NewFile, LakeError> {
        match self.write(workshop, &selection) {
            Err(LakeError::TooLarge) => {
                self.write(workshop, &Selection { grouping: Grouping::Large, ..selection })
            }
            written => written,
        }
    }

    /// Writes the selected events into a new file that lasts. Nobody knows of the file before the
    /// catalogue does. Without any event there is no file.
    pub(super) fn write(
        &self,
        workshop: &mut Workshop<'_>,
        selection: &Selection,
    ) -> Result<NewFile, LakeError> {
        let folder = selection.day.map_or_else(|| "mixed".to_owned(), date);
        let path = format!("{folder}/{}.parquet", self.ids.uuid(self.now()));
        let draft = self.files.draft(&path)?;
        let written = copy(workshop, selection, &draft).and_then(|written| {
            if written.count == 0 {
                drop(std::fs::remove_file(&draft));
                return Ok(written);
            }
            self.files.keep(&path, written.file_size_bytes, &draft)?;
            Ok(written)
        });
        match written {
            Ok(written) => Ok(NewFile {
                path,
                rows: written.count,
                bytes: written.file_size_bytes,
                footer_bytes: written.footer_size_bytes,
                day: selection.day,
                columns: COLUMNS.iter().flat_map(|column| range(column, &written)).collect(),
            }),
            Err(error) => {
                // Half a file helps nobody; if it cannot be removed, the sweep will.
                drop(std::fs::remove_file(&draft));
                Err(error)
            }
        }
    }

    /// Removes files that were written and did not make it into the catalogue.
    pub(super) fn discard(&self, files: &[NewFile]) {
        let paths: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
        if let Err(error) = self.files.remove(&paths) {
            tracing::debug!(%error, "files that nobody knows are left to the sweep");
        }
    }
}

fn copy(
    workshop: &mut Workshop<'_>,
    selection: &Selection,
    to: &Path,
) -> Result<Written, LakeError> {
    let grouping = selection.grouping;
    workshop.copy(format!(
        "COPY (SELECT {} FROM ({})) TO {} \
         (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {}, ROW_GROUP_SIZE {}, \
         {}BLOOM_FILTER_FALSE_POSITIVE_RATIO {FALSE_POSITIVES}, FIELD_IDS {}, RETURN_STATS)",
        names(),
        selection.sql,
        literal(&to.to_string_lossy()),
        grouping.level(),
        grouping.rows(),
        grouping.dictionary(),
        field_ids(),
    ))
}

fn names() -> String {
    let names: Vec<String> = COLUMNS.iter().map(|c| format!("\"{}\"", c.name)).collect();
    names.join(", ")
}

/// A date as folders are named.
pub(super) fn date(day: i64) -> String {
    let text = Time::from_micros(day.saturating_mul(86_400_000_000)).to_string();
    text.chars().take(10).collect()
}

fn range(column: &Column, written: &Written) -> Option<ColumnRange> {
    let key = match column.kind {
        Kind::Texts => format!("\"{}\".\"element\"", column.name),
        Kind::Text | Kind::Moment | Kind::Truth | Kind::Number | Kind::Json => {
            format!("\"{}\"", column.name)
        }
    };
    let said = written.columns.get(&key)?;
    let number = |key: &str| said.get(key).and_then(|text| text.parse().ok()).unwrap_or(0);
    let nulls = number("null_count");
    let edge = |key: &str| said.get(key).filter(|_| column.ranged).cloned();
    Some(ColumnRange {
        column: column.name,
        bytes: number("column_size_bytes"),
        values: written.count.saturating_sub(nulls),
        nulls,
        min: edge("min"),
        max: edge("max"),
    })
}
