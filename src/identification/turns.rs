//! A payload in which one person follows another: what was said after each other on one device.

use crate::model::{IdentifierKey, IdentityRules, Payload, PayloadEvent};

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

/// Takes out of `payload` what comes after its first person: from the first event on that names
/// another value of what a person has one of. None of a usual payload, and of one of a source that
/// knows whose it is, or of nobody's.
#[must_use]
pub fn next_turn(payload: &mut Payload) -> Option<Payload> {
    if payload.options.static_profile_id
        || payload.options.profile_less
        || payload.draw.turns() >= TURNS_MAX
    {
        return None;
    }
    let at = changes_at(&payload.identity, &payload.events)?;
    let mut rest = payload.clone();
    rest.events = payload.events.split_off(at);
    rest.warnings = Vec::new();
    rest.held = Vec::new();
    rest.passed = None;
    rest.draw = payload.draw.next_turn();
    rest.position = payload.position.saturating_add(i64::try_from(at).unwrap_or(i64::MAX));
    Some(rest)
}

fn changes_at(rules: &IdentityRules, events: &[PayloadEvent]) -> Option<usize> {
    let mut so_far = UniqueValues::default();
    events.iter().position(|event| {
        let differs = so_far.differs(rules, event);
        so_far.add(rules, event);
        differs
    })
}
