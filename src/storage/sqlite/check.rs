//! Is the data whole? SQLite's own check, then what Kith promises about it.

use rusqlite::Connection;

use super::{load, rows};
use crate::events::Rows;
use crate::storage::StorageError;

/// What must never be found: a query that counts offenders, and what it means.
const PROMISES: [(&str, &str); 4] = [
    (
        "SELECT count(*) FROM alias LEFT JOIN profile ON profile.id = alias.profile_id \
         WHERE profile.id IS NULL",
        "ids lead to no living profile",
    ),
    (
        "SELECT count(*) FROM profile LEFT JOIN alias ON alias.id = profile.id \
         WHERE alias.id IS NULL OR alias.profile_id <> profile.id",
        "profiles are not found by their own id",
    ),
    (
        "SELECT count(*) FROM identifier LEFT JOIN alias ON alias.id = identifier.profile_id \
         WHERE alias.id IS NULL",
        "identifiers belong to nobody",
    ),
    (
        "SELECT count(*) FROM tail WHERE stream NOT IN (SELECT id FROM stream)",
        "tail rows belong to no known stream",
    ),
];

/// Everything wrong, one sentence each.
pub(super) fn check(connection: &Connection) -> Result<Vec<String>, StorageError> {
    let mut problems = Vec::new();
    let verdict = rows::one_text(connection, "PRAGMA integrity_check", [])?.unwrap_or_default();
    if verdict != "ok" {
        problems.push(format!("SQLite's integrity check says: {verdict}"));
    }
    for (sql, meaning) in PROMISES {
        let offenders: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        if offenders > 0 {
            problems.push(format!("{offenders} {meaning}"));
        }
    }
    bodies(connection, &mut problems)?;
    tail(connection, &mut problems)?;
    Ok(problems)
}

/// Every body can be read.
fn bodies(connection: &Connection, problems: &mut Vec<String>) -> Result<(), StorageError> {
    let mut statement = connection.prepare("SELECT id FROM profile")?;
    let mut found = statement.query([])?;
    let mut damaged = 0;
    while let Some(row) = found.next()? {
        let id: String = row.get(0)?;
        damaged += usize::from(load::profile(connection, &id).is_err());
    }
    let mut statement = connection.prepare(rows::SESSION)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        damaged += usize::from(rows::session(row).is_err());
    }
    if damaged > 0 {
        problems.push(format!("{damaged} bodies of profiles or sessions cannot be read"));
    }
    Ok(())
}

/// Every tail row holds as many events as it says.
fn tail(connection: &Connection, problems: &mut Vec<String>) -> Result<(), StorageError> {
    let mut statement = connection.prepare("SELECT stream, seq, rows, events FROM tail")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let (at, events) = (rows::tail(row)?, row.get::<_, i64>(3)?);
        let place = format!("tail row {} {}", at.at.stream, at.at.seq);
        match Rows::unpack(&at.packed) {
            Ok(rows) if rows.count.cast_signed() == events => {}
            Ok(rows) => problems.push(format!("{place} holds {} events, not {events}", rows.count)),
            Err(error) => problems.push(format!("{place}: {error}")),
        }
    }
    Ok(())
}
