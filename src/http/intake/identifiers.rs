//! Whom the events of a payload name.

use uuid::Uuid;

use super::Intake;
use super::kind::event_type;
use super::remade::Remaking;
use crate::model::{
    EventId, Identifier, IdentifierKey, Identifying, IdentityRules, Json, Map, PayloadEvent,
    Source, Vouched, Warning,
};
use crate::processing::Naming;

impl Remaking<'_> {
    /// The people that an event of this type names. A value that identifies nobody is told of.
    pub(super) fn identifiers(
        &self,
        kind: &str,
        properties: &Json,
        event: &EventId,
        warnings: &mut Vec<Warning>,
    ) -> Vec<IdentifierKey> {
        let fields = self.known.rules().identifying(kind);
        if fields.is_empty() {
            return Vec::new();
        }
        let paths: Vec<&str> = fields.iter().map(|field| field.property.as_str()).collect();
        self.named(kind, &properties.pick(&paths), |field| {
            let property = &field.property;
            let text = format!("what {property} says identifies nobody; the event is kept");
            warnings.push(Warning::new("identifier_meaningless", text).about(event));
        })
    }

    /// The same of properties that were read. `meaningless` hears of values that identify nobody.
    fn named(
        &self,
        kind: &str,
        properties: &Map,
        meaningless: impl FnMut(&Identifying),
    ) -> Vec<IdentifierKey> {
        let hash = |identifier: &Identifier| self.app.hashing.identifier(identifier);
        let (rules, identity) = (self.known.rules(), self.known.identity());
        Naming { rules, identity, hash: &hash }.keys(kind, properties, meaningless)
    }
}

impl Intake<'_> {
    /// The one session for good of whom the properties name first: drawn from the installation's key,
    /// so that nobody can guess it from an address.
    pub(in crate::http) fn only_session(
        &self,
        source: &Source,
        sent_type: &str,
        properties: &Map,
    ) -> Option<String> {
        let named = self.remaking().named(&event_type(sent_type), properties, |_| {});
        let key = named.into_iter().next()?;
        let name = format!("session of {} {}", key.namespace, key.hash);
        Some(Uuid::from_u128(self.app.hashing.mark(source.id.as_str(), &name).0).to_string())
    }
}

/// The events, without what nobody may name who is trusted as little as whoever sends them.
pub(super) fn believed(
    mut events: Vec<PayloadEvent>,
    identity: &IdentityRules,
    vouched: &Vouched,
) -> Vec<PayloadEvent> {
    for event in events.iter_mut().filter(|event| event.names_somebody()) {
        let named = event.identifiers.len();
        event.identifiers.retain(|key| identity.believed(&key.namespace) <= vouched.trust_in(key));
        if event.identifiers.len() < named {
            let text = "an identifier may only be named by those who are trusted more than this \
                        source; it was not looked at";
            let warning = Warning::new("identifier_not_trusted", text).about(&event.id);
            event.warnings.push(warning);
        }
    }
    events
}
