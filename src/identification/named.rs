//! What the events name, told apart by how far it is believed.

use super::decide::is_somebody_else;
use super::turns::UniqueValues;
use super::{Known, Living};
use crate::model::{IdentifierKey, Payload, PublicMode};

/// What somebody holds of what is named.
#[derive(Default)]
pub(super) struct Named<'a> {
    /// Believed: whoever holds it is one with the visitor.
    pub(super) shown: Vec<(&'a IdentifierKey, &'a Living)>,
    /// A public source says so: events go to the holder of the first.
    pub(super) linked: Option<&'a Living>,
    /// A public source says so, and somebody is to decide.
    pub(super) asked: Vec<(&'a IdentifierKey, &'a Living)>,
    /// Something is believed, or was the visitor's already.
    pub(super) is_verified: bool,
    /// Something was named that is not believed.
    pub(super) is_doubted: bool,
    /// Somebody was named who cannot be whom the events name besides, or whom somebody has said that the visitor is
    /// not.
    pub(super) is_apart: bool,
}

/// Who names, and among whom.
pub(super) struct Asking<'a> {
    pub(super) payload: &'a Payload,
    pub(super) known: &'a Known,
    pub(super) visitor: Option<&'a Living>,
    pub(super) said: &'a UniqueValues<'a>,
}

impl Asking<'_> {
    /// Whether this one cannot be the visitor, whatever a source says that is not believed.
    fn is_another(&self, holder: &Living) -> bool {
        let body = |one: &Living| self.known.bodies.get(&one.id);
        let both = self.visitor.and_then(body).zip(body(holder));
        is_somebody_else(body(holder), self.said)
            || both.is_some_and(|(visitor, holder)| visitor.is_apart_from(holder))
    }

    /// Whether this one was another when it was told of both: what they have both named did not unite them.
    fn is_told_apart(&self, holder: &Living) -> bool {
        let body = self.known.bodies.get(&holder.id);
        body.is_some_and(|body| self.payload.is_told_apart_from(body))
    }
}

impl<'a> Named<'a> {
    pub(super) fn of(asking: &Asking<'a>) -> Self {
        let mut named = Self::default();
        for key in asking.payload.events.iter().flat_map(|event| &event.identifiers) {
            named.is_verified |= asking.payload.vouched.covers(key);
            if let Some(holder) = asking.known.holder(key) {
                named.take(asking, key, holder);
            }
        }
        named
    }

    fn take(&mut self, asking: &Asking<'a>, key: &'a IdentifierKey, holder: &'a Living) {
        let mode = asking.payload.identity.public_mode(&key.namespace);
        let is_theirs = asking.visitor == Some(holder);
        self.is_verified |= is_theirs;
        let unites = mode == PublicMode::Merge || asking.payload.vouched.covers(key);
        if !is_theirs && unites && asking.is_told_apart(holder) {
            self.is_apart = true;
        } else if is_theirs || unites {
            self.shown.push((key, holder));
        } else if asking.payload.tells_whose_it_was() {
            // It is whose it was: what others hold leads it nowhere, and nobody is asked again.
        } else if asking.is_another(holder) {
            self.is_apart = true;
        } else if mode == PublicMode::Ask {
            self.asked.push((key, holder));
        } else {
            self.is_doubted = true;
            self.linked = self.linked.or(Some(holder));
        }
    }
}
