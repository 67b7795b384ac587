//! From rows to nouns, and the bodies that both engines write alike.

use std::sync::Arc;

use super::Row;
use crate::model::{Profile, ProfileId, SessionId};
use crate::storage::{
    ProfileRow, SessionRow, StorageError, StoredProfile, StoredSession, TailRow, Through,
};

/// The columns that [`session`] reads.
pub(in crate::storage) const SESSION: &str =
    "SELECT id, profile_id, version, stream, seq, body FROM session";

pub(in crate::storage) fn session(row: &dyn Row) -> Result<SessionRow, StorageError> {
    let stored: StoredSession = serde_json::from_str(row.text(5)?).map_err(damaged("session"))?;
    let id = SessionId::new(row.text(0)?);
    let profile = row.maybe_text(1)?.map(ProfileId::new);
    Ok(SessionRow {
        session: stored.into_session(id, profile),
        version: row.number(2)?,
        through: Through { stream: Arc::from(row.text(3)?), seq: row.count(4)? },
    })
}

pub(in crate::storage) fn profile(body: &str) -> Result<Profile, StorageError> {
    let stored: StoredProfile = serde_json::from_str(body).map_err(damaged("profile"))?;
    Ok(stored.into())
}

pub(in crate::storage) fn profile_row(
    body: &str,
    version: i64,
) -> Result<ProfileRow, StorageError> {
    let stored: StoredProfile = serde_json::from_str(body).map_err(damaged("profile"))?;
    let counted = stored.counted();
    Ok(ProfileRow { profile: stored.into(), version, counted })
}

/// Of `stream, seq, rows`.
pub(in crate::storage) fn tail(row: &dyn Row) -> Result<TailRow, StorageError> {
    let at = Through { stream: Arc::from(row.text(0)?), seq: row.count(1)? };
    Ok(TailRow { at, packed: row.bytes(2)?.to_vec() })
}

pub(in crate::storage) fn damaged(
    what: &'static str,
) -> impl Fn(serde_json::Error) -> StorageError {
    // The error names a place in the body, never its content.
    move |error| StorageError::Failed(format!("a {what} row is damaged: {error}"))
}

pub(in crate::storage) fn to_json(value: &impl serde::Serialize) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(|error| StorageError::Failed(error.to_string()))
}
