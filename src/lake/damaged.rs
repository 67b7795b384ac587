//! Files that cannot be read: found where a job fails over them, told of once, and left aside, so that the others go on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use super::{Lake, LakeError, whole};
use crate::storage::DataFile;

/// So long one is left aside before it is tried again: somebody may have brought it back.
const ASIDE: Duration = Duration::from_secs(3600);
/// So many are told of by their names. More are counted, and `kith check` names all of them.
const TOLD_MAX: usize = 8;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Damaged {
    /// Each with when it was found, by the clock's `elapsed`.
    files: BTreeMap<String, Duration>,
    told: BTreeSet<String>,
}

impl Damaged {
    /// Those that are tried again by now are none.
    fn forget_old(&mut self, now: Duration) {
        self.files.retain(|_, found| now.saturating_sub(*found) < ASIDE);
    }

    fn put(&mut self, file: &str, now: Duration, why: &str) {
        self.files.insert(file.to_owned(), now);
        if self.told.len() >= TOLD_MAX || !self.told.insert(file.to_owned()) {
            return;
        }
        tracing::error!(
            file,
            why,
            "a file of history cannot be read; it is left aside, and the others go on"
        );
        if self.told.len() == TOLD_MAX {
            tracing::error!("more of them are not named here; `kith check` names all");
        }
    }
}

impl LakeError {
    /// Whether a file may be what has failed, as far as its reader can tell.
    fn is_of_a_file(&self) -> bool {
        matches!(self, Self::Disk(_) | Self::Missing(_) | Self::Question(_))
    }
}

impl Lake {
    /// After a job has failed over these files: whether some of them cannot be read, which are left aside from now on. It
    /// has failed over something else otherwise.
    pub(super) fn leave_damaged(
        &self,
        error: &LakeError,
        files: &[DataFile],
    ) -> Result<bool, LakeError> {
        let mut is_any = false;
        for file in files.iter().filter(|_| error.is_of_a_file()) {
            if let Some(why) = self.fault(file)? {
                self.damaged().put(&file.path, self.clock.elapsed(), &why);
                is_any = true;
            }
        }
        self.tell_damaged();
        Ok(is_any)
    }

    /// Whether it was left aside.
    pub(super) fn is_damaged(&self, file: &DataFile) -> bool {
        self.damaged().files.contains_key(&file.path)
    }

    /// Tries again what was left aside for long.
    pub(super) fn take_up_damaged(&self) {
        self.damaged().forget_old(self.clock.elapsed());
        self.tell_damaged();
    }

    /// How many files are left aside since they cannot be read.
    #[must_use]
    pub fn damaged_files(&self) -> usize {
        self.damaged().files.len()
    }

    fn tell_damaged(&self) {
        self.telemetry.damaged_files(self.damaged_files());
    }

    fn damaged(&self) -> MutexGuard<'_, Damaged> {
        self.damaged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is wrong with a file, where it holds history still.
    fn fault(&self, file: &DataFile) -> Result<Option<String>, LakeError> {
        let _job = self.job();
        if !self.are_there(std::slice::from_ref(file))? {
            return Ok(None);
        }
        let held = match self.files.for_job(&[file]) {
            Err(LakeError::Missing(why)) => return Ok(Some(why)),
            held => held?,
        };
        let Some(path) = held.paths().first() else { return Ok(None) };
        match whole::events(&mut self.workshop()?, path) {
            Ok(events) if events == file.rows => Ok(None),
            Ok(events) => Ok(Some(format!("it has {events} events, not {}", file.rows))),
            Err(error) if error.is_of_a_file() => Ok(Some(error.to_string())),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_left_aside_for_an_hour_and_told_of_once() {
        let mut damaged = Damaged::default();
        let second = Duration::from_secs(1);
        for at in [Duration::ZERO, second] {
            damaged.put("a", at, "why");
        }
        damaged.forget_old(ASIDE);
        assert!(damaged.files.contains_key("a"), "found again a second later");
        damaged.forget_old(ASIDE + second);
        assert!(damaged.files.is_empty());
        damaged.put("a", ASIDE, "why");
        assert_eq!(damaged.told.len(), 1);
        for number in 0..100 {
            damaged.put(&number.to_string(), ASIDE, "why");
        }
        assert_eq!((damaged.told.len(), damaged.files.len()), (TOLD_MAX, 101));
    }
}
