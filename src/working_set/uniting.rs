//! Two people become one, or wait until somebody has decided whether they are.

use std::sync::Arc;

use super::WorkingSet;
use crate::identification::{self, Decision, Doubt, Evidence, Union};
use crate::model::{
    Because, EventId, IdentifierKey, IdentityRules, Payload, Profile, ProfileId, SourceId, Time,
    Trust,
};
use crate::storage::{Edit, MergeRecord, QuarantineRow, Quarantined};

/// What somebody has decided of two people who wait.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Who waits, and because of what.
    pub entry: QuarantineRow,
    /// Whether they are one.
    pub are_one: bool,
    /// Who has decided.
    pub by: String,
    /// When.
    pub at: Time,
    /// Of what a person has one.
    pub rules: Arc<IdentityRules>,
    /// Whether there are audiences that they may be in.
    pub is_watched: bool,
}

impl Verdict {
    /// Ids of both.
    pub(super) fn people(&self) -> [&ProfileId; 2] {
        [&self.entry.visitor, &self.entry.holder]
    }
}

/// Of a merger: when it was told, and by what.
pub(super) struct Told {
    pub(super) at: Time,
    pub(super) event: Option<EventId>,
    pub(super) source: SourceId,
    pub(super) came_with: Option<ProfileId>,
    /// The version of the rules of identity.
    pub(super) rules: i64,
    /// How far whoever told it was believed.
    pub(super) believed: Option<Trust>,
}

impl WorkingSet {
    /// The id under which an identifier was named first, if somebody holds it.
    pub(super) fn named_under(&mut self, key: &IdentifierKey) -> Option<ProfileId> {
        self.identifiers.get(key).and_then(|entry| entry.value.clone())
    }

    /// Those who turn out to be the person of the payload end in it.
    pub fn merge(&mut self, decision: &Decision, payload: &Payload) {
        let Some(winner) = decision.whose.profile().filter(|_| !decision.merges.is_empty()) else {
            return;
        };
        // Asked of all before the first of them is done: then those whom it unites are told apart no more.
        let each = decision.merges.iter();
        let came_with: Vec<_> =
            each.map(|union| self.came_with(payload, decision, &union.evidence)).collect();
        for (union, came_with) in decision.merges.iter().zip(came_with) {
            let told = Told {
                at: payload.received_at,
                event: union.evidence.told_by(payload).cloned(),
                source: payload.source.id.clone(),
                came_with,
                rules: payload.identity.version,
                believed: union.evidence.identifier().map(|key| payload.vouched.trust_in(key)),
            };
            self.unite(union, winner.clone(), told);
        }
    }

    pub(super) fn unite(&mut self, union: &Union, winner: ProfileId, told: Told) {
        let (Some(ours), Some(theirs)) = (self.profile(&winner), self.profile(&union.loser)) else {
            return;
        };
        let mut merged = identification::merge(&ours, &theirs);
        merged.merges = merged.merges.and_one(told.at.day());
        // A later merger of the same person comes after this one, also where no event has changed them since.
        merged.updated = merged.updated.max(Some(told.at));
        self.put_profile(Arc::new(merged));
        self.tell_where_they_stand(&union.loser, None);
        let version = self.end_profile(&union.loser).version;
        for id in &theirs.ids {
            self.aliases.put(id.clone(), Some(winner.clone()), self.round);
        }
        self.gathered.profiles.remove(&union.loser);
        self.gathered.changes.ended.push((union.loser.clone(), version));
        self.gathered.changes.merges.push(MergeRecord {
            loser: union.loser.clone(),
            winner,
            evidence: union.evidence.clone(),
            event: told.event,
            source: told.source,
            came_with: told.came_with,
            rules: told.rules,
            believed: told.believed,
            before: [ours, theirs],
        });
    }

    /// What unites nobody until somebody has decided is remembered, of both by the id that it came with:
    /// whichever side of a merger these are on when it is taken back, it is they who wait.
    pub fn doubt(&mut self, decision: &Decision, payload: &Payload) {
        let person = decision.whose.profile().filter(|_| payload.options.save_profile);
        let Some(person) = person.filter(|_| !decision.doubts.is_empty()) else { return };
        let profile = self.profile(person);
        let visitor = profile.as_deref().map(|one| self.origin(payload, &decision.whose, one));
        let visitor = visitor.unwrap_or_else(|| person.clone());
        for doubt in &decision.doubts {
            let event = Evidence::Identifier(doubt.key.clone()).told_by(payload).cloned();
            let holder = self.named_under(&doubt.key).unwrap_or_else(|| doubt.holder.clone());
            let (visitor, source) = (visitor.clone(), payload.source.id.clone());
            let doubt = Doubt { holder, ..doubt.clone() };
            self.edit(Edit::Quarantine(Quarantined { doubt, visitor, source, event }));
        }
    }

    /// Whoever is gone, or one already, is decided. Two who differ in what a person has one of cannot
    /// be one: false, and they go on waiting.
    pub(super) fn decide(&mut self, verdict: Verdict) -> bool {
        let [one, other] = verdict.people().map(|id| self.living_profile(id));
        let id = verdict.entry.id.clone();
        if let Some((one, other)) = one.zip(other).filter(|(one, other)| one != other) {
            let [older, younger] = if one < other { [&one, &other] } else { [&other, &one] };
            if !verdict.are_one {
                // By the ids that both came with: each may come apart from whom they are one with.
                let [visitor, holder] = verdict.people();
                self.keep_apart(&one.id, holder);
                self.keep_apart(&other.id, visitor);
            } else if self.may_be_one(&older.id, &younger.id, &verdict.rules) {
                let (is_watched, at) = (verdict.is_watched, verdict.at);
                let (union, told) = decided(younger.id.clone(), verdict);
                self.unite(&union, older.id.clone(), told);
                if is_watched {
                    self.wake(&older.id, at, Because::Merge);
                }
            } else {
                return false;
            }
        }
        self.edit(Edit::EndQuarantine(id))
    }

    fn keep_apart(&mut self, person: &ProfileId, from: &ProfileId) {
        let Some(mut profile) = self.profile(person) else { return };
        if Arc::make_mut(&mut profile).keep_apart_from(from) {
            self.put_profile(profile);
        }
    }

    pub(super) fn may_be_one(
        &mut self,
        one: &ProfileId,
        other: &ProfileId,
        rules: &IdentityRules,
    ) -> bool {
        let people = self.profile(one).zip(self.profile(other));
        people.is_some_and(|(one, other)| !differ(&one, &other, rules))
    }
}

/// Whether each has another value of what a person has one of.
fn differ(one: &Profile, other: &Profile, rules: &IdentityRules) -> bool {
    one.identifiers.iter().any(|(namespace, ours)| {
        let theirs = other.identifiers.get(namespace);
        rules.is_unique(namespace) && theirs.is_some_and(|theirs| theirs != ours)
    })
}

/// The merger that a verdict makes: told by the event that was not enough.
fn decided(loser: ProfileId, verdict: Verdict) -> (Union, Told) {
    let rules = verdict.rules.version;
    let entry = verdict.entry;
    let evidence = Evidence::Decided { key: entry.key, by: verdict.by };
    let told = Told {
        at: verdict.at,
        event: entry.event.map(EventId::new),
        source: SourceId::new(entry.source),
        came_with: Some(entry.visitor),
        rules,
        believed: None,
    };
    (Union { loser, evidence }, told)
}
