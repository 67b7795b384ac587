//! Rules as data: how a layer of them is written, and the layer that Kith brings.

mod sent;
mod condition;
mod layers;
pub mod template;
mod validation;
mod reshape;
mod scripts;

pub use condition::{check_of_event, check_written, condition, condition_of_event};
pub use layers::{asking, converting, with};
pub use reshape::{PARTS_MAX, Reshaped, Reshapes, Unmade, check_pointed, check_reshaping};
pub use scripts::{Script, Scripts};
pub use validation::{Checks, Misfits, schema_place};

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use crate::model::{Change, EventRules, Identifying, Layer, Namespace, Operation, RuleSet};

/// The predefined event types (docs/wire.md §5.2).
const TABLE: &str = include_str!("table.toml");

static BUILT_IN: LazyLock<Arc<RuleSet>> = LazyLock::new(|| {
    // A unit test reads the file, so that a broken one cannot be shipped.
    Arc::new(RuleSet::new(read(TABLE).unwrap_or_default()))
});

/// The rules of the predefined types: the first layer, over which others may be laid.
#[must_use]
pub fn built_in() -> Arc<RuleSet> {
    Arc::clone(&BUILT_IN)
}

/// A layer of rules cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is no TOML, or not of this shape.
    #[error("{0}")]
    Shape(#[from] toml::de::Error),
    /// It names an operation that there is not.
    #[error("{kind}: there is no operation {operation}")]
    Operation {
        /// The event type.
        kind: String,
        /// As it was written.
        operation: String,
    },
}

/// Reads a layer of rules: a table for each event type.
///
/// # Errors
/// [`Unreadable`].
pub fn read(text: &str) -> Result<Layer, Unreadable> {
    let types: HashMap<String, Written> = toml::from_str(text)?;
    let read = types.into_iter().map(|(kind, written)| {
        let rules = written.into_rules(&kind)?;
        Ok((kind, rules))
    });
    read.collect()
}

/// One event type, as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    tags: Vec<String>,
    journey: Option<String>,
    primary_id: Option<String>,
    /// Target, property.
    copy: Vec<(String, String)>,
    /// Target, operation, property.
    profile: Vec<(String, String, String)>,
    /// Namespace, property.
    identifies: Vec<(String, String)>,
}

impl Written {
    fn into_rules(self, kind: &str) -> Result<EventRules, Unreadable> {
        let change = |(target, operation, property): (String, String, String)| {
            let Some(operation) = Operation::named(&operation) else {
                return Err(Unreadable::Operation { kind: kind.to_owned(), operation });
            };
            Ok(Change { target, operation, property })
        };
        let identifying = |(namespace, property): (String, String)| Identifying {
            namespace: Namespace::new(namespace),
            property,
        };
        Ok(EventRules {
            tags: self.tags,
            journey: self.journey,
            primary_id: self.primary_id,
            copy: self.copy,
            profile: self.profile.into_iter().map(change).collect::<Result<_, _>>()?,
            identifies: self.identifies.into_iter().map(identifying).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read_and_every_path_has_a_place() {
        let types = read(TABLE).unwrap();
        assert!(types.len() > 50);
        for (kind, rules) in &types {
            for (target, _) in &rules.copy {
                let column = target.split('.').next().unwrap();
                assert!(["hit", "data", "device", "traits"].contains(&column), "{kind}: {target}");
            }
            for Change { target, .. } in &rules.profile {
                let part = target.split('.').next().unwrap();
                assert!(["data", "interests", "consents"].contains(&part), "{kind}: {target}");
            }
        }
    }

    /// An address is an address wherever it stands; keys of other systems are apart.
    fn namespace(target: &str) -> Option<&'static str> {
        let field = target.strip_prefix("data.")?;
        match field {
            "identifier.id" => Some("id"),
            "identifier.pk" => Some("pk"),
            _ if field.starts_with("contact.email.") => Some("email"),
            _ if field.starts_with("contact.phone.") => Some("phone"),
            _ => None,
        }
    }

    /// Messages name the parties of a conversation, which is no word of theirs: their contacts are
    /// taken where none is known.
    #[test]
    fn what_people_say_of_themselves_identifies_and_nothing_else() {
        for (kind, rules) in read(TABLE).unwrap() {
            let said = rules.profile.iter().filter(|one| one.operation == Operation::Equals);
            let said: Vec<_> = said
                .filter_map(|one| Some((namespace(&one.target)?, one.property.as_str())))
                .collect();
            let identifies = rules.identifies.iter();
            let identifies: Vec<_> =
                identifies.map(|one| (one.namespace.as_str(), one.property.as_str())).collect();
            assert_eq!(identifies, said, "{kind}");
        }
    }

    #[test]
    fn a_layer_that_cannot_be_read_says_why() {
        let said = |text| read(text).unwrap_err().to_string();
        let text = "[bought]\nprofile = [[\"data.x\", \"multiply\", \"y\"]]";
        assert_eq!(said(text), "bought: there is no operation multiply");
        assert!(said("[bought]\ncopies = []").contains("copies"));
    }
}
