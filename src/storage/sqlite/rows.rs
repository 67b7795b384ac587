//! From rows to nouns.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Row};

use crate::model::{Profile, ProfileId, SessionId};
use crate::storage::{SessionRow, StorageError, StoredProfile, StoredSession, TailRow, Through};

/// The columns that [`session`] reads.
pub(super) const SESSION: &str = "SELECT id, profile_id, version, stream, seq, body FROM session";

pub(super) fn session(row: &Row<'_>) -> Result<SessionRow, StorageError> {
    let body: &str = text(row, 5)?;
    let stored: StoredSession = serde_json::from_str(body).map_err(damaged("session"))?;
    let id = SessionId::new(text(row, 0)?);
    let profile = row.get::<_, Option<String>>(1)?.map(ProfileId::new);
    Ok(SessionRow {
        session: stored.into_session(id, profile),
        version: row.get(2)?,
        through: Through { stream: Arc::from(text(row, 3)?), seq: row.get(4)? },
    })
}

pub(super) fn profile(body: &str) -> Result<Profile, StorageError> {
    let stored: StoredProfile = serde_json::from_str(body).map_err(damaged("profile"))?;
    Ok(stored.into())
}

pub(super) fn tail(row: &Row<'_>) -> Result<TailRow, StorageError> {
    let at = Through { stream: Arc::from(text(row, 0)?), seq: row.get(1)? };
    Ok(TailRow { at, packed: row.get(2)? })
}

/// The only row of a query, read by `read`, or nothing.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, StorageError>,
) -> Result<Option<T>, StorageError> {
    let mut statement: CachedStatement<'_> = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

/// One text of one row.
pub(super) fn one_text(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Option<String>, StorageError> {
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params, |row| row.get(0)).optional()?)
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, StorageError> {
    row.get_ref(column)?.as_str().map_err(|error| StorageError::Failed(error.to_string()))
}

pub(super) fn damaged(what: &'static str) -> impl Fn(serde_json::Error) -> StorageError {
    // The error names a place in the body, never its content.
    move |error| StorageError::Failed(format!("a {what} row is damaged: {error}"))
}
