//! Whom an event names: the properties that its type's rules say, in one form and hashed.

use std::borrow::Cow;

use crate::model::{
    Identifier, IdentifierKey, Identifying, IdentityRules, Map, NamespaceRules, RuleSet, said_at,
};

/// What says whom an event names.
#[derive(Clone, Copy)]
pub struct Naming<'a> {
    /// Which properties do, by type.
    pub rules: &'a RuleSet,
    /// What a value must be.
    pub identity: &'a IdentityRules,
    /// As identifiers are kept.
    pub hash: &'a dyn Fn(&Identifier) -> IdentifierKey,
}

impl std::fmt::Debug for Naming<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Naming")
    }
}

impl Naming<'_> {
    /// The keys that an event of this type names, each once. `meaningless` hears of values that
    /// identify nobody.
    pub fn keys(
        &self,
        kind: &str,
        properties: &Map,
        mut meaningless: impl FnMut(&Identifying),
    ) -> Vec<IdentifierKey> {
        let mut keys: Vec<IdentifierKey> = Vec::new();
        for field in self.rules.identifying(kind) {
            let Some(sent) = said_at(properties, &field.property) else { continue };
            // A namespace that nobody has configured is as they are from the start.
            let plain = || Cow::Owned(NamespaceRules::of(field.namespace.as_str()));
            let rules = self.identity.of(&field.namespace);
            let Some(value) = rules.map_or_else(plain, Cow::Borrowed).value(&sent) else {
                meaningless(field);
                continue;
            };
            let namespace = field.namespace.clone();
            let key = (self.hash)(&Identifier { namespace, value });
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }
}
