//! Rules of identity: what names somebody, who is believed to say so, and how much one may unite.

mod email;
mod namespace;
mod nobody;
mod normal;
mod pattern;
mod phone;
mod said;
mod settings;
mod words;

pub use namespace::{MEANINGLESS_MAX, NamespaceRules, ReadFrom, VALUES_MAX_MOST};
pub use nobody::{is_invisible, says_nothing};
pub use normal::{Country, Normalise};
pub use pattern::{Pattern, PatternUnfit};
pub use said::{said, said_at};
pub use settings::{Guards, IdentitySettings, Links, PublicMode, Trust};

use std::collections::BTreeMap;

use super::{Identifying, Namespace};

/// All rules of identity at one moment. A value: a payload is decided on by those it was admitted
/// under, however often it is folded.
#[derive(Clone, Debug)]
pub struct IdentityRules {
    namespaces: BTreeMap<Namespace, NamespaceRules>,
    /// What holds for all namespaces.
    pub settings: IdentitySettings,
    /// The configuration's version with which they became what they are; 0 where nobody has configured
    /// anything. The configuration's history says what they were at any of them.
    pub version: i64,
}

/// As they are where nobody has configured anything.
impl Default for IdentityRules {
    fn default() -> Self {
        Self::new(IdentitySettings::default(), Vec::new())
    }
}

impl IdentityRules {
    /// The namespaces that Kith knows of itself, with `configured` in their place or beside them.
    #[must_use]
    pub fn new(settings: IdentitySettings, configured: Vec<NamespaceRules>) -> Self {
        let built_in = NamespaceRules::BUILT_IN.into_iter().map(NamespaceRules::of);
        let all = built_in.chain(configured).map(|rules| (rules.name.clone(), rules));
        Self { namespaces: all.collect(), settings, version: 0 }
    }

    /// The same rules, as they stand in the configuration since this version.
    #[must_use]
    pub fn since(self, version: i64) -> Self {
        Self { version, ..self }
    }

    /// The rules of a namespace, if there is one of this name.
    #[must_use]
    pub fn of(&self, namespace: &Namespace) -> Option<&NamespaceRules> {
        self.namespaces.get(namespace)
    }

    /// All namespaces, by name.
    pub fn all(&self) -> impl Iterator<Item = &NamespaceRules> {
        self.namespaces.values()
    }

    /// Whether an id of a person or of a visit, as somebody sent it, is nobody's: it says as little as a
    /// value of the namespace `id` may not. What whoever tries something calls it is an id like others.
    #[must_use]
    pub fn is_nobodys(&self, id: &str) -> bool {
        const TRIED: [&str; 6] = ["test", "testing", "customer", "user", "visitor", "default"];
        let is_tried = TRIED.iter().any(|word| id.trim().eq_ignore_ascii_case(word));
        !is_tried && self.all().any(|rules| rules.name.as_str() == "id" && rules.is_meaningless(id))
    }

    /// Whether a person has at most one value of this namespace.
    #[must_use]
    pub fn is_unique(&self, namespace: &Namespace) -> bool {
        self.of(namespace).is_some_and(|rules| rules.unique)
    }

    /// How many values of this namespace a person may have.
    #[must_use]
    pub fn values_max(&self, namespace: &Namespace) -> usize {
        self.of(namespace).map_or(NamespaceRules::VALUES_MAX, NamespaceRules::values_max)
    }

    /// The least trust that may name a value of this namespace.
    #[must_use]
    pub fn believed(&self, namespace: &Namespace) -> Trust {
        self.of(namespace).map_or(Trust::Trusted, |rules| rules.believed)
    }

    /// What public sources may do with a value of this namespace that is somebody else's.
    #[must_use]
    pub fn public_mode(&self, namespace: &Namespace) -> PublicMode {
        let own = self.of(namespace).and_then(|rules| rules.public);
        own.unwrap_or(self.settings.public)
    }

    /// The event types and properties that namespaces are read from besides, by type.
    #[must_use]
    pub fn read_from(&self) -> BTreeMap<&str, Vec<Identifying>> {
        let mut by_type: BTreeMap<&str, Vec<Identifying>> = BTreeMap::new();
        for rules in self.all() {
            for ReadFrom { event_type, property } in &rules.read_from {
                let (namespace, property) = (rules.name.clone(), property.clone());
                by_type.entry(event_type).or_default().push(Identifying { namespace, property });
            }
        }
        by_type
    }
}
