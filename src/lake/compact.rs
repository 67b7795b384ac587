//! Many small files of a day into few large ones: fewer to open, and people's events side by side.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use super::parquet::{Grouping, Selection};
use super::{Lake, LakeError};
use crate::storage::{DataFile, LakeChange, Landed, NewFile};

/// Files that are together no more than this part of a file that stays are merged whenever they are many.
const CHEAP: u64 = 16;
/// How many times as many files may wait for what makes one that stays.
const PATIENCE: usize = 4;

/// One group is merged at a time while so many times as much is in the tail as a flush waits for: the flush comes
/// first. After an import of years it fell behind, since it had its turn once for each group, and whoever asks has all
/// of the tail in memory.
const BEHIND: u64 = 4;

/// What a compaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Files that were replaced.
    pub replaced: usize,
    /// Files they became.
    pub files: usize,
}

/// How eager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eagerness {
    /// Days that are over, and days with many small files.
    WhenWorthIt,
    /// Every day that has more than one small file.
    Everything,
}

impl Lake {
    /// Merges small files, a group at a time; each group is a job of its own, so that flushes and
    /// erasures get their turn. A server that ends waits for one group. Files that cannot be read are left aside.
    ///
    /// # Errors
    /// See [`LakeError`]; groups merged so far stay merged.
    pub fn compact(&self, eagerness: Eagerness) -> Result<Compacted, LakeError> {
        let mut done = Compacted::default();
        self.take_up_damaged();
        while let Some(group) = self.worth_merging(eagerness)? {
            match self.merge(&group) {
                Ok(true) => {
                    done.replaced += group.len();
                    done.files += 1;
                    let waits = eagerness == Eagerness::WhenWorthIt && self.is_behind()?;
                    if waits || self.is_closing() {
                        break;
                    }
                }
                Ok(false) => break,
                Err(LakeError::TooLarge) => self.leave(&group),
                Err(error) if self.leave_damaged(&error, &group)? => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    /// Whether more comes in than is flushed.
    fn is_behind(&self) -> Result<bool, LakeError> {
        Ok(self.is_full(&self.storage.tail_size()?, BEHIND))
    }

    /// Small files of one day that would make one file.
    fn worth_merging(&self, eagerness: Eagerness) -> Result<Option<Vec<DataFile>>, LakeError> {
        let today = self.now().day();
        let mut days: BTreeMap<Option<i64>, Vec<DataFile>> = BTreeMap::new();
        for file in self.storage.files()? {
            if file.bytes < self.config.file_bytes_min && !self.is_left(&file) {
                days.entry(file.day()).or_default().push(file);
            }
        }
        let is_eager = |day: Option<i64>| {
            eagerness == Eagerness::Everything || day.is_some_and(|day| day < today)
        };
        let is_enough = |day, files: &[DataFile]| {
            files.len() >= if is_eager(day) { 2 } else { self.enough(files) }
        };
        let found = days.into_iter().find(|(day, files)| is_enough(*day, files));
        Ok(found.map(|(day, mut files)| {
            files.sort_by_key(|file| (file.bytes, file.id));
            if !is_eager(day) {
                leave_large(&mut files);
            }
            self.first_group(files)
        }))
    }

    /// How many small files a day that goes on may have. What they become stays, or is soon written again: else
    /// they wait for more.
    fn enough(&self, files: &[DataFile]) -> usize {
        let bytes: u64 = files.iter().map(|file| file.bytes).sum();
        let is_cheap = bytes <= self.config.file_bytes_min / CHEAP;
        let stays = bytes >= self.config.file_bytes_min;
        let many = self.config.files_per_day_max.max(2);
        if is_cheap || stays { many } else { many.saturating_mul(PATIENCE) }
    }

    /// The smallest first, as many as fit into one file, two at least.
    fn first_group(&self, mut files: Vec<DataFile>) -> Vec<DataFile> {
        let mut bytes = 0;
        let fits = files.iter().take_while(|file| {
            bytes += file.bytes;
            bytes <= self.config.file_bytes_max
        });
        let many = fits.count().max(2);
        files.truncate(many);
        files
    }

    /// Events so large that memory does not hold a few hundred of them are left where they are.
    fn leave(&self, files: &[DataFile]) {
        let files = files.iter().map(|file| file.path.clone());
        self.left.lock().unwrap_or_else(PoisonError::into_inner).extend(files);
        tracing::warn!(
            "files whose events are very large are not merged: memory does not hold them"
        );
    }

    fn is_left(&self, file: &DataFile) -> bool {
        self.is_damaged(file)
            || self.left.lock().unwrap_or_else(PoisonError::into_inner).contains(&file.path)
    }

    /// One job. False when somebody else has replaced one of them meanwhile.
    fn merge(&self, files: &[DataFile]) -> Result<bool, LakeError> {
        let _job = self.job();
        if !self.are_there(files)? {
            return Ok(false);
        }
        let days: Vec<Option<i64>> = files.iter().map(DataFile::day).collect();
        let day =
            days.first().copied().flatten().filter(|day| days.iter().all(|d| *d == Some(*day)));
        let is_over = day.is_some_and(|day| day < self.now().day());
        let bytes: u64 = files.iter().map(|file| file.bytes).sum();
        let stays = is_over || bytes >= self.config.file_bytes_min;
        let grouping = if stays { Grouping::Lasting } else { Grouping::Passing };
        let file = self.write_merged(files, day, grouping)?;
        self.replace(files.to_vec(), vec![file], 0, false)
    }

    fn write_merged(
        &self,
        files: &[DataFile],
        day: Option<i64>,
        grouping: Grouping,
    ) -> Result<NewFile, LakeError> {
        let mut workshop = self.workshop()?;
        let parts = self.sort(&mut workshop, files)?;
        self.write_lasting(&mut workshop, Selection { sql: parts.sql(), day, grouping })
    }

    /// Whether all of these hold history still. They stay for as long as the job of who asks.
    pub(super) fn are_there(&self, files: &[DataFile]) -> Result<bool, LakeError> {
        let known = self.storage.files()?;
        Ok(files.iter().all(|file| known.iter().any(|known| known.id == file.id)))
    }

    /// Puts new files into the place of old ones, without the `gone` events that are not to be in
    /// them. False when somebody was faster.
    pub(super) fn replace(
        &self,
        ended: Vec<DataFile>,
        added: Vec<NewFile>,
        gone: u64,
        at_once: bool,
    ) -> Result<bool, LakeError> {
        let before: u64 = ended.iter().map(|file| file.rows).sum();
        let after: u64 = added.iter().map(|file| file.rows).sum();
        if before != after + gone {
            self.discard(&added);
            let said = format!("{after} events were written of {before}, {gone} of them to go");
            return Err(LakeError::Defect(said));
        }
        let (time, places) = (self.now(), self.places.clone());
        let change = LakeChange { time, added, places, ended, at_once, ..LakeChange::default() };
        if self.storage.commit_lake(&change)? == Landed::Done {
            return Ok(true);
        }
        self.discard(&change.added);
        Ok(false)
    }
}

/// Files larger than all smaller ones together wait until those have grown: otherwise a day's events would be
/// written again with every few files. Sorted by size; two stay at least.
fn leave_large(files: &mut Vec<DataFile>) {
    let mut others: u64 = files.iter().map(|file| file.bytes).sum();
    while let Some(largest) = files.last().filter(|_| files.len() > 2) {
        others -= largest.bytes;
        if largest.bytes <= others {
            break;
        }
        files.pop();
    }
}
