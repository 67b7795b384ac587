//! Whose rows a round cannot have, since somebody else holds them locked.
//!
//! Somebody may: an administrator's open transaction, a dump that locks, a node that died in a
//! strange way. A round does not wait for that: it is told which rows it is, and goes on without them.

use std::collections::HashSet;

use deadpool_postgres::Object;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use super::Postgres;
use super::load::{identifier_rows, rows, texts};
use super::pipeline::{Answer, Pipeline};
use crate::model::{Id, IdentifierKey, ProfileId, SessionId};
use crate::storage::{Changes, Edit, Moved, StorageError};

/// Asked of one row at a time, since that is what a database that spreads can do.
const SESSION: &str = "SELECT id FROM session WHERE id = $1 FOR UPDATE SKIP LOCKED";
const PROFILE: &str = "SELECT id FROM profile WHERE id = $1 FOR UPDATE SKIP LOCKED";
const IDENTIFIER: &str = "SELECT hash FROM identifier WHERE namespace = $1 AND hash = $2 \
    FOR UPDATE SKIP LOCKED";

/// What a statement asks for.
enum Of<'a> {
    Begin,
    Session(&'a SessionId),
    Profile(&'a ProfileId),
    Identifier(&'a IdentifierKey),
}

/// Whether a statement was given up, since it waited for too long. A server that spreads may wait
/// elsewhere than where its locks are counted, and then only knows that it took too long.
pub(super) fn is_late(error: &tokio_postgres::Error) -> bool {
    let late = [&SqlState::LOCK_NOT_AVAILABLE, &SqlState::QUERY_CANCELED];
    error.code().is_some_and(|code| late.contains(&code))
}

/// The rows that a round writes.
pub(super) fn rows_of(changes: &Changes) -> Moved {
    let ended = changes.ended.iter().map(|(id, _)| id.clone());
    let profiles = changes.profiles.iter().map(|(profile, _)| profile.id.clone());
    let mut rows = Moved {
        sessions: changes.sessions.iter().map(|(session, _)| session.id.clone()).collect(),
        profiles: profiles.chain(ended).collect(),
        identifiers: changes.identifiers.iter().map(|bound| bound.key.clone()).collect(),
    };
    for edit in &changes.edits {
        if let Edit::RemoveProfile(ids) = edit {
            rows.profiles.extend(ids.iter().cloned());
        } else if let Edit::RemoveSession(id) = edit {
            rows.sessions.push(id.clone());
        }
    }
    rows
}

/// Those of `rows` that are there and cannot be locked. Nobody is waited for, and nothing stays locked.
pub(super) fn locked(engine: &Postgres, rows: &Moved) -> Result<Moved, StorageError> {
    // Readers may have taken all others.
    let client = engine.connection_of_rounds()?;
    let found = engine.wait(try_all(&client, &engine.begins.round, rows));
    // Also after an error: whatever it holds is let go when the connection ends.
    let ended = engine.wait(async { Ok(client.batch_execute("ROLLBACK").await?) });
    if found.is_err() || ended.is_err() {
        drop(Object::take(client));
    }
    found
}

async fn try_all(client: &Object, begin: &str, asked: &Moved) -> Result<Moved, StorageError> {
    let session = client.prepare_cached(SESSION).await?;
    let profile = client.prepare_cached(PROFILE).await?;
    let identifier = client.prepare_cached(IDENTIFIER).await?;
    let sessions: Vec<&str> = asked.sessions.iter().map(Id::as_str).collect();
    let profiles: Vec<&str> = asked.profiles.iter().map(Id::as_str).collect();
    let namespaces: Vec<&str> =
        asked.identifiers.iter().map(|key| key.namespace.as_str()).collect();
    let mut pipeline = Pipeline::new(client);
    pipeline.command(Of::Begin, begin);
    for (id, text) in asked.sessions.iter().zip(&sessions) {
        pipeline.all(Of::Session(id), &session, [text]);
    }
    for (id, text) in asked.profiles.iter().zip(&profiles) {
        pipeline.all(Of::Profile(id), &profile, [text]);
    }
    for (key, namespace) in asked.identifiers.iter().zip(&namespaces) {
        pipeline.all(Of::Identifier(key), &identifier, [namespace, &key.hash]);
    }
    let mut found = Moved::default();
    for (of, answer) in pipeline.finish().await? {
        let Answer::Found(had) = answer else { continue };
        if !had.is_empty() {
            continue;
        }
        match of {
            Of::Begin => {}
            Of::Session(id) => found.sessions.push(id.clone()),
            Of::Profile(id) => found.profiles.push(id.clone()),
            Of::Identifier(key) => found.identifiers.push(key.clone()),
        }
    }
    there(client, found).await
}

/// What is not there is not locked.
async fn there(client: &Object, mut found: Moved) -> Result<Moved, StorageError> {
    let (sessions, profiles) = (texts(&found.sessions), texts(&found.profiles));
    let sessions = rows(client, "SELECT id FROM session WHERE id = ANY($1)", &sessions).await?;
    let profiles = rows(client, "SELECT id FROM profile WHERE id = ANY($1)", &profiles).await?;
    let identifiers = identifier_rows(client, &found.identifiers).await?;
    let [sessions, profiles] = [ids(&sessions)?, ids(&profiles)?];
    found.sessions.retain(|id| sessions.contains(id.as_str()));
    found.profiles.retain(|id| profiles.contains(id.as_str()));
    let mut keys = HashSet::new();
    for row in &identifiers {
        keys.insert((row.try_get::<_, &str>(0)?, row.try_get::<_, &str>(1)?));
    }
    found.identifiers.retain(|key| keys.contains(&(key.namespace.as_str(), key.hash.as_str())));
    Ok(found)
}

fn ids(rows: &[Row]) -> Result<HashSet<&str>, StorageError> {
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
