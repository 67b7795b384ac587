//! The way of rows to the committer: understood ahead of it, sent in their order.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, sync_channel};

use super::known::Known;
use super::place::Offset;
use super::refused::Refused;
use super::row::{Row, Rows};
use super::understanding::{AHEAD_BATCHES, Ahead, Batch, One, Ready, What};
use super::{Done, Import, event};
use crate::http::import::{self, Fate, Sent};

/// Rows that are on their way at one time: some of the committer's largest rounds. With fewer it would
/// wait for us, and sync the disk for rounds that are half empty.
const UNDER_WAY_ROWS: usize = 4096;
/// The same in bytes.
const UNDER_WAY_BYTES: usize = 16 << 20;

/// A row that was sent, or why it could not be; and what is needed should it be refused.
struct Waiting {
    row: Row,
    sent: Result<Sent, String>,
    /// Up to where all is on disk once this one is.
    through: Offset,
}

/// Those that are not settled, in their order.
#[derive(Default)]
struct UnderWay {
    waiting: VecDeque<Waiting>,
    bytes: usize,
}

/// Sends everything, and tells `settled` up to where all is on disk, and how many lines that is.
pub(super) fn all(
    import: &Import<'_>,
    rows: &mut Rows,
    refused: &mut Refused,
    settled: impl Fn(Offset, u64) -> Result<(), String>,
) -> Result<Done, String> {
    let columns = rows.columns().to_vec();
    if let Some(mapping) = import.mapping {
        mapping.check(&columns)?;
    } else if !columns.is_empty() && !event::are_history(&columns) {
        return Err("a table that was not exported by Kith needs a --mapping".to_owned());
    }
    let known = Known::of(import.app).map_err(|error| error.to_string())?;
    std::thread::scope(|scope| {
        let (sender, batches) = sync_channel(AHEAD_BATCHES);
        let ahead = Ahead { import, rows, columns, known };
        let ahead = scope.spawn(move || ahead.run(&sender));
        let done = send_all(import, batches, refused, &settled);
        // Whoever panicked ends the import: rows that nobody tells of would be lost.
        ahead.join().unwrap_or_else(|why| resume_unwind(why))?;
        done
    })
}

/// Sends batches until there are no more, and waits for all of them.
fn send_all(
    import: &Import<'_>,
    batches: Receiver<Batch>,
    refused: &mut Refused,
    settled: &impl Fn(Offset, u64) -> Result<(), String>,
) -> Result<Done, String> {
    let (mut done, mut under_way) = (Done::default(), UnderWay::default());
    for Ready { row, through, what } in batches.into_iter().flatten() {
        match what {
            What::IsHere => done.repeated += 1,
            What::Understood(one) if import.dry_run && !one.read.is_refused() => done.kept += 1,
            What::Understood(one) => {
                under_way.send(import, *one, (row, through), (&mut done, &mut *refused))?;
            }
            // It waits for those before it, so that what is refused is told of in the order of the file.
            What::Wrong(why) => under_way.add(row, Err(why), through),
        }
        while under_way.is_full() {
            under_way.settle_one((&mut done, &mut *refused), settled)?;
        }
    }
    while !under_way.waiting.is_empty() {
        under_way.settle_one((&mut done, &mut *refused), settled)?;
    }
    Ok(done)
}

impl UnderWay {
    fn is_full(&self) -> bool {
        self.waiting.len() >= UNDER_WAY_ROWS || self.bytes >= UNDER_WAY_BYTES
    }

    /// Sends one; should the committer have no room, as soon as it has.
    fn send(
        &mut self,
        import: &Import<'_>,
        One { written, mut read, .. }: One,
        (row, through): (Row, Offset),
        (done, refused): (&mut Done, &mut Refused),
    ) -> Result<(), String> {
        let sent = loop {
            if let Some(sent) = import::send(import.app, read) {
                break sent;
            }
            self.settle_one((&mut *done, &mut *refused), &|_, _| Ok(()))?;
            read = import::read(import.app, &written);
        };
        self.add(row, Ok(sent), through);
        Ok(())
    }

    fn add(&mut self, row: Row, sent: Result<Sent, String>, through: Offset) {
        self.bytes += row.text.len();
        self.waiting.push_back(Waiting { row, sent, through });
    }

    /// Waits for the first of them.
    fn settle_one(
        &mut self,
        (done, refused): (&mut Done, &mut Refused),
        settled: &impl Fn(Offset, u64) -> Result<(), String>,
    ) -> Result<(), String> {
        let Some(Waiting { row, sent, through }) = self.waiting.pop_front() else {
            std::thread::yield_now();
            return Ok(());
        };
        self.bytes -= row.text.len();
        match sent.map_or_else(Fate::Refused, Sent::fate) {
            Fate::Kept => done.kept += 1,
            Fate::Repeated => done.repeated += 1,
            Fate::Refused(why) => {
                done.refused += 1;
                refused.add(row.line, &row.text, &why)?;
            }
        }
        settled(through, through.lines)
    }
}
