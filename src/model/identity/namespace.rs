//! The rules of one namespace.

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

/// What programs send where they have nothing to say, and what people type who do not want to say it.
const MEANINGLESS: [&str; 38] = [
    "undefined",
    "null",
    "nil",
    "none",
    "nan",
    "n/a",
    "na",
    "n.a.",
    "not available",
    "not set",
    "(not set)",
    "(none)",
    "(null)",
    "unknown",
    "anonymous",
    "anon",
    "guest",
    "visitor",
    "user",
    "customer",
    "test",
    "testing",
    "default",
    "empty",
    "missing",
    "true",
    "false",
    "string",
    "void",
    "infinity",
    "-infinity",
    "[object *]",
    "{{*}}",
    "${*}",
    "%*%",
    "<%*%>",
    "<*>",
    "[[*]]",
];
/// Addresses that nobody reads, and placeholders of forms.
const MEANINGLESS_EMAILS: [&str; 14] = [
    "noreply@*",
    "no-reply@*",
    "no_reply@*",
    "donotreply@*",
    "do-not-reply@*",
    "mailer-daemon@*",
    "undefined@*",
    "null@*",
    "none@none.*",
    "anonymous@*",
    "unknown@*",
    "test@test.*",
    "test@example.*",
    "email@email.*",
];
const MEANINGLESS_PHONES: [&str; 3] = ["123456789", "1234567890", "0123456789"];

impl NamespaceRules {
    /// The namespaces that Kith knows of itself.
    pub const BUILT_IN: [&str; 4] = ["pk", "id", "email", "phone"];
    /// Values of a namespace that a person may have unless it says otherwise: addresses of a life.
    pub const VALUES_MAX: usize = 20;

    /// The rules of this name where nobody has said anything else.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let (normalise, more): (_, &[&str]) = match name {
            "email" => (Normalise::Email, &MEANINGLESS_EMAILS),
            "phone" => (Normalise::Phone, &MEANINGLESS_PHONES),
            _ => (Normalise::Text, &[]),
        };
        Self {
            name: Namespace::new(name),
            unique: name == "pk",
            values_max: Self::VALUES_MAX,
            normalise,
            country: None,
            pattern: None,
            meaningless: MEANINGLESS.iter().chain(more).map(|word| (*word).to_owned()).collect(),
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
        // Of nothing but signs and zeros nobody is known: `-`, `0`, `00000000-0000-…`.
        let says_something = |c: char| c.is_alphanumeric() && c != '0';
        let lower = sent.trim().to_lowercase();
        let is_a_name = sent.contains(says_something) && !self.is_meaningless(&lower);
        let value = self.normalise.form(sent, self.country).filter(|_| is_a_name)?;
        let fits = self.pattern.as_ref().is_none_or(|pattern| pattern.fits(&value));
        (fits && !self.is_meaningless(&value)).then_some(value)
    }

    fn is_meaningless(&self, value: &str) -> bool {
        self.meaningless.iter().any(|word| is_like(value, word))
    }
}

/// Whether `value` is `word`, in which the first star stands for anything.
fn is_like(value: &str, word: &str) -> bool {
    let Some((begin, end)) = word.split_once('*') else { return value == word };
    value.len() >= begin.len() + end.len() && value.starts_with(begin) && value.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_identifies_nobody_never_does() {
        let words = [
            "undefined",
            " NULL ",
            "None",
            "NaN",
            "N/A",
            "0",
            "-",
            "--",
            "00000",
            "...",
            "[object Object]",
            "{{customer.id}}",
            "${id}",
            "%id%",
            "true",
            "guest",
            "Unknown",
            "00000000-0000-0000-0000-000000000000",
            "<script>",
            "",
        ];
        for name in ["pk", "id", "email", "phone", "loyalty"] {
            for word in words {
                assert_eq!(NamespaceRules::of(name).value(word), None, "{name}: {word}");
            }
        }
        for email in ["noreply@shop.example", "test@test.com", "undefined@example.com"] {
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

    #[test]
    fn a_star_stands_for_anything() {
        for (value, word, is) in
            [("ab", "a*b", true), ("a", "a*a", false), ("axb", "a*b", true), ("xab", "a*b", false)]
        {
            assert_eq!(is_like(value, word), is, "{value} {word}");
        }
    }
}
