//! Retention: events older than their source or their type keeps them leave the files.

use std::time::Duration;

use super::engine::{literal, literals};
use super::parquet::{Grouping, Selection};
use super::{Lake, LakeError};
use crate::model::{EventType, Source, Time};
use crate::registry::Snapshot;
use crate::storage::{DataFile, NewFile};

/// One day.
const DAY: Duration = Duration::from_secs(86_400);

/// What a retention run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Events that are gone.
    pub events: u64,
    /// Files that were rewritten or ended.
    pub files: usize,
}

/// What is too old, as a condition of SQL, and the youngest moment at which anything can be.
struct TooOld {
    condition: String,
    before: Time,
}

impl Lake {
    /// Removes what is older than its source or its type keeps it, counted in whole days, so that a file is
    /// rewritten once a day at most. Files that cannot be read are left aside.
    ///
    /// # Errors
    /// See [`LakeError`]; files rewritten so far stay rewritten.
    pub fn expire(&self, known: &Snapshot) -> Result<Expired, LakeError> {
        let mut done = Expired::default();
        let Some(too_old) = self.too_old(known) else { return Ok(done) };
        for file in self.storage.files()? {
            if file.from < too_old.before && !self.is_damaged(&file) {
                let gone = match self.remove(&file, &too_old.condition, false) {
                    Err(error) if self.leave_damaged(&error, std::slice::from_ref(&file))? => 0,
                    gone => gone?,
                };
                done.events += gone;
                done.files += usize::from(gone > 0);
            }
        }
        Ok(done)
    }

    fn too_old(&self, known: &Snapshot) -> Option<TooOld> {
        let sources = known.all::<Source>().into_iter().map(|source| &source.entity);
        let sources: Vec<_> = sources.filter(|source| source.retention_days > 0).collect();
        let today = Time::from_micros(self.now().day() * 86_400_000_000);
        let before =
            |days: u64| today.minus(DAY.saturating_mul(u32::try_from(days).unwrap_or(u32::MAX)));
        let mut conditions = Vec::new();
        let mut youngest = None;
        let mut add = |which: String, days: u64| {
            if days > 0 {
                let moment = before(days);
                conditions.push(format!("({which} AND time < TIMESTAMPTZ '{moment}')"));
                youngest = youngest.max(Some(moment));
            }
        };
        for source in &sources {
            let id = literal(source.id.as_str());
            add(format!("source_id = {id}"), source.retention_days);
        }
        let own = literals(sources.iter().map(|source| source.id.as_str()));
        let others = if sources.is_empty() {
            "true".to_owned()
        } else {
            format!("source_id NOT IN ({own})")
        };
        add(others, self.config.retention_days);
        for one in known.all::<EventType>().into_iter().filter(|one| one.entity.enabled) {
            add(format!("type = {}", literal(&one.entity.id)), one.entity.retention_days);
        }
        let before = youngest?;
        Some(TooOld { condition: conditions.join(" OR "), before })
    }

    /// Rewrites `file` without the events that `condition` picks. How many those were.
    pub(super) fn remove(
        &self,
        file: &DataFile,
        condition: &str,
        at_once: bool,
    ) -> Result<u64, LakeError> {
        let _job = self.job();
        if !self.are_there(std::slice::from_ref(file))? {
            return Ok(0);
        }
        let (gone, added) = self.write_rest(file, condition)?;
        if gone == 0 {
            return Ok(0);
        }
        Ok(if self.replace(vec![file.clone()], added, gone, at_once)? { gone } else { 0 })
    }

    /// How many events `condition` picks, and a file of the others, in their order, if there are
    /// both.
    fn write_rest(
        &self,
        file: &DataFile,
        condition: &str,
    ) -> Result<(u64, Vec<NewFile>), LakeError> {
        let mut workshop = self.workshop()?;
        let held = self.files.for_job(&[file])?;
        let all = format!("FROM {}", held.sql().unwrap_or_default());
        let gone = workshop.count(format!("SELECT count(*)::VARCHAR {all} WHERE {condition}"))?;
        let mut added = Vec::new();
        if gone > 0 && gone < file.rows {
            let sql = format!("SELECT * {all} WHERE ({condition}) IS NOT TRUE");
            let (day, grouping) = (file.day(), Grouping::Lasting);
            added.push(self.write_lasting(&mut workshop, Selection { sql, day, grouping })?);
        }
        Ok((gone, added))
    }
}
