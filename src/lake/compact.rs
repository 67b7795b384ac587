//! Many small files of a day into few large ones: fewer to open, and people's events side by side.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use super::{Lake, LakeError};
use crate::storage::{DataFile, LakeChange, Landed, NewFile};

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
    /// erasures get their turn.
    ///
    /// # Errors
    /// See [`LakeError`]; groups merged so far stay merged.
    pub fn compact(&self, eagerness: Eagerness) -> Result<Compacted, LakeError> {
        let mut done = Compacted::default();
        while let Some(group) = self.worth_merging(eagerness)? {
            match self.merge(&group) {
                Ok(true) => {
                    done.replaced += group.len();
                    done.files += 1;
                }
                Ok(false) => break,
                Err(LakeError::TooLarge) => self.leave(&group),
                Err(error) => return Err(error),
            }
        }
        Ok(done)
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
        let enough = |day: Option<i64>, files: usize| {
            let is_over = day.is_some_and(|day| day < today);
            let eager = eagerness == Eagerness::Everything || is_over;
            files >= if eager { 2 } else { self.config.files_per_day_max.max(2) }
        };
        let found = days.into_iter().find(|(day, files)| enough(*day, files.len()));
        Ok(found.map(|(_, files)| self.first_group(files)))
    }

    /// The smallest first, as many as fit into one file, two at least.
    fn first_group(&self, mut files: Vec<DataFile>) -> Vec<DataFile> {
        files.sort_by_key(|file| (file.bytes, file.id));
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
        self.left.lock().unwrap_or_else(PoisonError::into_inner).contains(&file.path)
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
        let file = self.light.run(|| self.write_merged(files, day))?;
        self.replace(files.to_vec(), vec![file], 0, false)
    }

    fn write_merged(&self, files: &[DataFile], day: Option<i64>) -> Result<NewFile, LakeError> {
        let connection = self.workshop()?;
        let parts = self.sort(&connection, files)?;
        self.write_lasting(&connection, &parts.sql(), day)
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
        let change =
            LakeChange { time: self.now(), added, ended, at_once, ..LakeChange::default() };
        if self.storage.commit_lake(&change)? == Landed::Done {
            return Ok(true);
        }
        self.discard(&change.added);
        Ok(false)
    }
}
