//! JSON, an object a line; or one list of objects, a line each, as `kith export` writes it.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use super::place::Offset;
use super::row::Row;

/// What some programs put before text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// The longest line that is read whole: no body may be larger by far. What is longer is refused.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// See the module.
pub(super) struct Lines {
    file: BufReader<File>,
    offset: Offset,
    seen: Seen,
}

/// Which lines were read, by a number each, and how often: that, and not where it stands, is by what a line
/// is known among those that say the same, since lines before it come and go.
#[derive(Default)]
struct Seen {
    numbers: RandomState,
    once: HashSet<u64>,
    more: HashMap<u64, u64>,
}

impl Seen {
    /// How often the same was read before.
    fn again(&mut self, text: &[u8]) -> u64 {
        let number = self.numbers.hash_one(text);
        if self.once.insert(number) {
            return 0;
        }
        let times = self.more.entry(number).or_default();
        *times += 1;
        *times
    }
}

impl Lines {
    pub(super) fn open(path: &Path, from: Offset) -> Result<Self, String> {
        let fault = |error: std::io::Error| format!("{}: {error}", path.display());
        let file = BufReader::with_capacity(1 << 18, File::open(path).map_err(fault)?);
        let mut lines = Self { file, offset: Offset::default(), seen: Seen::default() };
        // What was taken before is read once more, for what later lines say again.
        while lines.offset.bytes < from.bytes && lines.next()?.is_some() {}
        Ok(lines)
    }

    pub(super) fn offset(&self) -> Offset {
        self.offset
    }

    /// The next line that says something.
    pub(super) fn next(&mut self) -> Result<Option<Row>, String> {
        let Some(text) = self.next_text()? else { return Ok(None) };
        let (line, nth) = (self.offset.lines, self.seen.again(&text));
        Ok(Some(Row { line, nth, text, cells: None, fault: None }))
    }

    /// The same, and it is not counted among those that say the same.
    pub(super) fn next_text(&mut self) -> Result<Option<Vec<u8>>, String> {
        loop {
            let mut text = Vec::new();
            let mut some = (&mut self.file).take(LINE_BYTES_MAX);
            let read = some.read_until(b'\n', &mut text).map_err(|error| error.to_string())?;
            if read == 0 {
                return Ok(None);
            }
            let rest = if text.ends_with(b"\n") { 0 } else { self.skip_line()? };
            self.offset.bytes += read as u64 + rest;
            self.offset.lines += 1;
            let said = plain(&text);
            if !said.is_empty() {
                return Ok(Some(said.to_vec()));
            }
        }
    }

    /// The rest of a line that is too long. How many bytes it has.
    fn skip_line(&mut self) -> Result<u64, String> {
        let skipped = self.file.skip_until(b'\n').map_err(|error| error.to_string())?;
        Ok(skipped as u64)
    }
}

/// A line without what is not of the object: marks, the brackets of a list, its commas.
fn plain(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line).trim_ascii();
    let line = line.strip_suffix(b",").unwrap_or(line);
    if matches!(line, b"[" | b"]") { &[] } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_its_object_is() {
        assert_eq!(plain("\u{feff}{\"a\": 1}\r\n".as_bytes()), b"{\"a\": 1}");
        assert_eq!(plain(b"\t{\"a\": 1},\n"), b"{\"a\": 1}");
        for nothing in ["[\n", "]", " \n", ""] {
            assert_eq!(plain(nothing.as_bytes()), b"", "{nothing:?}");
        }
    }

    #[test]
    fn lines_are_counted_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        std::fs::write(&path, "\n{\"a\": 1}\n\n{\"b\": 2}").unwrap();
        let mut lines = Lines::open(&path, Offset::default()).unwrap();
        assert_eq!(lines.next().unwrap().unwrap().line, 2);
        let mut again = Lines::open(&path, lines.offset()).unwrap();
        for lines in [&mut lines, &mut again] {
            let row = lines.next().unwrap().unwrap();
            assert_eq!((row.line, row.nth, row.text), (4, 0, b"{\"b\": 2}".to_vec()));
            assert!(lines.next().unwrap().is_none());
        }
    }

    #[test]
    fn a_line_that_says_the_same_again_is_the_next_of_them_wherever_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        let read = |text: &str, from: u64| {
            std::fs::write(&path, text).unwrap();
            let from = Offset { bytes: from, lines: 0 };
            let mut lines = Lines::open(&path, from).unwrap();
            let rows = std::iter::from_fn(|| lines.next().unwrap());
            rows.map(|row| (String::from_utf8(row.text).unwrap(), row.nth)).collect::<Vec<_>>()
        };
        let [a, b] = ["{\"a\":1}", "{\"b\":1}"].map(str::to_owned);
        let all = format!("{b}\n{a}\n{b}\n{a},\r\n{a}");
        let [a0, a1, a2, b0, b1] =
            [(&a, 0), (&a, 1), (&a, 2), (&b, 0), (&b, 1)].map(|(text, nth)| (text.clone(), nth));
        assert_eq!(read(&all, 0), [b0.clone(), a0.clone(), b1, a1.clone(), a2.clone()]);
        assert_eq!(read(&all[8..], 0), [a0, b0, a1.clone(), a2.clone()]);
        assert_eq!(read(&all, 24), [a1, a2], "an import that goes on");
    }
}
