//! History at one moment: files, what is in none of them, and who was merged or is being erased.

use std::collections::HashMap;
use std::sync::Arc;

use super::erasures::erasures;
use super::files::files;
use crate::model::ProfileId;
use crate::storage::sql::{Row, Sql, rows, values};
use crate::storage::{LakeView, Merged, StorageError, TailRow, TailSeen, TailSize, Through};

/// A stream, and how far what of it is.
struct Stream {
    id: Arc<str>,
    flushed: u64,
    /// The last round with a merger.
    merged: u64,
    /// Events of rounds that are in no file.
    events: u64,
}

/// The tail first, then the catalogue, then without what the catalogue says is in files: no gap and
/// nothing twice, also where the parts of a database do not share one moment.
pub(super) fn view(sql: &mut dyn Sql, seen: &TailSeen) -> Result<LakeView, StorageError> {
    let edition = edition(sql)?;
    let before = streams(sql)?;
    let mut rows = unseen(sql, seen, &before)?;
    let merges = merges(sql, seen, &before)?;
    let hidden = erasures(sql)?.into_iter().flat_map(|row| row.people).collect();
    let flushed: HashMap<Arc<str>, u64> =
        streams(sql)?.into_iter().map(|stream| (stream.id, stream.flushed)).collect();
    rows.retain(|row| flushed.get(&row.at.stream).is_some_and(|mark| row.at.seq > *mark));
    Ok(LakeView {
        snapshot: snapshot(sql)?,
        files: files(sql)?,
        rows,
        edition,
        merges,
        any_merged: false,
        hidden,
        flushed,
    })
}

/// The newest snapshot.
fn snapshot(sql: &mut dyn Sql) -> Result<i64, StorageError> {
    sql.number("SELECT max(snapshot_id) FROM ducklake_snapshot", &[])
}

/// Grows with every change of rounds already written.
pub(super) fn edition(sql: &mut dyn Sql) -> Result<i64, StorageError> {
    let edition = sql.text("SELECT value FROM meta WHERE key = 'tail_edition'", &[])?;
    Ok(edition.and_then(|text| text.parse().ok()).unwrap_or(0))
}

fn streams(sql: &mut dyn Sql) -> Result<Vec<Stream>, StorageError> {
    sql.all("SELECT id, flushed, merged, events FROM stream", &[], |row| {
        let (flushed, merged, events) = (row.count(1)?, row.count(2)?, row.count(3)?);
        Ok(Stream { id: Arc::from(row.text(0)?), flushed, merged, events })
    })
}

fn unseen(
    sql: &mut dyn Sql,
    seen: &TailSeen,
    streams: &[Stream],
) -> Result<Vec<TailRow>, StorageError> {
    let ask = "SELECT stream, seq, rows FROM tail WHERE stream = $1 AND seq > $2 ORDER BY seq";
    let mut unseen = Vec::new();
    for stream in streams.iter().filter(|stream| stream.events > 0) {
        let after = seen.rounds.get(&stream.id).copied().unwrap_or(0).max(stream.flushed);
        unseen.extend(sql.all(ask, values![stream.id.as_ref(), after], rows::tail)?);
    }
    Ok(unseen)
}

/// In the order written: a later one may be about the winner of an earlier one. Whoever has seen none asks for
/// those of all lives: rows of lives that are over leave, and their mergers stay.
fn merges(
    sql: &mut dyn Sql,
    seen: &TailSeen,
    streams: &[Stream],
) -> Result<Vec<Merged>, StorageError> {
    if seen.without_merges {
        return Ok(Vec::new());
    }
    let mut merges =
        if seen.merges.is_empty() { all_merges(sql)? } else { later_merges(sql, seen, streams)? };
    merges.sort_by_key(|(time, merged)| (*time, merged.at.seq));
    Ok(merges.into_iter().map(|(_, merged)| merged).collect())
}

fn all_merges(sql: &mut dyn Sql) -> Result<Vec<(i64, Merged)>, StorageError> {
    let ask = "SELECT seq, loser, winner, merged_at, stream FROM merge \
               WHERE stream <> '' AND undone_at IS NULL ORDER BY stream, seq";
    // A name for each life, however many mergers it had.
    let mut last: Arc<str> = Arc::from("");
    sql.all(ask, &[], |row| {
        let stream = row.text(4)?;
        if stream != last.as_ref() {
            last = Arc::from(stream);
        }
        merged(row, &last)
    })
}

fn later_merges(
    sql: &mut dyn Sql,
    seen: &TailSeen,
    streams: &[Stream],
) -> Result<Vec<(i64, Merged)>, StorageError> {
    let ask = "SELECT seq, loser, winner, merged_at FROM merge \
               WHERE stream = $1 AND seq > $2 AND undone_at IS NULL ORDER BY seq";
    let mut merges = Vec::new();
    for stream in streams {
        let after = seen.merges.get(&stream.id).copied().unwrap_or(0);
        if stream.merged > after {
            let read = |row: &dyn Row| merged(row, &stream.id);
            merges.extend(sql.all(ask, values![stream.id.as_ref(), after], read)?);
        }
    }
    Ok(merges)
}

fn merged(row: &dyn Row, stream: &Arc<str>) -> Result<(i64, Merged), StorageError> {
    let at = Through { stream: Arc::clone(stream), seq: row.count(0)? };
    let (loser, winner) = (ProfileId::new(row.text(1)?), ProfileId::new(row.text(2)?));
    Ok((row.number(3)?, Merged { at, loser, winner }))
}

/// From counters: reading the tail for it would hold the log, and take the longer the more waits.
pub(super) fn tail_size(sql: &mut dyn Sql) -> Result<TailSize, StorageError> {
    let ask = "SELECT CAST(coalesce(sum(events), 0) AS BIGINT), \
               CAST(coalesce(sum(bytes), 0) AS BIGINT), \
               (SELECT count(*) FROM ducklake_data_file WHERE end_snapshot IS NULL), \
               (SELECT file_size_bytes FROM ducklake_table_stats) FROM stream";
    let size = sql.one(ask, &[], |row| {
        let (events, bytes, files) = (row.count(0)?, row.count(1)?, row.count(2)?);
        Ok(TailSize { events, bytes, files, file_bytes: row.count(3)? })
    })?;
    Ok(size.unwrap_or_default())
}
