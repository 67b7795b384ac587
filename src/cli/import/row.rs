//! A file as rows, whatever it is: a line of JSON, or a record of a table.

use std::path::{Path, PathBuf};

use super::csv::Table;
use super::lines::Lines;
use super::mapping::{Cells, Mapping};
use super::place::Offset;
use super::{event, exported, told};
use crate::app::App;
use crate::lake::ScratchFile;
use crate::model::ToldApart;

/// One row as it stands in the file.
#[derive(Debug)]
pub(super) struct Row {
    /// The number of its line, from 1 on.
    pub(super) line: u64,
    /// How many lines before it say the very same; of records of a table none is counted.
    pub(super) nth: u64,
    /// As it came, for whoever is to mend it.
    pub(super) text: Vec<u8>,
    /// Of a table: its cells, in the order of the header.
    pub(super) cells: Option<Vec<String>>,
    /// Why it cannot be read.
    pub(super) fault: Option<String>,
}

/// How names of files end that are no tables, whatever is said of them.
const NO_TABLES: [&str; 3] = ["jsonl", "json", "parquet"];

/// How the name of a file ends, in small letters.
fn ending(file: &Path) -> String {
    file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase()
}

/// Whether a mapping can say what is in a file.
pub(super) fn may_be_table(file: &Path) -> bool {
    !NO_TABLES.contains(&ending(file).as_str())
}

/// See the module.
pub(super) struct Rows {
    source: Source,
    /// What is read, as text.
    text: PathBuf,
    bytes: u64,
    /// Gone with this.
    _scratch: Option<ScratchFile>,
}

enum Source {
    Lines(Lines),
    Table(Table),
}

impl Rows {
    /// Opens a file; what is no text is made text first.
    pub(super) fn open(
        app: &App,
        file: &Path,
        (mapping, from): (Option<&Mapping>, Offset),
    ) -> Result<Self, String> {
        let ending = ending(file);
        let is_table = ending == "csv" || mapping.is_some();
        let scratch = match ending.as_str() {
            "parquet" if mapping.is_none() => {
                Some(app.lake.lines_of(file).map_err(|error| error.to_string())?)
            }
            _ => None,
        };
        let file = scratch.as_ref().map_or(file, ScratchFile::path);
        let bytes = file.metadata().map_err(|error| error.to_string())?.len();
        told::is_text(file)?;
        let source = if is_table {
            Source::Table(Table::open(file, mapping, from)?)
        } else {
            Source::Lines(Lines::open(file, from)?)
        };
        let text = file.to_owned();
        Ok(Self { source, text, bytes, _scratch: scratch })
    }

    /// Whom history in it has as people. All of it is read for that, before the first row is taken: that two are
    /// two may be told by the last.
    pub(super) fn told_apart(&self) -> Result<ToldApart, String> {
        let mut told = ToldApart::default();
        if matches!(self.source, Source::Table(_)) {
            let mut table = Table::open(&self.text, None, Offset::default())?;
            let columns = self.columns();
            while let Some(row) = table.next()? {
                let cells = row.cells.unwrap_or_default();
                event::person(&Cells { columns, cells: &cells }).iter().for_each(|id| told.add(id));
            }
            return Ok(told);
        }
        let mut lines = Lines::open(&self.text, Offset::default())?;
        while let Some(text) = lines.next_text()? {
            exported::person(&text).iter().for_each(|id| told.add(id));
        }
        Ok(told)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The names of a table's columns, as they stand in the file.
    pub(super) fn header(&self) -> &[u8] {
        match &self.source {
            Source::Lines(_) => &[],
            Source::Table(table) => table.header(),
        }
    }

    /// The names of a table's columns; none of lines.
    pub(super) fn columns(&self) -> &[String] {
        match &self.source {
            Source::Lines(_) => &[],
            Source::Table(table) => table.columns(),
        }
    }

    /// The next row that is not empty.
    pub(super) fn next(&mut self) -> Result<Option<Row>, String> {
        match &mut self.source {
            Source::Lines(lines) => lines.next(),
            Source::Table(table) => table.next(),
        }
    }

    /// Where the next row begins.
    pub(super) fn offset(&self) -> Offset {
        match &self.source {
            Source::Lines(lines) => lines.offset(),
            Source::Table(table) => table.offset(),
        }
    }
}
