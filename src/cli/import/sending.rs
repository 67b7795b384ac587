//! The way of rows to the committer: read in pieces, understood on all cores, sent in their order.

use std::collections::{HashSet, VecDeque};
use std::panic::resume_unwind;
use std::thread::ScopedJoinHandle;

use serde_json::{Map, Value};

use super::known::{Key, Known};
use super::mapping::Cells;
use super::place::Offset;
use super::refused::Refused;
use super::row::{Row, Rows};
use super::{Done, Import, event};
use crate::http::import::{self, Fate, Read, Sent, Written};

/// Rows of one piece, which one core understands.
const PIECE_ROWS: usize = 256;
/// A piece that has reached so many bytes takes nothing more.
const PIECE_BYTES: usize = 4 << 20;
/// Rows that are on their way at one time: some of the committer's largest rounds. With fewer it would
/// wait for us, and sync the disk for rounds that are half empty.
const UNDER_WAY_ROWS: usize = 4096;
/// The same in bytes.
const UNDER_WAY_BYTES: usize = 16 << 20;

/// A row that was sent, and what is needed should it be refused.
struct Waiting {
    row: Row,
    sent: Sent,
    /// Up to where all is on disk once this one is.
    through: Offset,
}

/// Those that were sent and not settled, in their order.
#[derive(Default)]
struct UnderWay {
    waiting: VecDeque<Waiting>,
    bytes: usize,
}

/// A piece of the file: rows, and where each ends.
type Piece = Vec<(Row, Offset)>;
/// A row, understood; or why it cannot be.
type Understood = Result<One, String>;

/// A row that was understood.
struct One {
    written: Written,
    read: Read,
    /// Of a row of history.
    key: Option<Key>,
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
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (mut done, mut under_way) = (Done::default(), UnderWay::default());
    loop {
        let pieces = pieces(rows, cores)?;
        if pieces.is_empty() {
            break;
        }
        let understood = import.understand_all(&pieces, &columns);
        let here = here(known.as_ref(), &understood)?;
        for ((row, through), one) in pieces.into_iter().flatten().zip(understood) {
            match one {
                Ok(One { key: Some(key), .. }) if here.contains(&key) => done.repeated += 1,
                Ok(One { read, .. }) if import.dry_run && !read.is_refused() => done.kept += 1,
                Ok(one) => {
                    under_way.send(import, one, (row, through), (&mut done, &mut *refused))?;
                }
                Err(why) => {
                    done.refused += 1;
                    refused.add(row.line, &row.text, &why)?;
                }
            }
            while under_way.is_full() {
                under_way.settle_one((&mut done, &mut *refused), &settled)?;
            }
        }
    }
    while !under_way.waiting.is_empty() {
        under_way.settle_one((&mut done, &mut *refused), &settled)?;
    }
    Ok(done)
}

/// Which rows of history are here already.
fn here(known: Option<&Known>, understood: &[Understood]) -> Result<HashSet<Key>, String> {
    let keys = understood.iter().filter_map(|one| one.as_ref().ok()?.key.as_ref());
    let keys: Vec<&Key> = keys.collect();
    let here = known.map_or_else(|| Ok(HashSet::new()), |known| known.among(&keys));
    here.map_err(|error| error.to_string())
}

/// The next pieces, one for each core; none at the end.
fn pieces(rows: &mut Rows, cores: usize) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    while pieces.len() < cores {
        let (mut piece, mut bytes) = (Vec::new(), 0);
        while piece.len() < PIECE_ROWS && bytes < PIECE_BYTES {
            let Some(row) = rows.next()? else { break };
            bytes += row.text.len();
            piece.push((row, rows.offset()));
        }
        if piece.is_empty() {
            break;
        }
        pieces.push(piece);
    }
    Ok(pieces)
}

impl Import<'_> {
    /// Understands pieces, each on a core; in their order.
    fn understand_all(&self, pieces: &[Piece], columns: &[String]) -> Vec<Understood> {
        let piece = |piece: &Piece| -> Vec<Understood> {
            piece.iter().map(|(row, _)| self.understand(row, columns)).collect()
        };
        std::thread::scope(|scope| {
            let others: Vec<_> =
                pieces.iter().skip(1).map(|one| scope.spawn(move || piece(one))).collect();
            let first = pieces.first().map(piece).unwrap_or_default();
            // Whoever panicked ends the import: rows that nobody tells of would be lost.
            let joined =
                |one: ScopedJoinHandle<'_, _>| one.join().unwrap_or_else(|why| resume_unwind(why));
            let others = others.into_iter().flat_map(joined);
            first.into_iter().chain(others).collect()
        })
    }

    fn understand(&self, row: &Row, columns: &[String]) -> Understood {
        let (payload, key) = self.payload(row, columns)?;
        let written = self.named(row, payload, key.is_some());
        let read = import::read(self.app, &written);
        Ok(One { written, read, key })
    }

    /// The payload of a row, and of a row of history by what it is known.
    fn payload(&self, row: &Row, columns: &[String]) -> Result<(Vec<u8>, Option<Key>), String> {
        let Some(cells) = &row.cells else {
            return match history(&row.text) {
                Some(object) => of_history(object),
                None => Ok((row.text.clone(), None)),
            };
        };
        let cells = Cells { columns, cells };
        let Some(mapping) = self.mapping else { return of_history(event::object(&cells)?) };
        let at = self.at.map(|at| at.to_string());
        Ok((mapping.payload(&cells, at.as_deref())?.to_string().into_bytes(), None))
    }

    /// With a name for events that have none: by what a record of a table says, wherever it stands
    /// by then; by a line and its place, of which another may say the same.
    fn named(&self, row: &Row, payload: Vec<u8>, is_history: bool) -> Written {
        let place = if row.cells.is_some() { 0 } else { row.begins };
        let text = format!("{place} {}", String::from_utf8_lossy(&row.text));
        let name = self.hashing.token(&text).chars().take(32).collect();
        // A mapping says whose a row is; a payload that was recorded says what anybody may have typed.
        let is_vouched = self.mapping.is_some();
        Written { payload, name, is_history, is_vouched }
    }
}

fn of_history(row: Map<String, Value>) -> Result<(Vec<u8>, Option<Key>), String> {
    let key = event::key(&row);
    Ok((event::payload(row)?.to_string().into_bytes(), Some(key.unwrap_or_default())))
}

/// A line that is a row of history.
fn history(line: &[u8]) -> Option<Map<String, Value>> {
    // Read in full only where it may be one.
    memchr::memmem::find(line, b"\"source_id\"")?;
    let row: Map<String, Value> = serde_json::from_slice(line).ok()?;
    event::is_history(&row).then_some(row)
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
        self.bytes += row.text.len();
        self.waiting.push_back(Waiting { row, sent, through });
        Ok(())
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
        match sent.fate() {
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
