//! Loading what a round needs: ids, and everything they lead to.

use std::collections::HashSet;

use rusqlite::Connection;

use super::rows;
use crate::model::{Mark, Profile, ProfileId};
use crate::storage::{Loaded, StorageError, Wanted};

/// All in one read transaction: one moment of the database, and one lock instead of one a row.
pub(super) fn load(connection: &Connection, wanted: &Wanted) -> Result<Loaded, StorageError> {
    let transaction = connection.unchecked_transaction()?;
    let loaded = read(&transaction, wanted)?;
    transaction.commit()?;
    Ok(loaded)
}

fn read(connection: &Connection, wanted: &Wanted) -> Result<Loaded, StorageError> {
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
    loaded.seen = seen(connection, &wanted.marks)?;
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

/// The marks that are kept.
fn seen(connection: &Connection, marks: &[Mark]) -> Result<Vec<Mark>, StorageError> {
    let mut seen = Vec::new();
    for mark in marks {
        let [hash, rest] = mark.halves();
        let sql = "SELECT 1 FROM seen WHERE hash = $1 AND rest = $2";
        seen.extend(rows::one(connection, sql, [hash, rest], |_| Ok(*mark))?);
    }
    Ok(seen)
}
