//! What was refused: told, up to a bound, and written aside as it came.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::say_wrong;

/// Problems that are told of one by one.
const TOLD_MAX: u64 = 20;

/// See the module.
pub(super) struct Refused {
    aside: Option<PathBuf>,
    /// What begins the file: the names of a table's columns.
    header: Vec<u8>,
    /// An import goes on that has refused before, into this file.
    goes_on: bool,
    /// Made when there is something to write.
    file: Option<BufWriter<File>>,
    count: u64,
}

impl Refused {
    /// What is there already and not of this import is left alone: it may be the very file that is read.
    pub(super) fn new(aside: Option<&Path>, header: &[u8], goes_on: bool) -> Result<Self, String> {
        if let Some(path) = aside.filter(|path| !goes_on && path.symlink_metadata().is_ok()) {
            let there = path.display();
            return Err(format!("{there} is there already: name another file for what is refused"));
        }
        let (aside, header) = (aside.map(Path::to_owned), header.to_owned());
        Ok(Self { aside, header, goes_on, file: None, count: 0 })
    }

    /// What stood on this line was refused.
    pub(super) fn add(&mut self, line: u64, text: &[u8], why: &str) -> Result<(), String> {
        self.count += 1;
        if self.count <= TOLD_MAX {
            say_wrong(&format!("line {line}: {why}"));
        }
        let Some(path) = self.aside.clone() else { return Ok(()) };
        let fault = |error: std::io::Error| format!("{}: {error}", path.display());
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(begin(&path, &self.header, self.goes_on).map_err(fault)?),
        };
        file.write_all(text).map_err(fault)?;
        if text.ends_with(b"\n") { Ok(()) } else { file.write_all(b"\n").map_err(fault) }
    }

    /// All was read.
    pub(super) fn end(mut self) -> Result<(), String> {
        let more = self.count.saturating_sub(TOLD_MAX);
        if more > 0 {
            let aside =
                if self.aside.is_some() { "" } else { " (--refused FILE keeps all of them)" };
            say_wrong(&format!("and {more} more{aside}"));
        }
        self.file.as_mut().map_or(Ok(()), BufWriter::flush).map_err(|error| error.to_string())
    }
}

fn begin(path: &Path, header: &[u8], goes_on: bool) -> std::io::Result<BufWriter<File>> {
    let is_there = goes_on && path.is_file();
    let mut open = OpenOptions::new();
    let file = open.append(true).create(is_there).create_new(!is_there).open(path)?;
    let mut file = BufWriter::new(file);
    if !is_there {
        file.write_all(header)?;
    }
    Ok(file)
}
