//! Reading rows in pieces and understanding them on all cores, while those before are being committed.

use std::borrow::Cow;
use std::collections::HashSet;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};

use super::event::{self, History};
use super::known::{Key, Known};
use super::mapping::Cells;
use super::place::Offset;
use super::row::{Row, Rows};
use super::{Import, exported};
use crate::http::import::{self, Past, Read, Written};
use crate::model::{Mark, ToldApart};
use crate::storage::Wanted;

/// Rows of one piece, which one core understands.
const PIECE_ROWS: usize = 512;
/// A piece that has reached so many bytes takes nothing more.
const PIECE_BYTES: usize = 4 << 20;
/// Pieces that wait for a core, and as many that it has understood and nobody has taken yet; one more is
/// being understood.
const PIECES_AHEAD: usize = 1;

/// A piece of the file: rows, and where each ends. In its place may be why it cannot be read: the last then.
type Piece = Result<Vec<(Row, Offset)>, String>;
/// The same, understood.
pub(super) type Batch = Result<Vec<Ready>, String>;

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
    Understood(Box<Read>),
    /// It cannot be a payload, for this reason.
    Wrong(String),
}

/// The payload of a row; of one of history by what it is known, and what it tells beside.
struct Payload<'row> {
    text: Cow<'row, [u8]>,
    history: Option<(Key, Past)>,
}

impl From<History> for Payload<'_> {
    fn from(History { payload, key, past }: History) -> Self {
        Self { text: payload.into(), history: Some((key, past)) }
    }
}

/// Whoever understands rows.
pub(super) struct Understanding<'a> {
    import: &'a Import<'a>,
    columns: Vec<String>,
    known: Option<Mutex<Known>>,
    /// Whom history in the file has as people.
    told_apart: Option<Arc<ToldApart>>,
}

/// Threads that read and understand ahead: each core has a thread of its own until the file ends, so that
/// what one row leaves in memory the next one takes.
pub(super) struct Ahead<'scope> {
    understood: Vec<Receiver<Batch>>,
    threads: Vec<ScopedJoinHandle<'scope, ()>>,
}

impl<'scope> Ahead<'scope> {
    /// Begins to read.
    pub(super) fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        rows: &'scope mut Rows,
        understanding: &'scope Understanding<'scope>,
    ) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (mut read, mut understood, mut threads) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..cores {
            let (to_core, pieces) = sync_channel(PIECES_AHEAD);
            let (batches, from_core) = sync_channel(PIECES_AHEAD);
            threads.push(scope.spawn(move || understanding.run(pieces, &batches)));
            read.push(to_core);
            understood.push(from_core);
        }
        threads.push(scope.spawn(move || deal(rows, &read)));
        Self { understood, threads }
    }

    /// Hands every piece to `take`, in the order of the file, until it ends or `take` fails.
    pub(super) fn each(
        self,
        mut take: impl FnMut(Vec<Ready>) -> Result<(), String>,
    ) -> Result<(), String> {
        let Self { understood, threads } = self;
        // They got pieces in turn, so the first that has none is the end.
        let in_turn = understood.iter().cycle().map_while(|core| core.recv().ok());
        let done = in_turn.into_iter().try_for_each(|batch| take(batch?));
        // Whoever still waits for us ends.
        drop(understood);
        for thread in threads {
            // Whoever panicked ends the import: rows that nobody tells of would be lost.
            thread.join().unwrap_or_else(|why| resume_unwind(why));
        }
        done
    }
}

/// Reads the file and deals its pieces to the cores in turn, until it ends or nobody takes them any more.
fn deal(rows: &mut Rows, cores: &[SyncSender<Piece>]) {
    for core in cores.iter().cycle() {
        let piece = piece(rows);
        let is_last = piece.as_ref().map_or(true, Vec::is_empty);
        let is_nothing = piece.as_ref().is_ok_and(Vec::is_empty);
        if is_nothing || core.send(piece).is_err() || is_last {
            return;
        }
    }
}

/// The next piece; empty at the end.
fn piece(rows: &mut Rows) -> Piece {
    let (mut piece, mut bytes) = (Vec::new(), 0);
    while piece.len() < PIECE_ROWS && bytes < PIECE_BYTES {
        let Some(row) = rows.next()? else { break };
        bytes += row.text.len();
        piece.push((row, rows.offset()));
    }
    Ok(piece)
}

impl<'a> Understanding<'a> {
    pub(super) fn new(
        import: &'a Import<'a>,
        columns: Vec<String>,
        told_apart: Option<Arc<ToldApart>>,
    ) -> Result<Self, String> {
        let known = Known::of(import.app).map_err(|error| error.to_string())?;
        Ok(Self { import, columns, known: known.map(Mutex::new), told_apart })
    }

    fn run(&self, pieces: Receiver<Piece>, batches: &SyncSender<Batch>) {
        for piece in pieces {
            let batch = piece.and_then(|rows| self.batch(rows));
            if batches.send(batch).is_err() {
                return;
            }
        }
    }

    fn batch(&self, rows: Vec<(Row, Offset)>) -> Batch {
        let understood: Vec<_> = rows.iter().map(|(row, _)| self.understand(row)).collect();
        let keys = understood.iter().filter_map(|one| one.as_ref().ok()?.1.as_ref());
        let here = self.here(&keys.collect::<Vec<_>>())?;
        let kept = self.kept(understood.iter().filter_map(|one| Some(&one.as_ref().ok()?.0)))?;
        let is_kept = |read: &Read| {
            let marks = read.marks().filter(|_| self.import.dry_run);
            marks.is_some_and(|marks| marks.iter().all(|mark| kept.contains(mark)))
        };
        let what = |one: Result<(Read, Option<Key>), String>| match one {
            Ok((_, Some(key))) if here.contains(&key) => What::IsHere,
            Ok((read, _)) if is_kept(&read) => What::IsHere,
            Ok((read, _)) => What::Understood(Box::new(read)),
            Err(why) => What::Wrong(why),
        };
        let rows = rows.into_iter().zip(understood);
        Ok(rows.map(|((row, through), one)| Ready { row, through, what: what(one) }).collect())
    }

    /// Which events of history are here already.
    fn here(&self, keys: &[&Key]) -> Result<HashSet<Key>, String> {
        let Some(known) = self.known.as_ref() else { return Ok(HashSet::new()) };
        let known = known.lock().unwrap_or_else(PoisonError::into_inner);
        known.among(keys).map_err(|error| error.to_string())
    }

    /// Of what is sent the committer says whether it is a repetition. In a dry run nothing is sent.
    fn kept<'one>(&self, all: impl Iterator<Item = &'one Read>) -> Result<HashSet<Mark>, String> {
        if !self.import.dry_run {
            return Ok(HashSet::new());
        }
        let marks = all.filter_map(Read::marks).flatten().collect();
        let loaded = self.import.app.storage.load(&Wanted { marks, ..Wanted::default() });
        Ok(loaded.map_err(|error| error.to_string())?.seen.into_iter().collect())
    }

    /// The payload of a row, read; and of a row of history by what it is known.
    pub(super) fn understand(&self, row: &Row) -> Result<(Read, Option<Key>), String> {
        let Payload { text, mut history } = self.payload(row)?;
        if let Some((_, past)) = &mut history {
            past.told_apart = self.told_apart.clone().filter(|_| past.found.is_some());
        }
        let name = || self.name(row);
        let written = Written {
            payload: &text,
            name: &name,
            past: history.as_ref().map(|(_, past)| past),
            // A mapping says whose a row is; a payload that was recorded says what anybody may have typed.
            is_vouched: self.import.mapping.is_some(),
        };
        let read = import::read(self.import.app, &written);
        Ok((read, history.map(|(key, _)| key)))
    }

    fn payload<'row>(&self, row: &'row Row) -> Result<Payload<'row>, String> {
        if let Some(fault) = &row.fault {
            return Err(fault.clone());
        }
        let Some(cells) = &row.cells else {
            return match exported::history(&row.text) {
                Some(history) => history.map(Payload::from),
                None => Ok(Payload { text: Cow::Borrowed(&row.text), history: None }),
            };
        };
        let cells = Cells { columns: &self.columns, cells };
        let Some(mapping) = self.import.mapping else {
            return event::of_record(&cells).map(Payload::from);
        };
        let at = self.import.at.map(|at| at.to_string());
        let payload = mapping.payload(&cells, at.as_deref())?.to_string();
        Ok(Payload { text: payload.into_bytes().into(), history: None })
    }

    /// What events of a row are called that have no id: by what it says, wherever it stands by then, and by
    /// how many lines before it say the same. A record of a table is known by what it says alone.
    fn name(&self, row: &Row) -> String {
        let text = format!("{} {}", row.nth, String::from_utf8_lossy(&row.text));
        self.import.hashing.token(&text).chars().take(32).collect()
    }
}
