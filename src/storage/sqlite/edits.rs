//! Changes by administrators.

use rusqlite::Transaction;
use serde_json::json;

use super::rows;
use crate::events::Rows;
use crate::model::{EventId, ProfileId, Time};
use crate::storage::{Edit, SourceBody, StorageError, StoredUser, Through};

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
            let body = serde_json::to_string(&SourceBody::from(source.as_ref()));
            let body = body.map_err(rows::damaged("config"))?;
            put_config(transaction, source.id.as_str(), &body)
        }
        Edit::RemoveSource(id) => {
            grow(transaction)?;
            run("DELETE FROM config WHERE kind = 'source' AND id = $1", &[&id.as_str()])
        }
        Edit::PutUser(user) => put_user(transaction, user),
        Edit::PutToken(token) => {
            let sql = "INSERT INTO token (hash, email, expires_at) VALUES ($1, $2, $3)";
            run(sql, &[&token.hash, &token.email, &token.expires.micros()])?;
            run("DELETE FROM token WHERE expires_at <= $1", &[&now.micros()])
        }
        Edit::RemoveToken(hash) => run("DELETE FROM token WHERE hash = $1", &[hash]),
        Edit::RemoveProfile(ids) => remove_profile(transaction, ids),
        Edit::RemoveSession(id) => run("DELETE FROM session WHERE id = $1", &[&id.as_str()]),
        Edit::RemoveEvent { at, id } => remove_event(transaction, at, id),
    }
}

fn put_config(transaction: &Transaction<'_>, id: &str, body: &str) -> Result<(), StorageError> {
    let version = grow(transaction)?;
    let sql = "INSERT INTO config (kind, id, version, body) VALUES ('source', $1, $2, $3) \
               ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body";
    transaction.prepare_cached(sql)?.execute((id, version, body))?;
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

fn remove_event(
    transaction: &Transaction<'_>,
    at: &Through,
    id: &EventId,
) -> Result<(), StorageError> {
    let sql = "SELECT stream, seq, rows FROM tail WHERE stream = $1 AND seq = $2";
    let place = (at.stream.as_ref(), at.seq);
    let Some(row) = rows::one(transaction, sql, place, rows::tail)? else { return Ok(()) };
    let fault = |error: crate::events::Unreadable| StorageError::Failed(error.to_string());
    let rest = Rows::unpack(&row.packed).map_err(fault)?.without(id.as_str());
    let sql = "UPDATE tail SET rows = $1, events = $2 WHERE stream = $3 AND seq = $4";
    let packed = rest.pack().map_err(fault)?;
    let params = (packed, rest.count.cast_signed(), at.stream.as_ref(), at.seq);
    transaction.prepare_cached(sql)?.execute(params)?;
    Ok(())
}
