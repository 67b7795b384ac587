//! Writing a round where others write too, in one transaction and two journeys.
//!
//! What is written is compared by its own statement: a row that exists is changed only if its
//! version is the one that was read, and a row that must not exist is only ever inserted. What was
//! only read is compared first; if it moves between that and the commit, this round was before it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use deadpool_postgres::Object;

use super::error::is_unclear;
use super::load::texts;
use super::locked::is_late;
use super::pipeline::{Answer, Pipeline};
use super::statements::{Prepared, Writing};
use super::vitals::Found;
use super::written::Written;
use super::{Postgres, locked};
use crate::model::{Id, IdentifierKey};
use crate::storage::edits;
use crate::storage::sql::values;
use crate::storage::{Changes, Committed, Edit, Moved, StorageError};

/// How often a database that is away is asked how a commit ended, and the pause between: a server
/// that restarts is back in a second or two.
const ASKED_MAX: usize = 10;
const PAUSE: Duration = Duration::from_millis(200);

/// What a statement is about, and so what has moved when it changed nothing.
pub(super) enum Of<'a> {
    WrittenSessions(&'a [&'a str]),
    WrittenProfiles(&'a [&'a str]),
    WrittenIdentifiers(&'a [&'a IdentifierKey]),
    /// So many ids or marks; with fewer somebody else was faster, and loading again finds that.
    Rows(usize),
    /// The stream's own row.
    Stream,
    /// May change any number of rows.
    Any,
    /// Versions of what was only read.
    Sessions,
    Profiles,
}

/// What is known of a round before it is committed.
#[derive(Default)]
struct Verdict {
    moved: Moved,
    is_lost: bool,
}

/// Why it was not committed, and whether that is known at all.
enum Fault {
    Known(StorageError),
    /// A statement waited for too long, perhaps for a row that somebody holds.
    Late(StorageError),
    Unclear(StorageError),
}

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        Self::Known(error)
    }
}

pub(super) fn commit(engine: &Postgres, changes: &Changes) -> Result<Committed, StorageError> {
    let written = Written::of(changes)?;
    let held = engine.held().take();
    let is_begun = held.is_some();
    let client = held.map_or_else(|| engine.connection_of_rounds(), Ok)?;
    match attempt(engine, &client, changes, &written, is_begun) {
        Ok(Verdict { is_lost: false, .. }) => Ok(Committed::Done),
        Ok(Verdict { moved, .. }) => {
            engine.wait(async { Ok(client.batch_execute("ROLLBACK").await?) })?;
            Ok(Committed::Moved(moved))
        }
        Err(fault) => {
            // Whatever it is in the middle of is rolled back when the connection ends.
            drop(Object::take(client));
            match fault {
                Fault::Unclear(error) => engine.doubted.settle(|| settle(engine, changes, error)),
                Fault::Late(error) | Fault::Known(error @ StorageError::Again(_)) => {
                    held_by_others(engine, changes, error)
                }
                Fault::Known(error) => Err(error),
            }
        }
    }
}

/// Committed, unless something has moved.
fn attempt(
    engine: &Postgres,
    client: &Object,
    changes: &Changes,
    written: &Written<'_>,
    is_begun: bool,
) -> Result<Verdict, Fault> {
    let prepared = engine.wait(Prepared::on(client))?;
    let mut verdict = Verdict::default();
    let mut pipeline = Pipeline::new(client);
    if !is_begun {
        pipeline.command(Of::Any, &engine.begins.round);
    }
    compare(&mut pipeline, &prepared, changes);
    if !changes.edits.is_empty() {
        verdict.hear(answers(engine, pipeline)?, changes)?;
        edit(engine, client, changes)?;
        pipeline = Pipeline::new(client);
    }
    Writing {
        pipeline: &mut pipeline,
        prepared: &prepared,
        changes,
        written,
        spreads: engine.spreads.load(Ordering::Relaxed),
    }
    .all();
    verdict.hear(answers(engine, pipeline)?, changes)?;
    if verdict.is_lost {
        return Ok(verdict);
    }
    match engine.wait(async { Ok(client.batch_execute("COMMIT").await) }) {
        Ok(Ok(())) => Ok(verdict),
        Ok(Err(error)) if is_unclear(&error) => Err(Fault::Unclear(error.into())),
        Ok(Err(error)) => Err(Fault::Known(error.into())),
        Err(silent) => Err(Fault::Unclear(silent)),
    }
}

fn answers<'a>(
    engine: &Postgres,
    pipeline: Pipeline<'_, Of<'a>>,
) -> Result<Vec<(Of<'a>, Answer)>, Fault> {
    match engine.wait(async { Ok(pipeline.finish().await) })? {
        Ok(answers) => Ok(answers),
        Err(error) if is_late(&error) => Err(Fault::Late(error.into())),
        Err(error) => Err(Fault::Known(error.into())),
    }
}

/// Others were in the way, for a moment or for long. Where nobody holds anything by now, what may be
/// tried again is.
fn held_by_others(
    engine: &Postgres,
    changes: &Changes,
    error: StorageError,
) -> Result<Committed, StorageError> {
    // Where a whole table is held, nobody can tell.
    let locked = locked::locked(engine, &locked::rows_of(changes)).unwrap_or_default();
    if !locked.is_empty() {
        return Ok(Committed::Locked(locked));
    }
    if matches!(error, StorageError::Again(_)) {
        Ok(Committed::Moved(Moved::default()))
    } else {
        Err(error)
    }
}

impl Verdict {
    /// Takes in the answers: a statement that should have changed a row and has not was late.
    fn hear(&mut self, answers: Vec<(Of<'_>, Answer)>, changes: &Changes) -> Result<(), Fault> {
        for (of, answer) in answers {
            match (of, answer) {
                (Of::Sessions, Answer::Found(rows)) => {
                    self.moved.sessions.extend(differing(&changes.read.sessions, &rows)?);
                }
                (Of::Profiles, Answer::Found(rows)) => {
                    self.moved.profiles.extend(differing(&changes.read.profiles, &rows)?);
                }
                (Of::WrittenSessions(ids), Answer::Found(rows)) => {
                    self.moved.sessions.extend(missing(ids, &rows)?);
                }
                (Of::WrittenProfiles(ids), Answer::Found(rows)) => {
                    self.moved.profiles.extend(missing(ids, &rows)?);
                }
                (Of::WrittenIdentifiers(keys), Answer::Found(rows)) => {
                    self.moved.identifiers.extend(missing_keys(keys, &rows)?);
                }
                (Of::Rows(count), Answer::Changed(changed)) => {
                    self.is_lost |= changed != count as u64;
                }
                (Of::Stream, Answer::Changed(1)) | (Of::Any, _) => {}
                (
                    Of::Stream
                    | Of::Sessions
                    | Of::Profiles
                    | Of::WrittenSessions(_)
                    | Of::WrittenProfiles(_)
                    | Of::WrittenIdentifiers(_)
                    | Of::Rows(_),
                    _,
                ) => {
                    let said = "this node's stream is not in the database any more".to_owned();
                    return Err(Fault::Known(StorageError::Failed(said)));
                }
            }
        }
        self.is_lost |= !self.moved.is_empty();
        Ok(())
    }
}

/// Which of those that were to be written were not: they have moved.
fn missing<Kind>(
    ids: &[&str],
    rows: &[tokio_postgres::Row],
) -> Result<Vec<Id<Kind>>, StorageError> {
    if ids.len() == rows.len() {
        return Ok(Vec::new());
    }
    let mut written = HashSet::new();
    for row in rows {
        written.insert(row.try_get::<_, &str>(0)?);
    }
    Ok(ids.iter().filter(|id| !written.contains(*id)).map(|id| Id::new(*id)).collect())
}

fn missing_keys(
    keys: &[&IdentifierKey],
    rows: &[tokio_postgres::Row],
) -> Result<Vec<IdentifierKey>, StorageError> {
    let mut written = HashSet::new();
    for row in rows {
        written.insert((row.try_get::<_, &str>(0)?, row.try_get::<_, &str>(1)?));
    }
    let is_missing =
        |key: &&&IdentifierKey| !written.contains(&(key.namespace.as_str(), key.hash.as_str()));
    Ok(keys.iter().filter(is_missing).map(|key| (*key).clone()).collect())
}

/// Which of those that were read are not there any more as they were, or are there by now.
fn differing<Kind>(
    read: &[(Id<Kind>, i64)],
    rows: &[tokio_postgres::Row],
) -> Result<Vec<Id<Kind>>, StorageError> {
    let mut now: HashMap<&str, i64> = HashMap::new();
    for row in rows {
        now.insert(row.try_get(0)?, row.try_get(1)?);
    }
    let differs = |(id, version): &&(Id<Kind>, i64)| now.get(id.as_str()).unwrap_or(&0) != version;
    Ok(read.iter().filter(differs).map(|(id, _)| id.clone()).collect())
}

fn compare<'a>(pipeline: &mut Pipeline<'a, Of<'a>>, prepared: &'a Prepared, changes: &'a Changes) {
    // Whoever is removed must not become somebody else between this and that.
    for edit in &changes.edits {
        let Edit::RemoveProfile(ids) = edit else { continue };
        for id in ids {
            pipeline.send(Of::Any, &prepared.lock_profile, [id.as_str().into()]);
        }
    }
    let read = &changes.read;
    if !read.sessions.is_empty() {
        let ids = texts(read.sessions.iter().map(|(id, _)| id));
        pipeline.ask(Of::Sessions, &prepared.session_versions, ids);
    }
    if !read.profiles.is_empty() {
        let ids = read.profiles.iter().map(|(id, _)| id.as_str()).collect();
        pipeline.ask(Of::Profiles, &prepared.profile_versions, ids);
    }
}

/// Administrators' changes, which are few.
fn edit(engine: &Postgres, client: &Object, changes: &Changes) -> Result<(), StorageError> {
    let mut database = engine.speaking(client, engine.patience());
    for edit in &changes.edits {
        edits::apply(&mut database, edit, changes.time)?;
    }
    Ok(())
}

/// The connection was lost while it was being committed. The round's last statement has changed
/// the stream's row: whoever can lock that row knows how it ended.
fn settle(
    engine: &Postgres,
    changes: &Changes,
    error: StorageError,
) -> (Found, Result<Committed, StorageError>) {
    let ask = "SELECT written_through FROM stream WHERE id = $1 FOR UPDATE";
    let stream = changes.at.stream.as_ref();
    for _ in 0..ASKED_MAX {
        let known = engine.change(|database| database.number(ask, values![stream]));
        let Ok(through) = known else {
            std::thread::sleep(PAUSE);
            continue;
        };
        let is_in = u64::try_from(through).unwrap_or(0) >= changes.at.seq;
        return match is_in && !stream.is_empty() {
            true => (Found::Committed, Ok(Committed::Done)),
            false => (Found::Undone, Err(error)),
        };
    }
    (Found::Unknown, Err(error))
}
