//! What is in no file yet, kept in DuckDB's memory beside the files, up to the last commit.

use std::collections::{BTreeMap, HashMap, HashSet};

use duckdb::Connection;

use super::LakeError;
use super::engine::literal;
use super::lines::{Batch, Readable};
use crate::events::{COLUMNS, Kind};
use crate::storage::{LakeView, Storage, TailRow, TailSeen};

/// Chains of mergers are shortened by half at each step, so this is far more than any is long.
const STEPS_MAX: usize = 64;

/// So many rounds are decoded at a time: their lines take memory twice meanwhile.
const ROUNDS_AT_ONCE: usize = 256;

/// The connection that writes the tables, and what they hold.
pub(super) struct Tail {
    connection: Connection,
    seen: TailSeen,
    edition: i64,
    /// The snapshot whose marks the tables follow; negative when they must be filled anew.
    marks: i64,
    any_merged: bool,
}

/// The tables: rounds of the tail, and who was merged into whom.
pub(super) fn schema() -> String {
    let columns: Vec<String> = COLUMNS
        .iter()
        .map(|column| format!("\"{}\" {}", column.name, type_name(column.kind)))
        .collect();
    format!(
        "CREATE TABLE kith.tail (stream VARCHAR, seq UBIGINT, {}); \
         CREATE TABLE kith.merged (id VARCHAR, profile_id VARCHAR);",
        columns.join(", ")
    )
}

/// DuckDB's type of a column.
pub(super) fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "VARCHAR",
        Kind::Moment => "TIMESTAMPTZ",
        Kind::Truth => "BOOLEAN",
        Kind::Number => "BIGINT",
        Kind::Texts => "VARCHAR[]",
        Kind::Json => "JSON",
    }
}

/// The table of [`under`].
pub(super) const UNDER: &str = "tail_under";

/// Fills a table of this connection alone with the rounds' events that came under these ids, and says
/// what else the database shows at that moment, but who was merged.
pub(super) fn under(
    ids: &[String],
    connection: &Connection,
    storage: &dyn Storage,
) -> Result<LakeView, LakeError> {
    let mut view = storage.lake(&TailSeen { without_merges: true, ..TailSeen::default() })?;
    let ids: HashSet<&str> = ids.iter().map(String::as_str).collect();
    let lines = Readable::all(Batch::of(&view.rows, Some(&ids))?);
    view.rows.clear();
    // It may be the next look.
    connection
        .execute_batch(&format!("CREATE OR REPLACE TEMP TABLE {UNDER} AS {}", lines.sql("")))?;
    Ok(view)
}

impl Tail {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, seen: TailSeen::default(), edition: 0, marks: -1, any_merged: false }
    }

    /// Brings the tables up to the database, and says what else it shows at that moment.
    pub(super) fn sync(&mut self, storage: &dyn Storage) -> Result<LakeView, LakeError> {
        let mut view = storage.lake(&self.seen)?;
        if view.edition != self.edition {
            // Rounds that we have were changed: all of them are read again.
            self.seen = TailSeen::default();
            view = storage.lake(&self.seen)?;
            (self.marks, self.any_merged) = (-1, false);
        }
        self.take_in(&view)?;
        self.edition = view.edition;
        self.marks = view.snapshot;
        self.any_merged |= !view.merges.is_empty();
        view.any_merged = self.any_merged;
        for row in view.rows.drain(..) {
            self.seen.rounds.insert(row.at.stream, row.at.seq);
        }
        for merge in &view.merges {
            self.seen.merges.insert(merge.at.stream.clone(), merge.at.seq);
        }
        self.seen.rounds.retain(|stream, _| view.flushed.contains_key(stream));
        Ok(view)
    }

    /// In several commits of DuckDB's: it loses rows, without a word, that are inserted in great number
    /// into a table that the same transaction has made. Nobody looks in between; after a failure all
    /// of it is read again.
    fn take_in(&mut self, view: &LakeView) -> Result<(), LakeError> {
        let taken = self.try_to_take_in(view);
        if taken.is_err() {
            (self.seen, self.marks, self.any_merged) = (TailSeen::default(), -1, false);
        }
        taken
    }

    fn try_to_take_in(&self, view: &LakeView) -> Result<(), LakeError> {
        if self.marks < 0 {
            self.connection.execute_batch("DELETE FROM kith.tail; DELETE FROM kith.merged;")?;
        }
        if view.snapshot != self.marks {
            self.drop_flushed(view.flushed.iter().map(|(stream, seq)| (stream.as_ref(), *seq)))?;
        }
        for some in view.rows.chunks(ROUNDS_AT_ONCE) {
            self.append(some)?;
        }
        self.merge(view)
    }

    /// Keeps what is in no file. In a table of its own: DuckDB gives back the memory of a table that
    /// is gone, and not that of rows that are.
    pub(super) fn drop_flushed<'a>(
        &self,
        marks: impl Iterator<Item = (&'a str, u64)>,
    ) -> Result<(), LakeError> {
        let marks: HashMap<&str, u64> = marks.collect();
        let flushed = self.seen.rounds.keys().map(|stream| match marks.get(stream.as_ref()) {
            Some(seq) => format!("(stream = {} AND seq <= {seq})", literal(stream)),
            // A life that is over, and left when all of it was in files.
            None => format!("stream = {}", literal(stream)),
        });
        let flushed: Vec<String> = flushed.collect();
        if flushed.is_empty() {
            return Ok(());
        }
        self.connection.execute_batch(&format!(
            "CREATE OR REPLACE TABLE kith.tail AS SELECT * FROM kith.tail WHERE NOT ({});",
            flushed.join(" OR ")
        ))?;
        Ok(())
    }

    fn append(&self, rows: &[TailRow]) -> Result<(), LakeError> {
        let lines = Readable::all(Batch::of(rows, None)?);
        let sql = lines.sql("stream, CAST(seq AS UBIGINT),");
        self.connection.execute_batch(&format!("INSERT INTO kith.tail {sql}"))?;
        Ok(())
    }

    /// Every merged id leads to the living one, however often that was merged itself.
    fn merge(&self, view: &LakeView) -> Result<(), LakeError> {
        if view.merges.is_empty() {
            return Ok(());
        }
        // Whoever was merged twice, as ids of sources can be, leads to the later one.
        let fresh: BTreeMap<&str, &str> =
            view.merges.iter().map(|merge| (merge.loser.as_str(), merge.winner.as_str())).collect();
        if self.any_merged {
            let mut gone = self.connection.prepare("DELETE FROM kith.merged WHERE id = ?")?;
            for id in fresh.keys() {
                gone.execute([id])?;
            }
        }
        let mut put = self.connection.appender_to_db("merged", "kith")?;
        for (loser, winner) in fresh {
            put.append_row([loser, winner])?;
        }
        put.flush()?;
        drop(put);
        for _ in 0..STEPS_MAX {
            let moved = self.connection.execute(
                "UPDATE kith.merged AS m SET profile_id = n.profile_id FROM kith.merged AS n \
                 WHERE m.profile_id = n.id AND n.profile_id <> m.profile_id",
                [],
            )?;
            if moved == 0 {
                break;
            }
        }
        Ok(())
    }
}
