//! The table of predefined types, read once from the file beside this one.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// One predefined type.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Predefined {
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    journey: Option<String>,
    #[serde(default)]
    pub(super) primary_id: Option<String>,
    /// Target, property.
    #[serde(default)]
    pub(super) copy: Vec<(String, String)>,
    #[serde(default)]
    pub(super) profile: Vec<Change>,
}

/// One change to the profile: target, operation, property.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Change(pub(super) String, pub(super) Operation, pub(super) String);

/// What is done to the target.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Operation {
    Equals,
    EqualsIfMissing,
    Append,
    Add,
    Increment,
    Ratio,
    Delete,
    Consents,
    IncreaseInterest,
    DecreaseInterest,
    ResetInterest,
}

/// A property by which people are recognised across profiles (spec §3.8).
#[derive(Clone, Debug)]
pub struct Identifying {
    /// What kind of key it is.
    pub namespace: &'static str,
    /// Where in the properties.
    pub property: String,
}

struct Table {
    types: HashMap<String, Predefined>,
    identifying: HashMap<String, Vec<Identifying>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // A unit test reads the file, so that a broken one cannot be shipped.
    let types: HashMap<String, Predefined> =
        toml::from_str(include_str!("table.toml")).unwrap_or_default();
    let named = types.iter().map(|(kind, rules)| (kind.clone(), rules.identifying()));
    let identifying = named.filter(|(_, fields)| !fields.is_empty()).collect();
    Table { types, identifying }
});

/// The rules of a type, if it is predefined.
#[must_use]
pub(crate) fn find(kind: &str) -> Option<&'static Predefined> {
    TABLE.types.get(kind)
}

/// The properties of a type that say who somebody is.
#[must_use]
pub fn identifying(kind: &str) -> &'static [Identifying] {
    TABLE.identifying.get(kind).map_or(&[], Vec::as_slice)
}

impl Predefined {
    /// Tags that take the place of the client's; empty: the client's stay.
    #[must_use]
    pub(crate) fn tags(&self) -> &[String] {
        &self.tags
    }

    /// The stage of the journey, given the number of visits of the profile.
    #[must_use]
    pub(crate) fn journey(&self, visits: Option<u64>) -> Option<&str> {
        match self.journey.as_deref()? {
            "by-visit" => {
                visits.map(|count| if count <= 1 { "awareness" } else { "consideration" })
            }
            stage => Some(stage),
        }
    }

    /// Whether the properties must be read at all.
    #[must_use]
    pub(crate) fn reads_properties(&self) -> bool {
        !self.copy.is_empty() || !self.profile.is_empty()
    }

    /// Some properties go into the profile.
    pub(crate) fn changes_profile(&self) -> bool {
        !self.profile.is_empty() || self.primary_id.is_some()
    }

    /// Only what the person says of themselves identifies. Messages name the parties of a
    /// conversation, which is no such word: their contacts are taken where none is known.
    fn identifying(&self) -> Vec<Identifying> {
        let said =
            self.profile.iter().filter(|Change(_, operation, _)| *operation == Operation::Equals);
        said.filter_map(|Change(target, _, property)| {
            namespace(target).map(|namespace| Identifying { namespace, property: property.clone() })
        })
        .collect()
    }
}

/// An address is an address wherever it stands; keys of other systems are apart.
fn namespace(field: &str) -> Option<&'static str> {
    match field {
        "data.contact.email.main"
        | "data.contact.email.private"
        | "data.contact.email.business" => Some("email"),
        "data.contact.phone.main"
        | "data.contact.phone.business"
        | "data.contact.phone.mobile"
        | "data.contact.phone.whatsapp" => Some("phone"),
        "data.identifier.id" => Some("id"),
        "data.identifier.pk" => Some("pk"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read_and_every_path_has_a_place() {
        let types: HashMap<String, Predefined> =
            toml::from_str(include_str!("table.toml")).unwrap();
        assert!(types.len() > 50);
        for (kind, rules) in &types {
            for (target, _) in &rules.copy {
                let column = target.split('.').next().unwrap();
                assert!(["hit", "data", "device", "traits"].contains(&column), "{kind}: {target}");
            }
            for Change(target, ..) in &rules.profile {
                let part = target.split('.').next().unwrap();
                assert!(["data", "interests", "consents"].contains(&part), "{kind}: {target}");
            }
        }
    }

    #[test]
    fn only_what_people_say_of_themselves_identifies() {
        let mut kinds: Vec<_> = TABLE.identifying.keys().map(String::as_str).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["identification", "profile-update", "sign-in", "sign-up"]);
        let namespaces: Vec<_> = identifying("sign-up").iter().map(|one| one.namespace).collect();
        assert_eq!(namespaces, ["email", "email", "email"]);
    }
}
