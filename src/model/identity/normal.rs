//! Values in one form, so that two spellings of one are one.

use std::str::FromStr as _;

use unicode_normalization::UnicodeNormalization as _;

use super::email::email;
use super::nobody::is_invisible;
use super::phone::phone;
use crate::model::form::apart;

/// How values of a namespace are brought into one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalise {
    /// An e-mail address, in lower case; what has not the shape of one is none.
    Email,
    /// A phone number, as E.164; without a prefix as its digits, unless there is a country.
    Phone,
    /// In lower case.
    Text,
    /// As it is.
    Exact,
}

/// Longest value, in bytes; a longer one is no name of anybody.
const VALUE_BYTES_MAX: usize = 512;
/// A country whose numbering plan is known, by its ISO 3166-1 code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Country(phonenumber::country::Id);

impl std::fmt::Debug for Country {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code())
    }
}

impl Country {
    /// The country of this code.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        let is_one = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        is_one.then(|| phonenumber::country::Id::from_str(code).ok().map(Self)).flatten()
    }

    /// As the library of phone numbers has it.
    pub(super) fn id(self) -> phonenumber::country::Id {
        self.0
    }

    /// Its code.
    #[must_use]
    pub fn code(self) -> String {
        self.0.as_ref().to_owned()
    }
}

impl Normalise {
    const NAMED: [(&str, Self); 4] = [
        ("email", Self::Email),
        ("phone", Self::Phone),
        ("text", Self::Text),
        ("exact", Self::Exact),
    ];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMED.into_iter().find(|(_, one)| *one == self).map_or("", |(name, _)| name)
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, one)| one)
    }

    /// `value` in this form; none when it has not the shape.
    #[must_use]
    pub fn form(self, value: &str, country: Option<Country>) -> Option<String> {
        let value = value.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        if value.is_empty() || value.len() > VALUE_BYTES_MAX {
            return None;
        }
        match self {
            Self::Email => email(value),
            Self::Phone => phone(value, country),
            Self::Text => Some(plain(value)),
            Self::Exact => Some(value.to_owned()),
        }
    }
}

/// In lower case, and in the composed spelling: `é` is one letter or two, and looks the same.
pub(super) fn plain(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    apart(text, |piece| piece.to_lowercase().nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_a_text_are_one() {
        for (sent, form) in [
            (" CRM-7 ", "crm-7"),
            ("\u{feff}CRM-7\u{200b}\u{200b} ", "crm-7"),
            ("Jose\u{301}", "josé"),
            ("\u{212a}im", "\u{212a}im"),
            ("72.0", "72.0"),
            ("072", "072"),
            ("１", "１"),
        ] {
            assert_eq!(Normalise::Text.form(sent, None).as_deref(), Some(form), "{sent}");
        }
    }

    #[test]
    fn what_is_exact_stays_as_it_is() {
        for (sent, form) in [(" Ab ", "Ab"), ("Jose\u{301}", "Jose\u{301}"), ("\u{200b}", "")] {
            let form = Some(form).filter(|form| !form.is_empty());
            assert_eq!(Normalise::Exact.form(sent, None).as_deref(), form, "{sent}");
        }
    }
}
