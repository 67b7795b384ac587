//! What was refused: told, up to a bound, and written aside as it came.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
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
    /// Made when there is something to write. Nothing waits in memory: whoever is stopped goes on behind it.
    file: Option<File>,
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
        let end: &[u8] = if text.ends_with(b"\n") { b"" } else { b"\n" };
        file.write_all(&[text, end].concat()).map_err(fault)
    }

    /// All was read.
    pub(super) fn end(self) {
        let more = self.count.saturating_sub(TOLD_MAX);
        if more > 0 {
            let aside =
                if self.aside.is_some() { "" } else { " (--refused FILE keeps all of them)" };
            say_wrong(&format!("and {more} more{aside}"));
        }
    }
}

fn begin(path: &Path, header: &[u8], goes_on: bool) -> std::io::Result<File> {
    let mut open = OpenOptions::new();
    let mut file = open.append(true).create(goes_on).create_new(!goes_on).open(path)?;
    if file.metadata()?.len() == 0 {
        file.write_all(header)?;
    }
    Ok(file)
}
