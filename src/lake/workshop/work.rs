//! The process that writes files: does what its server says, until that is gone.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufReader, Read as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

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

/// What was heard: the words, and the rows that came behind them.
type Heard = (ToWorkshop, Vec<TailRow>);

/// What the job has, as long as it lasts.
#[derive(Default)]
struct Bench {
    /// It stays for the next job where it has only written what it was given, as a flush does: to make one takes as
    /// long as to write a small file, and the system clears every page that one after the other would take of it.
    duckdb: Option<DuckDb>,
    slices: HashMap<u64, portion::Slice>,
}

/// A DuckDB and what it was made for.
struct DuckDb {
    connection: Connection,
    room: Room,
    /// It goes with its job: what it has read it may hold in memory, and after an error nobody knows what works.
    is_worn: bool,
}

/// Runs until the server is gone. What comes in and goes out is in `wire`.
///
/// # Errors
/// A sentence for people, when nobody is there to be spoken to.
pub fn work() -> Result<(), String> {
    let nobody = |_| "this is started by the server, to write files".to_owned();
    let mut to = apart::line().map_err(nobody)?;
    // Before DuckDB makes any thread: they weigh as much as whoever makes them.
    weigh_less();
    apart::go_first();
    let heard = apart::listened(&to, hear).map_err(nobody)?;
    apart::shut_out(false);
    let mut bench = Bench::default();
    for (said, rows) in heard {
        bench.answer(said, &rows, &mut to).map_err(nobody)?;
    }
    Ok(())
}

fn hear(from: &mut BufReader<UnixStream>) -> io::Result<Heard> {
    let said = apart::read(from)?;
    let mut rows = Vec::new();
    if let ToWorkshop::Take(packed) = &said {
        for Packed { stream, seq, bytes } in packed {
            let at = Through { stream: Arc::clone(stream), seq: *seq };
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
        said: ToWorkshop,
        rows: &[TailRow],
        to: &mut UnixStream,
    ) -> io::Result<()> {
        match said {
            ToWorkshop::Begin(room) => apart::write(to, &self.begin(room)),
            ToWorkshop::Take(_) => apart::write(to, &self.take(rows)),
            ToWorkshop::Halve(number) => apart::write(to, &self.halve(number)),
            ToWorkshop::Run(sql) => apart::write(to, &self.run(&sql)),
            ToWorkshop::Copy(sql) => apart::write(to, &self.copy(&sql)),
            ToWorkshop::Rows(sql) => self.rows(&sql, to),
            ToWorkshop::End => {
                self.clear();
                apart::write(to, &Ok::<_, LakeError>(()))
            }
        }
    }

    fn clear(&mut self) {
        self.slices.clear();
        self.duckdb.take_if(|duckdb| duckdb.is_worn);
    }

    fn begin(&mut self, room: Room) -> Result<(), LakeError> {
        // The one before gives its memory back first.
        self.clear();
        self.duckdb.take_if(|duckdb| duckdb.room != room);
        if self.duckdb.is_none() {
            self.duckdb = Some(DuckDb::open(room)?);
        }
        Ok(())
    }

    fn connection(&self) -> Result<&Connection, LakeError> {
        let duckdb = self.duckdb.as_ref();
        let duckdb = duckdb.ok_or_else(|| LakeError::Defect("no job has begun".to_owned()))?;
        Ok(&duckdb.connection)
    }

    /// It is not used again after this job.
    fn wear_out(&mut self) {
        self.duckdb.iter_mut().for_each(|duckdb| duckdb.is_worn = true);
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

    fn run(&mut self, sql: &str) -> Result<(), LakeError> {
        self.wear_out();
        Ok(self.connection()?.execute_batch(sql)?)
    }

    fn copy(&mut self, sql: &str) -> Result<Written, LakeError> {
        let written = self.connection()?.query_row(sql, [], |row| {
            Ok(Written {
                count: row.get(1)?,
                file_size_bytes: row.get(2)?,
                footer_size_bytes: row.get(3)?,
                columns: map(row.get(4)?, |of_column| map(of_column, text)),
            })
        });
        if written.is_err() {
            self.wear_out();
        }
        Ok(written?)
    }

    /// After an error nothing follows.
    fn rows(&mut self, sql: &str, to: &mut UnixStream) -> io::Result<()> {
        self.wear_out();
        let found = self.found(sql);
        for some in found.iter().flat_map(|rows| rows.chunks(ROWS_AT_ONCE)) {
            apart::write(to, &Ok::<_, LakeError>(some))?;
        }
        apart::write(to, &found.map(|_| Vec::<Row>::new()))
    }

    fn found(&self, sql: &str) -> Result<Vec<Row>, LakeError> {
        let mut statement = self.connection()?.prepare(sql)?;
        let rows = statement.query_map([], texts)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl DuckDb {
    fn open(room: Room) -> Result<Self, LakeError> {
        let connection = for_a_job(&Bounds {
            memory: room.memory,
            scratch_bytes: room.scratch_bytes,
            threads: 1,
            files: &room.files,
            scratch: &room.scratch,
            answers: &room.scratch,
        })?;
        lines::register(&connection)?;
        Ok(Self { connection, room, is_worn: false })
    }
}

fn texts(row: &Found<'_>) -> duckdb::Result<Row> {
    (0..row.as_ref().column_count()).map(|column| row.get(column)).collect()
}

/// DuckDB's map from texts, with its values read by `read`.
fn map<T>(value: Value, read: impl Fn(Value) -> T) -> BTreeMap<String, T> {
    let Value::Map(map) = value else { return BTreeMap::new() };
    map.iter().map(|(key, value)| (text(key.clone()), read(value.clone()))).collect()
}

fn text(value: Value) -> String {
    if let Value::Text(text) = value { text } else { String::new() }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// Whether what was made in a DuckDB is in the one that the next job has, after the job has done this.
    fn stays(does: impl FnOnce(&mut Bench, &TempDir), next: impl FnOnce(Room) -> Room) -> bool {
        let folder = TempDir::new().unwrap();
        let room = || {
            let [files, scratch] = [folder.path().to_owned(), folder.path().to_owned()];
            Room { memory: 1 << 28, scratch_bytes: 1 << 28, files, leads_to: None, scratch }
        };
        let mut bench = Bench::default();
        bench.begin(room()).unwrap();
        bench.connection().unwrap().execute_batch("CREATE TABLE mark (n INTEGER)").unwrap();
        does(&mut bench, &folder);
        bench.clear();
        bench.begin(next(room())).unwrap();
        bench.connection().unwrap().prepare("FROM mark").is_ok()
    }

    fn copy(bench: &mut Bench, folder: &TempDir, sql: &str) -> bool {
        let to = folder.path().join("some.parquet");
        let sql = format!("COPY ({sql}) TO '{}' (FORMAT parquet, RETURN_STATS)", to.display());
        bench.copy(&sql).is_ok()
    }

    #[test]
    fn a_duckdb_that_only_writes_is_used_again_and_no_other() {
        let writes = |bench: &mut Bench, folder: &TempDir| assert!(copy(bench, folder, "SELECT 1"));
        assert!(stays(writes, |room| room));
        assert!(!stays(writes, |room| Room { memory: 1 << 29, ..room }));
        assert!(!stays(writes, |room| Room { leads_to: Some("/elsewhere".into()), ..room }));
        let fails = |bench: &mut Bench, folder: &TempDir| {
            assert!(!copy(bench, folder, "SELECT error('no')"));
        };
        assert!(!stays(fails, |room| room));
        let runs = |bench: &mut Bench, _: &TempDir| bench.run("SELECT 1").unwrap();
        assert!(!stays(runs, |room| room));
        let asks = |bench: &mut Bench, _: &TempDir| {
            let (mut to, _from) = UnixStream::pair().unwrap();
            bench.rows("SELECT '1'", &mut to).unwrap();
        };
        assert!(!stays(asks, |room| room));
    }
}
