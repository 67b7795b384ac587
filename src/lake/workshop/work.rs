//! The process that writes files: does what its server says, until that is gone.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufReader, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, sync_channel};

use duckdb::types::Value;
use duckdb::{Connection, Row as Found};

use super::wire::{Packed, Room, Row, Slice, ToWorkshop, Written};
use crate::apart;
use crate::lake::engine::{Bounds, for_a_job, weigh_less};
use crate::lake::portion::{self, slices};
use crate::lake::{LakeError, lines};
use crate::storage::{TailRow, Through};

/// Rows of an answer that go at a time.
const ROWS_AT_ONCE: usize = 4096;
/// The server says one thing at a time.
const UNHEARD_MAX: usize = 1;

/// What was heard: the words, and the rows that came behind them.
type Heard = (ToWorkshop<'static>, Vec<TailRow>);

/// What the job has, as long as it lasts. None of it when there is no job.
#[derive(Default)]
struct Bench {
    connection: Option<Connection>,
    slices: HashMap<u64, portion::Slice>,
}

/// Runs until the server is gone. What comes in and goes out is in `wire`.
///
/// # Errors
/// A sentence for people, when nobody is there to be spoken to.
pub fn work() -> Result<(), String> {
    let nobody = |_| "this is started by the server, to write files".to_owned();
    let line = io::stdin().as_fd().try_clone_to_owned().map_err(nobody)?;
    let mut to = UnixStream::from(line);
    // Before DuckDB makes any thread: they weigh as much as whoever makes them.
    weigh_less();
    apart::go_first();
    let heard = listened(to.try_clone().map_err(nobody)?).map_err(nobody)?;
    apart::shut_out(false);
    let mut bench = Bench::default();
    for (said, rows) in heard {
        bench.answer(said, &rows, &mut to).map_err(nobody)?;
    }
    Ok(())
}

/// What is said. A thread listens: when the server is gone, so is this process, whatever it is in the middle
/// of.
fn listened(from: UnixStream) -> io::Result<Receiver<Heard>> {
    let (hears, heard) = sync_channel(UNHEARD_MAX);
    let listen = move || {
        let mut from = BufReader::new(from);
        while let Ok(some) = hear(&mut from) {
            if hears.send(some).is_err() {
                break;
            }
        }
        apart::end();
    };
    std::thread::Builder::new().name("kith-line".to_owned()).spawn(listen)?;
    Ok(heard)
}

fn hear(from: &mut BufReader<UnixStream>) -> io::Result<Heard> {
    let said = apart::read(from)?;
    let mut rows = Vec::new();
    if let ToWorkshop::Take(packed) = &said {
        for Packed { stream, seq, bytes } in packed {
            let at = Through { stream: stream.as_ref().into(), seq: *seq };
            let mut packed = vec![0; *bytes];
            from.read_exact(&mut packed)?;
            rows.push(TailRow { at, packed });
        }
    }
    Ok((said, rows))
}

impl Bench {
    fn answer(
        &mut self,
        said: ToWorkshop<'_>,
        rows: &[TailRow],
        to: &mut UnixStream,
    ) -> io::Result<()> {
        match said {
            ToWorkshop::Begin(room) => apart::write(to, &self.begin(&room)),
            ToWorkshop::Take(_) => apart::write(to, &self.take(rows)),
            ToWorkshop::Halve(number) => apart::write(to, &self.halve(number)),
            ToWorkshop::Run(sql) => apart::write(to, &self.run(&sql)),
            ToWorkshop::Copy(sql) => apart::write(to, &self.copy(&sql)),
            ToWorkshop::Rows(sql) => self.rows(&sql, to),
            ToWorkshop::End => {
                *self = Self::default();
                apart::write(to, &Ok::<_, LakeError>(()))
            }
        }
    }

    fn begin(&mut self, room: &Room<'_>) -> Result<(), LakeError> {
        // The one before gives its memory back first.
        *self = Self::default();
        let connection = for_a_job(&Bounds {
            memory: room.memory,
            scratch_bytes: room.scratch_bytes,
            threads: 1,
            files: &room.files,
            scratch: &room.scratch,
            answers: &room.scratch,
        })?;
        lines::register(&connection)?;
        self.connection = Some(connection);
        Ok(())
    }

    fn connection(&self) -> Result<&Connection, LakeError> {
        self.connection.as_ref().ok_or_else(|| LakeError::Defect("no job has begun".to_owned()))
    }

    fn take(&mut self, rows: &[TailRow]) -> Result<Vec<Slice>, LakeError> {
        Ok(slices(rows)?.into_iter().map(|slice| self.keep(slice)).collect())
    }

    fn halve(&mut self, number: u64) -> Result<Vec<Slice>, LakeError> {
        let slice = self.slices.remove(&number);
        let slice = slice.ok_or_else(|| LakeError::Defect("no such slice".to_owned()))?;
        Ok(slice.halves().into_iter().map(|half| self.keep(half)).collect())
    }

    /// DuckDB finds it from now on.
    fn keep(&mut self, slice: portion::Slice) -> Slice {
        let told = Slice { number: slice.number(), day: slice.day, lines: slice.len() };
        self.slices.insert(told.number, slice);
        told
    }

    fn run(&self, sql: &str) -> Result<(), LakeError> {
        Ok(self.connection()?.execute_batch(sql)?)
    }

    fn copy(&self, sql: &str) -> Result<Written, LakeError> {
        Ok(self.connection()?.query_row(sql, [], |row| {
            Ok(Written {
                count: row.get(1)?,
                file_size_bytes: row.get(2)?,
                footer_size_bytes: row.get(3)?,
                columns: map(row.get(4)?, |of_column| map(of_column, text)),
            })
        })?)
    }

    /// After an error nothing follows.
    fn rows(&self, sql: &str, to: &mut UnixStream) -> io::Result<()> {
        let mut line = None;
        let asked = self.each_some(sql, &mut |some| {
            let said = say_some(to, some);
            line = said.as_ref().err().map(io::Error::kind);
            said.is_ok()
        });
        match line {
            Some(kind) => Err(kind.into()),
            None => apart::write(to, &asked.map(|()| Vec::<Row>::new())),
        }
    }

    /// Gives the rows to `tell`, some at a time, until it wants no more.
    fn each_some(
        &self,
        sql: &str,
        tell: &mut dyn FnMut(Vec<Row>) -> bool,
    ) -> Result<(), LakeError> {
        let mut statement = self.connection()?.prepare(sql)?;
        let mut found = statement.query([])?;
        let mut some = Vec::new();
        while let Some(row) = found.next()? {
            some.push(texts(row)?);
            if some.len() == ROWS_AT_ONCE && !tell(std::mem::take(&mut some)) {
                return Ok(());
            }
        }
        if !some.is_empty() {
            tell(some);
        }
        Ok(())
    }
}

fn say_some(to: &mut UnixStream, some: Vec<Row>) -> io::Result<()> {
    apart::write(to, &Ok::<_, LakeError>(some))
}

fn texts(row: &Found<'_>) -> Result<Row, LakeError> {
    let columns = 0..row.as_ref().column_count();
    Ok(columns.map(|column| row.get(column)).collect::<Result<_, _>>()?)
}

/// DuckDB's map from texts, with its values read by `read`.
fn map<T>(value: Value, read: impl Fn(Value) -> T) -> BTreeMap<String, T> {
    let Value::Map(map) = value else { return BTreeMap::new() };
    map.iter().map(|(key, value)| (text(key.clone()), read(value.clone()))).collect()
}

fn text(value: Value) -> String {
    if let Value::Text(text) = value { text } else { String::new() }
}
