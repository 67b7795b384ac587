//! The name that somebody signs in with, in its one normal form.

use crate::model::lower_case;

/// Longest name, in bytes: an e-mail address has no more than 254.
const NAME_BYTES_MAX: usize = 254;

/// A name as it is stored and counted, whichever way it was typed.
///
/// A type of its own, so that attempts are counted by the same name that is looked up: a count by
/// what was typed would start anew with each space around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account(String);

impl Account {
    /// The name without the space around it, in lower case; none when nobody can have it. Bounded,
    /// since names are remembered for a minute, and without the null character, which not every
    /// database takes.
    #[must_use]
    pub fn named(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let fits = |name: &str| name.len() <= NAME_BYTES_MAX && !name.contains('\0');
        // Before it is copied, and after: lower case may be longer.
        let name = fits(typed).then(|| lower_case(typed))?;
        fits(&name).then_some(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: Option<&str>) {
        let named = Account::named(typed);
        assert_eq!(named.as_ref().map(Account::as_str), expected);
    }

    #[test]
    fn all_ways_to_type_a_name_are_one() {
        for typed in ["ann@example.com", " Ann@Example.com\t", "\u{a0}ANN@EXAMPLE.COM\n"] {
            check(typed, Some("ann@example.com"));
        }
    }

    #[test]
    fn a_name_that_looks_like_anothers_is_not_theirs() {
        check("admin@\u{212a}ith.local", Some("admin@\u{212a}ith.local"));
        check("JOSÉ@example.com", Some("josé@example.com"));
    }

    #[test]
    fn nobody_has_a_name_without_bound() {
        let longest = "x".repeat(NAME_BYTES_MAX);
        check(&format!("  {longest}  "), Some(&longest));
        check(&format!("{longest}x"), None);
        check(&"İ".repeat(NAME_BYTES_MAX / 2), None);
        check("ann\0@example.com", None);
    }
}
