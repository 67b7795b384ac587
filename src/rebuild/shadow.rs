//! The shadow: everybody who was named or merged, as far as identity goes, from the beginning on.
//!
//! A person in it is a profile without a body. It is decided on by the function that decides on
//! payloads, under the rules that are asked about, and merged by the function that merges profiles.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::facts::Fact;
use super::standing::{Merger, Mergers, Page};
use super::{NotRebuilt, Rules};
use crate::hashing::Hashing;
use crate::identification::{self, Decision, Evidence, Known, Living, Whose};
use crate::model::{
    EventId, IdentifierKey, Namespace, Profile, ProfileId, SourceId, Time, Trust, Vouched,
};
use crate::undo::sides;

/// The warning of whoever names another than whose the event was kept as.
const CHANGED: &str = "person_changed";

/// Two people who are one in the shadow, and what has shown it.
#[derive(Clone, Debug)]
pub(super) struct Joined {
    pub(super) winner: ProfileId,
    pub(super) loser: ProfileId,
    pub(super) evidence: Option<Evidence>,
    pub(super) event: Option<EventId>,
    pub(super) source: Option<SourceId>,
    pub(super) came_with: Option<ProfileId>,
    pub(super) at: Time,
    pub(super) believed: Option<Trust>,
}

/// See the module.
pub(super) struct Shadow<'a> {
    rules: &'a Rules,
    hashing: Hashing,
    people_max: usize,
    pub(super) mergers: Mergers,
    /// Mergers that stand, so far.
    stood: usize,
    pub(super) people: Vec<Option<Arc<Profile>>>,
    /// Of which of `people` an id is.
    pub(super) owners: HashMap<ProfileId, usize>,
    /// To whom an id leads now.
    pub(super) actual: HashMap<ProfileId, ProfileId>,
    holders: HashMap<IdentifierKey, ProfileId>,
    /// What somebody holds now, and no event has told yet.
    untold: HashSet<IdentifierKey>,
    /// What the rules name anew, and under which id first.
    pub(super) bound: Vec<(IdentifierKey, ProfileId)>,
    /// What an event tells that names nobody by it any more.
    pub(super) unbound: Vec<(IdentifierKey, ProfileId)>,
    pub(super) joined: Vec<Joined>,
    /// Events that were looked at.
    pub(super) events: u64,
    /// Payloads that name another than whose they were kept as: they stay.
    pub(super) mixed: u64,
    /// Mergers of which history tells nothing: they stand.
    pub(super) standing: u64,
}

impl<'a> Shadow<'a> {
    /// Of nobody yet.
    pub(super) fn new(
        rules: &'a Rules,
        hashing: &Hashing,
        mergers: Mergers,
        people_max: usize,
    ) -> Self {
        let standing = mergers.all.iter().filter(|merger| merger.stands).count() as u64;
        Self {
            rules,
            hashing: hashing.clone(),
            people_max,
            mergers,
            stood: 0,
            people: Vec::new(),
            owners: HashMap::new(),
            actual: HashMap::new(),
            holders: HashMap::new(),
            untold: HashSet::new(),
            bound: Vec::new(),
            unbound: Vec::new(),
            joined: Vec::new(),
            events: 0,
            mixed: 0,
            standing,
        }
    }

    /// Whether what this source says needs more than its word.
    pub(super) fn is_doubted(&self, source: &SourceId) -> bool {
        self.rules.trust(source) < Trust::Trusted
    }

    /// Whether somebody of this id is there.
    pub(super) fn knows(&self, id: &ProfileId) -> bool {
        self.owners.contains_key(id)
    }

    /// Somebody is there, as they were before anybody was merged; nobody who was removed.
    ///
    /// # Errors
    /// [`NotRebuilt::TooMany`].
    pub(super) fn meet(&mut self, id: &ProfileId, page: &Page) -> Result<(), NotRebuilt> {
        let Some(now) = page.person(id).filter(|_| !self.knows(id)) else { return Ok(()) };
        if self.people.len() >= self.people_max {
            return Err(NotRebuilt::TooMany(self.people_max));
        }
        let mut one = Profile::new(id.clone(), now.created);
        if now.ended.is_empty() && now.id == *id {
            one.ids.clone_from(&now.ids);
            one.apart.clone_from(&now.apart);
            one.identifiers.clone_from(&now.identifiers);
        } else {
            let origin = self.mergers.origins.get(id);
            one.created = origin.map_or(now.created, |origin| origin.created);
            // Whoever lives has been told whom they are apart from.
            let apart =
                if now.id == *id { Some(&now.apart) } else { origin.map(|origin| &origin.apart) };
            one.apart = apart.cloned().unwrap_or_default();
            for key in page.held(id) {
                one.recognise_by(key);
            }
        }
        for key in one.keys() {
            self.untold.insert(key.clone());
            self.holders.entry(key).or_insert_with(|| id.clone());
        }
        for (holder, theirs) in page.waits_for(id) {
            if *theirs != now.id {
                one.keep_apart_from(holder);
            }
        }
        self.actual.insert(id.clone(), now.id.clone());
        self.owners.insert(id.clone(), self.people.len());
        self.people.push(Some(Arc::new(one)));
        if now.id != *id && !self.mergers.tell_of(id) {
            let now = now.id.clone();
            self.meet(&now, page)?;
            self.tie(now, id.clone());
        }
        Ok(())
    }

    /// Nothing tells how they became one: they are.
    fn tie(&mut self, now: ProfileId, ended: ProfileId) {
        let joined = Joined {
            winner: now,
            loser: ended,
            evidence: None,
            event: None,
            source: None,
            came_with: None,
            at: Time::BEGINNING,
            believed: None,
        };
        self.join(joined, 0);
    }

    /// Folds a payload, after the mergers that stand and were before it.
    ///
    /// # Errors
    /// [`NotRebuilt::TooMany`].
    pub(super) fn fold(&mut self, mut fact: Fact, page: &Page) -> Result<(), NotRebuilt> {
        self.stand_before(fact.kept.payload.received_at);
        let under = fact.kept.under.clone();
        self.meet(&under, page)?;
        let Some(visitor) = self.living(&under) else { return Ok(()) };
        self.tell(&fact, &under);
        self.believe(&mut fact, &visitor, page);
        for key in fact.keys() {
            if let Some(holder) = page.holder(key).filter(|_| !self.holders.contains_key(key)) {
                self.meet(holder, page)?;
            }
        }
        let payload = &fact.kept.payload;
        let holders =
            fact.keys().filter_map(|key| Some((key.clone(), self.holder(key)?))).collect();
        let claimed = Some(visitor);
        let mut known = Known { claimed, holders, ..Known::default() };
        let everybody: Vec<ProfileId> = known.everybody().map(|one| one.id.clone()).collect();
        known.bodies =
            everybody.into_iter().filter_map(|id| Some((id.clone(), self.body(&id)?))).collect();
        let decision = identification::decide(payload, &known);
        self.apply(&fact, &under, &decision);
        Ok(())
    }

    /// Mergers that stand and have not been yet.
    pub(super) fn finish(&mut self) {
        self.stand_before(Time::END);
    }

    fn apply(&mut self, fact: &Fact, under: &ProfileId, decision: &Decision) {
        let payload = &fact.kept.payload;
        let is_another = decision.warnings.iter().any(|warning| warning.code == CHANGED);
        self.mixed += u64::from(is_another);
        let Whose::Known(winner) = &decision.whose else { return };
        for union in &decision.merges {
            let evidence = Some(union.evidence.clone());
            let believed = union.evidence.identifier().map(|key| payload.vouched.trust_in(key));
            let joined = Joined {
                winner: winner.clone(),
                loser: union.loser.clone(),
                event: union.evidence.told_by(payload).cloned(),
                evidence,
                source: Some(payload.source.id.clone()),
                came_with: Some(under.clone()),
                at: payload.received_at,
                believed,
            };
            self.join(joined, payload.received_at.day());
        }
        if is_another {
            return;
        }
        for key in &decision.binds {
            if !self.holders.contains_key(key) {
                self.holders.insert(key.clone(), under.clone());
                self.bound.push((key.clone(), under.clone()));
            }
            if let Some(person) = self.owners.get(under).and_then(|at| self.people[*at].as_mut()) {
                Arc::make_mut(person).recognise_by(key);
            }
        }
    }

    /// What this payload says was held by its person, and is not named by it under these rules, is held no
    /// more; nor is what it names beyond what a person may have.
    fn tell(&mut self, fact: &Fact, under: &ProfileId) {
        for key in fact.keys().filter(|key| self.is_open(key, under)).cloned().collect::<Vec<_>>() {
            let most = self.rules.identity.values_max(&key.namespace);
            let is_too_many = self.told_of(&key.namespace, under) >= most;
            if self.untold.remove(&key) && is_too_many {
                self.forget(key, under);
            }
        }
        for key in self.body(under).iter().flat_map(|person| person.keys()) {
            if self.is_open(&key, under) && fact.may_have_said(&key, &self.hashing) {
                self.untold.remove(&key);
                self.forget(key, under);
            }
        }
    }

    /// Whether it is held under this id, and no event has told it yet.
    fn is_open(&self, key: &IdentifierKey, under: &ProfileId) -> bool {
        self.untold.contains(key) && self.holders.get(key) == Some(under)
    }

    /// How many values of whoever has this id events have told.
    fn told_of(&self, namespace: &Namespace, id: &ProfileId) -> usize {
        let theirs = self.body(id);
        let theirs = theirs.iter().flat_map(|person| person.keys());
        theirs.filter(|key| key.namespace == *namespace && !self.untold.contains(key)).count()
    }

    fn forget(&mut self, key: IdentifierKey, under: &ProfileId) {
        if let Some(person) = self.owners.get(under).and_then(|at| self.people[*at].as_mut())
            && let Some(hashes) = Arc::make_mut(person).identifiers.get_mut(&key.namespace)
        {
            hashes.retain(|hash| *hash != key.hash);
        }
        self.holders.remove(&key);
        self.unbound.push((key, under.clone()));
    }

    /// Who is believed: as the source is now. That something was signed is in no event: what a merger has
    /// recorded, and what was held already, was believed.
    fn believe(&self, fact: &mut Fact, visitor: &Living, page: &Page) {
        let payload = &mut fact.kept.payload;
        let trust = self.rules.trust(&payload.source.id);
        if trust == Trust::Trusted {
            payload.vouched = Vouched::All;
            return;
        }
        let body = self.body(&visitor.id);
        let (mut signed, mut proven) = (Vec::new(), Vec::new());
        for event in &payload.events {
            let told = self.mergers.told_by(&event.id);
            for merger in told.filter(|one| one.source.as_ref() == Some(&payload.source.id)) {
                // What somebody has decided of the event was not believed when it came.
                let Some(Evidence::Identifier(key)) = &merger.evidence else { continue };
                proven.push(key.clone());
                let is_signed = merger.believed != Some(Trust::Public);
                signed.extend(is_signed.then(|| key.clone()));
            }
            let held = event
                .identifiers
                .iter()
                .filter(|key| body.as_ref().is_some_and(|body| body.is_recognised_by(key)));
            proven.extend(held.cloned());
        }
        if trust == Trust::Signed {
            signed.extend(proven.iter().cloned());
        }
        payload.vouched = Vouched::These(signed);
        let identity = &self.rules.identity;
        let session = payload.session.as_ref();
        let (under, received_at) = (&fact.kept.under, payload.received_at);
        let is_theirs = session.is_none_or(|id| page.is_session_of(id, &self.actual, under));
        for event in &mut payload.events {
            let vouched = &payload.vouched;
            // In a visit of whoever has only named this person nothing is said of this person.
            let is_believed = |key: &IdentifierKey| {
                let trust = vouched.trust_in(key);
                let is_held = self.holders.contains_key(key) || page.holder(key).is_some();
                // What a page named that nobody holds was not believed then, unless the rules were others.
                let is_news = self.rules.are_news(&key.namespace, received_at);
                let is_said = is_theirs && (is_held || is_news);
                let is_said = is_said || trust > Trust::Public || proven.contains(key);
                is_said && identity.believed(&key.namespace) <= trust
            };
            event.identifiers.retain(is_believed);
        }
    }

    fn stand_before(&mut self, moment: Time) {
        while let Some(merger) = self.mergers.all.get(self.stood).filter(|one| one.moment < moment)
        {
            let merger = merger.clone();
            self.stood += 1;
            if merger.stands {
                self.stand(merger);
            }
        }
    }

    /// Both are one, whatever the rules say: as taking mergers back tells it.
    fn stand(&mut self, merger: Merger) {
        let Some(loser) = self.living(&merger.loser) else { return };
        let winner = self.living(&merger.winner).unwrap_or_else(|| loser.clone());
        let side = |id: Option<&ProfileId>| id.and_then(|id| self.living(id));
        let key = merger.evidence.as_ref().and_then(Evidence::identifier);
        let holder = side(key.and_then(|key| self.holders.get(key)));
        let Some((one, other)) = sides(side(merger.came_with.as_ref()), holder, loser, winner)
        else {
            return;
        };
        let [winner, loser] = if one < other { [one, other] } else { [other, one] };
        let day = merger.day;
        self.join(
            Joined {
                winner: winner.id,
                loser: loser.id,
                evidence: merger.evidence,
                event: merger.event,
                source: merger.source,
                came_with: merger.came_with,
                at: merger.moment,
                believed: merger.believed,
            },
            day,
        );
    }

    fn join(&mut self, joined: Joined, day: i64) {
        let (Some(&winner), Some(&loser)) =
            (self.owners.get(&joined.winner), self.owners.get(&joined.loser))
        else {
            return;
        };
        if winner == loser {
            return;
        }
        let (Some(ours), Some(theirs)) = (self.people[winner].clone(), self.people[loser].take())
        else {
            return;
        };
        let mut merged = identification::merge(&ours, &theirs);
        merged.merges = merged.merges.and_one(day);
        for id in theirs.ended.iter().chain([&theirs.id]) {
            self.owners.insert(id.clone(), winner);
        }
        self.people[winner] = Some(Arc::new(merged));
        self.joined.push(joined);
    }

    fn living(&self, id: &ProfileId) -> Option<Living> {
        let person = self.people[*self.owners.get(id)?].as_ref()?;
        Some(Living { created: person.created, id: person.id.clone() })
    }

    fn body(&self, id: &ProfileId) -> Option<Arc<Profile>> {
        self.people[*self.owners.get(id)?].clone()
    }

    fn holder(&self, key: &IdentifierKey) -> Option<Living> {
        self.living(self.holders.get(key)?)
    }
}
