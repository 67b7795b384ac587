//! Folding again what came since a merger: pure, and by the same functions as the first time.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::payloads::Kept;
use super::sides::sides;
use super::told::{Said, Told};
use crate::identification::{self, Evidence, Whose};
use crate::model::{IdentifierKey, Profile, ProfileId, Time};
use crate::processing::{self, Before, ProfileChange};
use crate::storage::{HeldIdentifier, MergeId, MergeRow, Retold};

/// Most records of mergers that are written anew at a time: each is as long as both people. What is left in others is
/// known to be of others when they are taken back, and goes when one of these is erased.
const ANEW_MAX: usize = 256;

/// People as they become, from a moment on.
#[derive(Clone)]
pub(super) struct Replay {
    /// Mergers to come, in order.
    merges: VecDeque<MergeRow>,
    /// Those that shall not have been.
    without: HashSet<MergeId>,
    people: Vec<Arc<Profile>>,
    /// What was told of each of the people.
    told: Vec<Told>,
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
    /// How many of them are written anew.
    anew: usize,
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
            told: Vec::new(),
            owners: HashMap::new(),
            holders: holders.collect(),
            are_others: true,
            apart: Vec::new(),
            retold: Vec::new(),
            anew: 0,
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
            session_is_anothers: false,
            link: kept.link.clone(),
        };
        let after = processing::process(&kept.payload, &whose, before);
        if let Some(profile) = after.profile.filter(|_| after.profile_change != ProfileChange::None)
        {
            self.people[at] = profile;
        }
    }

    /// Takes in what was told of somebody, after the mergers that were before it: as a payload.
    pub(super) fn hear(&mut self, said: &Said) {
        self.merge_before(said.received_at);
        if let Some(told) = self.owners.get(&said.of).and_then(|at| self.told.get_mut(*at)) {
            told.hear(said);
        }
    }

    /// What was told of one of the people.
    pub(super) fn told_of(&self, id: &ProfileId) -> Told {
        let told = self.owners.get(id).and_then(|at| self.told.get(*at));
        told.cloned().unwrap_or_default()
    }

    /// The people in the end who were `whole`, each told from whom it was not united with.
    pub(super) fn finish(&mut self, whole: &Profile) -> Vec<Arc<Profile>> {
        self.merge_before(Time::END);
        self.keep_apart();
        let living: HashSet<usize> = self.owners.values().copied().collect();
        let people = self.people.iter().enumerate();
        let living = people.filter(|(at, _)| living.contains(at)).map(|(_, one)| one);
        let theirs = living.filter(|one| one.ids.iter().any(|id| whole.ids.contains(id)));
        theirs.cloned().collect()
    }

    /// Each of those who were not united so far, and are two still, remembers it.
    fn keep_apart(&mut self) {
        for (one, other) in &self.apart {
            let (a, b) = (self.owners.get(one).copied(), self.owners.get(other).copied());
            if let (Some(a), Some(b)) = (a, b)
                && a != b
            {
                Arc::make_mut(&mut self.people[a]).keep_apart_from(other);
                Arc::make_mut(&mut self.people[b]).keep_apart_from(one);
            }
        }
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
        // What was told anew names others than those it was written of.
        let named = |id: &ProfileId, at: usize| self.owners.get(id).copied().unwrap_or(at);
        let (loser_at, winner_at) =
            (named(&merge.loser, loser_at), named(&merge.winner, winner_at));
        let key = merge.evidence.as_ref().and_then(Evidence::identifier);
        let came_with = merge.came_with.as_ref();
        let holder = key.and_then(|key| self.holders.get(key));
        let side = |id: &ProfileId| self.owners.get(id).copied();
        let sides = sides(came_with.and_then(side), holder.and_then(side), loser_at, winner_at);
        let Some((with, ended)) = sides else { return };
        if self.without.contains(&merge.id) {
            if self.are_others {
                // By the ids that both came with: each may be one with others, or come apart from them.
                let written = [&merge.loser, &merge.winner, &loser.id, &winner.id];
                let known = came_with.into_iter().chain(holder).chain(written);
                let of = |at: usize| known.clone().find(|id| side(id) == Some(at)).cloned();
                self.apart.extend(of(with).zip(of(ended)));
            }
            return;
        }
        let before = self.written_anew(merge, [with, ended]);
        let (one, other) = (Arc::clone(&self.people[with]), Arc::clone(&self.people[ended]));
        let (older, younger) =
            if one.seniority() <= other.seniority() { (one, other) } else { (other, one) };
        let mut merged = identification::merge(&older, &younger);
        merged.merges = merged.merges.and_one(merge.merged.day());
        self.people[with] = Arc::new(merged);
        let theirs = std::mem::take(&mut self.told[ended]);
        self.told[with].unite(theirs);
        self.owners.values_mut().filter(|at| **at == ended).for_each(|at| *at = with);
        if before.is_some() || (&merge.loser, &merge.winner) != (&younger.id, &older.id) {
            let (id, loser, winner) = (merge.id.clone(), younger.id.clone(), older.id.clone());
            self.retold.push(Retold { id, loser, winner, before });
        }
    }

    /// Both as they are before a merger, the older one first, where its record has people who are neither of the two by
    /// now: once they are others nothing of theirs stays in it, as they may be erased, and it may be taken back.
    fn written_anew(&mut self, merge: &MergeRow, sides: [usize; 2]) -> Option<[Arc<Profile>; 2]> {
        let mut ids = merge.before.iter().flat_map(|side| &side.ids);
        let is_theirs = |id: &ProfileId| sides.iter().any(|at| self.people[*at].ids.contains(id));
        if ids.all(is_theirs) || self.anew == ANEW_MAX {
            return None;
        }
        self.anew += 1;
        self.keep_apart();
        let mut both = sides.map(|at| Arc::new(self.told[at].as_stood(&self.people[at])));
        both.sort_by(|one, other| one.seniority().cmp(&other.seniority()));
        Some(both)
    }

    /// Where somebody is among the people: as they were when they came, unless they are there already. Those who
    /// were in them then by what was taken back since may be among the people by themselves: they stay so.
    fn owner(&mut self, profile: &Profile) -> usize {
        if let Some(at) = self.owners.get(&profile.id) {
            return *at;
        }
        let ids = profile.ids.iter().filter(|id| !self.owners.contains_key(*id)).cloned();
        let profile = &Profile { ids: ids.collect(), ..profile.clone() };
        let at = self.people.len();
        self.people.push(Arc::new(profile.clone()));
        self.told.push(Told::of(profile));
        self.owners.extend(profile.ids.iter().map(|id| (id.clone(), at)));
        at
    }
}
