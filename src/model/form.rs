//! The one form in which types and ids are kept, however they were written.
//!
//! Whoever names one that is kept puts it into this form first: where they come in, in rules, in filters, in
//! parameters.
//!
//! Upper and lower case are one, and no more than that: see [`lower_case`].

/// Letters beyond ASCII that Unicode makes ASCII of, in lower case or composed: a question mark of Greek, an
/// accent, and the sign of Kelvin, which becomes `k`.
const LIKE_ASCII: [char; 3] = ['\u{37e}', '\u{1fef}', '\u{212a}'];

/// In lower case. Whoever has the name `kim` is not found by one that only looks like it: a letter beyond ASCII
/// never becomes one of ASCII.
#[must_use]
pub fn lower_case(text: &str) -> String {
    // Nearly all that is named.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    apart(text, str::to_lowercase)
}

/// `text` in a form, but for the letters that would be others' then: they stay as they are.
pub(super) fn apart(text: &str, form: impl Fn(&str) -> String) -> String {
    let piece = |piece: &str| {
        let bare = piece.trim_end_matches(LIKE_ASCII);
        form(bare) + piece.get(bare.len()..).unwrap_or_default()
    };
    text.split_inclusive(LIKE_ASCII).map(piece).collect()
}

/// An event type as it is kept: in lower case, with dashes.
#[must_use]
pub fn kept_type(written: &str) -> String {
    part_of_type(written.trim())
}

/// A part of an event type, whose ends are not the type's: what a text begins with, or holds.
#[must_use]
pub fn part_of_type(written: &str) -> String {
    lower_case(written).replace(' ', "-")
}

/// The id of a source or of an event as it is kept: in lower case.
#[must_use]
pub fn kept_id(written: &str) -> String {
    lower_case(written.trim())
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;

    #[test]
    fn no_letter_beyond_ascii_becomes_one_of_ascii() {
        let composed = |text: &str| -> String { text.to_lowercase().nfc().collect() };
        for letter in ('\u{80}'..=char::MAX).map(String::from) {
            assert!(!lower_case(&letter).is_ascii(), "{letter:?}");
            assert!(!apart(&letter, composed).is_ascii(), "{letter:?}");
        }
        assert_eq!(lower_case("\u{212a}IM \u{212a}\u{212a}"), "\u{212a}im \u{212a}\u{212a}");
        assert_eq!(kept_id("\u{212a}im"), "\u{212a}im");
    }

    #[test]
    fn all_else_is_as_unicode_has_it() {
        for text in ["", "KIM", "ÉCOLE", "ΣΑΣ", "\u{130}", "Straße", "ПРИВЕТ"] {
            assert_eq!(lower_case(text), text.to_lowercase());
        }
    }

    #[test]
    fn what_is_in_form_stays_as_it_is() {
        assert_eq!(kept_type(" Order Placed "), "order-placed");
        assert_eq!(kept_type("order-placed"), "order-placed");
        assert_eq!(part_of_type("Order "), "order-");
        assert_eq!(kept_id(" Shop "), "shop");
    }
}
