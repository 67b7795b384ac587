//! What a payload would do: it is folded as any other, over a copy of all that it asks for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::WorkingSet;
use crate::identification::Decision;
use crate::model::{Payload, Profile, ProfileId};
use crate::processing::After;
use crate::storage::{Loaded, SessionRow, Through, Wanted};

/// Rows for which a copy has room: a payload names few, and none of them leaves before it does.
const ROWS: usize = 16;

/// What a payload would have done, once it was looked at: one for each turn.
#[derive(Clone, Debug, Default)]
pub struct Previewed(Arc<Mutex<Vec<Turn>>>);

/// What one person's part of a payload would have done.
#[derive(Debug)]
pub struct Turn {
    /// Whose it would be, and whom it would unite.
    pub decision: Decision,
    /// The person before it, mergers not done.
    pub was: Option<Arc<Profile>>,
    /// What it would leave.
    pub after: After,
}

/// What has become of a payload that is only tried.
#[derive(Debug, Default)]
pub(super) struct Tried {
    /// People as they are before the next turn.
    people: HashMap<ProfileId, Arc<Profile>>,
    turns: Vec<Turn>,
}

impl Previewed {
    /// The turns.
    #[must_use]
    pub fn take(&self) -> Vec<Turn> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was looked at.
    pub(crate) fn put(&self, turns: Vec<Turn>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = turns;
    }
}

impl WorkingSet {
    /// One of its own, of what a payload asks for as it is now: whatever is folded over it is thrown away
    /// with it. What people are assumed to have said, they have said before.
    pub(crate) fn copied_for(&mut self, payload: &Payload) -> Self {
        // Noted as read, so that a round over what another node has changed is lost, and tried again.
        drop(self.known(payload));
        let mut copy = Self::remembering((ROWS, usize::MAX), false);
        (copy.round, copy.began) = (self.round, self.began);
        let mut wanted = Wanted::default();
        copy.want(payload, &mut wanted);
        let mut loaded = self.remembered(&wanted);
        for (profile, _) in &mut loaded.profiles {
            payload.assumes.iter().for_each(|log| profile.assume(log));
        }
        let people: Vec<_> =
            loaded.profiles.iter().map(|(profile, _)| profile.id.clone()).collect();
        copy.learn(wanted, loaded);
        let as_it_is = |id: ProfileId| copy.profile(&id).map(|profile| (id, profile));
        let people = people.into_iter().filter_map(as_it_is).collect();
        copy.tried = Some(Tried { people, turns: Vec::new() });
        copy
    }

    /// What has become of the payload that was tried.
    pub(crate) fn into_turns(self) -> Vec<Turn> {
        self.tried.map(|tried| tried.turns).unwrap_or_default()
    }

    /// Notes what a turn leaves, where it is only tried.
    pub(super) fn note_turn(&mut self, decision: &Decision, after: &After) {
        let Some(tried) = &mut self.tried else { return };
        let was = decision.whose.profile().and_then(|id| tried.people.get(id).cloned());
        if let Some(profile) = &after.profile {
            tried.people.insert(profile.id.clone(), Arc::clone(profile));
        }
        tried.turns.push(Turn { decision: decision.clone(), was, after: after.clone() });
    }

    /// What is wanted, as it is after the payloads folded so far: as the storage answers.
    fn remembered(&mut self, wanted: &Wanted) -> Loaded {
        let mut loaded = Loaded::default();
        for id in &wanted.sessions {
            let row = self.session(id).map(|session| SessionRow {
                session: session.as_ref().clone(),
                version: 0,
                through: Through { stream: Arc::from(""), seq: 0 },
            });
            loaded.sessions.extend(row);
        }
        for key in &wanted.identifiers {
            loaded.identifiers.extend(self.named_under(key).map(|id| (key.clone(), id)));
        }
        let met = loaded.met(wanted).into_iter();
        loaded.aliases = met.filter_map(|id| Some((id.clone(), self.living(&id)?))).collect();
        let mut living: Vec<_> = loaded.aliases.iter().map(|(_, living)| living.clone()).collect();
        living.sort_unstable();
        living.dedup();
        let found = living.iter().filter_map(|id| self.profile(id));
        loaded.profiles = found.map(|profile| (profile.as_ref().clone(), 0)).collect();
        let marks = wanted.marks.iter().copied();
        loaded.seen = marks.filter(|mark| self.is_kept(*mark)).collect();
        loaded
    }
}
