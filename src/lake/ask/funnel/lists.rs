//! The answer where a person's earliest first step is enough: DuckDB makes a list of each other step.

use arrow::array::{Array as _, ArrayRef, AsArray as _, ListArray, PrimitiveArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;

use super::Funnel;
use super::pass::{Micros, Step, Walk};
use crate::lake::{LakeError, Moment};

impl Moment {
    /// How many people came to each step. The window holds all events, so whatever follows a later
    /// first step in time follows the earliest in time as well, and the latest last step is enough.
    pub(super) fn funnel_in_lists(&self, funnel: &Funnel) -> Result<Vec<u64>, LakeError> {
        let mut statement = self.connection.prepare(&funnel.lists())?;
        let (mut walk, mut people) = (Walk::default(), vec![0; funnel.steps.len()]);
        for batch in statement.query_arrow([])? {
            count(&batch, &mut walk, funnel.window(), &mut people)?;
        }
        Ok(people)
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
        for (step, lists) in (0..).zip(&columns) {
            walk.taken.extend(lists.row(row).map(|at| Step::new(at, step)));
        }
        let came = walk.came(columns.len(), window);
        people.iter_mut().take(came).for_each(|count| *count += 1);
    }
    Ok(())
}

/// A column of lists of moments.
struct Lists<'a> {
    array: &'a ListArray,
    moments: &'a PrimitiveArray<TimestampMicrosecondType>,
}

impl<'a> Lists<'a> {
    fn of(column: &'a ArrayRef) -> Option<Self> {
        let array = column.as_list_opt::<i32>()?;
        Some(Self { array, moments: array.values().as_primitive_opt()? })
    }

    /// One person's: none when there is no list, or nothing in it.
    fn row(&self, row: usize) -> impl Iterator<Item = Micros> {
        let offset = |at: usize| usize::try_from(self.array.value_offsets()[at]).unwrap_or(0);
        let all = if self.array.is_valid(row) { offset(row)..offset(row + 1) } else { 0..0 };
        all.filter(|at| self.moments.is_valid(*at)).map(|at| self.moments.value(at))
    }
}
