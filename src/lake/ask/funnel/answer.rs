//! The answer: lists out of DuckDB, and a pass over each person's.

use arrow::array::{Array as _, ArrayRef, AsArray as _, ListArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;

use super::pass::Walk;
use super::{Beginnings, Funnel};
use crate::lake::{LakeError, Moment};
use crate::model::{Map, Time};

impl Moment {
    /// One row of `step_1` … `step_n`: the people who came so far, see [`Funnel`].
    ///
    /// The moments of all steps are in memory at once, twice for a while, eight bytes each: what of
    /// them does not fit into the memory that questions may take is refused.
    ///
    /// # Errors
    /// See [`LakeError`]; [`LakeError::TooLarge`] for more than fits.
    pub fn funnel(&self, funnel: &Funnel) -> Result<Map, LakeError> {
        funnel.check().map_err(|invalid| LakeError::Question(invalid.0))?;
        let fits = self.longest(funnel)? <= funnel.window();
        let beginnings = if fits { Beginnings::Earliest } else { Beginnings::All };
        let mut statement = self.connection.prepare(&funnel.lists(beginnings))?;
        let (mut walk, mut people) = (Walk::new(funnel.steps.len()), vec![0; funnel.steps.len()]);
        for batch in statement.query_arrow([])? {
            count(&batch, &mut walk, funnel.window(), &mut people)?;
        }
        let named = people.into_iter().enumerate();
        Ok(named.map(|(at, count)| (format!("step_{}", at + 1), count.into())).collect())
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

/// Adds the people of a batch of lists to those who came so far.
fn count(
    batch: &RecordBatch,
    walk: &mut Walk,
    window: i64,
    people: &mut [u64],
) -> Result<(), LakeError> {
    let columns: Option<Vec<Lists<'_>>> = batch.columns().iter().map(Lists::of).collect();
    let columns = columns.ok_or_else(|| {
        LakeError::Question("DuckDB gave something else than lists of moments".to_owned())
    })?;
    for row in 0..batch.num_rows() {
        for (lists, moments) in columns.iter().zip(&mut walk.steps) {
            moments.clear();
            moments.extend_from_slice(lists.row(row));
        }
        people.iter_mut().take(walk.came(window)).for_each(|count| *count += 1);
    }
    Ok(())
}

/// A column of lists of moments; no moment is NULL.
struct Lists<'a> {
    array: &'a ListArray,
    moments: &'a [i64],
}

impl<'a> Lists<'a> {
    fn of(column: &'a ArrayRef) -> Option<Self> {
        let array = column.as_list_opt::<i32>()?;
        let moments = array.values().as_primitive_opt::<TimestampMicrosecondType>()?.values();
        Some(Self { array, moments })
    }

    /// One person's.
    fn row(&self, row: usize) -> &'a [i64] {
        let offset = |at: usize| usize::try_from(self.array.value_offsets()[at]).unwrap_or(0);
        let range = offset(row)..offset(row + 1);
        if self.array.is_valid(row) { &self.moments[range] } else { &[] }
    }
}
