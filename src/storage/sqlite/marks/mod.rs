//! Marks of event ids: which are kept, and how they come to lie where they are looked up.
//!
//! Marks stand nowhere near each other: a round that enters them one by one writes nearly a page of the index for
//! each, and those were most of what it wrote. So a round only writes its marks together, as one *batch*, and
//! they wait, in memory and on disk, until as many wait as [`WAITING_MAX`]. From then on each round enters as
//! many as it brings, in the order of the index, round and round: these stand in few pages.

mod batches;
mod filter;
mod waiting;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

pub(super) use batches::{TABLE, each};

use self::filter::Filter;
use self::waiting::{Step, Waiting};
use super::{Sqlite, lock};
use crate::model::Mark;
use crate::storage::sql::Sql;
use crate::storage::{Changes, StorageError};

/// As many may wait. Each takes about 35 bytes of memory, and 16 to 32 on disk beside what it takes in the index.
const WAITING_MAX: usize = 1 << 18;

/// What is remembered of marks.
#[derive(Debug)]
pub(super) struct Marks {
    /// None until somebody asks, and after a failure: then it is read anew.
    waiting: Option<Waiting>,
    filter: Option<Filter>,
    /// Grows when it is to be read anew.
    life: u64,
    /// As many may wait.
    most: usize,
}

impl Default for Marks {
    fn default() -> Self {
        Self { waiting: None, filter: None, life: 0, most: WAITING_MAX }
    }
}

/// What a commit does with marks, and in which life that was decided.
pub(super) struct Turn {
    step: Step,
    life: u64,
}

impl Sqlite {
    /// Marks of `wanted` that are kept since they wait, and those that have to be looked for.
    pub(super) fn known_marks(
        &self,
        wanted: &[Mark],
    ) -> Result<(Vec<Mark>, Vec<Mark>), StorageError> {
        if wanted.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        self.with_marks(|waiting, filter, _| {
            let (kept, rest): (Vec<Mark>, Vec<Mark>) =
                wanted.iter().copied().partition(|mark| waiting.has(*mark));
            let may_be = |mark: &Mark| filter.as_ref().is_none_or(|filter| filter.may_have(*mark));
            (kept, rest.into_iter().filter(may_be).collect())
        })
    }

    /// From now on it is known which marks may be kept.
    pub(super) fn filter_marks(&self) -> Result<(), StorageError> {
        // Whoever enters marks has said so before it is on disk, or waits until this is done.
        let mut marks = lock(&self.marks);
        marks.filter = self.look(Filter::read)?;
        Ok(())
    }

    /// What a commit of `changes` is to do with marks.
    pub(super) fn marks_turn(&self, changes: &Changes) -> Result<Turn, StorageError> {
        self.with_marks(|waiting, filter, life| {
            let step = waiting.step(changes);
            // Before it is on disk: of a commit that failed nobody knows what is.
            if let Some(filter) = filter {
                step.entered.iter().for_each(|(mark, _)| filter.add(*mark));
            }
            Turn { step, life }
        })
    }

    /// It is on disk.
    pub(super) fn marks_turned(&self, turn: &Turn, changes: &Changes) {
        let mut marks = lock(&self.marks);
        if marks.life != turn.life {
            marks.waiting = None;
        }
        if let Some(waiting) = marks.waiting.as_mut() {
            waiting.turned(&turn.step, changes);
        }
    }

    /// What is on disk may be otherwise than what is remembered.
    pub(super) fn forget_waiting(&self) {
        let mut marks = lock(&self.marks);
        (marks.waiting, marks.life) = (None, marks.life + 1);
    }

    /// Marks of days before `day` wait no longer, those of a few batches; whether there were any.
    pub(super) fn expire_waiting(&self, day: i64) -> Result<bool, StorageError> {
        if self.look(batches::least_day)?.is_none_or(|least| least >= day) {
            return Ok(false);
        }
        let ended = self.change(|database| batches::expire(database, day))?;
        self.with_marks(|waiting, _, _| waiting.expired(&ended))?;
        Ok(true)
    }

    fn with_marks<T>(
        &self,
        ask: impl FnOnce(&mut Waiting, Option<&mut Filter>, u64) -> T,
    ) -> Result<T, StorageError> {
        let mut marks = lock(&self.marks);
        let Marks { waiting, filter, life, most } = &mut *marks;
        let waiting = match waiting {
            Some(waiting) => waiting,
            None => waiting.insert(self.look(|database| batches::read(database, *most))?),
        };
        Ok(ask(waiting, filter.as_mut(), *life))
    }
}

/// Writes what a round does with marks.
pub(super) fn write(
    database: &mut dyn Sql,
    turn: &Turn,
    changes: &Changes,
) -> Result<(), StorageError> {
    batches::write(database, &turn.step, changes)
}

/// What administrators forget leaves the batches too.
pub(super) fn forget(database: &mut dyn Sql, changes: &Changes) -> Result<(), StorageError> {
    let gone: HashSet<&Mark> = changes.forgotten().collect();
    if gone.is_empty() { Ok(()) } else { batches::forget(database, &gone) }
}
