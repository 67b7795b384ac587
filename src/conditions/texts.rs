//! Texts to compare with, and patterns.

use super::Moment;
use crate::model::Number;
use crate::model::{Time, Zone};

/// A text, and what else it says, found out once.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    text: String,
    number: Option<Number>,
    moment: Option<Moment>,
}

impl Text {
    /// This text.
    #[must_use]
    pub fn new(text: String) -> Self {
        // A moment that somebody writes into a filter is read as generously as one in a payload.
        let generous = || Time::read(&text, Some(&Zone::utc())).map(Moment::from);
        let (number, moment) = (Number::parse(&text), Moment::parse(&text).or_else(generous));
        Self { text, number, moment }
    }

    /// The letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The number that it writes.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        self.number
    }

    /// The moment that it tells.
    #[must_use]
    pub fn moment(&self) -> Option<Moment> {
        self.moment
    }

    /// The truth that it names.
    #[must_use]
    pub fn truth(&self) -> Option<bool> {
        truth(&self.text)
    }
}

/// The truth that a text names.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A text with stars between its pieces; each star stands for anything, nothing included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<String>);

impl Pattern {
    /// A pattern of these pieces; without any star, as one piece has none, there is no pattern.
    #[must_use]
    pub fn new(pieces: Vec<String>) -> Option<Self> {
        (pieces.len() > 1).then_some(Self(pieces))
    }

    /// What stands before, between and after the stars.
    #[must_use]
    pub fn pieces(&self) -> &[String] {
        &self.0
    }

    /// Whether the whole text is like this. Each piece is taken where it comes first, which leaves the most
    /// for those after it: no text takes longer than its length times the pattern's.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let [first, between @ .., last] = self.0.as_slice() else { return false };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for piece in between {
            let Some(at) = rest.find(piece.as_str()) else { return false };
            rest = rest.get(at + piece.len()..).unwrap_or_default();
        }
        rest.ends_with(last.as_str())
    }
}

/// `text` in small letters, each for itself, as DuckDB does it: a letter stays one letter, and there is
/// no other sigma at the end of a word.
pub(super) fn lowercase(text: &str) -> String {
    let one = |letter: char| match letter {
        '\u{130}' => 'i',
        letter => only(letter.to_lowercase()).unwrap_or(letter),
    };
    text.chars().map(one).collect()
}

/// The same in capital letters: a sharp s has a capital of its own.
pub(super) fn uppercase(text: &str) -> String {
    let one = |letter: char| match letter {
        '\u{df}' => '\u{1e9e}',
        letter => only(letter.to_uppercase()).unwrap_or(letter),
    };
    text.chars().map(one).collect()
}

/// The one letter, if it is one.
fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
    let letter = letters.next();
    letter.filter(|_| letters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        let check = |pattern: &str, text: &str, expected| {
            let pieces = pattern.split('*').map(str::to_owned).collect();
            assert_eq!(Pattern::new(pieces).unwrap().matches(text), expected, "{pattern} {text}");
        };
        for text in ["ab", "a\nb", "axxb", "abab"] {
            check("a*b", text, true);
        }
        for text in ["", "a", "b", "xab", "abx"] {
            check("a*b", text, false);
        }
        check("*", "", true);
        check("a*a", "a", false);
        check("*ab*ab*", "xabab", true);
        check("*ab*ab*", "xabbb", false);
    }

    #[test]
    fn letters_stay_letters() {
        assert_eq!(lowercase("\u{130}ÄΣ"), "iäσ");
        assert_eq!(uppercase("ßžŉ"), "ẞŽŉ");
    }
}
