//! A payload in which one person follows another: what was said after each other on one device.

use std::sync::Arc;

use super::Known;
use super::decide::{Row, is_somebody_else};
use crate::model::{IdentifierKey, IdentityRules, Payload, PayloadEvent, Profile};

/// Most people after each other in one payload; whoever is named after them names nobody.
const TURNS_MAX: u32 = 16;

/// The values, named so far, of what a person has one of.
#[derive(Default)]
pub(super) struct UniqueValues<'a>(Vec<&'a IdentifierKey>);

impl<'a> UniqueValues<'a> {
    /// Those of these events; of two of one namespace the first.
    pub(super) fn of(rules: &IdentityRules, events: &'a [PayloadEvent]) -> Self {
        let mut values = Self::default();
        events.iter().for_each(|event| values.add(rules, event));
        values
    }

    fn add(&mut self, rules: &IdentityRules, event: &'a PayloadEvent) {
        for key in &event.identifiers {
            if rules.is_unique(&key.namespace) && !self.speaks_of(key) {
                self.0.push(key);
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'a IdentifierKey> {
        self.0.iter().copied()
    }

    fn speaks_of(&self, key: &IdentifierKey) -> bool {
        self.0.iter().any(|known| known.namespace == key.namespace)
    }

    /// Whether the event names somebody else than has been named.
    fn differs(&self, rules: &IdentityRules, event: &PayloadEvent) -> bool {
        let said = event.identifiers.iter().filter(|key| rules.is_unique(&key.namespace));
        let mut differing = said.filter(|key| self.speaks_of(key) && !self.0.contains(key));
        differing.next().is_some()
    }
}

/// Whether one person may follow another in it: not in a usual payload, in one of a source that knows
/// whose it is, or in nobody's.
#[must_use]
pub fn may_change_hands(payload: &Payload) -> bool {
    let names_one = |event: &PayloadEvent| {
        event.identifiers.iter().any(|key| payload.identity.is_unique(&key.namespace))
    };
    // What stands first can only follow what is kept apart.
    let first = usize::from(payload.held.is_empty());
    !payload.options.static_profile_id
        && !payload.options.profile_less
        && payload.draw.turns() < TURNS_MAX
        && payload.events.iter().skip(first).any(names_one)
}

/// Whose it would be if its events named nobody.
#[must_use]
pub fn who_is_here(payload: &Payload, known: &Known) -> Vec<Arc<Profile>> {
    let row = Row::of(payload, known);
    row.people().filter_map(|living| known.bodies.get(&living.id).cloned()).collect()
}

/// Takes out of `payload` what comes after its first person: from the first event on that names
/// another value of what a person has one of than was named before, or than whoever is `here` has. What
/// comes before that was done by whoever is here.
#[must_use]
pub fn next_turn(payload: &mut Payload, here: &[Arc<Profile>]) -> Option<Payload> {
    if !may_change_hands(payload) {
        return None;
    }
    let at = changes_at(payload, here)?;
    let mut rest = payload.clone();
    rest.events = payload.events.split_off(at);
    rest.warnings = Vec::new();
    // As the others, by where they stood: several may have one time.
    let begins = rest.events.first().map(|event| event.place);
    let is_later = |place| begins.is_some_and(|begins| place >= begins);
    rest.held.retain(|held| is_later(held.place));
    payload.held.retain(|held| !is_later(held.place));
    rest.passed = None;
    rest.draw = payload.draw.next_turn();
    rest.position = payload.position.saturating_add(i64::try_from(at).unwrap_or(i64::MAX));
    Some(rest)
}

fn changes_at(payload: &Payload, mut here: &[Arc<Profile>]) -> Option<usize> {
    let rules = &payload.identity;
    let mut so_far = UniqueValues::default();
    payload.events.iter().enumerate().position(|(at, event)| {
        let said = UniqueValues::of(rules, std::slice::from_ref(event));
        let is_anothers = here.iter().any(|one| is_somebody_else(Some(one), &said));
        let is_first = at == 0 && payload.held.iter().all(|held| held.place >= event.place);
        if is_anothers && is_first {
            // All of it is somebody else's, and who that is is not decided yet.
            here = &[];
        }
        let differs = so_far.differs(rules, event) || (is_anothers && !is_first);
        so_far.add(rules, event);
        differs
    })
}
