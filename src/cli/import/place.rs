//! Where an import stands, remembered in the data folder until it is through.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use super::Mapping;
use crate::hashing::Hashing;

/// Lines after which the place is remembered.
const REMEMBERED_EVERY: u64 = 5_000;
/// Where the place is written before it is remembered.
const BESIDE: &str = ".import";

/// A place in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Offset {
    /// So many bytes are before it.
    pub(super) bytes: u64,
    /// So many lines are before it.
    pub(super) lines: u64,
}

/// See the module.
pub(super) struct Place {
    file: PathBuf,
    note: PathBuf,
    /// Where what is refused goes, which this import makes.
    aside: Option<PathBuf>,
    /// Lines that were read when it was remembered last.
    remembered: Cell<u64>,
}

impl Place {
    /// Of this file, as it is now, with this mapping.
    pub(super) fn of(
        folder: &Path,
        (file, aside): (&Path, Option<&Path>),
        (mapping, hashing): (Option<&Mapping>, &Hashing),
    ) -> Result<Self, String> {
        let fault = |error: std::io::Error| format!("{}: {error}", file.display());
        let whole = file.canonicalize().map_err(fault)?;
        let bytes = whole.metadata().map_err(fault)?.len();
        let mapping = mapping.map_or("", |mapping| &mapping.text);
        let name = hashing.token(&format!("{} {bytes} {mapping}", whole.display()));
        let name: String = name.chars().take(16).collect();
        let aside = aside.map(std::path::absolute).transpose().map_err(fault)?;
        let note = folder.join(format!("import-{name}"));
        Ok(Self { note, aside, file: whole, remembered: 0.into() })
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Where an import that was stopped goes on.
    pub(super) fn read(&self) -> Offset {
        let text = std::fs::read_to_string(&self.note).unwrap_or_default();
        let mut numbers = text
            .lines()
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .map(|number| number.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Offset { bytes: next(), lines: next() }
    }

    /// Whether a file for what is refused that is there is of this import, which was stopped.
    pub(super) fn has_refused(&self) -> bool {
        let text = std::fs::read_to_string(&self.note).unwrap_or_default();
        let made = text.split_once('\n').map(|(_, made)| Path::new(made));
        made.is_some() && made == self.aside.as_deref()
    }

    /// Remembers a place up to which all is on disk, if it is time to.
    pub(super) fn remember_sometimes(&self, place: Offset, lines: u64) -> Result<(), String> {
        if lines < self.remembered.get() + REMEMBERED_EVERY {
            return Ok(());
        }
        self.remembered.set(lines);
        self.remember(place)
    }

    /// Remembers it, and where what is refused goes: what is there from then on was made by this import.
    pub(super) fn remember(&self, place: Offset) -> Result<(), String> {
        // All of it or nothing: whoever is stopped in between goes on from the place before.
        let beside = self.note.with_file_name(BESIDE);
        let mut note = format!("{} {}", place.bytes, place.lines);
        if let Some(made) = &self.aside {
            note.push('\n');
            note.push_str(&made.to_string_lossy());
        }
        std::fs::write(&beside, note)
            .and_then(|()| std::fs::rename(&beside, &self.note))
            .map_err(|error| error.to_string())
    }

    pub(super) fn forget(&self) {
        // An import that never remembered has nothing to forget.
        drop(std::fs::remove_file(&self.note));
    }
}
