//! The end of a round: what it gathered becomes the changes to be written.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::{Gathered, Waits, WorkingSet};
use crate::model::{ProfileId, Session, SessionId, Time};
use crate::storage::{Changes, Moved, Read, Through};

/// Room for the lines of the next round that is asked for at once, in bytes, at most.
const LINES_AHEAD_MAX: usize = 256 << 10;

/// A round ready for the writer.
pub(crate) struct ReadyRound {
    pub(crate) changes: Changes,
    /// Sessions whose touches wait, for those who read before they are written.
    pub(crate) touched: Vec<Arc<Session>>,
    /// People who wait from this round on.
    pub(crate) counted: Vec<ProfileId>,
}

/// What is to be written with a round though nothing has asked for it.
#[derive(Debug, Default)]
pub(crate) struct Due {
    pub(crate) sessions: Vec<SessionId>,
    pub(crate) people: Vec<ProfileId>,
}

impl WorkingSet {
    /// What has waited for so long, or is so much, that it is to be written with this round.
    pub(crate) fn due(&mut self, now: Duration, patience: Waits) -> Due {
        Due {
            sessions: self.held.due(now, patience.sessions),
            people: self.counted.due(now, patience.people),
        }
    }

    /// Whether anything is.
    pub(crate) fn is_any_due(&self, now: Duration, patience: Waits) -> bool {
        self.held.count_due(now, patience.sessions) + self.counted.count_due(now, patience.people)
            > 0
    }

    /// Takes what the round gathered, and what is `due` out of what is held back.
    pub(crate) fn gather(&mut self, stream: &Arc<str>, now: Time, due: Due) -> ReadyRound {
        let mut gathered = std::mem::take(&mut self.gathered);
        // The next will be about as large: lines that grow from nothing are copied again and again.
        let lines = gathered.changes.rows.lines.len().min(LINES_AHEAD_MAX);
        self.gathered.changes.rows.lines.reserve(lines);
        let read = self.read(&mut gathered);
        let Gathered {
            mut changes,
            mut profiles,
            mut sessions,
            mut touched,
            mut counted,
            alarms,
            memberships,
            ..
        } = gathered;
        changes.read = read;
        self.standings(alarms, memberships, &mut changes);
        for id in due.sessions {
            self.held.release(&id);
            touched.remove(&id);
            sessions.insert(id);
        }
        profiles.extend(due.people);
        for id in &profiles {
            self.counted.release(id);
            counted.remove(id);
        }
        let at = |seq| Through { stream: Arc::clone(stream), seq };
        changes.at = at(self.round);
        changes.time = now;
        let waits = [self.held.written_through(), self.counted.written_through()];
        let waits = waits.into_iter().flatten().min();
        changes.written_through = vec![at(waits.unwrap_or(self.round))];
        for id in profiles {
            let Some(entry) = self.profiles.write(&id) else { continue };
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
        ReadyRound { touched: touched.collect(), counted: counted.into_iter().collect(), changes }
    }

    /// What was looked at and is not written, as it is on disk: what is written is compared anyway.
    /// Sessions that were not there are among it: whoever made one meanwhile has said whose it is.
    fn read(&mut self, gathered: &mut Gathered) -> Read {
        let mut read = std::mem::take(&mut gathered.changes.read);
        for id in gathered.read_sessions.difference(&gathered.sessions) {
            // One that is not there has version 0. Where this round removes it, it is there until then.
            let version = match self.sessions.get(id) {
                Some(entry) if entry.version == 0 && entry.round == self.round => continue,
                entry => entry.map_or(0, |entry| entry.version),
            };
            read.sessions.push((id.clone(), version));
        }
        let ended: HashSet<_> = gathered.changes.ended.iter().map(|(id, _)| id).collect();
        for id in gathered.read_profiles.difference(&gathered.profiles) {
            let found = self.profiles.get(id).filter(|entry| entry.version > 0);
            let found = found.filter(|_| !ended.contains(id));
            read.profiles.extend(found.map(|entry| (id.clone(), entry.version)));
        }
        read
    }

    /// After a round that will not be on disk: forgets what it changed, and what moved.
    pub(crate) fn undo(&mut self, committed: u64, moved: &Moved) {
        self.gathered = Gathered::default();
        self.profiles.undo(committed);
        self.sessions.undo(committed);
        self.aliases.undo(committed);
        self.identifiers.undo(committed);
        self.marks.clear();
        moved.profiles.iter().for_each(|id| self.profiles.remove(id));
        moved.sessions.iter().for_each(|id| self.sessions.remove(id));
        moved.identifiers.iter().for_each(|key| self.identifiers.remove(key));
    }

    /// What was not there may be there in the next round, where others write too.
    pub(crate) fn forget_absent(&mut self) {
        self.profiles.forget_absent();
        self.sessions.forget_absent();
        self.aliases.forget_absent();
        self.identifiers.forget_absent();
    }

    /// Makes room between two rounds; `committed` is the last one on disk.
    pub(crate) fn age(&mut self, committed: u64) {
        self.profiles.age(committed);
        self.sessions.age(committed);
        self.aliases.age(committed);
        self.identifiers.age(committed);
        self.marks.retain(|_, round| *round > committed);
    }
}
