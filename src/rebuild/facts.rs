//! Facts: payloads of history as far as they say who somebody is.

use std::collections::HashMap;
use std::sync::Arc;

use super::Rules;
use crate::app::App;
use crate::hashing::Hashing;
use crate::lake::ask::KeptEvent;
use crate::model::{Identifier, IdentifierKey, Map, Namespace, Normalise, Seals, said_at};
use crate::processing::{Naming, text_at};
use crate::undo::{Folding, Kept};

/// A payload that may name somebody.
pub(super) struct Fact {
    /// It, its events with the keys that they name under the rules.
    pub(super) kept: Kept,
    /// What its events say where somebody may be named, before anything is made of it.
    said: Vec<(Namespace, String)>,
}

impl Fact {
    /// What it names.
    pub(super) fn keys(&self) -> impl Iterator<Item = &IdentifierKey> {
        self.kept.payload.events.iter().flat_map(|event| &event.identifiers)
    }

    /// Whether a key may be what one of its values was under other rules.
    pub(super) fn may_have_said(&self, key: &IdentifierKey, hashing: &Hashing) -> bool {
        let said = self.said.iter().filter(|(namespace, _)| *namespace == key.namespace);
        said.flat_map(|(namespace, sent)| forms(namespace, sent))
            .any(|form| hashing.identifier(&form) == *key)
    }
}

/// All that a value may have been compared as.
fn forms(namespace: &Namespace, sent: &str) -> Vec<Identifier> {
    let all = [Normalise::Email, Normalise::Phone, Normalise::Text, Normalise::Exact];
    let forms = all.into_iter().filter_map(|normalise| normalise.form(sent, None));
    // Of a number that is none any more, since nobody has it.
    let digits: String = sent.chars().filter(char::is_ascii_digit).collect();
    let others = [sent.trim().to_lowercase(), format!("+{digits}"), digits];
    let mut values: Vec<String> = forms.chain(others).collect();
    values.sort_unstable();
    values.dedup();
    values.into_iter().map(|value| Identifier { namespace: namespace.clone(), value }).collect()
}

/// Makes facts of events.
pub(super) struct Facts<'a> {
    rules: &'a Rules,
    hashing: Hashing,
    seals: Seals,
}

impl<'a> Facts<'a> {
    pub(super) fn new(app: &Arc<App>, rules: &'a Rules) -> Self {
        Self { rules, hashing: app.hashing.clone(), seals: app.seals.clone() }
    }

    /// The facts of events that are in the order received.
    pub(super) fn of(&self, events: &[KeptEvent]) -> Vec<Fact> {
        let (rules, identity) = (&self.rules.events, &self.rules.identity);
        let seals = self.seals.clone();
        let sessions = HashMap::new();
        let folding = Folding { sessions, rules, identity, seals, watching: None };
        folding.payloads(events).into_iter().map(|kept| self.fact(kept)).collect()
    }

    fn fact(&self, mut kept: Kept) -> Fact {
        let hash = |identifier: &Identifier| self.hashing.identifier(identifier);
        let (rules, identity) = (&*self.rules.events, &*self.rules.identity);
        let naming = Naming { rules, identity, hash: &hash };
        let mut said = Vec::new();
        // What is not as it must be names nobody.
        for event in kept.payload.events.iter_mut().filter(|event| event.valid) {
            let fields = rules.identifying(&event.kind);
            let paths: Vec<&str> = fields.iter().map(|field| field.property.as_str()).collect();
            let properties: Map = event.properties.pick(&paths);
            // As it is read now, and as it was when a number was its letters.
            for field in fields {
                let read = [said_at, text_at].map(|read| read(&properties, &field.property));
                let read = read.into_iter().flatten().map(std::borrow::Cow::into_owned);
                said.extend(read.map(|sent| (field.namespace.clone(), sent)));
            }
            event.identifiers = naming.keys(&event.kind, &properties, |_| {});
        }
        Fact { kept, said }
    }
}
