//! Files that are lost for good: taken out of the catalogue, so that history goes on without what was in them.

use super::LakeError;
use super::check::compare;
use super::files::{Files, Location, S3Access};
use crate::config::Config;
use crate::model::Time;
use crate::storage::{DataFile, LakeChange, Landed, Storage};

/// Files of the catalogue that are not as they were written where the settings lead. It needs no open lake, since none
/// opens where all of them should be and some are not.
#[derive(Debug)]
pub struct Lost {
    /// Where they were looked for.
    pub place: String,
    location: Location,
    /// How many the catalogue knows.
    pub known: usize,
    /// What is wrong with those that are lost, one sentence each.
    pub said: Vec<String>,
    files: Vec<DataFile>,
}

impl Lost {
    /// Looks for them; changes nothing.
    ///
    /// # Errors
    /// See [`LakeError`]: nothing is lost where nobody knows it.
    pub fn find(config: &Config, storage: &dyn Storage, s3: &S3Access) -> Result<Self, LakeError> {
        let location = Location::of(config)?;
        let found = compare(storage, || Files::in_place(config, s3))?;
        let place = location.to_string();
        Ok(Self { place, location, known: found.known, said: found.wrong, files: found.lost })
    }

    /// Where the catalogue has the files, if that is another place and none of them is here: then a setting is forgotten,
    /// rather than all of history lost.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn elsewhere(&self, storage: &dyn Storage) -> Result<Option<String>, LakeError> {
        if self.said.len() < self.known {
            return Ok(None);
        }
        Ok(storage.located()?.filter(|said| !self.location.is_called(said)))
    }

    /// How many events were in them.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Takes them out of the catalogue. What is still there of them leaves the place as replaced files do.
    ///
    /// # Errors
    /// See [`LakeError`]; nothing is changed then, as far as anybody can know.
    pub fn forget(self, storage: &dyn Storage, now: Time) -> Result<(), LakeError> {
        if self.files.is_empty() {
            return Ok(());
        }
        let change = LakeChange { time: now, ended: self.files, ..LakeChange::default() };
        match storage.commit_lake(&change)? {
            Landed::Done => Ok(()),
            Landed::Overtaken => Err(LakeError::Again("others changed the same files".to_owned())),
        }
    }
}
