//! What a payload leaves, taken into the working set and into what the round will write.

use std::sync::Arc;

use super::WorkingSet;
use super::counted::close;
use crate::identification::{Decision, Whose};
use crate::model::{Event, IdentifierKey, Payload, Profile, ProfileId, Session};
use crate::processing::{After, ProfileChange, SessionChange};
use crate::storage::{Bound, Edit};

impl WorkingSet {
    /// Takes in what a payload leaves.
    pub fn keep(&mut self, payload: &Payload, decision: &Decision, after: After) {
        let whose = &decision.whose;
        self.note_turn(decision, &after);
        if let Some(profile) = after.profile {
            let id = profile.id.clone();
            match after.profile_change {
                ProfileChange::None if may_lend(payload, whose) => {
                    self.profiles.put_back(&id, profile);
                }
                ProfileChange::None => {}
                ProfileChange::Counted => self.keep_counted(profile),
                ProfileChange::Written => {
                    self.tell_what_changed(&id, after.crossed, after.is_due_otherwise);
                    self.write_profile(profile);
                }
            }
            if after.profile_change == ProfileChange::Written && matches!(whose, Whose::New(_)) {
                self.put_alias(id.clone(), id);
            }
        }
        if payload.options.save_profile
            && let Some(id) = whose.profile().filter(|id| self.profiles.has(*id)).cloned()
        {
            self.bind(&decision.binds, &id, after.under.as_ref().unwrap_or(&id));
        }
        if let Some(session) = after.session {
            self.keep_session(Arc::new(session), after.session_change);
        }
        for mut held in after.held {
            if let Some(id) = whose.profile().filter(|id| self.profiles.has(*id)) {
                // As its events: whoever takes a merger back finds it where it belongs.
                held.profile = Some(after.under.clone().unwrap_or_else(|| id.clone()));
                held.asked.found = Some(whose.found());
            }
            self.gathered.changes.edits.push(Edit::HoldEvent(Box::new(held)));
        }
        after.events.iter().for_each(|event| self.write_event(event));
    }

    pub(super) fn write_event(&mut self, event: &Event) {
        if let Err(error) = self.gathered.changes.rows.push(event) {
            tracing::error!(%error, "an event could not be written as JSON");
        }
    }

    /// The person is recognised by these from now on, and knows it. What nobody has held is kept under
    /// the id that the payload came with; what somebody holds stays with the id that was the first to
    /// name it, and goes with that id, should a merger be taken back.
    fn bind(&mut self, keys: &[IdentifierKey], person: &ProfileId, under: &ProfileId) {
        let Some(mut profile) = self.profile(person).filter(|_| !keys.is_empty()) else { return };
        let mut is_changed = false;
        for key in keys {
            let was = self.named_under(key);
            if was.as_ref().and_then(|id| self.living_profile(id)).is_none() {
                self.identifiers.put(key.clone(), Some(under.clone()), self.round);
                let (key, holder) = (key.clone(), under.clone());
                self.gathered.changes.identifiers.push(Bound { key, holder, was });
            }
            if !profile.is_recognised_by(key) {
                is_changed |= Arc::make_mut(&mut profile).recognise_by(key);
            }
        }
        if is_changed {
            self.put_profile(profile);
        }
    }

    pub(super) fn keep_session(&mut self, session: Arc<Session>, change: SessionChange) {
        if change == SessionChange::None {
            return;
        }
        let id = session.id.clone();
        let opened = session.created;
        let entry = self.sessions.put(id.clone(), Some(session), self.round);
        match change {
            SessionChange::Touched if self.is_shared => {
                self.gathered.sessions.insert(id);
            }
            SessionChange::Written => {
                entry.held = false;
                self.held.release(&id);
                self.gathered.touched.remove(&id);
                self.gathered.sessions.insert(id);
            }
            SessionChange::Touched if self.gathered.sessions.contains(&id) => {}
            SessionChange::Touched | SessionChange::None => {
                entry.held = true;
                self.held.hold(&id, opened, (self.round, self.began), 0);
                self.gathered.touched.insert(id);
            }
        }
    }

    pub(super) fn put_profile(&mut self, profile: Arc<Profile>) {
        self.tell_where_they_stand(&profile.id, Some(&profile));
        self.write_profile(profile);
    }

    pub(super) fn write_profile(&mut self, mut profile: Arc<Profile>) {
        if !self.is_shared {
            close(&mut profile);
        }
        self.gathered.profiles.insert(profile.id.clone());
        self.profiles.put(profile.id.clone(), Some(profile), self.round);
    }

    pub(super) fn put_alias(&mut self, id: ProfileId, leads_to: ProfileId) {
        self.aliases.put(id.clone(), Some(leads_to.clone()), self.round);
        self.gathered.changes.aliases.push((id, leads_to));
    }
}

/// Whether whatever this payload changes of the person is kept.
pub(super) fn may_lend(payload: &Payload, whose: &Whose) -> bool {
    payload.options.save_profile && matches!(whose, Whose::Known(_))
}
