//! Events that must go, looked for in the tail and in every file, and taken out.
//!
//! Files are searched a few at a time: all of them may be more than this machine has room for.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::workshop::{Row, Workshop};
use super::{Lake, LakeError};
use crate::events::{Gone, Rows};
use crate::storage::DataFile;

/// Files that are here for a search at one time.
const FILES_AT_ONCE: usize = 8;
/// How often all files are looked through, should others replace files meanwhile.
const PASSES_MAX: usize = 8;

/// An event as repetitions of it are known.
pub(super) struct Named {
    pub(super) source: String,
    pub(super) id: String,
    /// The visit that it happened in.
    pub(super) session: Option<String>,
}

/// What was taken out of files.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TakenOut {
    pub(super) events: u64,
    pub(super) files: usize,
}

impl Lake {
    /// The events in the tail that `gone` picks.
    pub(super) fn found_in_tail(&self, gone: &Gone) -> Result<Vec<Named>, LakeError> {
        let mut found = HashSet::new();
        self.storage.tail(&mut |row| {
            if let Ok(rows) = Rows::unpack(&row.packed) {
                found.extend(rows.named(gone));
            }
            ControlFlow::Continue(())
        })?;
        let named = |(source, id, session)| Named { source, id, session };
        Ok(found.into_iter().map(named).collect())
    }

    /// Rounds are rewritten while others are written: whoever finds some left tries again.
    pub(super) fn must_have_left_the_tail(&self, gone: &Gone) -> Result<(), LakeError> {
        match self.found_in_tail(gone)?.len() {
            0 => Ok(()),
            left => Err(LakeError::Again(format!("{left} events are left to be erased"))),
        }
    }

    /// Takes the events that `condition` picks out of every file. `found` hears of them before they
    /// go. Other processes may replace files meanwhile, so it goes on until each file that there is
    /// was searched: a file that held none of them never will. It goes on past files that cannot be read, and fails then.
    pub(super) fn erase_files(
        &self,
        condition: &str,
        at_once: bool,
        mut found: impl FnMut(&[Named]) -> Result<(), LakeError>,
    ) -> Result<TakenOut, LakeError> {
        let (mut clean, mut done) = (HashSet::new(), TakenOut::default());
        let mut unread = None;
        for _ in 0..PASSES_MAX {
            let mut files = self.storage.files()?;
            files.retain(|file| !clean.contains(&file.id));
            if files.is_empty() {
                return unread.map_or(Ok(done), Err);
            }
            let mut waiting: Vec<&[DataFile]> = files.chunks(FILES_AT_ONCE).rev().collect();
            while let Some(some) = waiting.pop() {
                match self.erase_some(some, (condition, at_once), &mut found, &mut done) {
                    Ok(held_none) => clean.extend(held_none),
                    Err(error) if self.leave_damaged(&error, some)? => match some {
                        [file] => {
                            clean.insert(file.id);
                            let why = format!("the file {} cannot be searched: {error}", file.path);
                            unread = Some(LakeError::Disk(why));
                        }
                        // Those beside it are searched all the same.
                        _ => waiting.extend(some.chunks(1)),
                    },
                    Err(error) => return Err(error),
                }
            }
        }
        Err(LakeError::Again("files are replaced faster than they are searched".to_owned()))
    }

    /// The same of a few files. The ids of those that held none; none where one of the files has gone.
    fn erase_some(
        &self,
        files: &[DataFile],
        (condition, at_once): (&str, bool),
        found: &mut impl FnMut(&[Named]) -> Result<(), LakeError>,
        done: &mut TakenOut,
    ) -> Result<Vec<i64>, LakeError> {
        let mut held_none = Vec::new();
        let searched = self.search_if_there(files, condition)?.unwrap_or_default();
        for (file, events) in files.iter().zip(searched) {
            if events.is_empty() {
                held_none.push(file.id);
                continue;
            }
            found(&events)?;
            let gone = self.remove(file, condition, at_once)?;
            done.events += gone;
            done.files += usize::from(gone > 0);
        }
        Ok(held_none)
    }

    /// None when one of the files has gone: somebody has replaced it, and the next pass knows it.
    fn search_if_there(
        &self,
        files: &[DataFile],
        condition: &str,
    ) -> Result<Option<Vec<Vec<Named>>>, LakeError> {
        match self.search(files, condition) {
            Err(_) if !self.are_there(files)? => Ok(None),
            searched => searched.map(Some),
        }
    }

    /// What `condition` picks in each of `files`. They are fetched first: others' work goes on
    /// meanwhile.
    fn search(&self, files: &[DataFile], condition: &str) -> Result<Vec<Vec<Named>>, LakeError> {
        let held = self.files.for_job(&files.iter().collect::<Vec<_>>())?;
        let mut workshop = self.workshop()?;
        held.each().map(|file| named(&mut workshop, &file, condition)).collect()
    }
}

/// The events of `from` that `condition` picks.
fn named(
    workshop: &mut Workshop<'_>,
    from: &str,
    condition: &str,
) -> Result<Vec<Named>, LakeError> {
    let rows = workshop
        .rows(format!("SELECT DISTINCT source_id, id, session_id FROM {from} WHERE {condition}"))?;
    Ok(rows.into_iter().map(of_row).collect())
}

fn of_row(row: Row) -> Named {
    let mut texts = row.into_iter();
    let mut next = || texts.next().flatten();
    Named { source: next().unwrap_or_default(), id: next().unwrap_or_default(), session: next() }
}
