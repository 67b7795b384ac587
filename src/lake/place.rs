//! Whether the files' place is the one that the catalogue means: looked for before anything is written there.
//!
//! With a setting that was forgotten, or is another's, history would lie in two places, and each would pass for all of
//! it. So the catalogue says where its files lie, and another place is taken for that one only if they are all there, or
//! lie with their database: then somebody has moved them.

use std::path::Path;

use super::LakeError;
use super::check::{Compared, compare};
use super::files::{Claim, Files, Location};
use crate::config::Config;
use crate::model::Time;
use crate::storage::{DataFile, Storage};

/// So many of the newest files are looked for in a place of the right name: one may have been lost.
const LOOKED_FOR: usize = 8;

/// A place, and the catalogue that may mean it.
pub(super) struct Place<'a> {
    storage: &'a dyn Storage,
    files: &'a Files,
    claim: Claim,
    /// Where the files lie by the catalogue; none where nobody has said it yet.
    said: Option<String>,
    /// Where they are looked for, as all who share the database call it.
    ours: String,
    /// Where that really is on this machine.
    real: String,
    /// It is another one, in one folder with the database, which was moved or copied as a whole then. What is missing
    /// there was lost: nothing else is to be found elsewhere.
    comes_along: bool,
}

impl<'a> Place<'a> {
    pub(super) fn of(storage: &'a dyn Storage, files: &'a Files) -> Result<Self, LakeError> {
        let (said, claim, real) = (storage.located()?, Claim::Ours, files.location());
        let ours = if storage.is_shared() { files.shared_location() } else { real.clone() };
        let comes_along = false;
        let place = Self { storage, files, claim, said, ours, real, comes_along };
        let comes_along = !place.is_said()
            && !storage.is_shared()
            && files.are_beside()
            && holds_some(|path| files.has(path), &storage.files()?);
        Ok(Self { comes_along, ..place })
    }

    /// Leaves our mark there, but in no place that is refused: it would keep out whose that is.
    pub(super) fn claimed(self, installation: &str) -> Result<Self, LakeError> {
        let is_another = self.said.is_some() && !self.is_said() && !self.comes_along;
        if is_another && !self.storage.files()?.is_empty() {
            self.must_hold_all()?;
        }
        let claim = self.files.claim(installation)?;
        if let Claim::NotNow(why) = &claim {
            tracing::warn!(why, "history cannot be reached now; it is tried again");
        }
        Ok(Self { claim, ..self })
    }

    /// Takes the place for a server: from now on the catalogue says that its files lie there. By which names it is
    /// known.
    pub(super) fn take(self, now: Time) -> Result<Vec<String>, LakeError> {
        if self.is_said() {
            self.must_be_it()?;
        } else if !self.comes_along {
            self.must_hold_all()?;
        }
        let said = self.said.as_ref().filter(|_| self.is_said());
        self.storage.locate(said.unwrap_or(&self.ours), now)?;
        Ok(self.names())
    }

    /// Finds the place beside a server, which may be of another version: the catalogue stays as it is. A copy of
    /// all files is no place to put more into while the server goes on in the other.
    pub(super) fn find(self, now: Time) -> Result<Vec<String>, LakeError> {
        let Some(said) = self.said.as_deref() else { return self.take(now) };
        if !self.is_said() && !self.comes_along {
            return Err(lies_elsewhere(said, &self.ours));
        }
        self.storage.must_have_columns()?;
        if self.comes_along {
            // Nobody else has the database that was moved with them.
            self.storage.locate(&self.ours, now)?;
        } else {
            self.must_be_it()?;
        }
        Ok(self.names())
    }

    /// One name or the other: several nodes may know it by where it is on the machine of the one that came first.
    fn is_said(&self) -> bool {
        self.said.as_ref().is_some_and(|said| [&self.ours, &self.real].contains(&said))
    }

    /// All names by which it is known to be that place.
    fn names(self) -> Vec<String> {
        let mut names = vec![self.ours, self.real];
        names.dedup();
        names
    }

    /// A place of the same name may be another one on another machine. One that lacks every file is, where there
    /// are several; else they were lost, and what comes now is taken all the same.
    fn must_be_it(&self) -> Result<(), LakeError> {
        let known = self.storage.files()?;
        let is_it = matches!(self.claim, Claim::NotNow(_))
            || holds_some(|path| self.files.has(path), &known);
        let Some(last) = known.last().filter(|_| !is_it) else { return Ok(()) };
        let none = format!("none of the newest is, such as {}", last.path);
        if self.storage.is_shared() && self.files.is_folder() {
            return Err(self.elsewhere(known.len(), &none));
        }
        tracing::error!(
            place = self.ours,
            file = last.path,
            "none of the newest files of history is there"
        );
        Ok(())
    }

    /// Every file of the catalogue; and where there are none yet, nobody's: what belongs to nobody would be removed
    /// as what a crash has left.
    fn must_hold_all(&self) -> Result<(), LakeError> {
        if let Claim::NotNow(why) = &self.claim {
            // Of none yet none can be missing, and a start does not wait for S3.
            if self.storage.files()?.is_empty() {
                return Ok(());
            }
            return Err(LakeError::Setting(format!(
                "nobody knows whether history lies there: {why}"
            )));
        }
        let Compared { known, wrong, unknown, .. } = compare(self.storage, || self.files.list())?;
        if let Some(first) = wrong.first() {
            let not_all = format!("{} are not as they were written: {first}", wrong.len());
            return Err(self.elsewhere(known, &not_all));
        }
        match unknown.first().filter(|_| known == 0) {
            Some(first) => Err(self.somebodys(unknown.len(), first)),
            None => Ok(()),
        }
    }

    fn elsewhere(&self, known: usize, what: &str) -> LakeError {
        let (said, ours) = (self.said.as_deref().unwrap_or("another place"), &self.ours);
        LakeError::Setting(format!(
            "history lies in {said} by its catalogue; of its {known} files, in {ours}, where `events_url` leads, \
             {what}. Set `events_url` to where they lie; or, to move them, copy all of them to the new place first, \
             under the same names. Files that are lost for good are given up by `kith events forget-lost`"
        ))
    }

    fn somebodys(&self, many: usize, first: &str) -> LakeError {
        let ours = &self.ours;
        LakeError::Setting(format!(
            "in {ours} lie {many} Parquet files of which this database knows nothing, {first} for one. Is another \
             database meant, or another `events_url`? What nobody needs is to be moved away first"
        ))
    }
}

/// For a command that only reads, beside a server: whether the settings lead to where the catalogue has its files. Where
/// they do not, every file would seem to be missing. Nothing is opened for that, and nothing made.
///
/// # Errors
/// [`LakeError::Setting`] where they lead elsewhere.
pub fn must_lead_to_files(config: &Config, storage: &dyn Storage) -> Result<(), LakeError> {
    let ours = Location::of(config)?;
    let Some(said) = storage.located()?.filter(|said| !ours.is_called(said)) else { return Ok(()) };
    let known = storage.files()?;
    let is_beside = config.events_url.trim().is_empty() && !storage.is_shared();
    let has = |folder: &Path| holds_some(|path| folder.join(path).exists(), &known);
    let comes_along = matches!(&ours, Location::Folder(folder) if is_beside && has(folder));
    // Of none yet none can be missing.
    if known.is_empty() || comes_along {
        Ok(())
    } else {
        Err(lies_elsewhere(&said, &ours.to_string()))
    }
}

fn lies_elsewhere(said: &str, ours: &str) -> LakeError {
    LakeError::Setting(format!(
        "history lies in {said} by its catalogue, and `events_url` leads to {ours}: set it as the server has it, or \
         start the server with it first"
    ))
}

/// Whether one of the newest is there.
fn holds_some(has: impl Fn(&str) -> bool, known: &[DataFile]) -> bool {
    known.iter().rev().take(LOOKED_FOR).any(|file| has(&file.path))
}
