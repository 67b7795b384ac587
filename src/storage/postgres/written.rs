//! The texts of a round, written before its statements are on their way.

use crate::model::{ProfileId, Session};
use crate::storage::merges;
use crate::storage::sql::rows::to_json;
use crate::storage::{Bound, Changes, MergeRecord, StorageError, StoredProfile, StoredSession};

/// A profile's id, its new version and what it is; or the version it had, when it is no more.
pub(super) type WrittenProfile<'a> = (&'a ProfileId, i64, Option<String>);

/// A round as it goes to the database: rows of a kind sorted by id, so that two nodes that write
/// the same rows wait for each other instead of blocking each other.
pub(super) struct Written<'a> {
    pub(super) sessions: Vec<(&'a Session, i64, String)>,
    pub(super) profiles: Vec<WrittenProfile<'a>>,
    pub(super) merges: Vec<(&'a MergeRecord, String)>,
    pub(super) identifiers: Vec<&'a Bound>,
    pub(super) marks: Vec<[i64; 2]>,
    /// The events, compressed; none when there are none.
    pub(super) packed: Option<Vec<u8>>,
}

impl<'a> Written<'a> {
    pub(super) fn of(changes: &'a Changes) -> Result<Self, StorageError> {
        let mut written = Self {
            sessions: sessions(changes)?,
            profiles: profiles(changes)?,
            merges: Vec::new(),
            identifiers: changes.identifiers.iter().collect(),
            marks: changes.marks.iter().map(|mark| mark.halves()).collect(),
            packed: None,
        };
        written.sessions.sort_unstable_by(|a, b| a.0.id.cmp(&b.0.id));
        // Who came and went within the round was never on disk.
        let ended = changes.ended.iter().filter(|(_, version)| *version > 0);
        written.profiles.extend(ended.map(|(id, version)| (id, *version, None)));
        written.profiles.sort_by(|a, b| a.0.cmp(b.0));
        // Stable: an identifier may change hands twice in a round.
        written.identifiers.sort_by(|a, b| a.key.cmp(&b.key));
        written.marks.sort_unstable();
        for merge in &changes.merges {
            written.merges.push((merge, merges::body(merge)?));
        }
        if changes.rows.count > 0 {
            let fault = |error: crate::events::Unreadable| StorageError::Failed(error.to_string());
            written.packed = Some(changes.rows.pack().map_err(fault)?);
        }
        Ok(written)
    }
}

fn sessions(changes: &Changes) -> Result<Vec<(&Session, i64, String)>, StorageError> {
    let rows = changes.sessions.iter().map(|(session, version)| {
        let body = to_json(&StoredSession::from(session.as_ref()))?;
        Ok((session.as_ref(), *version, body))
    });
    rows.collect()
}

fn profiles(changes: &Changes) -> Result<Vec<WrittenProfile<'_>>, StorageError> {
    let rows = changes.profiles.iter().map(|(profile, version)| {
        let body = to_json(&StoredProfile::from(profile.as_ref()))?;
        Ok((&profile.id, *version, Some(body)))
    });
    rows.collect()
}
