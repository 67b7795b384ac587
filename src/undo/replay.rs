//! Folding again what came since a merger: pure, and by the same functions as the first time.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::payloads::Kept;
use crate::identification::{self, Evidence, Whose};
use crate::model::{IdentifierKey, Profile, ProfileId, Time};
use crate::processing::{self, Before};
use crate::storage::{HeldIdentifier, MergeId, MergeRow, Retold};

/// People as they become, from a moment on.
#[derive(Clone)]
pub(super) struct Replay {
    /// Mergers to come, in order.
    merges: VecDeque<MergeRow>,
    /// Those that shall not have been.
    without: HashSet<MergeId>,
    people: Vec<Arc<Profile>>,
    /// Whose an id is: an index of `people`.
    owners: HashMap<ProfileId, usize>,
    /// Under which id each identifier was named first.
    holders: HashMap<IdentifierKey, ProfileId>,
    /// Whether somebody has said that those who are not united are others.
    are_others: bool,
    /// Ids of pairs that were not united.
    apart: Vec<(ProfileId, ProfileId)>,
    /// Mergers that unite others than they did.
    pub(super) retold: Vec<Retold>,
}

/// Everything that had changed either of them was received by then, and everything since is later.
pub(crate) fn moment_of(merge: &MergeRow) -> Time {
    let through = |profile: &Profile| profile.merged_through.max(profile.updated);
    let [winner, loser] = &merge.before;
    through(winner).max(through(loser)).unwrap_or(merge.merged)
}

impl Replay {
    /// From the first of `merges` on, but for those in `without`.
    pub(super) fn new(
        merges: &[MergeRow],
        without: HashSet<MergeId>,
        identifiers: &[HeldIdentifier],
    ) -> Self {
        let holders = identifiers.iter().map(|held| (held.key.clone(), held.under.clone()));
        Self {
            merges: merges.to_vec().into(),
            without,
            people: Vec::new(),
            owners: HashMap::new(),
            holders: holders.collect(),
            are_others: true,
            apart: Vec::new(),
            retold: Vec::new(),
        }
    }

    /// The same, where nobody has said so: the rules have changed, and may change again.
    pub(super) fn without_a_word(self) -> Self {
        Self { are_others: false, ..self }
    }

    /// Folds a payload, after the mergers that were before it. One that came under an id that is not
    /// among the people yet is in what they were when they came.
    pub(super) fn fold(&mut self, kept: &Kept) {
        self.merge_before(kept.payload.received_at);
        let Some(&at) = self.owners.get(&kept.under) else { return };
        let before = Arc::clone(&self.people[at]);
        let whose = match &kept.link {
            Some(link) => Whose::Linked { to: before.id.clone(), visitor: link.visitor.clone() },
            None => Whose::Known(before.id.clone()),
        };
        let before = Before {
            profile: Some(before),
            under: Some(kept.under.clone()),
            merged: false,
            session: kept.session.clone(),
            session_has_profile: kept.session.is_some(),
            link: kept.link.clone(),
        };
        let after = processing::process(&kept.payload, &whose, before);
        if let Some(profile) = after.profile.filter(|_| after.profile_changed) {
            self.people[at] = profile;
        }
    }

    /// The people in the end who were `whole`, each told from whom it was not united with.
    pub(super) fn finish(&mut self, whole: &Profile) -> Vec<Arc<Profile>> {
        self.merge_before(Time::END);
        for (one, other) in std::mem::take(&mut self.apart) {
            let (a, b) = (self.owners.get(&one).copied(), self.owners.get(&other).copied());
            if let (Some(a), Some(b)) = (a, b)
                && a != b
            {
                self.keep_apart(a, b);
                self.keep_apart(b, a);
            }
        }
        let living: HashSet<usize> = self.owners.values().copied().collect();
        let people = self.people.iter().enumerate();
        let living = people.filter(|(at, _)| living.contains(at)).map(|(_, one)| one);
        let theirs = living.filter(|one| one.ids.iter().any(|id| whole.ids.contains(id)));
        theirs.cloned().collect()
    }

    fn keep_apart(&mut self, one: usize, other: usize) {
        let other = self.people[other].id.clone();
        Arc::make_mut(&mut self.people[one]).keep_apart_from(&other);
    }

    fn merge_before(&mut self, moment: Time) {
        while self.merges.front().is_some_and(|merge| moment_of(merge) < moment) {
            let Some(merge) = self.merges.pop_front() else { return };
            self.merge(&merge);
        }
    }

    fn merge(&mut self, merge: &MergeRow) {
        let [winner, loser] = &merge.before;
        let (loser_at, winner_at) = (self.owner(loser), self.owner(winner));
        if self.without.contains(&merge.id) {
            if self.are_others {
                self.apart.push((winner.id.clone(), loser.id.clone()));
            }
            return;
        }
        let key = merge.evidence.as_ref().and_then(Evidence::identifier);
        // Whoever came with the id that ended is one with the side that has named what shows it.
        let sides = [merge.came_with.as_ref(), key.and_then(|key| self.holders.get(key))];
        let mut sides = sides.into_iter().flatten().filter_map(|id| self.owners.get(id).copied());
        let with = sides.find(|at| *at != loser_at).unwrap_or(winner_at);
        if with == loser_at {
            return;
        }
        let (one, other) = (Arc::clone(&self.people[with]), Arc::clone(&self.people[loser_at]));
        let (older, younger) =
            if one.seniority() <= other.seniority() { (one, other) } else { (other, one) };
        let mut merged = identification::merge(&older, &younger);
        merged.merges = merged.merges.and_one(merge.merged.day());
        self.people[with] = Arc::new(merged);
        self.owners.values_mut().filter(|at| **at == loser_at).for_each(|at| *at = with);
        if (&merge.loser, &merge.winner) != (&younger.id, &older.id) {
            let (id, loser, winner) = (merge.id.clone(), younger.id.clone(), older.id.clone());
            self.retold.push(Retold { id, loser, winner });
        }
    }

    /// Where somebody is among the people: as they were when they came, unless they are there already.
    fn owner(&mut self, profile: &Profile) -> usize {
        if let Some(at) = self.owners.get(&profile.id) {
            return *at;
        }
        let at = self.people.len();
        self.people.push(Arc::new(profile.clone()));
        self.owners.extend(profile.ids.iter().map(|id| (id.clone(), at)));
        at
    }
}
