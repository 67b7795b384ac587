//! Where people stand in audiences: told to those who look it up, and looked at again when it is time.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::WorkingSet;
use crate::model::{Because, Draw, Profile, ProfileId, Tallies, Time, Touched, Watching};
use crate::processing;

/// People to be looked at again.
#[derive(Clone, Debug)]
pub struct Look {
    /// Who.
    pub people: Vec<ProfileId>,
    /// Under which rules.
    pub watching: Arc<dyn Watching>,
    /// As of when.
    pub at: Time,
    /// Why.
    pub because: Because,
    /// For the events that tell of it.
    pub draw: Draw,
}

/// What history says of people for rules that are new.
#[derive(Clone, Debug)]
pub struct Warm {
    /// What came under which ids. Whose these are is not said: that may have changed since history was asked, so it
    /// is as it is when this is taken in. All that is of one person is in one of these.
    pub people: Vec<(ProfileId, Tallies)>,
}

impl WorkingSet {
    /// Looks at people again; false when nothing changes.
    pub(super) fn look(&mut self, look: &Look) -> bool {
        let (mut is_any, mut told) = (false, 0);
        for id in &look.people {
            let living = self.living(id);
            if living.as_ref() != Some(id) {
                // Whoever has become somebody else is looked at as whom they are.
                is_any = true;
                self.gathered.alarms.insert(id.clone());
            }
            let Some(profile) = living.and_then(|id| self.profile(&id)) else { continue };
            is_any |= self.look_at(look, profile, &mut told);
        }
        is_any
    }

    fn look_at(&mut self, look: &Look, mut profile: Arc<Profile>, told: &mut usize) -> bool {
        let touched = match look.because {
            Because::Rule | Because::List => Touched::all(),
            Because::Event
            | Because::Time
            | Because::Import
            | Because::Merge
            | Because::Undo
            | Because::Rebuild => Touched::default(),
        };
        let settled = look.watching.settle(&profile, look.at, &touched, look.because);
        if !profile.stands_otherwise(&settled) {
            return false;
        }
        let id = profile.id.clone();
        Arc::make_mut(&mut profile).stand(&settled, None, &id);
        let each = settled.crossings.iter();
        let each = each.flat_map(|one| one.told_of(&id, &id).iter().map(move |of| (one, of)));
        for (crossing, of) in each {
            let draw = (&look.draw, *told);
            let event = processing::crossing(crossing, of, look.at, draw);
            self.write_event(&event);
            *told += 1;
        }
        self.put_profile(profile);
        true
    }

    /// Lets people have what history says of them; false when they had all of it.
    pub(super) fn warm(&mut self, warm: Warm) -> bool {
        let mut of_people = BTreeMap::<ProfileId, Tallies>::new();
        for (id, tallies) in warm.people {
            // What came under different ids are different events.
            match self.living(&id).map(|living| of_people.entry(living)) {
                Some(Entry::Vacant(nothing)) => drop(nothing.insert(tallies)),
                Some(Entry::Occupied(mut other)) => other.get_mut().unite(&tallies),
                None => {}
            }
        }
        let mut is_any = false;
        for (id, tallies) in of_people {
            let Some(mut profile) = self.profile(&id) else { continue };
            let before = profile.tallies.clone();
            Arc::make_mut(&mut profile).tallies.overlay(&tallies);
            if profile.tallies != before {
                self.put_profile(profile);
                is_any = true;
            }
        }
        is_any
    }

    /// Somebody is looked at next, since they are not who they were.
    pub(super) fn wake(&mut self, id: &ProfileId, at: Time, because: Because) {
        let Some(mut profile) = self.living(id).and_then(|living| self.profile(&living)) else {
            return;
        };
        Arc::make_mut(&mut profile).wake(at, because);
        self.put_profile(profile);
    }

    /// What is looked up of somebody is as the profile says, from the end of this round on.
    pub(super) fn tell_where_they_stand(&mut self, id: &ProfileId, after: Option<&Profile>) {
        let before = self.profiles.get(id).and_then(|entry| entry.value.clone());
        let due = |profile: Option<&Profile>| profile.and_then(|profile| profile.due);
        if due(before.as_deref()) != due(after) {
            self.gathered.alarms.insert(id.clone());
        }
        let theirs = |profile: Option<&Profile>, audience: &Arc<str>| {
            profile.and_then(|profile| profile.audiences.get(audience)).map(|one| one.since)
        };
        let sides = [before.as_deref(), after];
        for audience in sides.into_iter().flatten().flat_map(|profile| profile.audiences.keys()) {
            if theirs(before.as_deref(), audience) != theirs(after, audience) {
                self.gathered.memberships.insert((Arc::clone(audience), id.clone()));
            }
        }
    }

    /// The same of somebody who was changed in place, by whoever knows what has changed.
    pub(super) fn tell_what_changed(
        &mut self,
        id: &ProfileId,
        crossed: Vec<Arc<str>>,
        is_due_otherwise: bool,
    ) {
        if is_due_otherwise {
            self.gathered.alarms.insert(id.clone());
        }
        let crossed = crossed.into_iter().map(|audience| (audience, id.clone()));
        self.gathered.memberships.extend(crossed);
    }

    /// What was gathered of where people stand, as they stand at the end of the round.
    pub(super) fn standings(
        &mut self,
        alarms: std::collections::HashSet<ProfileId>,
        memberships: std::collections::HashSet<(Arc<str>, ProfileId)>,
        changes: &mut crate::storage::Changes,
    ) {
        for id in alarms {
            let due = self.now(&id).and_then(|profile| profile.due);
            changes.alarms.push((id, due));
        }
        for (audience, id) in memberships {
            let now = self.now(&id);
            let since =
                now.and_then(|profile| profile.audiences.get(&audience).map(|one| one.since));
            changes.memberships.push((audience, id, since));
        }
        // By their keys, as everybody writes them.
        changes.alarms.sort_unstable();
        changes.memberships.sort_unstable();
    }

    fn now(&mut self, id: &ProfileId) -> Option<Arc<Profile>> {
        self.profiles.get(id).and_then(|entry| entry.value.clone())
    }
}
