//! People and visits that go, and what others remember of them.

use std::sync::Arc;

use super::WorkingSet;
use crate::model::{ProfileId, SessionId};
use crate::processing::SessionChange;
use crate::storage::{Edit, MergeRecord};

impl WorkingSet {
    /// The person, all ids that lead to it, and what it is recognised by. Its sessions find no
    /// profile any more, so whoever comes back in one is somebody new.
    pub(super) fn remove_profile(&mut self, id: &ProfileId) -> bool {
        let Some(profile) = self.living(id).and_then(|living| self.profile(&living)) else {
            return false;
        };
        let entry = self.end_profile(&profile.id);
        // Whoever comes by this id in the same round is written after it was removed.
        let version = std::mem::take(&mut entry.version);
        if self.is_shared && version > 0 {
            self.gathered.changes.read.profiles.push((profile.id.clone(), version));
        }
        self.gathered.profiles.remove(&profile.id);
        for id in &profile.ids {
            self.aliases.put(id.clone(), None, self.round);
        }
        let is_theirs = |id: &ProfileId| profile.ids.contains(id);
        self.identifiers.forget(is_theirs, self.round);
        let changes = &mut self.gathered.changes;
        // One who was merged in this round as well: the merger that would lead it on is dropped too.
        changes.aliases.retain(|(_, leads_to)| !is_theirs(leads_to));
        changes.identifiers.retain(|bound| !is_theirs(&bound.holder));
        changes.ended.retain(|(id, _)| !is_theirs(id));
        let stood = |merge: &MergeRecord| {
            merge.before.iter().any(|one| one.ids.iter().any(is_theirs))
                || [&merge.loser, &merge.winner].into_iter().any(is_theirs)
        };
        changes.merges.retain(|merge| !stood(merge));
        self.edit(Edit::RemoveProfile(profile.ids.clone()))
    }

    pub(super) fn erase_person(&mut self, erasure: String, mut people: Vec<ProfileId>) -> bool {
        for id in people.clone() {
            let person = self.living(&id).and_then(|living| self.profile(&living));
            let theirs = person.map(|person| person.ids.clone()).unwrap_or_default();
            self.remove_profile(&id);
            people.extend(theirs.into_iter().filter(|id| !people.contains(id)).collect::<Vec<_>>());
        }
        self.edit(Edit::BeginErasure { id: erasure, people })
    }

    /// One that is not any more `of` those who are named is left to whoever came since.
    pub(super) fn remove_session(&mut self, id: SessionId, of: Option<&[ProfileId]>) -> bool {
        let Some(session) = self.session(&id) else { return false };
        let is_theirs =
            |of: &[ProfileId]| session.profile.as_ref().is_some_and(|id| of.contains(id));
        if !of.is_none_or(is_theirs) {
            return false;
        }
        let entry = self.sessions.put(id.clone(), None, self.round);
        (entry.held, entry.version) = (false, 0);
        self.held.release(&id);
        self.gathered.sessions.remove(&id);
        self.gathered.touched.remove(&id);
        self.edit(Edit::RemoveSession(id))
    }

    /// Whoever was kept apart from somebody who is gone has nobody to be kept apart from.
    pub(super) fn forget_apart(&mut self, people: &[ProfileId], gone: &[ProfileId]) -> bool {
        for id in people {
            let person = self.living(id).and_then(|living| self.profile(&living));
            let Some(mut person) = person else { continue };
            if Arc::make_mut(&mut person).forget_apart(gone) {
                self.put_profile(person);
            }
        }
        true
    }

    /// The visit stays with whoever was named in it, without what it held: nobody can tell what of it was said of its
    /// visitor.
    pub(super) fn forget_visitor(&mut self, id: &SessionId, gone: &[ProfileId]) -> bool {
        let Some(mut session) = self.session(id) else { return false };
        let visitor = session.link.as_ref().and_then(|link| link.visitor.as_ref());
        if !visitor.is_some_and(|visitor| gone.contains(visitor)) {
            return false;
        }
        Arc::make_mut(&mut session).forget_visitor();
        self.keep_session(session, SessionChange::Written);
        true
    }
}
