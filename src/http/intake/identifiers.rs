//! Whom the events of a payload name.

use uuid::Uuid;

use super::Intake;
use super::events::event_type;
use crate::model::{EventId, Identifier, IdentifierKey, Identifying, Json, Map, Source, Warning};
use crate::processing::Naming;

impl Intake<'_> {
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

    /// The one session for good of whom the properties name first: drawn from the installation's key,
    /// so that nobody can guess it from an address.
    pub(in crate::http) fn only_session(
        &self,
        source: &Source,
        sent_type: &str,
        properties: &Map,
    ) -> Option<String> {
        let named = self.named(&event_type(sent_type), properties, |_| {});
        let key = named.into_iter().next()?;
        let name = format!("session of {} {}", key.namespace, key.hash);
        Some(Uuid::from_u128(self.app.hashing.mark(source.id.as_str(), &name).0).to_string())
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
