//! The rules of one namespace.

use super::nobody::is_nobody;
use super::words::{WORDS, WORDS_OF_EMAILS};
use super::{Country, Normalise, Pattern, PublicMode, Trust};
use crate::model::Namespace;

/// Most words of a namespace that identify nobody.
pub const MEANINGLESS_MAX: usize = 1000;
/// Most values of a namespace that a person may be allowed: each is looked at when people meet.
pub const VALUES_MAX_MOST: usize = 1000;

/// What a namespace's values are, and what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespaceRules {
    /// Its name.
    pub name: Namespace,
    /// A person has at most one value; two never meet in one profile.
    pub unique: bool,
    /// How many values a person may have, where it is not unique.
    pub values_max: usize,
    /// How values are brought into one form.
    pub normalise: Normalise,
    /// Whose numbers those without a prefix are.
    pub country: Option<Country>,
    /// What a value must look like, in its form.
    pub pattern: Option<Pattern>,
    /// Values that identify nobody, in lower case; a star stands for anything.
    pub meaningless: Vec<String>,
    /// More properties that it is read from.
    pub read_from: Vec<ReadFrom>,
    /// The least trust that may name it.
    pub believed: Trust,
    /// What public sources may do with it, if it is not as everywhere.
    pub public: Option<PublicMode>,
}

/// A property of an event type that names somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFrom {
    /// The type, as it is kept.
    pub event_type: String,
    /// A path in its properties.
    pub property: String,
}

impl NamespaceRules {
    /// The namespaces that Kith knows of itself.
    pub const BUILT_IN: [&str; 4] = ["pk", "id", "email", "phone"];
    /// Values of a namespace that a person may have unless it says otherwise: addresses of a life.
    pub const VALUES_MAX: usize = 20;

    /// The rules of this name where nobody has said anything else.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let (normalise, more): (_, &[&str]) = match name {
            "email" => (Normalise::Email, &WORDS_OF_EMAILS),
            "phone" => (Normalise::Phone, &[]),
            _ => (Normalise::Text, &[]),
        };
        Self {
            name: Namespace::new(name),
            unique: name == "pk",
            values_max: Self::VALUES_MAX,
            normalise,
            country: None,
            pattern: None,
            meaningless: WORDS.iter().chain(more).map(|word| (*word).to_owned()).collect(),
            read_from: Vec::new(),
            believed: Trust::Public,
            public: None,
        }
    }

    /// How many values a person may have.
    #[must_use]
    pub fn values_max(&self) -> usize {
        if self.unique { 1 } else { self.values_max }
    }

    /// The value in its form; none when it identifies nobody.
    #[must_use]
    pub fn value(&self, sent: &str) -> Option<String> {
        if self.is_meaningless(sent) {
            return None;
        }
        let value = self.normalise.form(sent, self.country)?;
        let fits = self.pattern.as_ref().is_none_or(|pattern| pattern.fits(&value));
        (fits && !self.is_meaningless(&value)).then_some(value)
    }

    /// Whether what was sent identifies nobody, whatever form it has.
    #[must_use]
    pub fn is_meaningless(&self, sent: &str) -> bool {
        is_nobody(sent, &self.meaningless)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_identifies_nobody_never_does() {
        for name in ["pk", "id", "email", "phone", "loyalty"] {
            for word in ["undefined", "0", "[object Object]", "{{customer.id}}", "null null", ""] {
                assert_eq!(NamespaceRules::of(name).value(word), None, "{name}: {word}");
            }
        }
        for email in [
            "noreply@shop.example",
            "test@test.com",
            "undefined@example.com",
            "email@example.com",
            "noemail@noemail.com",
            "facebook@facebook.invalid",
            "ann@shop.test",
            "ann@shop.localhost",
            "{{email}}@x.com",
            "no.reply@shop.example",
            "noreply+7@shop.example",
            "x@x.com",
            "asdf@asdf.com",
            "your.email@gmail.com",
            "j*****e@gmail.com",
            ":email@shop.example",
        ] {
            assert_eq!(NamespaceRules::of("email").value(email), None, "{email}");
        }
        assert_eq!(NamespaceRules::of("phone").value("123 456 789"), None);
    }

    #[test]
    fn everything_else_does() {
        for (name, value, form) in [
            ("pk", " CRM-7 ", "crm-7"),
            ("pk", "100", "100"),
            ("id", "undefined-7", "undefined-7"),
            ("email", "Nullermann@example.com", "nullermann@example.com"),
            ("phone", "+48 600 100 200", "+48600100200"),
            ("loyalty", "Ł", "ł"),
        ] {
            assert_eq!(NamespaceRules::of(name).value(value).as_deref(), Some(form), "{value}");
        }
    }

    #[test]
    fn a_pattern_says_what_else_a_value_must_look_like() {
        let mut rules = NamespaceRules::of("pk");
        rules.pattern = Some(Pattern::new("c-[0-9]{3}").unwrap());
        assert_eq!(rules.value("C-123").as_deref(), Some("c-123"));
        assert_eq!(rules.value("c-12"), None);
        rules.normalise = Normalise::Exact;
        assert_eq!(rules.value("C-123"), None);
    }
}
