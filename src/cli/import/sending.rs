//! The way of rows to the committer: understood ahead of it, sent in their order.

use std::collections::VecDeque;
use std::sync::Arc;

use super::place::Offset;
use super::refused::Refused;
use super::row::{Row, Rows};
use super::understanding::{Ahead, Ready, Understanding, What};
use super::{Done, Import, event};
use crate::http::import::{self, Fate, Read, Sent};
use crate::model::Time;

/// Rows that are on their way at one time: three of the committer's rounds, so that there is always one to
/// fold while one is committed and one is told of.
pub(super) const UNDER_WAY_ROWS: usize = 3 * super::ROUND_PAYLOADS;
/// The same in bytes of the file.
const UNDER_WAY_BYTES: usize = 24 << 20;
/// So many are waited for at a time: whoever waits for each is woken for each.
const SETTLED_AT_ONCE: usize = super::ROUND_PAYLOADS / 2;

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

/// Whoever sends, and what has come of it.
struct Sending<'a, Settled> {
    import: &'a Import<'a>,
    understanding: &'a Understanding<'a>,
    refused: &'a mut Refused,
    /// Told up to where all is on disk, and how many lines that is.
    settled: Settled,
    under_way: UnderWay,
    /// When the last one was received.
    last: Time,
    done: Done,
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
    // A mapping says whose a row is; and of a look, nobody is united.
    let is_history = import.mapping.is_none() && !import.dry_run;
    let told_apart = if is_history { Some(rows.told_apart()?) } else { None };
    let understanding = Understanding::new(import, columns, told_apart.map(Arc::new))?;
    let mut sending = Sending {
        import,
        understanding: &understanding,
        refused,
        settled,
        under_way: UnderWay::default(),
        last: Time::BEGINNING,
        done: Done::default(),
    };
    std::thread::scope(|scope| {
        let ahead = Ahead::start(scope, rows, &understanding);
        ahead.each(|batch| batch.into_iter().try_for_each(|ready| sending.take(ready)))
    })?;
    sending.settle(usize::MAX)?;
    Ok(sending.done)
}

impl<Settled: Fn(Offset, u64) -> Result<(), String>> Sending<'_, Settled> {
    fn take(&mut self, Ready { row, through, what }: Ready) -> Result<(), String> {
        match what {
            What::IsHere => self.done.repeated += 1,
            What::Understood(read) if self.import.dry_run && !read.is_refused() => {
                self.done.kept += 1;
            }
            What::Understood(read) => self.send(*read, row, through)?,
            // It waits for those before it, so that what is refused is told of in the order of the file.
            What::Wrong(why) => self.under_way.add(row, Err(why), through),
        }
        if self.under_way.is_full() { self.settle(SETTLED_AT_ONCE) } else { Ok(()) }
    }

    /// Sends one; should the committer have no room, as soon as it has.
    fn send(&mut self, mut read: Read, row: Row, through: Offset) -> Result<(), String> {
        let sent = loop {
            self.last = read.comes_after(self.last);
            if let Some(sent) = import::send(self.import.app, read) {
                break sent;
            }
            if self.under_way.waiting.is_empty() {
                std::thread::yield_now();
            }
            self.settle(1)?;
            (read, _) = self.understanding.understand(&row)?;
        };
        self.under_way.add(row, Ok(sent), through);
        Ok(())
    }

    /// Waits for the first of them: so many, or all there are.
    fn settle(&mut self, many: usize) -> Result<(), String> {
        let many = many.min(self.under_way.waiting.len());
        self.under_way.wait_for(many);
        for Waiting { row, sent, through } in self.under_way.take(many) {
            match sent.map_or_else(Fate::Refused, Sent::fate) {
                Fate::Kept => self.done.kept += 1,
                Fate::Repeated => self.done.repeated += 1,
                Fate::Refused(why) => {
                    self.done.refused += 1;
                    self.refused.add(row.line, &row.text, &why)?;
                }
            }
            (self.settled)(through, through.lines)?;
        }
        Ok(())
    }
}

impl UnderWay {
    fn is_full(&self) -> bool {
        self.waiting.len() >= UNDER_WAY_ROWS || self.bytes >= UNDER_WAY_BYTES
    }

    fn add(&mut self, row: Row, sent: Result<Sent, String>, through: Offset) {
        self.bytes += row.text.len();
        self.waiting.push_back(Waiting { row, sent, through });
    }

    /// Waits for the last of the first so many: those before it were answered by then.
    fn wait_for(&mut self, many: usize) {
        let Some(last) = many.checked_sub(1) else { return };
        if let Some(waiting) = self.waiting.get_mut(last)
            && let Ok(sent) = &mut waiting.sent
        {
            sent.wait();
        }
    }

    /// Takes the first so many out.
    fn take(&mut self, many: usize) -> Vec<Waiting> {
        let taken: Vec<_> = self.waiting.drain(..many).collect();
        self.bytes -= taken.iter().map(|waiting| waiting.row.text.len()).sum::<usize>();
        taken
    }
}
