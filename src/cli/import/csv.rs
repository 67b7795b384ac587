//! A table (RFC 4180): its columns by their names, its records with their lines.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use csv::{ByteRecord, Position, Reader, ReaderBuilder, WriterBuilder};

use super::mapping::Mapping;
use super::place::Offset;
use super::row::Row;

/// What stands between cells, where a mapping does not say.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// So much of a file is looked at to find out.
const LOOKED_AT: usize = 64 * 1024;

/// See the module.
pub(super) struct Table {
    reader: Reader<File>,
    /// The same file, to look at single bytes.
    bytes: File,
    separator: u8,
    columns: Vec<String>,
    header: Vec<u8>,
    record: ByteRecord,
}

impl Table {
    pub(super) fn open(
        path: &Path,
        mapping: Option<&Mapping>,
        from: Offset,
    ) -> Result<Self, String> {
        let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let said = mapping.and_then(Mapping::separator);
        let separator = said.map_or_else(|| separator(path), Ok).map_err(|error| fault(&error))?;
        let file = File::open(path).map_err(|error| fault(&error))?;
        let mut builder = ReaderBuilder::new();
        let mut reader = builder.delimiter(separator).flexible(true).from_reader(file);
        let names = reader.headers().map_err(|error| fault(&error))?.clone();
        let columns = names.iter().map(|name| name.trim_start_matches('\u{feff}').trim());
        let columns: Vec<String> = columns.map(str::to_owned).collect();
        let header = written(names.as_byte_record(), separator);
        if from != Offset::default() {
            let mut place = Position::new();
            place.set_byte(from.bytes).set_line(from.lines + 1);
            reader.seek(place).map_err(|error| fault(&error))?;
        }
        let bytes = File::open(path).map_err(|error| fault(&error))?;
        Ok(Self { reader, bytes, separator, columns, header, record: ByteRecord::new() })
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(super) fn header(&self) -> &[u8] {
        &self.header
    }

    pub(super) fn offset(&self) -> Offset {
        let place = self.reader.position();
        Offset { bytes: place.byte(), lines: place.line().saturating_sub(1) }
    }

    /// The next record; empty lines are none.
    pub(super) fn next(&mut self) -> Result<Option<Row>, String> {
        let is_there = self.reader.read_byte_record(&mut self.record);
        if !is_there.map_err(|error| error.to_string())? {
            return Ok(None);
        }
        let line = self.line()?;
        let text = written(&self.record, self.separator);
        // Another encoding than UTF-8 is seen in the cells, and refused there.
        let cells = self.record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned());
        let cells = Some(cells.collect());
        Ok(Some(Row { line, nth: 0, text, cells }))
    }

    /// The line on which the record begins that was read last. It is counted from its end: before it may
    /// be empty lines, and the rest of the end of the line before, which the reader counts with it.
    fn line(&self) -> Result<u64, String> {
        let end = self.reader.position();
        let mut last = [0_u8];
        let place = end.byte().saturating_sub(1);
        self.bytes.read_exact_at(&mut last, place).map_err(|error| error.to_string())?;
        let within: usize =
            self.record.iter().map(|cell| memchr::memchr_iter(b'\n', cell).count()).sum();
        let after = within as u64 + u64::from(last == *b"\n");
        Ok(end.line().saturating_sub(after))
    }
}

/// A record as it is written.
fn written(record: &ByteRecord, separator: u8) -> Vec<u8> {
    let mut writer = WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
    // Into memory, and of one length: it cannot fail.
    drop(writer.write_byte_record(record));
    writer.into_inner().unwrap_or_default()
}

/// What stands most often in the first line.
fn separator(path: &Path) -> std::io::Result<u8> {
    use std::io::Read as _;
    let mut begins = Vec::new();
    File::open(path)?.take(LOOKED_AT as u64).read_to_end(&mut begins)?;
    let first = begins.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let times = |separator: &u8| memchr::memchr_iter(*separator, first).count();
    // The first of those that are as frequent.
    let most = SEPARATORS.iter().rev().max_by_key(|separator| times(separator));
    Ok(most.copied().unwrap_or(b','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_their_cells_and_lines_and_are_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        std::fs::write(&path, "\u{feff}no;name\r\n1;\"Ann\nB\"\r\n\r\n2;\"a \"\"b\"\" ;\"\r\n")
            .unwrap();
        let mut table = Table::open(&path, None, Offset::default()).unwrap();
        assert_eq!(table.columns(), ["no", "name"]);
        let first = table.next().unwrap().unwrap();
        assert_eq!((first.line, first.cells.unwrap()[1].as_str()), (2, "Ann\nB"));
        let mut again = Table::open(&path, None, table.offset()).unwrap();
        for table in [&mut table, &mut again] {
            let second = table.next().unwrap().unwrap();
            assert_eq!((second.line, second.cells.unwrap()[1].as_str()), (5, "a \"b\" ;"));
            assert_eq!(second.text, b"2;\"a \"\"b\"\" ;\"\n");
            assert!(table.next().unwrap().is_none());
        }
    }
}
