//! Erasing: a person's history, or one event, from the tail and from every file.

use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::engine::{literal, literals};
use super::search::Named;
use super::{Lake, LakeError};
use crate::committer::Committer;
use crate::events::{Gone, Rows};
use crate::hashing::Hashing;
use crate::model::{EventId, Mark, ProfileId, SessionId, SourceId, Time};
use crate::storage::{Edit, ErasureRow, Through, Unwiped};
use crate::working_set::RemovedEvents;

/// Rows of people read at a time.
const PAGE: usize = 1000;
/// People who are changed in one round.
const PEOPLE_AT_ONCE: usize = 100;

/// An erasure that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Its number, for those who ask how it goes.
    pub id: String,
    /// When: whoever comes later is somebody new.
    pub asked: Time,
    /// Every id of the person.
    pub people: Vec<ProfileId>,
}

impl From<ErasureRow> for Erasure {
    fn from(row: ErasureRow) -> Self {
        Self { id: row.id, asked: row.asked, people: row.people }
    }
}

/// What an erasure removed, and where from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Erased {
    /// Sessions.
    pub sessions: usize,
    /// Rounds of the tail that were rewritten.
    pub tail_rounds: usize,
    /// Events in files.
    pub events_in_files: u64,
    /// Files that were rewritten or ended.
    pub files: usize,
    /// Files that left the disk.
    pub files_removed: usize,
    /// Ids of events that are no longer remembered.
    pub event_ids: usize,
    /// Tables whose free room still holds what was deleted: the database has not cleaned them up.
    pub tables_left: usize,
    /// What administrators have set up that still names one of the ids, the first hundred: theirs to change or remove.
    pub named_in: Vec<NamedIn>,
}

/// Something that is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NamedIn {
    /// Of which kind, as the audit log calls it.
    pub kind: String,
    /// Its id.
    pub id: String,
}

impl Lake {
    /// Does what an erasure asks. It may be done again from the beginning, after a crash.
    ///
    /// # Errors
    /// See [`LakeError`]; it is tried again.
    pub fn erase(
        &self,
        erasure: &Erasure,
        committer: &Committer,
        hashing: &Hashing,
    ) -> Result<Erased, LakeError> {
        let gone = Gone::People(erasure.people.clone());
        let forget = |marks: &[Mark]| {
            let mut edits = marks.chunks(PAGE).map(|some| Edit::ForgetMarks(some.to_vec()));
            edits.try_for_each(|forgotten| committer.blocking_edit(forgotten))
        };
        let in_tail = self.found_in_tail(&gone)?;
        forget_held(&in_tail, erasure.asked, committer)?;
        let in_tail = marks(&in_tail, hashing);
        forget(&in_tail)?;
        let mut done = Erased { event_ids: in_tail.len(), ..Erased::default() };
        done.sessions = self.erase_sessions(erasure, committer)?;
        self.forget_by_others(&erasure.people, committer)?;
        done.tail_rounds = self.erase_tail(&gone, committer)?;
        // Forgotten before the events go: after a crash nobody would know which they were.
        let condition = condition(&gone);
        let files = self.erase_files(&condition, true, |events| {
            forget_held(events, erasure.asked, committer)?;
            let marks = marks(events, hashing);
            done.event_ids += marks.len();
            Ok(forget(&marks)?)
        })?;
        (done.files, done.events_in_files) = (files.files, files.events);
        self.must_have_left_the_tail(&gone)?;
        done.files_removed = self.sweep()?;
        let instead = format!("erased-{}", erasure.id);
        self.storage.unname_in_audit(&erasure.people, &instead)?;
        let named_in = self.storage.named_in_config(&erasure.people, &instead)?;
        done.named_in = named_in.into_iter().map(|(kind, id)| NamedIn { kind, id }).collect();
        let left = self.storage.wipe()?;
        done.tables_left = left.len();
        tell(&left);
        let report = serde_json::to_string(&done).unwrap_or_default();
        let (id, people) = (erasure.id.clone(), erasure.people.clone());
        let end = Edit::EndErasure { id, people, report };
        committer.blocking_edit(end)?;
        // Once more, for what the erasure itself had to remember.
        drop(self.storage.wipe()?);
        Ok(done)
    }

    /// Removes one event of one source: also for those who read the files by themselves, at a
    /// snapshot from before, nothing of it is left. False when there is none.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn erase_event(
        &self,
        source: SourceId,
        id: EventId,
        committer: &Committer,
        hashing: &Hashing,
    ) -> Result<bool, LakeError> {
        let gone = Gone::Event(source, id);
        let condition = condition(&gone);
        let mut found = marks(&self.found_in_tail(&gone)?, hashing);
        self.erase_tail(&gone, committer)?;
        let files = self.erase_files(&condition, true, |events| {
            found.extend(marks(events, hashing));
            Ok(())
        })?;
        self.must_have_left_the_tail(&gone)?;
        if found.is_empty() {
            return Ok(false);
        }
        committer.blocking_edit(Edit::ForgetMarks(found))?;
        if files.files > 0 {
            self.remove_replaced();
        }
        Ok(true)
    }

    /// Files without the event hold history already; those from before are removed again and again
    /// until the disk or S3 does so.
    fn remove_replaced(&self) {
        if let Err(error) = self.sweep() {
            tracing::warn!(%error, "files that hold removed events cannot be removed yet");
        }
    }

    fn erase_sessions(&self, erasure: &Erasure, committer: &Committer) -> Result<usize, LakeError> {
        let people = &erasure.people;
        let gone: HashSet<&str> = people.iter().map(ProfileId::as_str).collect();
        let (mut after, mut theirs, mut visited) = (String::new(), Vec::new(), Vec::new());
        loop {
            let rows = self.storage.visits(&after, PAGE)?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.id);
            let is_theirs = |id: &Option<String>| id.as_deref().is_some_and(|id| gone.contains(id));
            let found = rows.iter().filter(|row| is_theirs(&row.profile));
            theirs.extend(found.map(|row| SessionId::new(row.id.as_str())));
            let found = rows.iter().filter(|row| is_theirs(&row.visitor));
            visited.extend(found.map(|row| SessionId::new(row.id.as_str())));
        }
        forget_held_of(&theirs, erasure.asked, committer)?;
        for session in &theirs {
            committer.blocking_remove_session(session.clone(), people.clone())?;
        }
        // The visit itself is of whoever was named in it.
        for session in visited {
            committer.blocking_forget_visitor(session, people.clone())?;
        }
        Ok(theirs.len())
    }

    /// Others know their ids where somebody has said that they are two, and were one with them before that.
    fn forget_by_others(
        &self,
        people: &[ProfileId],
        committer: &Committer,
    ) -> Result<(), LakeError> {
        for some in self.storage.kept_apart_from(people)?.chunks(PEOPLE_AT_ONCE) {
            committer.blocking_forget_apart(some.to_vec(), people.to_vec())?;
        }
        // Last: a merger is recorded with those who know their ids until then.
        Ok(self.storage.forget_in_merges(people)?)
    }

    /// Rounds are rewritten one by one, each in a round of the committer's, so nobody waits long. No
    /// flush has them in hand meanwhile.
    fn erase_tail(&self, gone: &Gone, committer: &Committer) -> Result<usize, LakeError> {
        let _job = self.job();
        let mut rounds: Vec<(Through, Vec<SessionId>)> = Vec::new();
        self.storage.tail(&mut |row| {
            let touched = Rows::unpack(&row.packed).map(|rows| rows.sessions_of(gone));
            if let Ok(Some(sessions)) = touched {
                rounds.push((row.at, sessions));
            }
            ControlFlow::Continue(())
        })?;
        let many = rounds.len();
        // What is counted of them could no longer be counted again.
        if many > 0 {
            committer.blocking_write_out(None)?;
        }
        for (at, sessions) in rounds {
            let events = RemovedEvents { at, gone: gone.clone(), sessions };
            committer.blocking_remove_events(events)?;
        }
        Ok(many)
    }
}

/// What was erased may be read there until the database writes over it, and nobody would know.
fn tell(left: &[Unwiped]) {
    let Some(Unwiped { table, why }) = left.first() else { return };
    tracing::warn!(
        tables = left.len(),
        table,
        why,
        "an erasure's deleted rows are still in the database's free room: it did not vacuum these tables. Kith's role must \
         own them, or from PostgreSQL 17 on have MAINTAIN; or have their owner vacuum them"
    );
}

/// What was kept apart before anybody knew who was in these visits goes with whoever was.
fn forget_held(events: &[Named], asked: Time, committer: &Committer) -> Result<(), LakeError> {
    let sessions: BTreeSet<&str> =
        events.iter().filter_map(|event| event.session.as_deref()).collect();
    let sessions: Vec<_> = sessions.into_iter().map(SessionId::new).collect();
    forget_held_of(&sessions, asked, committer)
}

fn forget_held_of(
    sessions: &[SessionId],
    asked: Time,
    committer: &Committer,
) -> Result<(), LakeError> {
    let of = |some: &[SessionId]| Edit::ForgetHeld { sessions: some.to_vec(), through: asked };
    let mut edits = sessions.chunks(PAGE).map(of);
    Ok(edits.try_for_each(|forgotten| committer.blocking_edit(forgotten))?)
}

/// By what repetitions of the events are known, one for each event.
fn marks(events: &[Named], hashing: &Hashing) -> Vec<Mark> {
    events.iter().map(|event| hashing.mark(&event.source, &event.id)).collect()
}

/// Which events, as a condition of SQL over the columns of history as they are stored.
fn condition(gone: &Gone) -> String {
    match gone {
        Gone::Event(source, id) => {
            format!("id = {} AND source_id = {}", literal(id.as_str()), literal(source.as_str()))
        }
        Gone::People(people) => {
            format!("profile_id IN ({})", literals(people.iter().map(|id| id.as_str())))
        }
    }
}
