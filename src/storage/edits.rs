//! Changes by administrators that happen between payloads.

use super::sql::{Sql, Value, rows, values};
use super::{
    Edit, StorageError, Through, accounts, held, history, merges, quarantine, removed, standing,
    tables,
};
use crate::events::{Gone, Rows};
use crate::model::{ProfileId, Time};

pub(super) fn apply(sql: &mut dyn Sql, edit: &Edit, now: Time) -> Result<(), StorageError> {
    match edit {
        Edit::PutToken(token) => accounts::put_token(sql, token, now),
        Edit::RemoveToken(hash) => run(sql, "DELETE FROM token WHERE hash = $1", values![hash]),
        Edit::TakeBack(taken) => {
            new_edition(sql)?;
            merges::take_back(sql, taken, now)
        }
        Edit::Unbind(keys) => standing::unbind(sql, keys),
        Edit::RemoveProfile(ids) => remove_people(sql, ids),
        Edit::RemoveSession(id) => {
            run(sql, "DELETE FROM session WHERE id = $1", values![id.as_str()])
        }
        Edit::RemoveEvents { at, gone } => remove_events(sql, at, gone),
        Edit::ForgetMarks(marks) => marks.iter().try_for_each(|mark| {
            let [hash, rest] = mark.halves();
            run(sql, "DELETE FROM seen WHERE hash = $1 AND rest = $2", values![hash, rest])
        }),
        Edit::Quarantine(one) => quarantine::enter(sql, one, now),
        Edit::EndQuarantine(id) => quarantine::leave(sql, id),
        Edit::HoldEvent(one) => held::hold(sql, one),
        Edit::LetGo(key) => held::let_go(sql, key),
        Edit::ForgetHeld { sessions, through } => held::forget_of(sql, sessions, *through),
        Edit::BeginErasure { id, people } => history::begin_erasure(sql, id, people, now),
        Edit::EndErasure { id, people, report } => {
            history::end_erasure(sql, id, people, report, now)
        }
    }
}

fn run(sql: &mut dyn Sql, statement: &str, values: &[Value<'_>]) -> Result<(), StorageError> {
    sql.execute(statement, values).map(|_| ())
}

/// Where mergers go, every reader reads them anew: what is left of the person in history is shown
/// under the ids of the time, by a server that has just started and by one that runs.
fn remove_people(sql: &mut dyn Sql, ids: &[ProfileId]) -> Result<(), StorageError> {
    removed::remember(sql, ids)?;
    let merged = "SELECT count(*) FROM merge WHERE winner = $1 OR loser = $1";
    for id in ids {
        if sql.number(merged, values![id.as_str()])? > 0 {
            new_edition(sql)?;
            break;
        }
    }
    for statement in tables::removals() {
        for id in ids {
            sql.execute(statement, values![id.as_str()])?;
        }
    }
    Ok(())
}

fn remove_events(sql: &mut dyn Sql, at: &Through, gone: &Gone) -> Result<(), StorageError> {
    let (stream, seq) = (at.stream.as_ref(), at.seq);
    let find = "SELECT stream, seq, rows FROM tail WHERE stream = $1 AND seq = $2";
    let Some(row) = sql.one(find, values![stream, seq], rows::tail)? else { return Ok(()) };
    new_edition(sql)?;
    let fault = |error: crate::events::Unreadable| StorageError::Failed(error.to_string());
    let all = Rows::unpack(&row.packed).map_err(fault)?;
    let (before, bytes) = (all.count, row.packed.len());
    let rest = all.without(gone);
    let packed = rest.pack().map_err(fault)?;
    let put = "UPDATE tail SET rows = $1, events = $2 WHERE stream = $3 AND seq = $4";
    sql.execute(put, values![packed.as_slice(), rest.count, stream, seq])?;
    let less = "UPDATE stream SET events = events - $1, bytes = bytes - $2 \
                WHERE id = $3 AND flushed < $4";
    let bytes = i64::try_from(bytes).unwrap_or(0) - i64::try_from(packed.len()).unwrap_or(0);
    run(sql, less, values![before - rest.count, bytes, stream, seq])
}

/// Rounds or mergers already written are about to change.
pub(super) fn new_edition(sql: &mut dyn Sql) -> Result<(), StorageError> {
    let next = "INSERT INTO meta (key, value) VALUES ('tail_edition', '1') \
               ON CONFLICT (key) DO UPDATE SET value = CAST(meta.value AS BIGINT) + 1";
    run(sql, next, &[])
}
