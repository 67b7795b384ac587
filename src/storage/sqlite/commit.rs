//! Writing a round: everything it causes, in one transaction.
//!
//! Nobody else writes (see [`must_own`]), so nothing that was read can have moved.

use super::marks;
use crate::storage::sql::rows::to_json;
use crate::storage::sql::{Sql, values};
use crate::storage::{Changes, MergeRecord, StorageError, StoredProfile, StoredSession, Through};
use crate::storage::{edits, merges, standings};

pub(super) fn commit(
    database: &mut dyn Sql,
    changes: &Changes,
    marks: &marks::Turn,
) -> Result<(), StorageError> {
    if !changes.at.stream.is_empty() {
        must_own(database, &changes.at.stream)?;
    }
    // What was removed may have come again in the same round; the round holds only what came after.
    marks::forget(database, changes)?;
    for edit in &changes.edits {
        edits::apply(database, edit, changes.time)?;
    }
    write_profiles(database, changes)?;
    standings::write(database, changes)?;
    write_sessions(database, changes)?;
    marks::write(database, marks, changes)?;
    write_tail(database, changes)
}

/// The fence: whoever claimed the data last is the only one who may write, even if somebody has
/// removed the lock file and started another process.
fn must_own(database: &mut dyn Sql, stream: &str) -> Result<(), StorageError> {
    let owner = database.text("SELECT value FROM meta WHERE key = 'owner'", &[])?;
    if owner.as_deref() == Some(stream) { Ok(()) } else { Err(StorageError::Lost) }
}

fn write_profiles(database: &mut dyn Sql, changes: &Changes) -> Result<(), StorageError> {
    let put = "INSERT INTO profile (id, version, body) VALUES ($1, $2, $3) \
               ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body";
    for (profile, version) in &changes.profiles {
        let body = to_json(&StoredProfile::written_with(profile, &changes.at))?;
        database.execute(put, values![profile.id.as_str(), *version, &body])?;
    }
    for (id, _) in &changes.ended {
        database.execute("DELETE FROM profile WHERE id = $1", values![id.as_str()])?;
    }
    let alias = "INSERT INTO alias (id, profile_id) VALUES ($1, $2) \
                 ON CONFLICT (id) DO UPDATE SET profile_id = excluded.profile_id";
    for (id, leads_to) in &changes.aliases {
        database.execute(alias, values![id.as_str(), leads_to.as_str()])?;
    }
    for merge in &changes.merges {
        write_merge(database, merge, changes)?;
    }
    let identifier = "INSERT INTO identifier (namespace, hash, profile_id) VALUES ($1, $2, $3) \
                      ON CONFLICT (namespace, hash) DO UPDATE SET profile_id = excluded.profile_id";
    for bound in &changes.identifiers {
        let (key, holder) = (&bound.key, &bound.holder);
        database
            .execute(identifier, values![key.namespace.as_str(), &key.hash, holder.as_str()])?;
    }
    Ok(())
}

fn write_merge(
    database: &mut dyn Sql,
    merge: &MergeRecord,
    changes: &Changes,
) -> Result<(), StorageError> {
    let (loser, winner) = (merge.loser.as_str(), merge.winner.as_str());
    let repoint = "UPDATE alias SET profile_id = $1 WHERE profile_id = $2";
    database.execute(repoint, values![winner, loser])?;
    let body = merges::body(merge)?;
    let insert = "INSERT INTO merge (loser, winner, merged_at, body, stream, seq) \
                  VALUES ($1, $2, $3, $4, $5, $6)";
    let (at, time) = (&changes.at, changes.time.micros());
    database.execute(insert, values![loser, winner, time, &body, at.stream.as_ref(), at.seq])?;
    let last = "UPDATE stream SET merged = $1 WHERE id = $2";
    database.execute(last, values![at.seq, at.stream.as_ref()])?;
    Ok(())
}

fn write_sessions(database: &mut dyn Sql, changes: &Changes) -> Result<(), StorageError> {
    let Through { stream, seq } = &changes.at;
    let put = "INSERT INTO session (id, profile_id, version, stream, seq, body) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET \
               profile_id = excluded.profile_id, version = excluded.version, \
               stream = excluded.stream, seq = excluded.seq, body = excluded.body";
    for (session, version) in &changes.sessions {
        let profile = session.profile.as_ref().map(crate::model::Id::as_str);
        let body = to_json(&StoredSession::from(session.as_ref()))?;
        let (id, stream) = (session.id.as_str(), stream.as_ref());
        database.execute(put, values![id, profile, *version, stream, *seq, &body])?;
    }
    Ok(())
}

fn write_tail(database: &mut dyn Sql, changes: &Changes) -> Result<(), StorageError> {
    let Through { stream, seq } = &changes.at;
    if changes.rows.count > 0 {
        let packed = changes.rows.pack().map_err(|e| StorageError::Failed(e.to_string()))?;
        let insert = "INSERT INTO tail (stream, seq, committed_at, events, rows) \
                      VALUES ($1, $2, $3, $4, $5)";
        let (time, count, stream) = (changes.time.micros(), changes.rows.count, stream.as_ref());
        database.execute(insert, values![stream, *seq, time, count, packed.as_slice()])?;
        let more = "UPDATE stream SET events = events + $1, bytes = bytes + $2 WHERE id = $3";
        database.execute(more, values![count, packed.len(), stream])?;
    }
    let through = "UPDATE stream SET written_through = $1 WHERE id = $2 AND written_through < $1";
    for written in &changes.written_through {
        database.execute(through, values![written.seq, written.stream.as_ref()])?;
    }
    Ok(())
}
