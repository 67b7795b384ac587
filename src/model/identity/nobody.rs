//! What identifies nobody: words that programs send, what is left of templates, and signs without anything in them.

use std::borrow::Cow;

/// What programs send where they have nothing to say, and what people type who do not want to say it.
pub(super) const WORDS: [&str; 55] = [
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
    "not_set",
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
    "invalid",
    "error",
    "deleted",
    "logged_out",
    "logged out",
    "true",
    "false",
    "string",
    "void",
    "infinity",
    "-infinity",
    // Of spreadsheets and of dumps of databases.
    "#n/a",
    "#name?",
    "#null!",
    "#ref!",
    "#value!",
    "\\n",
    // What searches give that find nothing, and the last of all UUIDs.
    "-1",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "ffffffffffffffffffffffffffffffff",
    "[object *]",
    "%*%",
    "<*>",
    "##*##",
    "$id",
    "$*_id",
    "$*email",
    "$*phone",
    "$user",
];
/// Addresses that nobody reads, placeholders of forms, and names that no mail is sent to (RFC 6761).
/// Those under `.example` are people in what others write, and with whoever tries something.
pub(super) const WORDS_OF_EMAILS: [&str; 21] = [
    "noreply@*",
    "no-reply@*",
    "no_reply@*",
    "donotreply@*",
    "do-not-reply@*",
    "mailer-daemon@*",
    "noemail@*",
    "no-email@*",
    "no_email@*",
    "undefined@*",
    "null@*",
    "none@none.*",
    "anonymous@*",
    "unknown@*",
    "test@test.*",
    "test@example.*",
    "email@email.*",
    "email@example.*",
    "*.invalid",
    "*.localhost",
    "*.test",
];
/// Where templates begin and end what they fill in. Both in one value: nobody has filled it in.
const MARKS: [(&str, &str); 9] = [
    ("{{", "}}"),
    ("${", "}"),
    ("#{", "}"),
    ("{%", "%}"),
    ("<%", "%>"),
    ("<?", "?>"),
    ("[[", "]]"),
    ("*|", "|*"),
    ("%%", "%%"),
];
/// The same where they are around the whole of it. A GUID in braces has digits.
const BRACKETS: [(char, char); 2] = [('{', '}'), ('[', ']')];
/// What texts are put into on their way through programs.
const QUOTES: [char; 10] = ['"', '\'', '`', '“', '”', '„', '‘', '’', '«', '»'];

/// Whether a value identifies nobody: by one of `words`, or whatever the words are.
pub(super) fn is_nobody(value: &str, words: &[String]) -> bool {
    let lower = plain(value);
    let bare = lower.trim_matches(|c: char| c.is_whitespace() || QUOTES.contains(&c));
    // Of nothing but signs and zeros nobody is known: `-`, `0`, `00000000-0000-…`.
    let says_something = bare.contains(|c: char| c.is_alphanumeric() && c != '0');
    !says_something
        || is_word(&lower, words)
        || bare.len() < lower.len() && is_word(bare, words)
        || is_one_word_again(bare, words)
        || is_of_a_template(bare)
}

/// In lower case, without what nobody sees. Most ids are so already, and each payload has some.
fn plain(value: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
    if value.bytes().all(is_plain) {
        return Cow::Borrowed(value);
    }
    let visible: String = value.chars().filter(|c| !is_invisible(*c)).collect();
    Cow::Owned(visible.trim().to_lowercase())
}

/// A letter that nobody sees, and that comes along when texts are copied.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}')
}

fn is_word(value: &str, words: &[String]) -> bool {
    words.iter().any(|word| is_like(value, word))
}

/// A first name and a last one, neither of which there is: `undefined undefined`, `null-null`.
fn is_one_word_again(value: &str, words: &[String]) -> bool {
    let mut parts = value.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let Some(first) = parts.next() else { return false };
    let mut others = parts.peekable();
    others.peek().is_some() && others.all(|part| part == first) && is_word(first, words)
}

/// What a template is before anybody has filled it in; of an address, its name.
fn is_of_a_template(value: &str) -> bool {
    // Every mark and bracket has one of these; most values have none.
    if !value.contains(['{', '[', '<', '%', '|']) {
        return false;
    }
    let is_between = |(begin, end): &(&str, &str)| {
        value.split_once(begin).is_some_and(|(_, rest)| rest.contains(end))
    };
    let name = value.rsplit_once('@').map_or(value, |(name, _)| name);
    let of_name = |c: char| c.is_alphabetic() || "_.-$ ".contains(c);
    let is_in = |(begin, end): &(char, char)| {
        let inside = name.strip_prefix(*begin).and_then(|rest| rest.strip_suffix(*end));
        inside.is_some_and(|inside| inside.chars().all(of_name))
    };
    MARKS.iter().any(is_between) || BRACKETS.iter().any(is_in)
}

/// Whether `value` is `word`, in which the first star stands for anything.
fn is_like(value: &str, word: &str) -> bool {
    // Most words begin otherwise, and each payload's ids are held against all of them.
    if !word.starts_with('*') && word.bytes().next() != value.bytes().next() {
        return false;
    }
    let Some((begin, end)) = word.split_once('*') else { return value == word };
    value.len() >= begin.len() + end.len() && value.starts_with(begin) && value.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_plain_nobody(value: &str) -> bool {
        is_nobody(value, &WORDS.map(str::to_owned))
    }

    #[test]
    fn what_identifies_nobody_never_does() {
        for nobody in [
            "undefined",
            " NULL ",
            "None",
            "NaN",
            "N/A",
            "0",
            "-1",
            "-",
            "--",
            "00000",
            "...",
            "[object Object]",
            "true",
            "guest",
            "Unknown",
            "00000000-0000-0000-0000-000000000000",
            "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
            "<script>",
            "",
            "\"undefined\"",
            "'null'",
            "“none”",
            "undefined\u{200b}",
            "\u{feff}un\u{ad}defined",
            "undefined undefined",
            "null, null",
            "NaN-NaN",
            "#N/A",
            "\\N",
            "not_set",
            "logged_out",
        ] {
            assert!(is_plain_nobody(nobody), "{nobody}");
        }
    }

    #[test]
    fn what_a_template_has_left_is_nobody() {
        for nobody in [
            "{{customer.id}}",
            "{{email}}@x.com",
            "${id}",
            "#{id}",
            "%id%",
            "%%email%%@x.com",
            "*|EMAIL|*",
            "*|EMAIL|*@x.com",
            "{email}@x.com",
            "{user_id}",
            "[user_id]",
            "[Customer ID]",
            "<%= id %>",
            "<?=$id?>",
            "[[id]]",
            "##id##",
            "$user_id",
        ] {
            assert!(is_plain_nobody(nobody), "{nobody}");
        }
    }

    #[test]
    fn everything_else_is_somebody() {
        for somebody in [
            "1",
            "s1",
            "100",
            "undefined-7",
            "null null 7",
            "nullermann",
            "test-user",
            "anna anna",
            "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
            "11111111-1111-1111-1111-111111111111",
            "$device:18f2a",
            "$2b$10$abc",
            "[7]",
            "a#b##c",
            "o'neil",
            "Ł",
        ] {
            assert!(!is_plain_nobody(somebody), "{somebody}");
        }
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
