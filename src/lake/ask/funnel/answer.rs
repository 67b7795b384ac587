//! The answer: steps out of DuckDB, put together for each person.

use arrow::array::{ArrayRef, AsArray as _, PrimitiveArray, RecordBatch};
use arrow::datatypes::{
    ArrowPrimitiveType, TimestampMicrosecondType as Moments, UInt16Type as Bits,
};

pub(super) use arrow::datatypes::UInt64Type as Hash;

use super::taken::{Counted, Taken};
use super::{Funnel, FunnelRow};
use crate::lake::{LakeError, Moment};
use crate::model::Time;

/// What one funnel holds beside DuckDB is at most such a share of the memory for questions.
const SHARE: usize = 4;
/// When that holds not all people, they are asked about in so many times as many parts,
const PARTS_TIMES: u32 = 4;
/// up to so many.
const PARTS_MAX: u32 = 256;

impl Moment {
    /// One row of `step_1` … `step_n`: the people who came so far, see [`Funnel`].
    ///
    /// All steps of all people are in memory at once, eight bytes each and more for each run of them;
    /// where they do not fit, those of a part of the people are, one part after the other.
    ///
    /// # Errors
    /// See [`LakeError`]; [`LakeError::TooLarge`] when even a small part does not fit.
    pub fn funnel(&self, funnel: &Funnel) -> Result<FunnelRow, LakeError> {
        funnel.check()?;
        let in_lists = self.longest(funnel)? <= funnel.window() && !funnel.repeats_a_step();
        let people = if in_lists {
            let counted = self.funnel_in_lists(funnel)?;
            in_more_and_more_parts(|parts| self.decided_in_parts(funnel, &counted, parts))
        } else {
            in_more_and_more_parts(|parts| self.in_parts(funnel, parts))
        }?;
        let named = people.into_iter().enumerate();
        Ok(FunnelRow(named.map(|(at, count)| (format!("step_{}", at + 1), count)).collect()))
    }

    /// How many people came to each step.
    fn in_parts(&self, funnel: &Funnel, parts: u32) -> Result<Vec<u64>, LakeError> {
        let mut all = Counted::new(funnel.steps.len());
        for part in 0..parts {
            let mut statement = self.connection.prepare(&funnel.taken(part, parts))?;
            let mut taken = Taken::new(self.bytes_max());
            for batch in statement.query_arrow([])? {
                add(&batch, &mut taken)?;
            }
            let steps = funnel.steps.len();
            let mut counted = taken.count(steps, funnel.window(), self.room.threads);
            self.decide(funnel, &mut counted, part, parts)?;
            all.add(counted);
        }
        Ok(all.people)
    }

    /// What one funnel may hold, in bytes.
    pub(super) fn bytes_max(&self) -> usize {
        usize::try_from(self.room.memory).unwrap_or(usize::MAX) / SHARE
    }

    /// No two events that the funnel is about are further apart than this, in microseconds.
    fn longest(&self, funnel: &Funnel) -> Result<i64, LakeError> {
        let (earliest, latest) = self.extent()?;
        let from = funnel.scope.from.map_or(earliest, |from| from.max(earliest));
        let to = funnel.scope.to.map_or(latest, |to| to.min(latest));
        Ok(to.micros().saturating_sub(from.micros()))
    }

    /// The earliest and the latest event, or earlier and later than those.
    fn extent(&self) -> Result<(Time, Time), LakeError> {
        let sql = "SELECT epoch_us(min(time)), epoch_us(max(time)) FROM kith.tail";
        let of_tail: (Option<i64>, Option<i64>) =
            self.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (from, to) = self.of_files;
        let time = |micros: Option<i64>, none| micros.map_or(none, Time::from_micros);
        Ok((from.min(time(of_tail.0, from)), to.max(time(of_tail.1, to))))
    }
}

/// What `ask` makes of so many parts of the people, more and more until one of them fits.
fn in_more_and_more_parts(
    ask: impl Fn(u32) -> Result<Vec<u64>, LakeError>,
) -> Result<Vec<u64>, LakeError> {
    let mut parts = 1;
    loop {
        match ask(parts) {
            Err(LakeError::TooLarge) if parts < PARTS_MAX => parts *= PARTS_TIMES,
            told => return told,
        }
    }
}

/// Adds a batch of what [`Funnel::taken`] asks for.
fn add(batch: &RecordBatch, taken: &mut Taken) -> Result<(), LakeError> {
    let [who, at, steps] = batch.columns() else { return Err(unexpected()) };
    let what = column::<Moments>(at)?.values().iter().zip(column::<Bits>(steps)?.values());
    let events = column::<Hash>(who)?.values().iter().zip(what);
    let events = events.map(|(who, (at, steps))| (*who, *at, *steps));
    taken.add(events, batch.num_rows());
    if taken.fits() { Ok(()) } else { Err(LakeError::TooLarge) }
}

pub(super) fn column<T: ArrowPrimitiveType>(
    column: &ArrayRef,
) -> Result<&PrimitiveArray<T>, LakeError> {
    column.as_primitive_opt::<T>().ok_or_else(unexpected)
}

pub(super) fn unexpected() -> LakeError {
    LakeError::Question("DuckDB gave something else than steps".to_owned())
}
