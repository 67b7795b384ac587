//! The end of a round: what it gathered becomes the changes to be written.

use std::sync::Arc;

use super::working_set::{Gathered, WorkingSet};
use super::{Command, Work};
use crate::model::{Session, SessionId, Time};
use crate::storage::{Changes, Through, Wanted};

/// A round ready for the writer.
pub(super) struct ReadyRound {
    pub(super) changes: Changes,
    /// Sessions whose touches wait, for those who read before they are written.
    pub(super) touched: Vec<Arc<Session>>,
}

impl WorkingSet {
    /// Takes what the round gathered, and the sessions `due` out of those held back.
    pub(super) fn gather(
        &mut self,
        stream: &Arc<str>,
        now: Time,
        due: Vec<SessionId>,
    ) -> ReadyRound {
        let Gathered { mut changes, profiles, mut sessions, mut touched } =
            std::mem::take(&mut self.gathered);
        for id in due {
            self.held.release(&id);
            touched.remove(&id);
            sessions.insert(id);
        }
        let at = |seq| Through { stream: Arc::clone(stream), seq };
        changes.at = at(self.round);
        changes.time = now;
        changes.written_through = vec![at(self.held.written_through().unwrap_or(self.round))];
        for id in profiles {
            let Some(entry) = self.profiles.get(&id) else { continue };
            entry.version += 1;
            let version = entry.version;
            changes.profiles.extend(entry.value.clone().map(|profile| (profile, version)));
        }
        for id in sessions {
            let Some(entry) = self.sessions.get(&id) else { continue };
            (entry.version, entry.held) = (entry.version + 1, false);
            let version = entry.version;
            changes.sessions.extend(entry.value.clone().map(|session| (session, version)));
        }
        let touched = touched.iter().filter_map(|id| self.sessions.get(id)?.value.clone());
        ReadyRound { touched: touched.collect(), changes }
    }

    /// Makes room between two rounds; `committed` is the last one on disk.
    pub(super) fn age(&mut self, committed: u64) {
        self.profiles.age(committed);
        self.sessions.age(committed);
        self.aliases.age(committed);
        self.identifiers.age(committed);
        self.marks.retain(|_, round| *round > committed);
    }

    /// What one piece of work needs and is not in memory.
    pub(super) fn want_work(&mut self, work: &Work, wanted: &mut Wanted) {
        match work {
            Work::Payload(payload, ..) => self.want(payload, wanted),
            Work::Command(Command::RemoveProfile(id) | Command::ErasePerson(_, id), _) => {
                self.want_profile(id, wanted)
            }
            Work::Command(Command::RemoveSession(id), _) if !self.sessions.has(id) => {
                wanted.sessions.push(id.clone());
            }
            Work::Command(..) => {}
        }
    }
}
