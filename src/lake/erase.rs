//! Erasing: a person's history, or one event, from the tail and from every file.

use std::ops::ControlFlow;

use serde::Serialize;

use super::engine::literal;
use super::moment::Span;
use super::{Lake, LakeError};
use crate::committer::{Committer, Unavailable};
use crate::events::{Gone, Rows};
use crate::hashing::Hashing;
use crate::model::{EventId, ProfileId, SessionId};
use crate::storage::{Edit, ErasureRow, PeopleKind, Through};

/// Rows of people read at a time.
const PAGE: usize = 1000;

/// An erasure that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Its number, for those who ask how it goes.
    pub id: String,
    /// Every id of the person.
    pub people: Vec<ProfileId>,
}

impl From<ErasureRow> for Erasure {
    fn from(row: ErasureRow) -> Self {
        Self { id: row.id, people: row.people }
    }
}

/// What an erasure removed, and where from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
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
        let marks = self.marks(&gone, hashing)?;
        let mut done = Erased { event_ids: marks.len(), ..Erased::default() };
        for marks in marks.chunks(PAGE) {
            edit(committer, Edit::ForgetMarks(marks.to_vec()), Vec::new())?;
        }
        done.sessions = self.erase_sessions(&erasure.people, committer)?;
        done.tail_rounds = self.erase_tail(&gone, committer)?;
        let condition = condition(&gone);
        for file in self.storage.files()? {
            let events = self.remove(&file, &condition, true)?;
            done.events_in_files += events;
            done.files += usize::from(events > 0);
        }
        self.must_be_gone(&condition)?;
        done.files_removed = self.sweep()?;
        self.storage.wipe()?;
        let report = serde_json::to_string(&done).unwrap_or_default();
        let (id, people) = (erasure.id.clone(), erasure.people.clone());
        edit(committer, Edit::EndErasure { id, people, report }, Vec::new())?;
        // Once more, for what the erasure itself had to remember.
        self.storage.wipe()?;
        Ok(done)
    }

    /// Removes one event. False when there is none.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn erase_event(
        &self,
        id: &EventId,
        committer: &Committer,
        hashing: &Hashing,
    ) -> Result<bool, LakeError> {
        let gone = Gone::Event(id.clone());
        let marks = self.marks(&gone, hashing)?;
        if marks.is_empty() {
            return Ok(false);
        }
        let condition = condition(&gone);
        self.erase_tail(&gone, committer)?;
        for file in self.storage.files()? {
            self.remove(&file, &condition, false)?;
        }
        self.must_be_gone(&condition)?;
        edit(committer, Edit::ForgetMarks(marks), Vec::new())?;
        Ok(true)
    }

    /// Another process may have replaced a file while we did: then it is done again.
    fn must_be_gone(&self, condition: &str) -> Result<(), LakeError> {
        let sql = format!("SELECT count(*) FROM everything WHERE {condition}");
        match self.moment(Span::ALWAYS)?.number(&sql, &[])? {
            0 => Ok(()),
            left => Err(LakeError::Disk(format!("{left} events are left to be erased"))),
        }
    }

    /// By what repetitions of the events are known, one for each event.
    fn marks(&self, gone: &Gone, hashing: &Hashing) -> Result<Vec<crate::model::Mark>, LakeError> {
        let sql =
            format!("SELECT DISTINCT source_id, id FROM everything WHERE {}", condition(gone));
        let rows = self.moment(Span::ALWAYS)?.rows(&sql, &[])?;
        let text = |row: &crate::model::Map, key: &str| {
            row.get(key).and_then(|value| value.as_str().map(str::to_owned))
        };
        let mark = |row: &crate::model::Map| {
            Some(hashing.mark(&text(row, "source_id")?, &text(row, "id")?))
        };
        Ok(rows.iter().filter_map(mark).collect())
    }

    fn erase_sessions(
        &self,
        people: &[ProfileId],
        committer: &Committer,
    ) -> Result<usize, LakeError> {
        let (mut after, mut theirs) = (String::new(), Vec::new());
        loop {
            let rows = self.storage.people(PeopleKind::Sessions, &after, PAGE)?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.id);
            let is_theirs = |profile: &str| people.iter().any(|id| id.as_str() == profile);
            let found = rows.iter().filter(|row| row.profile.as_deref().is_some_and(is_theirs));
            theirs.extend(found.map(|row| SessionId::new(row.id.as_str())));
        }
        for session in &theirs {
            committer.remove_session_now(session.clone()).map_err(unavailable)?;
        }
        Ok(theirs.len())
    }

    /// Rounds are rewritten one by one, each in a round of the committer's, so nobody waits long.
    fn erase_tail(&self, gone: &Gone, committer: &Committer) -> Result<usize, LakeError> {
        let mut rounds: Vec<(Through, Vec<SessionId>)> = Vec::new();
        self.storage.tail(&mut |row| {
            let touched = Rows::unpack(&row.packed).map(|rows| rows.sessions_of(gone));
            if let Ok(Some(sessions)) = touched {
                rounds.push((row.at, sessions));
            }
            ControlFlow::Continue(())
        })?;
        let many = rounds.len();
        for (at, sessions) in rounds {
            edit(committer, Edit::RemoveEvents { at, gone: gone.clone() }, sessions)?;
        }
        Ok(many)
    }
}

/// Which events, as a condition of SQL over the columns of history as they are stored.
fn condition(gone: &Gone) -> String {
    match gone {
        Gone::Event(id) => format!("id = {}", literal(id.as_str())),
        Gone::People(people) => {
            let ids: Vec<String> = people.iter().map(|id| literal(id.as_str())).collect();
            format!("profile_id IN ({})", ids.join(", "))
        }
    }
}

fn edit(committer: &Committer, edit: Edit, sessions: Vec<SessionId>) -> Result<(), LakeError> {
    committer.edit_now(edit, sessions).map_err(unavailable)
}

fn unavailable(why: Unavailable) -> LakeError {
    LakeError::Disk(why.to_string())
}
