//! A company's own rules laid over those that Kith brings.

use std::collections::HashMap;
use std::sync::Arc;

use super::{built_in, condition};
use crate::model::{
    Compliance, ConsentType, Conversion, CurrencyTable, EventRules, EventToProfile, EventType,
    Layer, Mapping, PrivateField, RuleSet,
};

/// What events do, with what a company has said of them. Without any word of theirs it is the layer that
/// Kith brings, itself.
#[must_use]
pub fn with<'a>(
    types: impl IntoIterator<Item = &'a EventType>,
    mappings: impl IntoIterator<Item = &'a EventToProfile>,
) -> Arc<RuleSet> {
    let base = built_in();
    let types = types.into_iter().filter(|one| one.enabled);
    let layer: Layer = types.map(|one| (one.id.clone(), described(&base, one))).collect();
    let mappings = by_type(mappings);
    if layer.is_empty() && mappings.is_empty() {
        return base;
    }
    Arc::new(base.over(layer).mapping(mappings))
}

/// The same rules, with what may not be kept without consent, and how long consents hold.
#[must_use]
pub fn asking<'a>(
    rules: Arc<RuleSet>,
    privacy: impl IntoIterator<Item = &'a Compliance>,
    consents: impl IntoIterator<Item = &'a ConsentType>,
) -> Arc<RuleSet> {
    let mut private: HashMap<String, Vec<Arc<PrivateField>>> = HashMap::new();
    for one in privacy.into_iter().filter(|one| one.enabled) {
        let fields = one.settings.iter().cloned().map(Arc::new);
        private.entry(one.event_type.clone().unwrap_or_default()).or_default().extend(fields);
    }
    let ending = consents.into_iter().filter(|one| one.enabled && one.holds_seconds > 0);
    let holds: HashMap<_, _> = ending.map(|one| (one.id.clone(), one.holds_seconds)).collect();
    if private.is_empty() && holds.is_empty() {
        return rules;
    }
    Arc::new(rules.asking(private, holds))
}

/// The same rules, with amounts that are converted.
#[must_use]
pub fn converting<'a>(
    rules: Arc<RuleSet>,
    tables: impl IntoIterator<Item = &'a CurrencyTable>,
) -> Arc<RuleSet> {
    let mut by_type: HashMap<String, Vec<Arc<Conversion>>> = HashMap::new();
    for table in tables.into_iter().filter(|table| table.enabled) {
        for (types, conversion) in table.conversions() {
            let conversion = Arc::new(conversion);
            let all = [String::new()];
            for kind in if types.is_empty() { &all } else { types } {
                by_type.entry(kind.clone()).or_default().push(Arc::clone(&conversion));
            }
        }
    }
    if by_type.is_empty() { rules } else { Arc::new(rules.converting(by_type)) }
}

/// The type's rules, with what is said of it over what is known of it.
fn described(base: &RuleSet, one: &EventType) -> EventRules {
    let under = base.of(&one.id).filter(|_| one.built_in).cloned().unwrap_or_default();
    let tags = if one.tags.is_empty() { under.tags } else { one.tags.clone() };
    let journey = one.journey.clone().or(under.journey);
    // Later ones win: what two say of one column, the company decides.
    let copy = under.copy.into_iter().chain(one.copy.iter().cloned()).collect();
    EventRules { tags, journey, copy, ..under }
}

fn by_type<'a>(
    mappings: impl IntoIterator<Item = &'a EventToProfile>,
) -> HashMap<String, Vec<Arc<Mapping>>> {
    let mut enabled: Vec<_> = mappings.into_iter().filter(|one| one.enabled).collect();
    enabled.sort_by_key(|one| (one.order, &one.id));
    let mut by_type: HashMap<String, Vec<Arc<Mapping>>> = HashMap::new();
    for one in enabled {
        // What a newer node has stored and this one cannot read is left out, and not done always.
        let Ok(when) = condition(&one.condition) else {
            tracing::warn!(rule = one.id, "a mapping's condition cannot be read; it is left out");
            continue;
        };
        let mapping = Mapping { id: one.id.clone(), when, changes: one.changes.clone() };
        by_type.entry(one.event_type.clone()).or_default().push(Arc::new(mapping));
    }
    by_type
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described_as(id: &str, change: impl FnOnce(&mut EventType)) -> Arc<RuleSet> {
        let mut one = EventType {
            id: id.to_owned(),
            about: crate::model::About::default(),
            enabled: true,
            tags: Vec::new(),
            journey: None,
            copy: Vec::new(),
            built_in: true,
            retention_days: 0,
        };
        change(&mut one);
        with([&one], [])
    }

    #[test]
    fn what_is_not_said_of_a_type_stays_as_kith_knows_it() {
        let built_in = built_in();
        let known = built_in.of("sign-in").unwrap();
        let rules = described_as("sign-in", |one| one.tags = vec!["own".to_owned()]);
        let rules = rules.of("sign-in").unwrap();
        assert_eq!(rules.tags, ["own"]);
        assert_eq!((&rules.journey, &rules.profile), (&known.journey, &known.profile));
        assert_eq!(rules.identifies, known.identifies);
        let nothing = described_as("sign-in", |one| one.built_in = false);
        assert_eq!(nothing.of("sign-in"), Some(&EventRules::default()));
        let off = described_as("sign-in", |one| one.enabled = false);
        assert!(Arc::ptr_eq(&off, &built_in), "nothing is laid over what Kith brings");
    }

    #[test]
    fn a_companys_copies_come_after_those_of_kith() {
        let own = ("data.ec.product.id".to_owned(), "sku".to_owned());
        let rules = described_as("product-clicked", |one| one.copy = vec![own.clone()]);
        let copy = &rules.of("product-clicked").unwrap().copy;
        assert_eq!(copy.last(), Some(&own));
        assert!(copy.len() > 1);
    }
}
