//! People for whom the order of what they did at one moment decides, looked at once more.
//!
//! When something came in and where it stood in its payload are read for them alone: to read and sort
//! by that for everybody would make every funnel slower, and mostly it changes nothing.

use std::cmp::Reverse;
use std::collections::HashMap;

use arrow::array::RecordBatch;
use arrow::datatypes::{Int64Type, UInt16Type};

use super::Funnel;
use super::answer::{Hash, column, unexpected};
use super::pass::{Micros, follow};
use super::taken::{Counted, Who};
use crate::lake::{LakeError, Moment};

/// A step in the order of events: when it happened, when it came in, its place in the payload. Of
/// those that are alike in all of it the last step comes first, so that none follows another.
type Exact = (Micros, Micros, i64, Reverse<usize>);

impl Moment {
    /// Counts those who are open in `counted`, out of one part of the people.
    pub(super) fn decide(
        &self,
        funnel: &Funnel,
        counted: &mut Counted,
        part: u32,
        parts: u32,
    ) -> Result<(), LakeError> {
        if counted.open.is_empty() {
            return Ok(());
        }
        let of_part = |who: &Who| who % u64::from(parts) == u64::from(part);
        let open = counted.open.drain(..).filter(of_part).map(|who| (who, Vec::new()));
        let mut open: HashMap<Who, Vec<Exact>> = open.collect();
        let mut room = self.bytes_max() / size_of::<Exact>();
        let mut statement = self.connection.prepare(&funnel.exactly(part, parts))?;
        for batch in statement.query_arrow([])? {
            let added = add(&batch, &mut open)?;
            room = room.checked_sub(added).ok_or(LakeError::TooLarge)?;
        }
        for mut taken in open.into_values() {
            taken.sort_unstable();
            let in_order = taken.iter().map(|(at, _, _, Reverse(step))| (*at, *step));
            counted.came(follow(in_order, funnel.steps.len(), funnel.window()));
        }
        Ok(())
    }

    /// The people who are counted, and those who are open in so many parts.
    pub(super) fn decided_in_parts(
        &self,
        funnel: &Funnel,
        counted: &Counted,
        parts: u32,
    ) -> Result<Vec<u64>, LakeError> {
        let mut all = Counted { people: counted.people.clone(), open: Vec::new() };
        for part in 0..parts {
            all.open.clone_from(&counted.open);
            self.decide(funnel, &mut all, part, parts)?;
        }
        Ok(all.people)
    }
}

/// Adds a batch of what [`Funnel::exactly`] asks for to those it is about. How many steps those are.
fn add(batch: &RecordBatch, open: &mut HashMap<Who, Vec<Exact>>) -> Result<usize, LakeError> {
    let [who, at, received, position, steps] = batch.columns() else { return Err(unexpected()) };
    let (who, at) = (column::<Hash>(who)?, column::<Int64Type>(at)?);
    let (received, position) = (column::<Int64Type>(received)?, column::<Int64Type>(position)?);
    let (steps, mut added) = (column::<UInt16Type>(steps)?, 0);
    for row in 0..batch.num_rows() {
        let Some(taken) = open.get_mut(&who.value(row)) else { continue };
        let mut bits = steps.value(row);
        added += bits.count_ones() as usize;
        while bits != 0 {
            let step = Reverse(bits.trailing_zeros() as usize);
            taken.push((at.value(row), received.value(row), position.value(row), step));
            bits &= bits - 1;
        }
    }
    Ok(added)
}
