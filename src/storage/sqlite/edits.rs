//! Changes by administrators.

use rusqlite::Transaction;
use serde_json::json;

use super::{catalogue, rows};
use crate::events::{Gone, Rows};
use crate::model::{ProfileId, Time};
use crate::storage::{Edit, RedirectBody, SourceBody, StorageError, StoredUser, Through};

pub(super) fn apply(
    transaction: &Transaction<'_>,
    edit: &Edit,
    now: Time,
) -> Result<(), StorageError> {
    let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| -> Result<(), StorageError> {
        transaction.prepare_cached(sql)?.execute(params)?;
        Ok(())
    };
    match edit {
        Edit::PutSource(source) => {
            let body = SourceBody::from(source.as_ref());
            put_config(transaction, "source", source.id.as_str(), &body)
        }
        Edit::RemoveSource(id) => remove_config(transaction, "source", id.as_str()),
        Edit::PutRedirect(redirect) => {
            let body = RedirectBody::from(redirect.as_ref());
            put_config(transaction, "redirect", &redirect.id, &body)
        }
        Edit::RemoveRedirect(id) => remove_config(transaction, "redirect", id),
        Edit::PutUser(user) => put_user(transaction, user),
        Edit::PutToken(token) => {
            let sql = "INSERT INTO token (hash, email, expires_at) VALUES ($1, $2, $3)";
            run(sql, &[&token.hash, &token.email, &token.expires.micros()])?;
            run("DELETE FROM token WHERE expires_at <= $1", &[&now.micros()])
        }
        Edit::RemoveToken(hash) => run("DELETE FROM token WHERE hash = $1", &[hash]),
        Edit::RemoveProfile(ids) => remove_profile(transaction, ids),
        Edit::RemoveSession(id) => run("DELETE FROM session WHERE id = $1", &[&id.as_str()]),
        Edit::RemoveEvents { at, gone } => remove_events(transaction, at, gone),
        Edit::ForgetMarks(marks) => {
            for mark in marks {
                let [hash, rest] = mark.halves();
                run("DELETE FROM seen WHERE hash = $1 AND rest = $2", &[&hash, &rest])?;
            }
            Ok(())
        }
        Edit::BeginErasure { id, people } => begin_erasure(transaction, id, people, now),
        Edit::EndErasure { id, report } => {
            // A body of the same length is written over the old one, which named the person.
            let blank = "UPDATE erasure SET body = printf('%*s', length(body), '') WHERE id = $1";
            run(blank, &[id])?;
            let sql = "UPDATE erasure SET done_at = $1, body = $2 WHERE id = $3";
            run(sql, &[&now.micros(), report, id])
        }
    }
}

fn remove_config(transaction: &Transaction<'_>, kind: &str, id: &str) -> Result<(), StorageError> {
    grow(transaction)?;
    let sql = "DELETE FROM config WHERE kind = $1 AND id = $2";
    transaction.prepare_cached(sql)?.execute((kind, id))?;
    Ok(())
}

fn put_config(
    transaction: &Transaction<'_>,
    kind: &str,
    id: &str,
    body: &impl serde::Serialize,
) -> Result<(), StorageError> {
    let body = serde_json::to_string(body).map_err(rows::damaged("config"))?;
    let version = grow(transaction)?;
    let sql = "INSERT INTO config (kind, id, version, body) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body";
    transaction.prepare_cached(sql)?.execute((kind, id, version, body))?;
    Ok(())
}

/// Every change of the configuration gets the next number, by which others notice it.
fn grow(transaction: &Transaction<'_>) -> Result<i64, StorageError> {
    let sql = "INSERT INTO meta (key, value) VALUES ('config_version', '1') \
               ON CONFLICT (key) DO UPDATE SET value = CAST(meta.value AS BIGINT) + 1 RETURNING value";
    let version = rows::one_text(transaction, sql, [])?;
    Ok(version.and_then(|text| text.parse().ok()).unwrap_or(0))
}

fn put_user(transaction: &Transaction<'_>, user: &StoredUser) -> Result<(), StorageError> {
    let body = json!({
        "name": user.name, "password_hash": user.password_hash, "roles": user.roles,
        "enabled": user.enabled, "created": user.created.to_string(),
    });
    let sql = "INSERT INTO \"user\" (email, body) VALUES ($1, $2) \
               ON CONFLICT (email) DO UPDATE SET body = excluded.body";
    transaction.prepare_cached(sql)?.execute((&user.email, body.to_string()))?;
    Ok(())
}

fn remove_profile(transaction: &Transaction<'_>, ids: &[ProfileId]) -> Result<(), StorageError> {
    for sql in [
        "DELETE FROM identifier WHERE profile_id = $1",
        "DELETE FROM alias WHERE profile_id = $1",
        "DELETE FROM profile WHERE id = $1",
        "DELETE FROM merge WHERE winner = $1 OR loser = $1",
    ] {
        let mut statement = transaction.prepare_cached(sql)?;
        for id in ids {
            statement.execute([id.as_str()])?;
        }
    }
    Ok(())
}

fn begin_erasure(
    transaction: &Transaction<'_>,
    id: &str,
    people: &[ProfileId],
    now: Time,
) -> Result<(), StorageError> {
    let ids: Vec<&str> = people.iter().map(ProfileId::as_str).collect();
    let body = json!({"people": ids}).to_string();
    let sql = "INSERT INTO erasure (id, asked_at, body) VALUES ($1, $2, $3)";
    transaction.prepare_cached(sql)?.execute((id, now.micros(), body))?;
    Ok(())
}

fn remove_events(
    transaction: &Transaction<'_>,
    at: &Through,
    gone: &Gone,
) -> Result<(), StorageError> {
    let sql = "SELECT stream, seq, rows FROM tail WHERE stream = $1 AND seq = $2";
    let place = (at.stream.as_ref(), at.seq);
    let Some(row) = rows::one(transaction, sql, place, rows::tail)? else { return Ok(()) };
    catalogue::new_edition(transaction)?;
    let fault = |error: crate::events::Unreadable| StorageError::Failed(error.to_string());
    let rest = Rows::unpack(&row.packed).map_err(fault)?.without(gone);
    let sql = "UPDATE tail SET rows = $1, events = $2 WHERE stream = $3 AND seq = $4";
    let packed = rest.pack().map_err(fault)?;
    let params = (packed, rest.count.cast_signed(), at.stream.as_ref(), at.seq);
    transaction.prepare_cached(sql)?.execute(params)?;
    Ok(())
}
