//! Loading what a round needs: ids, and everything they lead to.

use std::collections::HashSet;

use rusqlite::Connection;

use super::rows;
use crate::events::{Filter, Rows};
use crate::model::{EventId, Profile, ProfileId};
use crate::storage::{Loaded, StorageError, Wanted};

pub(super) fn load(connection: &Connection, wanted: &Wanted) -> Result<Loaded, StorageError> {
    let mut loaded = Loaded::default();
    let session = format!("{} WHERE id = $1", rows::SESSION);
    for id in &wanted.sessions {
        loaded.sessions.extend(rows::one(connection, &session, [id.as_str()], rows::session)?);
    }
    let identifier = "SELECT profile_id FROM identifier WHERE namespace = $1 AND hash = $2";
    for key in &wanted.identifiers {
        let holder = rows::one_text(connection, identifier, [key.namespace, &key.hash])?;
        loaded.identifiers.extend(holder.map(|id| (key.clone(), ProfileId::new(id))));
    }
    follow(connection, wanted, &mut loaded)?;
    for (mark, id) in &wanted.marks {
        if is_kept(connection, *mark, id)? {
            loaded.seen.push(*mark);
        }
    }
    Ok(loaded)
}

/// Follows every profile id met so far to its living profile.
fn follow(
    connection: &Connection,
    wanted: &Wanted,
    loaded: &mut Loaded,
) -> Result<(), StorageError> {
    let of_sessions = loaded.sessions.iter().filter_map(|row| row.session.profile.clone());
    let of_identifiers = loaded.identifiers.iter().map(|(_, id)| id.clone());
    let ids: HashSet<ProfileId> =
        wanted.profiles.iter().cloned().chain(of_sessions).chain(of_identifiers).collect();
    let mut living = HashSet::new();
    for id in ids {
        let Some(leads_to) = alias(connection, id.as_str())? else { continue };
        living.insert(leads_to.clone());
        loaded.aliases.push((id, leads_to));
    }
    for id in living {
        loaded.profiles.extend(profile(connection, id.as_str())?);
    }
    Ok(())
}

pub(super) fn alias(connection: &Connection, id: &str) -> Result<Option<ProfileId>, StorageError> {
    let sql = "SELECT profile_id FROM alias WHERE id = $1";
    Ok(rows::one_text(connection, sql, [id])?.map(ProfileId::new))
}

pub(super) fn profile(
    connection: &Connection,
    id: &str,
) -> Result<Option<(Profile, i64)>, StorageError> {
    rows::one(connection, "SELECT body, version FROM profile WHERE id = $1", [id], |row| {
        let body: String = row.get(0)?;
        Ok((rows::profile(&body)?, row.get(1)?))
    })
}

/// Whether the event behind the mark is this one: 64 bits could be another's, and an event must
/// not be dropped for that.
fn is_kept(connection: &Connection, mark: u64, id: &EventId) -> Result<bool, StorageError> {
    let sql = "SELECT tail.stream, tail.seq, tail.rows FROM seen \
               JOIN tail ON tail.stream = seen.stream AND tail.seq = seen.seq WHERE seen.hash = $1";
    let Some(row) = rows::one(connection, sql, [mark.cast_signed()], rows::tail)? else {
        return Ok(false);
    };
    let rows = Rows::unpack(&row.packed).map_err(|e| StorageError::Failed(e.to_string()))?;
    Ok(!Filter::by_id(id.as_str()).select(&rows).is_empty())
}
