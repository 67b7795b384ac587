//! People who are shown to be one, as far as what they are recognised by may meet.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Evidence, Known, Living, Reason};
use crate::model::{IdentifierKey, IdentityRules, Namespace, Profile};

/// Most people that one payload may unite, the one who lives on included. A merger costs a copy of
/// what has been united so far, once to work on and once for its record.
const PEOPLE_UNITED_MAX: usize = 16;

/// Somebody, and what shows that they are one with the others.
pub(super) type Shown = (Living, Option<Evidence>);

/// Those who are one, in the order of the payload, each once; and the values that they have.
pub(super) struct Group<'a> {
    rules: &'a IdentityRules,
    bodies: &'a Known,
    people: Vec<Shown>,
    values: BTreeMap<&'a Namespace, Vec<&'a str>>,
    /// The day on which it happens.
    day: i64,
    ids: u64,
    merges: u64,
}

/// What became of somebody who was to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// They are one with the others.
    Yes,
    /// They may not meet: one would have two values of what a person has one of, or too many, or
    /// somebody has said that they are two.
    Apart,
    /// They were too many for one payload.
    TooMany,
    /// One person would have united too much: somebody is to decide.
    Asked(Reason),
}

impl<'a> Group<'a> {
    /// Nobody yet.
    pub(super) fn new(rules: &'a IdentityRules, bodies: &'a Known, day: i64) -> Self {
        let (people, values) = (Vec::new(), BTreeMap::new());
        Self { rules, bodies, people, values, day, ids: 0, merges: 0 }
    }

    /// Whoever joins has this value, or none of its namespace.
    pub(super) fn expect(&mut self, key: &'a IdentifierKey) {
        self.values.entry(&key.namespace).or_default().push(&key.hash);
    }

    /// They are one of the group, if they may be.
    pub(super) fn join(&mut self, living: &Living, evidence: Option<Evidence>) -> Joined {
        if self.has(living) {
            return Joined::Yes;
        }
        if self.people.len() == PEOPLE_UNITED_MAX {
            return Joined::TooMany;
        }
        let body: Option<&'a Arc<Profile>> = self.bodies.bodies.get(&living.id);
        if body.is_some_and(|body| !self.may_meet(body) || self.is_apart(body)) {
            return Joined::Apart;
        }
        let (ids, merges) = body.map_or((1, 0), |body| counts(body, self.day));
        if let Some(reason) = self.reason(ids, merges) {
            return Joined::Asked(reason);
        }
        (self.ids, self.merges) = (self.ids + ids, self.merges + merges);
        for (namespace, theirs) in body.into_iter().flat_map(|body| &body.identifiers) {
            let ours = self.values.entry(namespace).or_default();
            for value in theirs {
                if !ours.contains(&value.as_str()) {
                    ours.push(value);
                }
            }
        }
        self.people.push((living.clone(), evidence));
        Joined::Yes
    }

    /// Whether nobody is.
    pub(super) fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// Whether they are among them.
    pub(super) fn has(&self, living: &Living) -> bool {
        self.people.iter().any(|(known, _)| known == living)
    }

    /// Whether a person who is all of them may have this value too; then they have it.
    pub(super) fn take(&mut self, key: &'a IdentifierKey) -> bool {
        let values_max = self.rules.values_max(&key.namespace);
        let ours = self.values.entry(&key.namespace).or_default();
        let has = ours.contains(&key.hash.as_str());
        if !has && ours.len() < values_max {
            ours.push(&key.hash);
            return true;
        }
        has
    }

    /// The oldest.
    pub(super) fn oldest(&self) -> Option<&Living> {
        self.people.iter().map(|(living, _)| living).min()
    }

    /// All of them.
    pub(super) fn into_people(self) -> Vec<Shown> {
        self.people
    }

    /// Whether somebody has said that they are another person than one of these.
    fn is_apart(&self, body: &Profile) -> bool {
        let bodies = self.people.iter().filter_map(|(one, _)| self.bodies.bodies.get(&one.id));
        bodies.into_iter().any(|one| one.is_apart_from(body))
    }

    /// Why somebody with so many ids, and mergers today, is not one with the others by itself.
    fn reason(&self, ids: u64, merges: u64) -> Option<Reason> {
        let guards = &self.rules.settings.guards;
        if self.people.is_empty() {
            return None;
        }
        // All but one of those who are one end with a merger.
        let mergers = self.merges + merges + self.people.len() as u64;
        if mergers > guards.merges_a_day_max {
            return Some(Reason::Merges);
        }
        (self.ids + ids > guards.ids_max).then_some(Reason::Ids)
    }

    /// What nobody has yet must fit beside what is there. What somebody has of old is left to them.
    fn may_meet(&self, body: &Profile) -> bool {
        body.identifiers.iter().all(|(namespace, theirs)| {
            let Some(ours) = self.values.get(namespace) else { return true };
            let new = theirs.iter().filter(|value| !ours.contains(&value.as_str())).count();
            new == 0 || ours.len() + new <= self.rules.values_max(namespace)
        })
    }
}

/// How many ids lead to a person, and how many were merged into them on this day.
fn counts(body: &Profile, day: i64) -> (u64, u64) {
    (body.ids.len() as u64, body.merges.on(day))
}
