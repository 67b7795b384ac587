//! From the tail into files, a portion at a time: one file for each day the events are of.

use std::collections::HashMap;
use std::sync::Arc;

use super::lines::of_lines;
use super::parquet::{Grouping, Selection};
use super::workshop::Slice;
use super::{Lake, LakeError};
use crate::storage::{LakeChange, Landed, NewFile, Portion, Through, Waiting};

/// What moves at a time. DuckDB took about six times as many bytes while it sorted and wrote them.
const PORTION: Portion = Portion { events: 65_536, bytes: 24 << 20 };

/// What a flush did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flushed {
    /// Events that moved.
    pub events: u64,
    /// Files they moved into.
    pub files: usize,
    /// Whether others wait behind them.
    pub more: bool,
    /// Somebody else was faster: what was written was for nothing.
    pub is_overtaken: bool,
}

impl Lake {
    /// Moves what is in the tail now into files.
    ///
    /// # Errors
    /// See [`LakeError`]; portions moved so far stay moved.
    pub fn flush(&self) -> Result<Flushed, LakeError> {
        let mut done = Flushed { more: true, ..Flushed::default() };
        while done.more {
            let some = self.flush_some()?;
            done.events += some.events;
            done.files += some.files;
            done.more = some.more;
        }
        Ok(done)
    }

    /// Moves the oldest portion.
    ///
    /// # Errors
    /// As [`Lake::flush_of`].
    pub fn flush_some(&self) -> Result<Flushed, LakeError> {
        self.flush_of(None)
    }

    /// Moves the oldest portion of `streams`, or of all. In one commit the files enter the catalogue and the tail's marks
    /// move: before it nobody knows of the files, after it nobody reads the rounds. When that commit
    /// fails, nobody knows whether it is on disk, so the files stay, and the sweep decides.
    ///
    /// # Errors
    /// See [`LakeError`]; nothing was moved then, as far as anybody can know.
    pub fn flush_of(&self, streams: Option<&[Arc<str>]>) -> Result<Flushed, LakeError> {
        let _job = self.job();
        let waiting = self.storage.waiting(PORTION, streams)?;
        if waiting.rows.is_empty() {
            return Ok(Flushed::default());
        }
        // The commit is not in it: it must not be slow, since rounds wait for it.
        let added = self.write_days(&waiting)?;
        let events = added.iter().map(|file| file.rows).sum();
        let change = LakeChange {
            time: self.now(),
            edition: Some(waiting.edition),
            flushed: moves(&waiting),
            added,
            places: self.places.clone(),
            ..LakeChange::default()
        };
        match self.storage.commit_lake(&change)? {
            Landed::Done => Ok(Flushed {
                events,
                files: change.added.len(),
                more: waiting.more,
                is_overtaken: false,
            }),
            Landed::Overtaken => {
                self.discard(&change.added);
                Ok(Flushed { is_overtaken: true, ..Flushed::default() })
            }
        }
    }

    fn write_days(&self, waiting: &Waiting) -> Result<Vec<NewFile>, LakeError> {
        let mut workshop = self.workshop()?;
        let mut slices = workshop.take(&waiting.rows)?;
        let mut files = Vec::new();
        // From the last on: a slice that memory does not hold goes back as two halves.
        while let Some(slice) = slices.pop() {
            let written = match self.write(&mut workshop, &selection(&slice)) {
                Err(LakeError::TooLarge) if slice.lines > 1 => {
                    workshop.halve(&slice).map(|halves| slices.extend(halves))
                }
                written => {
                    written.map(|file| files.extend(Some(file).filter(|file| file.rows > 0)))
                }
            };
            if let Err(error) = written {
                self.discard(&files);
                return Err(error);
            }
        }
        Ok(files)
    }
}

fn selection(slice: &Slice) -> Selection {
    // They are in order already, and the one thread that reads them keeps it.
    Selection { sql: of_lines(slice.number, ""), day: slice.day, grouping: Grouping::Fresh }
}

/// Streams whose mark moves: from which round to which.
fn moves(waiting: &Waiting) -> Vec<(Through, u64)> {
    let mut last: HashMap<&str, u64> = HashMap::new();
    for row in &waiting.rows {
        last.insert(&row.at.stream, row.at.seq);
    }
    let marks = waiting.marks.iter();
    let moves = marks.map(|(stream, mark)| {
        let from = Through { stream: stream.clone(), seq: *mark };
        (from, last.get(stream.as_ref()).copied().unwrap_or(*mark))
    });
    moves.collect()
}
