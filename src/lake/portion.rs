//! Lines of the tail on their way into files.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use super::LakeError;
use super::lines::{Batch, Readable};
use crate::storage::TailRow;

/// Days that get a file of their own in one portion, those with most events first; events of all
/// others share one. Clients choose the time of their events, and must not choose how many files we
/// have.
const DAYS_MAX: usize = 32;

/// Lines that go into one file, in their order there, which DuckDB finds by a number for as long as this is there.
pub(super) struct Slice {
    /// The day that their events are of, counted from 1970; none for several.
    pub(super) day: Option<i64>,
    batch: Arc<Batch>,
    lines: Vec<usize>,
    readable: Readable,
}

/// One slice for each day that the events are of, in the order in which they lie in files.
pub(super) fn slices(rows: &[TailRow]) -> Result<Vec<Slice>, LakeError> {
    let batch = Arc::new(Batch::of(rows, None)?);
    let keys = batch.keys()?;
    let mut days: HashMap<i64, Vec<usize>> = HashMap::new();
    for (line, key) in keys.iter().enumerate() {
        days.entry(key.time.day()).or_default().push(line);
    }
    let mut days: Vec<(i64, Vec<usize>)> = days.into_iter().collect();
    days.sort_unstable_by_key(|(day, lines)| (Reverse(lines.len()), *day));
    let shared = days.split_off(days.len().min(DAYS_MAX));
    let shared: Vec<usize> = shared.into_iter().flat_map(|(_, lines)| lines).collect();
    let own = days.into_iter().map(|(day, lines)| (Some(day), lines));
    let all = own.chain((!shared.is_empty()).then_some((None, shared)));
    let sorted = all.map(|(day, mut lines)| {
        lines.sort_unstable_by_key(|line| &keys[*line]);
        Slice::of(&batch, day, lines)
    });
    Ok(sorted.collect())
}

impl Slice {
    fn of(batch: &Arc<Batch>, day: Option<i64>, lines: Vec<usize>) -> Self {
        let readable = Readable::some(Arc::clone(batch), lines.clone());
        Self { day, batch: Arc::clone(batch), lines, readable }
    }

    pub(super) fn number(&self) -> u64 {
        self.readable.number()
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// For memory that does not hold all of it.
    pub(super) fn halves(mut self) -> [Self; 2] {
        let second = self.lines.split_off(self.lines.len() / 2);
        [self.lines, second].map(|lines| Self::of(&self.batch, self.day, lines))
    }
}
