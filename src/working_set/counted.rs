//! People of whom more is counted, and nothing else is new: written later, together.

use std::sync::Arc;

use super::WorkingSet;
use super::cache::Entry;
use crate::model::{Profile, ProfileId};

impl WorkingSet {
    /// Most payloads of whoever is watched change what is counted of them, a few numbers in a row of many
    /// thousand bytes. The events are in the tail, so it can be counted again from there: see
    /// docs/decisions/0026-audiences.md. Where others write too, nothing is held back.
    pub(super) fn keep_counted(&mut self, mut profile: Arc<Profile>) {
        let (id, created) = (profile.id.clone(), profile.created);
        let is_new = !self.profiles.has(&id);
        if self.is_shared || is_new || self.gathered.profiles.contains(&id) {
            return self.write_profile(profile);
        }
        close(&mut profile);
        let bytes = self.profiles.hold(&id, profile, self.round);
        if self.counted.hold(&id, created, (self.round, self.began), bytes) {
            self.gathered.counted.insert(id);
        }
    }

    /// These people are written with this round; false when none of them has waited.
    pub(super) fn write_counted(&mut self, people: Vec<ProfileId>) -> bool {
        let waited = people.into_iter().filter(|id| self.counted.release(id));
        let waited: Vec<ProfileId> = waited.collect();
        let is_any = !waited.is_empty();
        self.gathered.profiles.extend(waited);
        is_any
    }

    /// Whoever is gone waits no more.
    pub(super) fn end_profile(&mut self, id: &ProfileId) -> &mut Entry<Arc<Profile>> {
        self.counted.release(id);
        self.gathered.counted.remove(id);
        let entry = self.profiles.put(id.clone(), None, self.round);
        entry.held = false;
        entry
    }
}

/// Packs what is counted of somebody who has had their turn. Where somebody else looks at it, it stays open.
pub(super) fn close(profile: &mut Arc<Profile>) {
    if let Some(profile) = Arc::get_mut(profile) {
        profile.tallies.close();
    }
}
