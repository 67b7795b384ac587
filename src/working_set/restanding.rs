//! People who stand otherwise from now on: taken apart, made one, recognised by something else.

use std::sync::{Arc, Mutex, PoisonError};

use super::WorkingSet;
use super::uniting::Told;
use crate::identification::{Evidence, Union};
use crate::model::{
    Because, EventId, IdentifierKey, IdentityRules, Profile, ProfileId, SourceId, Time, Trust,
};
use crate::storage::{Bound, Edit, TakenBack, Wanted};

/// What becomes of some people, all of it or nothing.
#[derive(Clone, Debug, Default)]
pub struct Restand {
    /// As they were when this was made; when anything has changed since, nothing is done.
    pub wholes: Vec<Arc<Profile>>,
    /// All that become of them, those who keep their ids among them.
    pub parts: Vec<Arc<Profile>>,
    /// Mergers that hold no more.
    pub taken: TakenBack,
    /// Who of the parts become one, in order.
    pub joins: Vec<Joining>,
    /// What they are recognised by from now on, each under the id that was the first to name it.
    pub binds: Vec<(IdentifierKey, ProfileId)>,
    /// What nobody is recognised by any more.
    pub unbinds: Vec<IdentifierKey>,
    /// Under which rules.
    pub rules: Arc<IdentityRules>,
    /// When those who become one are looked at again; none where nobody is in anything.
    pub looked_at: Option<Time>,
}

/// Two who become one, and why.
#[derive(Clone, Debug)]
pub struct Joining {
    /// An id of each.
    pub people: [ProfileId; 2],
    /// What has shown it.
    pub evidence: Evidence,
    /// When that was received.
    pub at: Time,
    /// The event that told it.
    pub event: Option<EventId>,
    /// Whose payload it was in.
    pub source: SourceId,
    /// The id that the payload came with.
    pub came_with: Option<ProfileId>,
    /// How far whoever told it is believed.
    pub believed: Option<Trust>,
}

/// Which of several were done, once they were looked at.
#[derive(Clone, Debug, Default)]
pub struct Restood(Arc<Mutex<Vec<bool>>>);

impl Restood {
    /// One for each, in their order.
    #[must_use]
    pub fn take(&self) -> Vec<bool> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl WorkingSet {
    pub(super) fn want_restand(&mut self, restand: &Restand, wanted: &mut Wanted) {
        let keys = restand.binds.iter().map(|(key, _)| key).chain(&restand.unbinds);
        for key in keys {
            if self.identifiers.known(key).is_none() {
                wanted.identifiers.push(key.clone());
            }
        }
    }

    /// Each by itself: those who have changed meanwhile are left as they are.
    pub(super) fn restand_all(&mut self, all: Vec<Restand>, done: &Restood) -> bool {
        let each: Vec<bool> = all.into_iter().map(|one| self.restand(one)).collect();
        let is_any = each.contains(&true);
        *done.0.lock().unwrap_or_else(PoisonError::into_inner) = each;
        is_any
    }

    fn restand(&mut self, restand: Restand) -> bool {
        let Restand { wholes, parts, taken, joins, binds, unbinds, rules, looked_at } = restand;
        if !self.are_as_they_were(&wholes) {
            return false;
        }
        let is_split = !taken.merges.is_empty();
        for part in parts {
            let is_same = wholes.contains(&part);
            if !is_same || is_split {
                self.stand(part, &wholes);
            }
        }
        if is_split {
            self.edit(Edit::TakeBack(taken));
        }
        if !unbinds.is_empty() {
            for key in &unbinds {
                self.identifiers.put(key.clone(), None, self.round);
            }
            self.edit(Edit::Unbind(unbinds));
        }
        joins.into_iter().for_each(|joining| self.make_one(joining, &rules, looked_at));
        binds.into_iter().for_each(|(key, under)| self.hold(key, under));
        true
    }

    pub(super) fn are_as_they_were(&mut self, people: &[Arc<Profile>]) -> bool {
        people.iter().all(|was| self.profile(&was.id).is_some_and(|is| is == *was))
    }

    /// Somebody is as this says, and all of their ids lead to them.
    pub(super) fn stand(&mut self, part: Arc<Profile>, wholes: &[Arc<Profile>]) {
        let id = part.id.clone();
        for theirs in &part.ids {
            self.aliases.put(theirs.clone(), Some(id.clone()), self.round);
        }
        self.put_profile(part);
        let is_new = wholes.iter().all(|whole| whole.id != id);
        if let Some(entry) = self.profiles.get(&id).filter(|_| is_new) {
            // It had ended: its row is a new one.
            entry.version = 0;
        }
    }

    /// The older one lives on; those who may not be one stay two.
    fn make_one(&mut self, joining: Joining, rules: &Arc<IdentityRules>, looked_at: Option<Time>) {
        let [one, other] = joining.people.each_ref().map(|id| self.living_profile(id));
        let Some((one, other)) = one.zip(other).filter(|(one, other)| one != other) else { return };
        let [older, younger] = if one < other { [one, other] } else { [other, one] };
        if !self.may_be_one(&older.id, &younger.id, rules) {
            return;
        }
        let told = Told {
            at: joining.at,
            event: joining.event,
            source: joining.source,
            came_with: joining.came_with,
            rules: rules.version,
            believed: joining.believed,
        };
        let union = Union { loser: younger.id, evidence: joining.evidence };
        self.unite(&union, older.id.clone(), told);
        if let Some(at) = looked_at {
            self.wake(&older.id, at, Because::Rebuild);
        }
    }

    /// Whoever has named it meanwhile keeps it.
    fn hold(&mut self, key: IdentifierKey, under: ProfileId) {
        let was = self.named_under(&key);
        if was.as_ref().and_then(|id| self.living_profile(id)).is_none() {
            self.identifiers.put(key.clone(), Some(under.clone()), self.round);
            self.gathered.changes.identifiers.push(Bound { key, holder: under, was });
        }
    }
}
