//! Values in one form, so that two spellings of one are one.

use std::str::FromStr as _;

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
/// Longest e-mail address, and its part before the sign (RFC 5321 §4.5.3.1).
const EMAIL_BYTES_MAX: usize = 254;
const EMAIL_LOCAL_BYTES_MAX: usize = 64;
const EMAIL_LABEL_BYTES_MAX: usize = 63;
/// Digits of a phone number with its country's; the longest is E.164's bound.
const PHONE_DIGITS_MIN: usize = 7;
const PHONE_DIGITS_MAX: usize = 15;
/// Signs that phone numbers are written with, for people.
const PHONE_SIGNS: [char; 8] = [' ', '-', '.', '/', '(', ')', '\u{a0}', '\u{2011}'];

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
        let value = value.trim();
        if value.is_empty() || value.len() > VALUE_BYTES_MAX {
            return None;
        }
        match self {
            Self::Email => email(value),
            Self::Phone => phone(value, country),
            Self::Text => Some(value.to_lowercase()),
            Self::Exact => Some(value.to_owned()),
        }
    }
}

/// What mail can be sent to: a name, and a domain of at least two labels. Quoted names and addresses
/// of hosts exist in the standard only.
fn email(value: &str) -> Option<String> {
    let lower = value.to_lowercase();
    let (local, domain) = lower.rsplit_once('@')?;
    let of_name = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let is_name = !local.is_empty()
        && local.len() <= EMAIL_LOCAL_BYTES_MAX
        && local.chars().all(of_name)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= EMAIL_LABEL_BYTES_MAX
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_domain = domain.contains('.') && domain.split('.').all(is_label);
    (is_name && is_domain && lower.len() <= EMAIL_BYTES_MAX).then_some(lower)
}

/// The parser sees digits only, after at most one plus: whatever else was written is gone by then.
fn phone(value: &str, country: Option<Country>) -> Option<String> {
    let (has_plus, rest) = value.strip_prefix('+').map_or((false, value), |rest| (true, rest));
    let digits: String = rest.chars().filter(|sign| !PHONE_SIGNS.contains(sign)).collect();
    let is_long_enough = (PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX + 3).contains(&digits.len());
    let is_one = is_long_enough && digits.bytes().all(|byte| byte.is_ascii_digit());
    // One digit again and again is what people type who do not want to be called.
    if !is_one || digits.bytes().all(|byte| digits.as_bytes().first() == Some(&byte)) {
        return None;
    }
    let abroad = digits.strip_prefix("00").filter(|_| !has_plus && country.is_none());
    let international = match (has_plus, abroad) {
        (true, _) => format!("+{digits}"),
        (false, Some(rest)) => format!("+{rest}"),
        (false, None) if country.is_some() => digits,
        (false, None) => return (digits.len() <= PHONE_DIGITS_MAX).then_some(digits),
    };
    let number = phonenumber::parse(country.map(|country| country.0), international).ok()?;
    let written = number.format().mode(phonenumber::Mode::E164).to_string();
    let count = written.bytes().filter(u8::is_ascii_digit).count();
    (PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&count).then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(how: Normalise, country: Option<&str>, values: &[(&str, Option<&str>)]) {
        for (value, form) in values {
            let country = country.map(|code| Country::of(code).unwrap());
            assert_eq!(how.form(value, country).as_deref(), *form, "{value}");
        }
    }

    #[test]
    fn addresses_have_a_name_and_a_domain() {
        check(
            Normalise::Email,
            None,
            &[
                (" Ann@Example.com ", Some("ann@example.com")),
                ("o'neil+news@mail.example.co.uk", Some("o'neil+news@mail.example.co.uk")),
                ("jörg@müller.example", Some("jörg@müller.example")),
                ("ann", None),
                ("ann@localhost", None),
                ("ann@@example.com", None),
                ("ann smith@example.com", None),
                ("ann@example..com", None),
                ("ann@-example.com", None),
                (".ann@example.com", None),
                ("@example.com", None),
                ("ann@", None),
            ],
        );
    }

    #[test]
    fn numbers_with_a_prefix_are_one_however_they_are_written() {
        let same = Some("+48600100200");
        check(
            Normalise::Phone,
            None,
            &[
                ("+48 600 100 200", same),
                ("0048 600-100-200", same),
                ("+48 (600) 100.200", same),
                ("600 100 200", Some("600100200")),
                ("+48 600", None),
                ("+999 600 100 200", None),
                ("000 000 000", None),
                ("+1111111111", None),
                ("call me", None),
                ("+48 600 100 200 300 400 500", None),
            ],
        );
    }

    #[test]
    fn numbers_without_a_prefix_are_of_the_country() {
        let (poland, britain) = (Some("+48600100200"), Some("+442071838750"));
        check(
            Normalise::Phone,
            Some("PL"),
            &[("600 100 200", poland), ("0048 600 100 200", poland), ("+44 20 7183 8750", britain)],
        );
        check(Normalise::Phone, Some("GB"), &[("(020) 7183 8750", britain)]);
        assert!(Country::of("pl").is_none() && Country::of("XX").is_none());
    }

    #[test]
    fn nothing_that_is_written_as_a_number_breaks_the_parser() {
        for length in 0..24 {
            for digit in '0'..='9' {
                let text = format!("+{}1", digit.to_string().repeat(length));
                for country in [None, Country::of("US"), Country::of("IT")] {
                    drop(Normalise::Phone.form(&text, country));
                    drop(Normalise::Phone.form(&text[1..], country));
                }
            }
        }
    }
}
