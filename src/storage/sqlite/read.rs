//! Reading back: profiles, sessions, events, configuration, users.

use std::ops::ControlFlow;

use rusqlite::Connection;
use serde::Deserialize;

use super::{load, rows};
use crate::model::{Profile, Time};
use crate::storage::{Counted, SessionRow, StorageError, StoredToken, StoredUser, TailRow};

pub(super) fn profile(connection: &Connection, id: &str) -> Result<Option<Profile>, StorageError> {
    let Some(living) = load::alias(connection, id)? else { return Ok(None) };
    Ok(load::profile(connection, living.as_str())?.map(|(profile, _)| profile))
}

pub(super) fn session(
    connection: &Connection,
    id: &str,
) -> Result<Option<SessionRow>, StorageError> {
    let sql = format!("{} WHERE id = $1", rows::SESSION);
    rows::one(connection, &sql, [id], rows::session)
}

pub(super) fn tail(
    connection: &Connection,
    visit: &mut dyn FnMut(TailRow) -> ControlFlow<()>,
) -> Result<(), StorageError> {
    let sql = "SELECT stream, seq, rows FROM tail ORDER BY stream DESC, seq DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        if visit(rows::tail(row)?).is_break() {
            break;
        }
    }
    Ok(())
}

pub(super) fn unfolded(
    connection: &Connection,
    visit: &mut dyn FnMut(TailRow),
) -> Result<(), StorageError> {
    let sql = "SELECT tail.stream, tail.seq, tail.rows FROM stream \
               JOIN tail ON tail.stream = stream.id AND tail.seq > stream.written_through \
               ORDER BY tail.stream, tail.seq";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        visit(rows::tail(row)?);
    }
    Ok(())
}

pub(super) fn count(connection: &Connection, what: Counted) -> Result<u64, StorageError> {
    let sql = match what {
        Counted::Profiles => "SELECT count(*) FROM profile",
        Counted::Sessions => "SELECT count(*) FROM session",
        Counted::Events => {
            "SELECT (SELECT record_count FROM ducklake_table_stats) + coalesce(sum(tail.events), 0) \
             FROM stream JOIN tail ON tail.stream = stream.id AND tail.seq > stream.flushed"
        }
    };
    let count: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

pub(super) fn config(
    connection: &Connection,
    kind: &str,
) -> Result<Vec<(String, String)>, StorageError> {
    let sql = "SELECT id, body FROM config WHERE kind = $1 ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map([kind], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn config_version(connection: &Connection) -> Result<i64, StorageError> {
    let sql = "SELECT value FROM meta WHERE key = 'config_version'";
    Ok(rows::one_text(connection, sql, [])?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

#[derive(Deserialize)]
struct UserBody {
    name: String,
    password_hash: String,
    roles: Vec<String>,
    enabled: bool,
    created: String,
}

pub(super) fn users(
    connection: &Connection,
    email: Option<&str>,
) -> Result<Vec<StoredUser>, StorageError> {
    let sql = "SELECT email, body FROM \"user\" WHERE $1 IS NULL OR email = $1 ORDER BY email";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query([email])?;
    let mut list = Vec::new();
    while let Some(row) = found.next()? {
        let body: String = row.get(1)?;
        let body: UserBody = serde_json::from_str(&body).map_err(rows::damaged("user"))?;
        list.push(StoredUser {
            email: row.get(0)?,
            name: body.name,
            password_hash: body.password_hash,
            roles: body.roles,
            enabled: body.enabled,
            created: Time::parse(&body.created).unwrap_or_default(),
        });
    }
    Ok(list)
}

pub(super) fn token(
    connection: &Connection,
    hash: &str,
) -> Result<Option<StoredToken>, StorageError> {
    let sql = "SELECT hash, email, expires_at FROM token WHERE hash = $1";
    rows::one(connection, sql, [hash], |row| {
        let expires = Time::from_micros(row.get(2)?);
        Ok(StoredToken { hash: row.get(0)?, email: row.get(1)?, expires })
    })
}
