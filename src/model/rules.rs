//! Rules: what an event of each type copies, whom it names, and what it does to the person.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Conversion, Mapping, Namespace, PrivateField};

/// The rules of every type that has any. A value, laid in layers: the types that Kith knows of
/// itself are the first one. A payload is worked on by the rules it was admitted under, however
/// often it is folded.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    types: HashMap<String, Arc<EventRules>>,
    /// A company's own mappings into the profile, in their order, by type.
    mappings: HashMap<String, Vec<Arc<Mapping>>>,
    /// Fields that are kept only with consent, by type; those of all types under an empty name.
    private: HashMap<String, Vec<Arc<PrivateField>>>,
    /// How long a consent holds after it was given, in seconds; of others, until it is taken back.
    holds: HashMap<String, u64>,
    /// Amounts that are converted, by type; those of all types under an empty name.
    conversions: HashMap<String, Vec<Arc<Conversion>>>,
}

/// Types with their rules, to be laid over those there are.
pub type Layer = HashMap<String, EventRules>;

/// The rules of one event type (docs/wire.md §5.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventRules {
    /// Take the place of the client's tags; empty: the client's stay.
    pub tags: Vec<String>,
    /// The stage of the journey, or `by-visit`.
    pub journey: Option<String>,
    /// The property that is the person's key in another system.
    pub primary_id: Option<String>,
    /// What goes into the event's columns: target, property.
    pub copy: Vec<(String, String)>,
    /// What happens to the profile, in this order.
    pub profile: Vec<Change>,
    /// The properties that say who somebody is.
    pub identifies: Vec<Identifying>,
}

/// One change to the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// A path in the profile.
    pub target: String,
    /// What is done to it.
    pub operation: Operation,
    /// A path in the event's properties; for a ratio, two fields of the profile.
    pub property: String,
}

/// What is done to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Takes the property's value.
    Equals,
    /// The same, where there is no value yet.
    EqualsIfMissing,
    /// A list takes the values that it does not have.
    Append,
    /// A number takes the property's number on top.
    Add,
    /// A number rises by one.
    Increment,
    /// One field of the profile over another.
    Ratio,
    /// Goes, where the property is there.
    Delete,
    /// The consents become those of the property.
    Consents,
    /// The order whose id is the property is counted, with its value and currency.
    Order,
    /// An interest rises.
    IncreaseInterest,
    /// An interest falls.
    DecreaseInterest,
    /// An interest becomes 0, or the value given.
    ResetInterest,
}

/// A property by which people are recognised across profiles (docs/wire.md §3.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifying {
    /// What kind of key it is.
    pub namespace: Namespace,
    /// Where in the properties.
    pub property: String,
}

impl RuleSet {
    /// A rule set of one layer.
    #[must_use]
    pub fn new(layer: Layer) -> Self {
        Self::default().over(layer)
    }

    /// This rule set with `more` laid over it: a type that `more` has is as `more` says, as a whole,
    /// since half of one type's rules and half of another's would be what neither has said.
    #[must_use]
    pub fn over(&self, more: Layer) -> Self {
        let mut types = self.types.clone();
        types.extend(more.into_iter().map(|(kind, rules)| (kind, Arc::new(rules))));
        Self { types, ..self.clone() }
    }

    /// The same, with these mappings into the profile in place of those before, by type, in their order.
    #[must_use]
    pub fn mapping(&self, mappings: HashMap<String, Vec<Arc<Mapping>>>) -> Self {
        Self { mappings, ..self.clone() }
    }

    /// The same, with these fields that are kept only with consent, and these ends of consents.
    #[must_use]
    pub fn asking(
        &self,
        private: HashMap<String, Vec<Arc<PrivateField>>>,
        holds: HashMap<String, u64>,
    ) -> Self {
        Self { private, holds, ..self.clone() }
    }

    /// The same, with these amounts that are converted, by type.
    #[must_use]
    pub fn converting(&self, conversions: HashMap<String, Vec<Arc<Conversion>>>) -> Self {
        Self { conversions, ..self.clone() }
    }

    /// Amounts of events of a type that are converted.
    pub fn conversions<'a>(&'a self, kind: &str) -> impl Iterator<Item = &'a Conversion> + use<'a> {
        let lists = [self.conversions.get(""), self.conversions.get(kind)];
        lists.into_iter().flatten().flatten().map(Arc::as_ref)
    }

    /// Whether any field is kept only with consent.
    #[must_use]
    pub fn asks_for_consent(&self) -> bool {
        !self.private.is_empty()
    }

    /// Fields of events of a type that are kept only with consent.
    pub fn private(&self, kind: &str) -> impl Iterator<Item = &PrivateField> {
        let lists = [self.private.get(kind), self.private.get("")];
        lists.into_iter().flatten().flatten().map(Arc::as_ref)
    }

    /// How long a consent holds after it was given, where it ends by itself.
    #[must_use]
    pub fn holds_seconds(&self, consent: &str) -> Option<u64> {
        self.holds.get(consent).copied()
    }

    /// A type's mappings into the profile.
    #[must_use]
    pub fn mappings(&self, kind: &str) -> &[Arc<Mapping>] {
        self.mappings.get(kind).map_or(&[], Vec::as_slice)
    }

    /// The same, with more properties that say who somebody is, by type.
    #[must_use]
    pub fn naming<'a>(&self, more: impl IntoIterator<Item = (&'a str, Vec<Identifying>)>) -> Self {
        let mut types = self.types.clone();
        for (kind, identifying) in more {
            let rules = types.entry(kind.to_owned()).or_default();
            let known = &mut Arc::make_mut(rules).identifies;
            known.extend(identifying);
        }
        Self { types, ..self.clone() }
    }

    /// The rules of a type, if it has any.
    #[must_use]
    pub fn of(&self, kind: &str) -> Option<&EventRules> {
        self.types.get(kind).map(Arc::as_ref)
    }

    /// The types that have rules, sorted.
    #[must_use]
    pub fn types(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.types.keys().map(String::as_str).collect();
        all.sort_unstable();
        all
    }

    /// The types whose events name somebody.
    pub fn naming_types(&self) -> impl Iterator<Item = &str> {
        let naming = self.types.iter().filter(|(_, rules)| !rules.identifies.is_empty());
        naming.map(|(kind, _)| kind.as_str())
    }

    /// The properties of a type that say who somebody is.
    #[must_use]
    pub fn identifying(&self, kind: &str) -> &[Identifying] {
        self.of(kind).map_or(&[], |rules| &rules.identifies)
    }
}

impl EventRules {
    /// The stage of the journey, given the number of visits of the profile.
    #[must_use]
    pub fn stage(&self, visits: Option<u64>) -> Option<&str> {
        match self.journey.as_deref()? {
            "by-visit" => {
                visits.map(|count| if count <= 1 { "awareness" } else { "consideration" })
            }
            stage => Some(stage),
        }
    }

    /// Whether the properties must be read at all.
    #[must_use]
    pub fn reads_properties(&self) -> bool {
        !self.copy.is_empty() || self.changes_profile()
    }

    /// Some properties go into the profile.
    #[must_use]
    pub fn changes_profile(&self) -> bool {
        !self.profile.is_empty() || self.primary_id.is_some()
    }
}

impl Operation {
    const NAMED: [(&str, Self); 12] = [
        ("equals", Self::Equals),
        ("equals-if-missing", Self::EqualsIfMissing),
        ("append", Self::Append),
        ("add", Self::Add),
        ("increment", Self::Increment),
        ("ratio", Self::Ratio),
        ("delete", Self::Delete),
        ("consents", Self::Consents),
        ("order", Self::Order),
        ("increase-interest", Self::IncreaseInterest),
        ("decrease-interest", Self::DecreaseInterest),
        ("reset-interest", Self::ResetInterest),
    ];

    /// The operation of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, operation)| operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(types: &[(&str, &str)]) -> Layer {
        let rules = |tag: &str| EventRules { tags: vec![tag.to_owned()], ..EventRules::default() };
        types.iter().map(|(kind, tag)| ((*kind).to_owned(), rules(tag))).collect()
    }

    #[test]
    fn a_later_layer_overrides_a_type_whole_and_leaves_the_others() {
        let mut first = tagged(&[("a", "first"), ("b", "first")]);
        first.get_mut("a").unwrap().journey = Some("awareness".to_owned());
        let first = RuleSet::new(first);
        let both = first.over(tagged(&[("a", "second"), ("c", "second")]));
        let tag = |rules: &RuleSet, kind| rules.of(kind).map(|rules| rules.tags[0].clone());
        let tags = ["a", "b", "c"].map(|kind| tag(&both, kind));
        assert_eq!(tags.map(Option::unwrap), ["second", "first", "second"]);
        assert_eq!(both.of("a").unwrap().journey, None, "nothing is left of the first layer's");
        assert_eq!((tag(&first, "a").unwrap().as_str(), tag(&first, "c")), ("first", None));
    }

    #[test]
    fn the_journey_follows_the_visits() {
        let rules = EventRules { journey: Some("by-visit".to_owned()), ..EventRules::default() };
        assert_eq!(rules.stage(Some(1)), Some("awareness"));
        assert_eq!(rules.stage(Some(2)), Some("consideration"));
        assert_eq!(rules.stage(None), None);
    }
}
