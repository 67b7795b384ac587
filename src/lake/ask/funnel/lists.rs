//! The answer where a person's earliest first step is enough: DuckDB makes a list of each other step.

use arrow::array::{Array as _, ArrayRef, AsArray as _, ListArray, PrimitiveArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;

use super::Funnel;
use super::answer::{Hash, column, unexpected};
use super::pass::{Micros, Step, Walk};
use super::taken::Counted;
use crate::lake::{LakeError, Moment};

impl Moment {
    /// How many people came to each step. The window holds all events, so whatever follows a later
    /// first step in time follows the earliest in time as well, and the latest last step is enough.
    pub(super) fn funnel_in_lists(&self, funnel: &Funnel) -> Result<Counted, LakeError> {
        let mut statement = self.connection.prepare(&funnel.lists())?;
        let (mut walk, mut counted) = (Walk::default(), Counted::new(funnel.steps.len()));
        for batch in statement.query_arrow([])? {
            count(&batch, &mut walk, funnel.window(), &mut counted)?;
        }
        Ok(counted)
    }
}

/// Adds the people of a batch of lists to those who came so far.
fn count(
    batch: &RecordBatch,
    walk: &mut Walk,
    window: i64,
    counted: &mut Counted,
) -> Result<(), LakeError> {
    let (who, lists) = batch.columns().split_first().ok_or_else(unexpected)?;
    let who = column::<Hash>(who)?.values();
    let columns: Option<Vec<Lists<'_>>> = lists.iter().map(Lists::of).collect();
    let columns = columns.ok_or_else(unexpected)?;
    for row in 0..batch.num_rows() {
        for (step, lists) in (0..).zip(&columns) {
            walk.taken.extend(lists.row(row).map(|at| Step::new(at, step, true)));
        }
        counted.person(who[row], walk.came(columns.len(), window));
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
