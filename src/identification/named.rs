//! What the events name, told apart by how far it is believed.

use super::turns::UniqueValues;
use super::{Known, Living, is_somebody_else};
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
    /// Somebody was named who cannot be whom the events name besides.
    pub(super) is_apart: bool,
}

impl<'a> Named<'a> {
    pub(super) fn of(
        payload: &'a Payload,
        known: &'a Known,
        visitor: Option<&Living>,
        said: &UniqueValues<'_>,
    ) -> Self {
        let mut named = Self::default();
        for key in payload.events.iter().flat_map(|event| &event.identifiers) {
            let is_vouched = payload.vouched.covers(key);
            named.is_verified |= is_vouched;
            if let Some(holder) = known.holder(key) {
                named.take(payload, known, (key, holder), is_vouched, visitor, said);
            }
        }
        named
    }

    fn take(
        &mut self,
        payload: &Payload,
        known: &Known,
        (key, holder): (&'a IdentifierKey, &'a Living),
        is_vouched: bool,
        visitor: Option<&Living>,
        said: &UniqueValues<'_>,
    ) {
        let mode = payload.identity.public_mode(&key.namespace);
        if is_vouched || mode == PublicMode::Merge {
            return self.shown.push((key, holder));
        }
        if visitor == Some(holder) {
            self.is_verified = true;
            return self.shown.push((key, holder));
        }
        if is_somebody_else(known.bodies.get(&holder.id), said) {
            self.is_apart = true;
        } else if mode == PublicMode::Ask {
            self.asked.push((key, holder));
        } else {
            self.is_doubted = true;
            self.linked = self.linked.or(Some(holder));
        }
    }
}
