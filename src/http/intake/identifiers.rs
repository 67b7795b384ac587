//! Whom an event names: the properties that its type's rules say, in one form and hashed.

use std::borrow::Cow;

use uuid::Uuid;

use super::Intake;
use super::events::event_type;
use crate::model::{
    EventId, Identifier, IdentifierKey, Identifying, Json, Map, NamespaceRules, Source, Warning,
};
use crate::processing::text_at;

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
        mut meaningless: impl FnMut(&Identifying),
    ) -> Vec<IdentifierKey> {
        let mut keys: Vec<IdentifierKey> = Vec::new();
        for field in self.known.rules().identifying(kind) {
            let Some(sent) = text_at(properties, &field.property) else { continue };
            // A namespace that nobody has configured is as they are from the start.
            let plain = || Cow::Owned(NamespaceRules::of(field.namespace.as_str()));
            let rules = self.known.identity().of(&field.namespace);
            let Some(value) = rules.map_or_else(plain, Cow::Borrowed).value(&sent) else {
                meaningless(field);
                continue;
            };
            let namespace = field.namespace.clone();
            let key = self.app.hashing.identifier(&Identifier { namespace, value });
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }
}
