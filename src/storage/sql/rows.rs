//! From rows to nouns, and the bodies that both engines write alike.

use std::sync::Arc;

use serde_json::json;

use super::Row;
use crate::identification::Evidence;
use crate::model::{Profile, ProfileId, SessionId};
use crate::storage::{
    MergeRecord, SessionRow, StorageError, StoredProfile, StoredSession, TailRow, Through,
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

/// What is kept of a merger: why, and both as they were.
pub(in crate::storage) fn evidence_body(merge: &MergeRecord) -> Result<String, StorageError> {
    let evidence = match &merge.evidence {
        Evidence::Identifier(key) => {
            json!({"identifier": {"namespace": key.namespace.as_str(), "hash": key.hash}})
        }
        Evidence::Decided(who) => json!({"decided": {"by": who}}),
        Evidence::Passed(source) => json!({"passed": {"source_id": source.as_str()}}),
    };
    let before = merge.before.each_ref().map(|profile| StoredProfile::from(profile.as_ref()));
    let event = merge.event.as_ref().map(crate::model::Id::as_str);
    to_json(&json!({"evidence": evidence, "event": event, "before": before}))
}
