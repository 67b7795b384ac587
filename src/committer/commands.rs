//! Administrators' changes, folded in between payloads.

use super::{Command, WorkingSet};
use crate::model::{ProfileId, SessionId};
use crate::storage::Edit;

impl WorkingSet {
    /// Folds one command; false when there is nothing to change.
    pub(super) fn command(&mut self, command: Command) -> bool {
        match command {
            Command::Edit(edit) => self.edit(edit),
            Command::RemoveProfile(id) => self.remove_profile(&id),
            Command::RemoveSession(id) => self.remove_session(id),
            Command::ErasePerson(erasure, id) => self.erase_person(erasure, &id),
            Command::RemoveEvents(edit, sessions) => {
                sessions.into_iter().for_each(|id| self.write_held_back(id));
                self.edit(edit)
            }
        }
    }

    fn edit(&mut self, edit: Edit) -> bool {
        self.gathered.changes.edits.push(edit);
        true
    }

    fn write_held_back(&mut self, id: SessionId) {
        if self.held.has(&id) {
            self.held.release(&id);
            self.gathered.touched.remove(&id);
            self.gathered.sessions.insert(id);
        }
    }

    /// The person, all ids that lead to it, and what it is recognised by. Its sessions find no
    /// profile any more, so whoever comes back in one is somebody new.
    fn remove_profile(&mut self, id: &ProfileId) -> bool {
        let Some(profile) = self.living(id).and_then(|living| self.profile(&living)) else {
            return false;
        };
        let entry = self.profiles.put(profile.id.clone(), None, self.round);
        // Whoever comes by this id in the same round is written after it was removed.
        let version = std::mem::take(&mut entry.version);
        if self.is_shared && version > 0 {
            self.gathered.changes.read.profiles.push((profile.id.clone(), version));
        }
        self.gathered.profiles.remove(&profile.id);
        for id in &profile.ids {
            self.aliases.put(id.clone(), None, self.round);
        }
        self.gathered.changes.aliases.retain(|(_, leads_to)| *leads_to != profile.id);
        let is_theirs = |id: &ProfileId| profile.ids.contains(id);
        self.identifiers.forget(is_theirs, self.round);
        let changes = &mut self.gathered.changes;
        changes.identifiers.retain(|bound| !is_theirs(&bound.holder));
        changes.ended.retain(|(id, _)| !is_theirs(id));
        changes.merges.retain(|merge| !is_theirs(&merge.loser) && !is_theirs(&merge.winner));
        self.edit(Edit::RemoveProfile(profile.ids.clone()))
    }

    fn erase_person(&mut self, erasure: String, id: &ProfileId) -> bool {
        let person = self.living(id).and_then(|living| self.profile(&living));
        let people = person.map_or_else(|| vec![id.clone()], |person| person.ids.clone());
        self.remove_profile(id);
        self.edit(Edit::BeginErasure { id: erasure, people })
    }

    fn remove_session(&mut self, id: SessionId) -> bool {
        if self.session(&id).is_none() {
            return false;
        }
        let entry = self.sessions.put(id.clone(), None, self.round);
        (entry.held, entry.version) = (false, 0);
        self.held.release(&id);
        self.gathered.sessions.remove(&id);
        self.gathered.touched.remove(&id);
        self.edit(Edit::RemoveSession(id))
    }
}
