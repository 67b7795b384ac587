//! Loading what a round needs, all keys of a kind at once.

use std::collections::{HashMap, HashSet};

use deadpool_postgres::Object;
use futures_util::future::{try_join, try_join4};
use tokio_postgres::Row;

use super::{ATTEMPTS_MAX, Postgres};
use crate::model::{Id, IdentifierKey, ProfileId};
use crate::storage::sql::rows;
use crate::storage::{Loaded, Moved, StorageError, Wanted};

const ALIASES: &str = "SELECT id, profile_id FROM alias WHERE id = ANY($1)";
const PROFILES: &str = "SELECT id, version, body FROM profile WHERE id = ANY($1)";
/// With the namespaces, since the index begins with them.
const IDENTIFIERS: &str = "SELECT namespace, hash, profile_id FROM identifier \
    WHERE namespace = ANY($1) AND hash = ANY($2)";
const MARKS: &str = "SELECT hash, rest FROM seen WHERE hash = ANY($1)";

/// How often ids are followed that lead to somebody who has just been merged.
const FOLLOWED_MAX: usize = 8;

/// Loads; when rows are to be locked, their transaction stays open for the commit that follows.
/// Tried again when others are in the way: nothing was changed.
pub(super) fn load(engine: &Postgres, wanted: &Wanted) -> Result<Loaded, StorageError> {
    let mut loaded = try_to_load(engine, wanted);
    for _ in 1..ATTEMPTS_MAX {
        if !matches!(loaded, Err(StorageError::Again(_))) {
            break;
        }
        loaded = try_to_load(engine, wanted);
    }
    loaded
}

fn try_to_load(engine: &Postgres, wanted: &Wanted) -> Result<Loaded, StorageError> {
    engine.let_go();
    let client = engine.connection_of_rounds()?;
    let loaded = engine.wait(async {
        let Some(moved) = &wanted.locked else {
            return read_on_its_own(&client, wanted, engine.begins.ask.as_deref()).await;
        };
        client.batch_execute(&engine.begins.round).await?;
        lock(&client, moved, wanted).await?;
        read(&client, wanted).await
    });
    match loaded {
        Ok(loaded) => {
            if wanted.locked.is_some() {
                *engine.held() = Some(client);
            }
            Ok(loaded)
        }
        Err(error) => {
            drop(Object::take(client));
            Err(error)
        }
    }
}

/// Locks rows in the order in which every round writes them: sessions, then profiles, each by id.
/// One at a time, since that is what a database that spreads can do.
async fn lock(client: &Object, moved: &Moved, wanted: &Wanted) -> Result<(), StorageError> {
    let session = client.prepare_cached("SELECT 1 FROM session WHERE id = $1 FOR UPDATE").await?;
    let profile = client.prepare_cached("SELECT 1 FROM profile WHERE id = $1 FOR UPDATE").await?;
    let mut sessions = texts(moved.sessions.iter().chain(&wanted.sessions));
    sessions.sort_unstable();
    sessions.dedup();
    for id in sessions {
        client.execute(&session, &[&id]).await?;
    }
    let mut profiles: Vec<&str> = moved.profiles.iter().map(ProfileId::as_str).collect();
    profiles.sort_unstable();
    profiles.dedup();
    for id in profiles {
        client.execute(&profile, &[&id]).await?;
    }
    Ok(())
}

/// In a transaction, if it begins with something.
async fn read_on_its_own(
    client: &Object,
    wanted: &Wanted,
    begin: Option<&str>,
) -> Result<Loaded, StorageError> {
    let Some(begin) = begin else { return read(client, wanted).await };
    // Sent first and not waited for.
    let begun = async { Ok(client.batch_execute(begin).await?) };
    let ((), loaded) = try_join(begun, read(client, wanted)).await?;
    client.batch_execute("COMMIT").await?;
    Ok(loaded)
}

async fn read(client: &Object, wanted: &Wanted) -> Result<Loaded, StorageError> {
    let sessions = texts(&wanted.sessions);
    let profiles = texts(&wanted.profiles);
    let marks: Vec<i64> = wanted.marks.iter().map(|mark| mark.halves()[0]).collect();
    let session = format!("{} WHERE id = ANY($1)", rows::SESSION);
    let (sessions, identifiers, aliases, marks) = try_join4(
        rows(client, &session, &sessions),
        identifier_rows(client, &wanted.identifiers),
        rows(client, ALIASES, &profiles),
        rows(client, MARKS, &marks),
    )
    .await?;
    let mut loaded = Loaded {
        sessions: sessions.iter().map(|row| rows::session(row)).collect::<Result<_, _>>()?,
        identifiers: identifiers_of(wanted, &identifiers)?,
        ..Loaded::default()
    };
    let kept: HashSet<[i64; 2]> = marks
        .iter()
        .map(|row| Ok([row.try_get(0)?, row.try_get(1)?]))
        .collect::<Result<_, StorageError>>()?;
    loaded.seen =
        wanted.marks.iter().filter(|mark| kept.contains(&mark.halves())).copied().collect();
    follow(client, wanted, aliases, &mut loaded).await?;
    Ok(loaded)
}

/// PostgreSQL's texts hold no null character: nothing of such a name is there.
pub(super) fn texts<'a, Kind: 'a>(ids: impl IntoIterator<Item = &'a Id<Kind>>) -> Vec<&'a str> {
    ids.into_iter().map(Id::as_str).filter(|id| !id.contains('\0')).collect()
}

pub(super) async fn identifier_rows(
    client: &Object,
    keys: &[IdentifierKey],
) -> Result<Vec<Row>, StorageError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let namespaces: HashSet<&str> = keys.iter().map(|key| key.namespace.as_str()).collect();
    let namespaces: Vec<&str> = namespaces.into_iter().collect();
    let hashes: Vec<&str> = keys.iter().map(|key| key.hash.as_str()).collect();
    let statement = client.prepare_cached(IDENTIFIERS).await?;
    Ok(client.query(&statement, &[&namespaces, &hashes]).await?)
}

/// Only what was asked for: a hash may stand under another namespace too.
fn identifiers_of(
    wanted: &Wanted,
    rows: &[Row],
) -> Result<Vec<(IdentifierKey, ProfileId)>, StorageError> {
    let mut found = HashMap::new();
    for row in rows {
        let key: (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
        found.insert(key, row.try_get::<_, &str>(2)?);
    }
    let held = wanted.identifiers.iter().filter_map(|key| {
        let holder = found.get(&(key.namespace.as_str(), key.hash.as_str()))?;
        Some((key.clone(), ProfileId::new(*holder)))
    });
    Ok(held.collect())
}

/// Follows every profile id met so far to its living profile. Statements see different moments: an
/// id may lead to somebody who is merged before their row is read, and is followed again then.
async fn follow(
    client: &Object,
    wanted: &Wanted,
    aliases: Vec<Row>,
    loaded: &mut Loaded,
) -> Result<(), StorageError> {
    let mut leads_to = HashMap::new();
    take_in(&aliases, &mut leads_to)?;
    let asked: HashSet<&ProfileId> = wanted.profiles.iter().collect();
    let mut open: Vec<ProfileId> =
        loaded.met(wanted).into_iter().filter(|id| !asked.contains(id)).collect();
    let mut living: HashMap<ProfileId, _> = HashMap::new();
    for _ in 0..FOLLOWED_MAX {
        let ids: Vec<&str> = open.iter().map(ProfileId::as_str).collect();
        take_in(&rows(client, ALIASES, &ids).await?, &mut leads_to)?;
        let unread: HashSet<&str> = leads_to
            .values()
            .filter(|id| !living.contains_key(*id))
            .map(ProfileId::as_str)
            .collect();
        let unread: Vec<&str> = unread.into_iter().collect();
        for row in rows(client, PROFILES, &unread).await? {
            let profile = rows::profile(row.try_get(2)?)?;
            living.insert(profile.id.clone(), (profile, row.try_get(1)?));
        }
        let gone = leads_to.iter().filter(|(_, to)| !living.contains_key(*to));
        open = gone.map(|(id, _)| id.clone()).collect();
        if open.is_empty() {
            break;
        }
        // Whoever was erased leads nowhere any more.
        open.iter().for_each(|id| drop(leads_to.remove(id)));
    }
    if !open.is_empty() {
        return Err(StorageError::Again("people are merged faster than they are read".into()));
    }
    loaded.aliases = leads_to.into_iter().collect();
    loaded.profiles = living.into_values().collect();
    Ok(())
}

fn take_in(
    aliases: &[Row],
    leads_to: &mut HashMap<ProfileId, ProfileId>,
) -> Result<(), StorageError> {
    for row in aliases {
        let (id, to): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
        leads_to.insert(ProfileId::new(id), ProfileId::new(to));
    }
    Ok(())
}

/// The rows of some keys; nobody is asked for none.
pub(super) async fn rows<T>(
    client: &Object,
    sql: &str,
    keys: &[T],
) -> Result<Vec<Row>, StorageError>
where
    T: tokio_postgres::types::ToSql + Sync,
{
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let statement = client.prepare_cached(sql).await?;
    Ok(client.query(&statement, &[&keys]).await?)
}
