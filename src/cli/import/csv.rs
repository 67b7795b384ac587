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
    /// So many it has.
    bytes_max: u64,
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
        let bytes_max = bytes.metadata().map_err(|error| fault(&error))?.len();
        let record = ByteRecord::new();
        Ok(Self { reader, bytes, bytes_max, separator, columns, header, record })
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
        let mut row = Row {
            line: self.line(false)?,
            nth: 0,
            text: written(&self.record, self.separator),
            cells: None,
            fault: self.no_text(),
        };
        // The reader takes a quote too many for a letter, or all that follows for a cell.
        if self.has_quotes() || self.reader.position().byte() >= self.bytes_max {
            let raw = self.raw()?;
            let quotes = quotes(&raw, self.separator);
            if let Some(fault) = quotes.fault() {
                row = Row {
                    fault: Some(fault),
                    text: raw,
                    line: self.line(quotes == Quotes::Open)?,
                    ..row
                };
            }
        }
        let cells = self.record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned());
        row.cells = Some(cells.collect());
        Ok(Some(row))
    }

    /// Which cell of the record is in another encoding than UTF-8: its letters cannot be known.
    fn no_text(&self) -> Option<String> {
        let at = self.record.iter().position(|cell| std::str::from_utf8(cell).is_err())?;
        let column = self.columns.get(at).map_or("", String::as_str);
        Some(format!("column {column}: it is no UTF-8; save the table in this encoding"))
    }

    /// Whether more stands in the file than cells, what is between them, and the end of a line (or of the one before).
    fn has_quotes(&self) -> bool {
        let bare =
            self.record.as_slice().len() + self.record.len().saturating_sub(1) + "\r\n".len();
        self.span() > bare as u64
    }

    /// Bytes of the file from where the record begins.
    fn span(&self) -> u64 {
        let begins = self.record.position().map_or(0, Position::byte);
        self.reader.position().byte().saturating_sub(begins)
    }

    /// The record as it stands in the file.
    fn raw(&self) -> Result<Vec<u8>, String> {
        let begins = self.record.position().map_or(0, Position::byte);
        let mut raw = vec![0; usize::try_from(self.span()).map_err(|error| error.to_string())?];
        self.bytes.read_exact_at(&mut raw, begins).map_err(|error| error.to_string())?;
        // Empty lines before it, and the rest of the end of the line before.
        let blank = raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        Ok(raw.split_off(blank))
    }

    fn lines_within(&self) -> u64 {
        self.record.iter().map(|cell| memchr::memchr_iter(b'\n', cell).count() as u64).sum()
    }

    /// The line on which the record begins that was read last; `is_open`: it has a quote that is never closed. It is
    /// counted from its end: before it may be empty lines, and the rest of the end of the line before, which the
    /// reader counts with it.
    fn line(&self, is_open: bool) -> Result<u64, String> {
        let end = self.reader.position();
        let mut last = [0_u8];
        let place = end.byte().saturating_sub(1);
        self.bytes.read_exact_at(&mut last, place).map_err(|error| error.to_string())?;
        // Of a quote that is open, the end of the last line is within it.
        let after = self.lines_within() + u64::from(last == *b"\n" && !is_open);
        Ok(end.line().saturating_sub(after))
    }
}

/// How the quotes of a record stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    /// Each that opens a cell closes one.
    Whole,
    /// The last is never closed.
    Open,
    /// After one that closes, a cell goes on.
    Broken,
}

impl Quotes {
    fn fault(self) -> Option<String> {
        let fault = match self {
            Self::Whole => return None,
            Self::Open => "a quote is never closed, and all that follows stands within it",
            Self::Broken => "a cell goes on after the quote that closes it",
        };
        Some(fault.to_owned())
    }
}

/// What one record's text says of its quotes. Those within a cell that does not begin with one are letters.
fn quotes(record: &[u8], separator: u8) -> Quotes {
    let is_end = |byte: u8| byte == separator || matches!(byte, b'\r' | b'\n');
    let mut rest = record;
    while let Some((first, after)) = rest.split_first() {
        if *first != b'"' {
            let end = rest.iter().position(|byte| *byte == separator);
            rest = end.map_or(&[][..], |end| &rest[end + 1..]);
            continue;
        }
        let mut inside = after;
        let behind = loop {
            let Some(close) = memchr::memchr(b'"', inside) else { return Quotes::Open };
            inside = &inside[close + 1..];
            if inside.first() != Some(&b'"') {
                break inside;
            }
            inside = &inside[1..];
        };
        match behind.first() {
            None => return Quotes::Whole,
            Some(byte) if is_end(*byte) => rest = &behind[1..],
            Some(_) => return Quotes::Broken,
        }
    }
    Quotes::Whole
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

    /// The line, the cells and the fault of each record.
    fn read(text: &[u8]) -> Vec<(u64, usize, Option<String>)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        std::fs::write(&path, text).unwrap();
        let mut table = Table::open(&path, None, Offset::default()).unwrap();
        let rows = std::iter::from_fn(|| table.next().unwrap());
        rows.map(|row| (row.line, row.cells.unwrap().len(), row.fault)).collect()
    }

    #[test]
    fn a_quote_that_is_not_closed_is_told_of_with_its_line() {
        let open =
            Some("a quote is never closed, and all that follows stands within it".to_owned());
        let broken = Some("a cell goes on after the quote that closes it".to_owned());
        for (text, records) in [
            ("no,v\n1,\"a\n2,b\n", vec![(2, 2, open.clone())]),
            ("no,v\n0,x\n1,\"a\n2,b", vec![(2, 2, None), (3, 2, open.clone())]),
            ("no,v\n1,\"a", vec![(2, 2, open)]),
            ("no,v\n1,\"a\n2,\"b\"\n3,c\n", vec![(2, 2, broken.clone()), (4, 2, None)]),
            ("no,v\n1,\"a\"b\n2,c\n", vec![(2, 2, broken.clone()), (3, 2, None)]),
            ("no,v\r\n\"a\"b,\r\n2,\"c\"\r\n", vec![(2, 2, broken), (3, 2, None)]),
            ("no,v\n1,5\" wide\n2,\"\"\"\"\n", vec![(2, 2, None), (3, 2, None)]),
            ("no,v\n\n1,\"a\nb\"\r\n2,\"\"", vec![(3, 2, None), (5, 2, None)]),
        ] {
            assert_eq!(read(text.as_bytes()), records, "{text}");
        }
    }

    #[test]
    fn another_encoding_is_told_of_with_its_column() {
        let why = "column v: it is no UTF-8; save the table in this encoding".to_owned();
        assert_eq!(read(b"no,v\n1,Zo\xeb\n2,x\n"), [(2, 2, Some(why)), (3, 2, None)]);
    }
}
