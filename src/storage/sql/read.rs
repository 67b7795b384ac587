//! Reading back: profiles, sessions, events, configuration, users.

use std::ops::ControlFlow;

use serde::Deserialize;

use super::{Row, Sql, rows, values};
use crate::model::{Profile, Time};
use crate::storage::{Counted, SessionRow, StorageError, StoredToken, StoredUser, TailRow};

pub(in crate::storage) fn profile(
    sql: &mut dyn Sql,
    id: &str,
) -> Result<Option<Profile>, StorageError> {
    let living = sql.text("SELECT profile_id FROM alias WHERE id = $1", values![id])?;
    let Some(living) = living else { return Ok(None) };
    let body = sql.text("SELECT body FROM profile WHERE id = $1", values![&living])?;
    body.map(|body| rows::profile(&body)).transpose()
}

pub(in crate::storage) fn session(
    sql: &mut dyn Sql,
    id: &str,
) -> Result<Option<SessionRow>, StorageError> {
    sql.one(&format!("{} WHERE id = $1", rows::SESSION), values![id], rows::session)
}

pub(in crate::storage) fn tail(
    sql: &mut dyn Sql,
    visit: &mut dyn FnMut(TailRow) -> ControlFlow<()>,
) -> Result<(), StorageError> {
    let ask = "SELECT stream, seq, rows FROM tail ORDER BY stream DESC, seq DESC";
    sql.each(ask, &[], &mut |row| Ok(visit(rows::tail(row)?)))
}

pub(in crate::storage) fn count(sql: &mut dyn Sql, what: Counted) -> Result<u64, StorageError> {
    let ask = match what {
        Counted::Profiles => "SELECT count(*) FROM profile",
        Counted::Sessions => "SELECT count(*) FROM session",
        Counted::Events => {
            "SELECT (SELECT record_count FROM ducklake_table_stats) + \
             (SELECT CAST(coalesce(sum(events), 0) AS BIGINT) FROM stream)"
        }
    };
    Ok(u64::try_from(sql.number(ask, &[])?).unwrap_or(0))
}

pub(in crate::storage) fn config(
    sql: &mut dyn Sql,
    kind: &str,
) -> Result<Vec<(String, String)>, StorageError> {
    let ask = "SELECT id, body FROM config WHERE kind = $1 ORDER BY id";
    sql.all(ask, values![kind], |row| Ok((row.string(0)?, row.string(1)?)))
}

pub(in crate::storage) fn config_version(sql: &mut dyn Sql) -> Result<i64, StorageError> {
    let version = sql.text("SELECT value FROM meta WHERE key = 'config_version'", &[])?;
    Ok(version.and_then(|text| text.parse().ok()).unwrap_or(0))
}

#[derive(Deserialize)]
struct UserBody {
    name: String,
    password_hash: String,
    roles: Vec<String>,
    enabled: bool,
    created: String,
}

/// The user with this e-mail, or all.
pub(in crate::storage) fn users(
    sql: &mut dyn Sql,
    email: Option<&str>,
) -> Result<Vec<StoredUser>, StorageError> {
    let all = "SELECT email, body FROM \"user\" ORDER BY email";
    let one = "SELECT email, body FROM \"user\" WHERE email = $1";
    match email {
        Some(email) => sql.all(one, values![email], user),
        None => sql.all(all, &[], user),
    }
}

fn user(row: &dyn Row) -> Result<StoredUser, StorageError> {
    let body: UserBody = serde_json::from_str(row.text(1)?).map_err(rows::damaged("user"))?;
    Ok(StoredUser {
        email: row.string(0)?,
        name: body.name,
        password_hash: body.password_hash,
        roles: body.roles,
        enabled: body.enabled,
        created: Time::parse(&body.created).unwrap_or_default(),
    })
}

pub(in crate::storage) fn token(
    sql: &mut dyn Sql,
    hash: &str,
) -> Result<Option<StoredToken>, StorageError> {
    let ask = "SELECT hash, email, expires_at FROM token WHERE hash = $1";
    sql.one(ask, values![hash], |row| {
        let expires = Time::from_micros(row.number(2)?);
        Ok(StoredToken { hash: row.string(0)?, email: row.string(1)?, expires })
    })
}
