//! Whom an event names: the properties that its type's rules say, normalised and hashed.

use uuid::Uuid;

use super::Intake;
use super::events::event_type;
use crate::model::{Identifier, IdentifierKey, Json, Map, Source};
use crate::processing::text_at;

impl Intake<'_> {
    /// The people that an event of this type names.
    pub(super) fn identifiers(&self, kind: &str, properties: &Json) -> Vec<IdentifierKey> {
        let fields = self.known.rules().identifying(kind);
        let paths: Vec<&str> = fields.iter().map(|field| field.property.as_str()).collect();
        if paths.is_empty() { Vec::new() } else { self.named(kind, &properties.pick(&paths)) }
    }

    /// The one session for good of whom the properties name first: drawn from the installation's key,
    /// so that nobody can guess it from an address.
    pub(in crate::http) fn only_session(
        &self,
        source: &Source,
        sent_type: &str,
        properties: &Map,
    ) -> Option<String> {
        let key = self.named(&event_type(sent_type), properties).into_iter().next()?;
        let name = format!("session of {} {}", key.namespace, key.hash);
        Some(Uuid::from_u128(self.app.hashing.mark(source.id.as_str(), &name).0).to_string())
    }

    /// The same of properties that were read.
    fn named(&self, kind: &str, properties: &Map) -> Vec<IdentifierKey> {
        let mut keys: Vec<IdentifierKey> = Vec::new();
        for field in self.known.rules().identifying(kind) {
            let Some(value) = text_at(properties, &field.property) else { continue };
            let key = self.app.hashing.identifier(&Identifier::new(&field.namespace, &value));
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }
}
