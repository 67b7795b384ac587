//! The lake's half of the contract, fulfilled.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use serde::Deserialize;

use super::{Sqlite, catalogue, rows, wipe};
use crate::events::Rows;
use crate::model::{ProfileId, Time};
use crate::storage::{
    DataFile, ErasureReport, ErasureRow, LakeChange, LakeStorage, LakeView, Landed, Merged,
    PeopleKind, PeopleRow, Portion, StorageError, TailRow, TailSeen, TailSize, Through, Waiting,
};

/// Rounds that are in files.
type Marks = HashMap<Arc<str>, u64>;

impl LakeStorage for Sqlite {
    fn lake(&self, seen: &TailSeen) -> Result<LakeView, StorageError> {
        self.read(|connection| {
            // One read transaction: one moment of the database.
            let transaction = connection.unchecked_transaction()?;
            let view = view(&transaction, seen)?;
            transaction.commit()?;
            Ok(view)
        })
    }

    fn waiting(&self, portion: Portion) -> Result<Waiting, StorageError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let waiting = waiting(&transaction, portion)?;
            transaction.commit()?;
            Ok(waiting)
        })
    }

    fn commit_lake(&self, change: &LakeChange) -> Result<Landed, StorageError> {
        self.write(|connection| catalogue::commit(connection, change))
    }

    fn files(&self) -> Result<Vec<DataFile>, StorageError> {
        self.read(catalogue::files)
    }

    fn locate(&self, folder: &str) -> Result<(), StorageError> {
        self.write(|connection| catalogue::locate(connection, folder))
    }

    fn expire_snapshots(&self, now: Time, grace: Duration) -> Result<Vec<String>, StorageError> {
        self.write(|connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let due = catalogue::expire_old(&transaction, now, grace)?;
            transaction.commit()?;
            Ok(due)
        })
    }

    fn forget_files(&self, paths: &[String]) -> Result<(), StorageError> {
        if paths.is_empty() {
            return Ok(());
        }
        self.write(|connection| {
            let transaction = connection.transaction()?;
            let forget = "DELETE FROM ducklake_files_scheduled_for_deletion WHERE path = $1";
            for path in paths {
                transaction.prepare_cached(forget)?.execute([path])?;
            }
            Ok(transaction.commit()?)
        })
    }

    fn known_paths(&self) -> Result<Vec<String>, StorageError> {
        let sql = "SELECT path FROM ducklake_data_file \
                   UNION ALL SELECT path FROM ducklake_files_scheduled_for_deletion";
        self.read(|connection| {
            let mut statement = connection.prepare(sql)?;
            let paths = statement.query_map([], |row| row.get(0))?;
            Ok(paths.collect::<Result<_, _>>()?)
        })
    }

    fn tail_size(&self) -> Result<TailSize, StorageError> {
        let sql = "SELECT coalesce(sum(tail.events), 0), coalesce(sum(length(tail.rows)), 0), \
                   (SELECT count(*) FROM ducklake_data_file WHERE end_snapshot IS NULL), \
                   (SELECT file_size_bytes FROM ducklake_table_stats) \
                   FROM stream JOIN tail ON tail.stream = stream.id AND tail.seq > stream.flushed";
        self.read(|connection| {
            Ok(connection.prepare_cached(sql)?.query_row([], |row| {
                let (events, bytes, files) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok(TailSize { events, bytes, files, file_bytes: row.get(3)? })
            })?)
        })
    }

    fn people(
        &self,
        kind: PeopleKind,
        after: &str,
        limit: usize,
    ) -> Result<Vec<PeopleRow>, StorageError> {
        let sql = match kind {
            PeopleKind::Profiles => {
                "SELECT id, NULL, body FROM profile WHERE id > $1 ORDER BY id LIMIT $2"
            }
            PeopleKind::Sessions => {
                "SELECT id, profile_id, body FROM session WHERE id > $1 ORDER BY id LIMIT $2"
            }
        };
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let found = statement.query_map((after, limit), |row| {
                Ok(PeopleRow { id: row.get(0)?, profile: row.get(1)?, body: row.get(2)? })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    fn erasures(&self) -> Result<Vec<ErasureRow>, StorageError> {
        self.read(erasures)
    }

    fn erasure(&self, id: &str) -> Result<Option<ErasureReport>, StorageError> {
        let sql = "SELECT asked_at, done_at, body FROM erasure WHERE id = $1";
        self.read(|connection| {
            rows::one(connection, sql, [id], |row| {
                let done: Option<i64> = row.get(1)?;
                let report = done.map(|_| row.get(2)).transpose()?;
                let (asked, done) = (Time::from_micros(row.get(0)?), done.map(Time::from_micros));
                Ok(ErasureReport { asked, done, report })
            })
        })
    }

    fn wipe(&self) -> Result<(), StorageError> {
        wipe::run(self)
    }
}

fn view(connection: &Connection, seen: &TailSeen) -> Result<LakeView, StorageError> {
    let flushed = marks(connection)?;
    let hidden = erasures(connection)?.into_iter().flat_map(|row| row.people).collect();
    Ok(LakeView {
        snapshot: catalogue::snapshot(connection)?,
        files: catalogue::files(connection)?,
        rows: unseen(connection, seen, &flushed)?,
        edition: catalogue::edition(connection)?,
        merges: merges(connection, seen, &flushed)?,
        any_merged: false,
        hidden,
        flushed,
    })
}

fn marks(connection: &Connection) -> Result<Marks, StorageError> {
    let mut statement = connection.prepare_cached("SELECT id, flushed FROM stream")?;
    let mut found = statement.query([])?;
    let mut marks = Marks::new();
    while let Some(row) = found.next()? {
        marks.insert(Arc::from(row.get::<_, String>(0)?), row.get(1)?);
    }
    Ok(marks)
}

fn unseen(
    connection: &Connection,
    seen: &TailSeen,
    flushed: &Marks,
) -> Result<Vec<TailRow>, StorageError> {
    let sql = "SELECT stream, seq, rows FROM tail WHERE stream = $1 AND seq > $2 ORDER BY seq";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = Vec::new();
    for (stream, mark) in flushed {
        let after = seen.rounds.get(stream).copied().unwrap_or(0).max(*mark);
        let mut found = statement.query((stream.as_ref(), after))?;
        while let Some(row) = found.next()? {
            rows.push(rows::tail(row)?);
        }
    }
    Ok(rows)
}

fn waiting(connection: &Connection, portion: Portion) -> Result<Waiting, StorageError> {
    let edition = catalogue::edition(connection)?;
    let mut waiting = Waiting { edition, ..Waiting::default() };
    let sql = "SELECT tail.stream, tail.seq, tail.rows, tail.events, stream.flushed FROM stream \
               JOIN tail ON tail.stream = stream.id AND tail.seq > stream.flushed \
               ORDER BY tail.stream, tail.seq";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query([])?;
    let (mut events, mut bytes) = (0, 0);
    while let Some(row) = found.next()? {
        if events >= portion.events || bytes >= portion.bytes {
            waiting.more = true;
            break;
        }
        let tail = rows::tail(row)?;
        events += row.get::<_, u64>(3)?;
        bytes += Rows::unpacked_bytes(&tail.packed);
        waiting.marks.insert(Arc::clone(&tail.at.stream), row.get(4)?);
        waiting.rows.push(tail);
    }
    Ok(waiting)
}

/// In the order written: a later one may be about the winner of an earlier one.
fn merges(
    connection: &Connection,
    seen: &TailSeen,
    streams: &Marks,
) -> Result<Vec<Merged>, StorageError> {
    let sql = "SELECT stream, seq, loser, winner, merged_at FROM merge \
               WHERE stream = $1 AND seq > $2 ORDER BY seq";
    let mut statement = connection.prepare_cached(sql)?;
    let mut merges = Vec::new();
    for stream in streams.keys() {
        let after = seen.merges.get(stream).copied().unwrap_or(0);
        let mut found = statement.query((stream.as_ref(), after))?;
        while let Some(row) = found.next()? {
            let at = Through { stream: Arc::clone(stream), seq: row.get(1)? };
            let (loser, winner) = (row.get::<_, String>(2)?, row.get::<_, String>(3)?);
            let merged =
                Merged { at, loser: ProfileId::new(loser), winner: ProfileId::new(winner) };
            merges.push((row.get::<_, i64>(4)?, merged));
        }
    }
    merges.sort_by_key(|(time, merged)| (*time, merged.at.seq));
    Ok(merges.into_iter().map(|(_, merged)| merged).collect())
}

/// The body of an `erasure` row.
#[derive(Deserialize)]
struct ErasureBody {
    people: Vec<String>,
}

fn erasures(connection: &Connection) -> Result<Vec<ErasureRow>, StorageError> {
    let sql = "SELECT id, body FROM erasure WHERE done_at IS NULL ORDER BY asked_at";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query([])?;
    let mut list = Vec::new();
    while let Some(row) = found.next()? {
        let body: String = row.get(1)?;
        let body: ErasureBody = serde_json::from_str(&body).map_err(rows::damaged("erasure"))?;
        let people = body.people.into_iter().map(ProfileId::new).collect();
        list.push(ErasureRow { id: row.get(0)?, people });
    }
    Ok(list)
}
