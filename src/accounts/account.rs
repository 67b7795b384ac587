//! The name that somebody signs in with, in its one normal form.

use crate::model::{is_invisible, lower_case};

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

    /// The same for somebody who is new: an e-mail address, with something on both sides of the sign. Spaces and
    /// letters that nobody sees would look like another's, or begin lines of their own where users are listed.
    #[must_use]
    pub fn address(typed: &str) -> Option<Self> {
        let is_seen = |letter: char| !letter.is_whitespace() && !is_invisible(letter);
        let account = Self::named(typed)?;
        let (name, domain) = account.as_str().rsplit_once('@')?;
        let is_one = !name.is_empty() && !domain.is_empty();
        (is_one && account.as_str().chars().all(is_seen)).then_some(account)
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
    fn whoever_is_new_has_an_address_that_is_seen() {
        let address = |typed| Account::address(typed).map(|account| account.as_str().to_owned());
        assert_eq!(address(" Admin@localhost "), Some("admin@localhost".to_owned()));
        for none in [
            "ann",
            "@",
            "ann@",
            "@example.com",
            "ann@example.com\nbob@example.com",
            "an n@x.example",
            "ann@x.example\u{202e}",
            "a\u{200b}nn@x.example",
            "ann@x.\u{2028}example",
            "a\u{1b}[2K@x",
        ] {
            assert_eq!(address(none), None, "{none:?}");
        }
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
