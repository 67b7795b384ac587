//! Marks of a round, written together, until all of them are in the index.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::waiting::{Place, Step, Waiting};
use crate::model::Mark;
use crate::storage::sql::{Row, Sql, values};
use crate::storage::{Changes, StorageError};

/// One row a round; `marks` has the two halves of each, as the index does, of eight bytes, the lowest first. `turn` and
/// `next` say how far marks were entered when it was written.
pub(in super::super) const TABLE: &str = "
CREATE TABLE mark_batch (
    number INTEGER NOT NULL PRIMARY KEY, day BIGINT NOT NULL,
    turn BIGINT NOT NULL, next BIGINT NOT NULL, marks BLOB NOT NULL
);
";
const COLUMNS: &str = "SELECT number, day, turn, next, marks FROM mark_batch";

/// Batches that are removed with a round, which writes one.
const ENDED_MAX: i64 = 4;
/// Batches that are removed at once beside the rounds.
const EXPIRED_MAX: i64 = 100;
/// Bytes of a mark.
const WIDTH: usize = 16;

/// A row.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) number: i64,
    pub(super) day: i64,
    pub(super) place: Place,
    pub(super) marks: Vec<Mark>,
}

/// All that wait.
pub(super) fn read(database: &mut dyn Sql, most: usize) -> Result<Waiting, StorageError> {
    let all = format!("{COLUMNS} ORDER BY number");
    Ok(Waiting::of(database.all(&all, &[], batch)?, most))
}

/// What is done with the day and the marks of a batch.
pub(in super::super) type Visit<'a> = dyn FnMut(i64, &[Mark]) -> Result<(), StorageError> + 'a;

/// Shows the day and the marks of each batch.
pub(in super::super) fn each(
    database: &mut dyn Sql,
    visit: &mut Visit<'_>,
) -> Result<(), StorageError> {
    database.each(COLUMNS, &[], &mut |row| {
        let Batch { day, marks, .. } = batch(row)?;
        visit(day, &marks)?;
        Ok(ControlFlow::Continue(()))
    })
}

fn batch(row: &dyn Row) -> Result<Batch, StorageError> {
    let marks = row.bytes(4)?.chunks_exact(WIDTH).map(|bytes| {
        let half = |at: usize| {
            let half = bytes.get(at..at + WIDTH / 2).and_then(|half| half.try_into().ok());
            i64::from_le_bytes(half.unwrap_or_default())
        };
        Mark::of([half(0), half(WIDTH / 2)])
    });
    let place = Place { turn: row.number(2)?, next: row.number(3)? };
    Ok(Batch { number: row.number(0)?, day: row.number(1)?, place, marks: marks.collect() })
}

fn packed<'a>(marks: impl IntoIterator<Item = &'a Mark>) -> Vec<u8> {
    marks.into_iter().flat_map(|mark| mark.halves().map(i64::to_le_bytes)).flatten().collect()
}

/// Writes a round's batch, enters what its step says, and removes batches of which all is entered.
pub(super) fn write(
    database: &mut dyn Sql,
    step: &Step,
    changes: &Changes,
) -> Result<(), StorageError> {
    if !changes.marks.is_empty() {
        let put =
            "INSERT INTO mark_batch (number, day, turn, next, marks) VALUES ($1, $2, $3, $4, $5)";
        let (day, marks) = (changes.time.day(), packed(&changes.marks));
        let Place { turn, next } = step.place;
        database.execute(put, values![step.number, day, turn, next, marks.as_slice()])?;
    }
    let enter = "INSERT INTO seen (hash, rest, day) VALUES ($1, $2, $3) \
                 ON CONFLICT (hash) DO UPDATE SET rest = excluded.rest, day = excluded.day";
    for (mark, day) in &step.entered {
        let [hash, rest] = mark.halves();
        database.execute(enter, values![hash, rest, *day])?;
    }
    if !step.entered.is_empty() {
        end(database, step.place)?;
    }
    Ok(())
}

/// Removes the first batches, of which all is entered when it has gone round once.
fn end(database: &mut dyn Sql, Place { turn, next }: Place) -> Result<(), StorageError> {
    let end = "DELETE FROM mark_batch \
               WHERE number IN (SELECT number FROM mark_batch ORDER BY number LIMIT $1) \
               AND (turn < $2 OR turn = $2 AND next <= $3)";
    database.execute(end, values![ENDED_MAX, turn - 1, next]).map(|_| ())
}

/// Which marks may be among some: a bit for each beginning of two bytes.
struct Glance(Vec<bool>);

impl Glance {
    fn of(marks: &HashSet<&Mark>) -> Self {
        let mut glance = Self(vec![false; 1 << u16::BITS]);
        for mark in marks {
            let place = Self::place(&mark.halves()[0].to_le_bytes());
            glance.0.get_mut(place).into_iter().for_each(|is_one| *is_one = true);
        }
        glance
    }

    fn may_have(&self, mark: &[u8]) -> bool {
        self.0.get(Self::place(mark)).is_some_and(|is_one| *is_one)
    }

    fn place(mark: &[u8]) -> usize {
        let begins = mark.first_chunk().copied().unwrap_or_default();
        usize::from(u16::from_le_bytes(begins))
    }
}

/// Takes marks out of whatever batches they are in. All are gone through while rounds wait, so that most must be told
/// at a glance.
pub(super) fn forget(database: &mut dyn Sql, gone: &HashSet<&Mark>) -> Result<(), StorageError> {
    let glance = Glance::of(gone);
    let mut rests = Vec::new();
    database.each(COLUMNS, &[], &mut |row| {
        let mut marks = row.bytes(4)?.chunks_exact(WIDTH);
        if !marks.any(|mark| glance.may_have(mark)) {
            return Ok(ControlFlow::Continue(()));
        }
        let batch = batch(row)?;
        if batch.marks.iter().any(|mark| gone.contains(mark)) {
            let rest = batch.marks.iter().filter(|mark| !gone.contains(mark));
            rests.push((batch.number, packed(rest)));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    for (number, rest) in rests {
        let put = "UPDATE mark_batch SET marks = $1 WHERE number = $2";
        database.execute(put, values![rest.as_slice(), number])?;
    }
    Ok(())
}

/// The first day of the first batches.
pub(super) fn least_day(database: &mut dyn Sql) -> Result<Option<i64>, StorageError> {
    let first = "SELECT min(day) FROM (SELECT day FROM mark_batch ORDER BY number LIMIT $1)";
    let least = database.one(first, values![EXPIRED_MAX], |row| row.maybe_number(0))?;
    Ok(least.flatten())
}

/// Removes those of the first batches that are of days before `day`. A clock that was wrong for a while has some of a
/// later day among them.
pub(super) fn expire(database: &mut dyn Sql, day: i64) -> Result<Vec<Batch>, StorageError> {
    let first = format!("{COLUMNS} ORDER BY number LIMIT $1");
    let mut old = database.all(&first, values![EXPIRED_MAX], batch)?;
    old.retain(|batch| batch.day < day);
    for batch in &old {
        database.execute("DELETE FROM mark_batch WHERE number = $1", values![batch.number])?;
    }
    Ok(old)
}
