//! Which marks may be kept already: a Bloom filter in memory, for whoever brings many that are new.
//!
//! Marks stand nowhere near each other, so a look for each reads a page of its own, to find nothing. What the
//! filter does not know is not kept; what it knows is looked for. It may know more than there is: of rounds
//! that failed, of marks that were forgotten.

use std::ops::ControlFlow;

use crate::model::Mark;
use crate::storage::StorageError;
use crate::storage::sql::Sql;

/// Its size in memory, in bytes: of ten million marks it takes one in two hundred for kept that is not.
const BYTES: usize = 16 << 20;
/// Where there are more marks than this, reading them would take longer than it saves.
const MARKS_MAX: i64 = 16_000_000;
/// Bits of a mark.
const PROBES: u128 = 4;
const BITS: u128 = BYTES as u128 * 8;

/// See the module. Of those that are in the index; whoever waits is known.
#[derive(Debug)]
pub(super) struct Filter(Vec<u64>);

impl Filter {
    /// All that are in the index now; none where those are too many.
    pub(super) fn read(database: &mut dyn Sql) -> Result<Option<Self>, StorageError> {
        let mut filter = Self::none();
        let mut many = 0;
        database.each("SELECT hash, rest FROM seen", &[], &mut |row| {
            filter.add(Mark::of([row.number(0)?, row.number(1)?]));
            many += 1;
            Ok(if many > MARKS_MAX { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok((many <= MARKS_MAX).then_some(filter))
    }

    fn none() -> Self {
        Self(vec![0; BYTES / 8])
    }

    pub(super) fn add(&mut self, mark: Mark) {
        for (word, bit) in places(mark) {
            if let Some(word) = self.0.get_mut(word) {
                *word |= bit;
            }
        }
    }

    /// Whether it may be kept.
    pub(super) fn may_have(&self, mark: Mark) -> bool {
        places(mark).all(|(word, bit)| self.0.get(word).is_some_and(|word| word & bit != 0))
    }
}

/// A mark is a hash already: its bits say where.
fn places(mark: Mark) -> impl Iterator<Item = (usize, u64)> {
    let each = BITS.ilog2();
    (0..PROBES).map(move |probe| {
        let at = (mark.0 >> (probe * u128::from(each))) % BITS;
        (usize::try_from(at / 64).unwrap_or(0), 1 << (at % 64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As far apart as hashes are.
    fn mark(number: u128) -> Mark {
        Mark(number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
    }

    #[test]
    fn what_was_added_is_found_and_hardly_anything_else() {
        let mut marks = Filter::none();
        (0..100_000).for_each(|number| marks.add(mark(number)));
        assert!((0..100_000).all(|number| marks.may_have(mark(number))));
        let others = (100_000..200_000).filter(|number| marks.may_have(mark(*number)));
        assert!(others.count() < 100);
    }
}
