//! Writing a round: everything it causes, in one transaction.

use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde_json::json;

use super::{edits, rows};
use crate::identification::Evidence;
use crate::model::ProfileId;
use crate::storage::{Changes, MergeRecord, StorageError, StoredProfile, StoredSession, Through};

pub(super) fn commit(connection: &mut Connection, changes: &Changes) -> Result<(), StorageError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !changes.at.stream.is_empty() {
        must_own(&transaction, &changes.at.stream)?;
    }
    // What was removed may have come again in the same round; the round holds only what came after.
    for edit in &changes.edits {
        edits::apply(&transaction, edit, changes.time)?;
    }
    write_profiles(&transaction, changes)?;
    write_sessions(&transaction, changes)?;
    write_tail(&transaction, changes)?;
    Ok(transaction.commit()?)
}

/// The fence: whoever claimed the data last is the only one who may write, even if somebody has
/// removed the lock file and started another process.
fn must_own(transaction: &Transaction<'_>, stream: &str) -> Result<(), StorageError> {
    let owner = rows::one_text(transaction, "SELECT value FROM meta WHERE key = 'owner'", [])?;
    if owner.as_deref() == Some(stream) { Ok(()) } else { Err(StorageError::Lost) }
}

/// Profiles before sessions before the tail, as on a database that spreads (DESIGN §5).
fn write_profiles(transaction: &Transaction<'_>, changes: &Changes) -> Result<(), StorageError> {
    let mut put = transaction.prepare_cached(
        "INSERT INTO profile (id, version, body) VALUES ($1, $2, $3) \
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body",
    )?;
    for (profile, version) in &changes.profiles {
        let body = to_json(&StoredProfile::from(profile.as_ref()))?;
        put.execute((profile.id.as_str(), version, body))?;
    }
    let mut end = transaction.prepare_cached("DELETE FROM profile WHERE id = $1")?;
    for id in &changes.ended {
        end.execute([id.as_str()])?;
    }
    let mut alias = transaction.prepare_cached(
        "INSERT INTO alias (id, profile_id) VALUES ($1, $2) \
         ON CONFLICT (id) DO UPDATE SET profile_id = excluded.profile_id",
    )?;
    for (id, leads_to) in &changes.aliases {
        alias.execute([id.as_str(), leads_to.as_str()])?;
    }
    for merge in &changes.merges {
        write_merge(transaction, merge, changes)?;
    }
    let mut identifier = transaction.prepare_cached(
        "INSERT INTO identifier (namespace, hash, profile_id) VALUES ($1, $2, $3) \
         ON CONFLICT (namespace, hash) DO UPDATE SET profile_id = excluded.profile_id",
    )?;
    for (key, holder) in &changes.identifiers {
        identifier.execute([key.namespace, &key.hash, holder.as_str()])?;
    }
    Ok(())
}

fn write_merge(
    transaction: &Transaction<'_>,
    merge: &MergeRecord,
    changes: &Changes,
) -> Result<(), StorageError> {
    let (loser, winner): (&ProfileId, &ProfileId) = (&merge.loser, &merge.winner);
    let repoint = "UPDATE alias SET profile_id = $1 WHERE profile_id = $2";
    transaction.prepare_cached(repoint)?.execute([winner.as_str(), loser.as_str()])?;
    let evidence = match &merge.evidence {
        Evidence::Identifier(key) => {
            json!({"identifier": {"namespace": key.namespace, "hash": key.hash}})
        }
        Evidence::Passed(source) => json!({"passed": {"source_id": source.as_str()}}),
    };
    let before = merge.before.each_ref().map(|profile| StoredProfile::from(profile.as_ref()));
    let event = merge.event.as_ref().map(crate::model::Id::as_str);
    let body = to_json(&json!({"evidence": evidence, "event": event, "before": before}))?;
    let insert = "INSERT INTO merge (loser, winner, merged_at, body, stream, seq) \
                  VALUES ($1, $2, $3, $4, $5, $6)";
    let mut insert = transaction.prepare_cached(insert)?;
    let (at, time) = (&changes.at, changes.time.micros());
    insert.execute((loser.as_str(), winner.as_str(), time, body, at.stream.as_ref(), at.seq))?;
    Ok(())
}

fn write_sessions(transaction: &Transaction<'_>, changes: &Changes) -> Result<(), StorageError> {
    let Through { stream, seq } = &changes.at;
    let mut put = transaction.prepare_cached(
        "INSERT INTO session (id, profile_id, version, stream, seq, body) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET \
         profile_id = excluded.profile_id, version = excluded.version, \
         stream = excluded.stream, seq = excluded.seq, body = excluded.body",
    )?;
    for (session, version) in &changes.sessions {
        let profile = session.profile.as_ref().map(crate::model::Id::as_str);
        let body = to_json(&StoredSession::from(session.as_ref()))?;
        put.execute((session.id.as_str(), profile, version, stream.as_ref(), seq, body))?;
    }
    Ok(())
}

fn write_tail(transaction: &Transaction<'_>, changes: &Changes) -> Result<(), StorageError> {
    let Through { stream, seq } = &changes.at;
    let mut mark = transaction.prepare_cached(
        "INSERT INTO seen (hash, rest, day) VALUES ($1, $2, $3) \
         ON CONFLICT (hash) DO UPDATE SET rest = excluded.rest, day = excluded.day",
    )?;
    for seen in &changes.marks {
        let [hash, rest] = seen.halves();
        mark.execute((hash, rest, changes.time.day()))?;
    }
    if changes.rows.count > 0 {
        let packed = changes.rows.pack().map_err(|e| StorageError::Failed(e.to_string()))?;
        let insert = "INSERT INTO tail (stream, seq, committed_at, events, rows) \
                      VALUES ($1, $2, $3, $4, $5)";
        let (time, count) = (changes.time.micros(), changes.rows.count);
        let mut insert = transaction.prepare_cached(insert)?;
        insert.execute((stream.as_ref(), seq, time, count.cast_signed(), packed))?;
    }
    let through = "UPDATE stream SET written_through = $1 WHERE id = $2 AND written_through < $1";
    let mut through = transaction.prepare_cached(through)?;
    for written in &changes.written_through {
        through.execute((written.seq, written.stream.as_ref()))?;
    }
    Ok(())
}

fn to_json(value: &impl serde::Serialize) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(|error| StorageError::Failed(error.to_string()))
}
