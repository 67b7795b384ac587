//! Reading rows in pieces and understanding them on all cores, while those before are being committed.

use std::collections::HashSet;
use std::panic::resume_unwind;
use std::sync::mpsc::SyncSender;
use std::thread::ScopedJoinHandle;

use serde_json::{Map, Value};

use super::known::{Key, Known};
use super::mapping::Cells;
use super::place::Offset;
use super::row::{Row, Rows};
use super::{Import, event};
use crate::http::import::{self, Read, Written};

/// Rows of one piece, which one core understands.
const PIECE_ROWS: usize = 256;
/// A piece that has reached so many bytes takes nothing more.
const PIECE_BYTES: usize = 4 << 20;
/// Batches that are understood and wait to be sent; one more is being understood.
pub(super) const AHEAD_BATCHES: usize = 2;

/// A piece of the file: rows, and where each ends.
type Piece = Vec<(Row, Offset)>;
/// A row, understood; or why it cannot be.
type Understood = Result<One, String>;
/// A piece for each core, understood, in the order of the file.
pub(super) type Batch = Vec<Ready>;

/// A row that was understood.
pub(super) struct One {
    pub(super) written: Written,
    pub(super) read: Read,
    /// Of a row of history.
    key: Option<Key>,
}

/// A row that may be sent.
pub(super) struct Ready {
    pub(super) row: Row,
    /// Where it ends.
    pub(super) through: Offset,
    pub(super) what: What,
}

/// What a row is.
pub(super) enum What {
    /// An event of history that is here already.
    IsHere,
    Understood(Box<One>),
    /// It cannot be a payload, for this reason.
    Wrong(String),
}

/// Whoever reads ahead of the sending.
pub(super) struct Ahead<'a> {
    pub(super) import: &'a Import<'a>,
    pub(super) rows: &'a mut Rows,
    pub(super) columns: Vec<String>,
    pub(super) known: Option<Known>,
}

impl Ahead<'_> {
    /// Hands on batches until the file ends, or nobody takes them any more.
    pub(super) fn run(self, batches: &SyncSender<Batch>) -> Result<(), String> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        loop {
            let pieces = pieces(self.rows, cores)?;
            if pieces.is_empty() || batches.send(self.batch(pieces)?).is_err() {
                return Ok(());
            }
        }
    }

    fn batch(&self, pieces: Vec<Piece>) -> Result<Batch, String> {
        let understood = self.import.understand_all(&pieces, &self.columns);
        let here = here(self.known.as_ref(), &understood)?;
        let what = |one: Understood| match one {
            Ok(One { key: Some(key), .. }) if here.contains(&key) => What::IsHere,
            Ok(one) => What::Understood(Box::new(one)),
            Err(why) => What::Wrong(why),
        };
        let rows = pieces.into_iter().flatten().zip(understood);
        Ok(rows.map(|((row, through), one)| Ready { row, through, what: what(one) }).collect())
    }
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
