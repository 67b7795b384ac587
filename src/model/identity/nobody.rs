//! What identifies nobody: words that programs send, what is left of templates, and signs without anything in them.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::words::{HASHES, NOTHING};

/// Where templates begin and end what they fill in. Both in one value: nobody has filled it in.
const MARKS: [(&str, &str); 12] = [
    ("{{", "}}"),
    ("${", "}"),
    ("#{", "}"),
    ("@{", "}"),
    ("$(", ")"),
    ("{%", "%}"),
    ("<%", "%>"),
    ("<?", "?>"),
    ("&lt;", "&gt;"),
    ("[[", "]]"),
    ("*|", "|*"),
    ("%%", "%%"),
];
/// The same where they are around the whole of it. A GUID in braces has digits.
const BRACKETS: [(&str, &str); 8] = [
    ("{", "}"),
    ("[", "]"),
    ("%", "%"),
    ("__", "__"),
    ("@@", "@@"),
    ("!!", "!!"),
    // Of routes: `/users/:user_id`.
    (":", ""),
    ("%(", ")s"),
];
/// What texts are put into on their way through programs, and what stands behind them in a list.
const AROUND: [char; 14] = ['"', '\'', '`', '“', '”', '„', '‘', '’', '«', '»', '(', ')', ',', ';'];
/// What hides what was there: two of one of these.
const MASKS: [&str; 4] = ["**", "••", "●●", "██"];
/// Nothing, as programs write it behind the name of what there is none of: `user-undefined`.
const MISSING: [&str; 6] = ["undefined", "null", "nil", "nan", "none", "unknown"];
/// Names of what there may be none of.
const NAMES: [&str; 18] = [
    "id", "uid", "pk", "key", "user", "customer", "client", "visitor", "guest", "account",
    "member", "contact", "person", "profile", "device", "session", "sess", "sid",
];

/// Whether what should tell one thing from others says nothing, as far as programs write that: for
/// events and orders, which people call as they like.
#[must_use]
pub fn says_nothing(text: &str) -> bool {
    is_nobody(text, &NOTHING)
}

/// Whether a value identifies nobody: by one of `words`, or whatever the words are.
pub(super) fn is_nobody<W: AsRef<str>>(value: &str, words: &[W]) -> bool {
    let lower = plain(value);
    is_plainly_nobody(&lower, words)
        // As links have it: `%7B%7Bid%7D%7D`.
        || decoded(&lower).is_some_and(|text| is_plainly_nobody(&plain(&text), words))
}

fn is_plainly_nobody<W: AsRef<str>>(lower: &str, words: &[W]) -> bool {
    let bare = lower.trim_matches(|c: char| c.is_whitespace() || AROUND.contains(&c));
    // Of nothing but signs and zeros nobody is known: `-`, `0`, `00000000-0000-…`.
    let says_something = bare.contains(|c: char| c.is_alphanumeric() && c != '0');
    !says_something
        || is_word(lower, words)
        || bare.len() < lower.len() && is_word(bare, words)
        || is_of_several_words(bare, words)
        || is_one_word_again(bare, words)
        || is_of_a_template(lower)
        || bare.len() < lower.len() && is_of_a_template(bare)
        || MASKS.iter().any(|mask| bare.contains(mask))
        || is_crossed_out(bare)
        || is_cut_short(bare)
        || HASHES.contains(&bare)
}

fn decoded(lower: &str) -> Option<Cow<'_, str>> {
    let is_encoded = lower.contains('%');
    is_encoded.then(|| percent_decode_str(lower).decode_utf8().ok())?.filter(|text| text != lower)
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

/// Most words begin otherwise, and each payload's ids are held against all of them.
fn is_word<W: AsRef<str>>(value: &str, words: &[W]) -> bool {
    let first = value.as_bytes().first();
    words.iter().map(AsRef::as_ref).any(|word| {
        let begins = word.as_bytes().first();
        (begins == first || begins == Some(&b'*')) && is_like(value, word)
    })
}

/// Words with any sign between them (`not_set`, `logged-out`), or nothing of something: `user-null`.
fn is_of_several_words<W: AsRef<str>>(value: &str, words: &[W]) -> bool {
    let is_sign = |c: char| matches!(c, ' ' | '_' | '-' | '.' | '/' | ':' | '+' | '=' | '|');
    if !value.contains(is_sign) || value.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let parts: Vec<&str> = value.split(is_sign).filter(|part| !part.is_empty()).collect();
    let is_nothing = |part: &&str| MISSING.contains(part) && is_word(part, words);
    let is_named = || parts.iter().all(|part| NAMES.contains(part) || is_nothing(part));
    is_word(&parts.join(" "), words) || parts.iter().any(is_nothing) && is_named()
}

/// A first name and a last one, neither of which there is: `undefined undefined`, `null-null`.
fn is_one_word_again<W: AsRef<str>>(value: &str, words: &[W]) -> bool {
    let mut parts = value.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let Some(first) = parts.next() else { return false };
    let mut others = parts.peekable();
    others.peek().is_some() && others.all(|part| part == first) && is_word(first, words)
}

/// `xxx`, `xxxx-xxxx`: where something would have to be filled in.
fn is_crossed_out(value: &str) -> bool {
    let said = || value.chars().filter(|c| c.is_alphanumeric());
    value.starts_with('x') && said().all(|c| c == 'x') && said().count() > 2
}

/// What a spreadsheet has left of a long number: `8.9490200001E+19`.
fn is_cut_short(value: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    let Some((number, exponent)) = value.split_once("e+") else { return false };
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    whole.len() == 1 && [whole, fraction, exponent].into_iter().all(is_digits)
}

/// What a template is before anybody has filled it in; of an address, its name.
fn is_of_a_template(value: &str) -> bool {
    // Every mark and bracket has one of these; most values have none.
    if !value.contains(['{', '[', '<', '%', '|', '(', '&', '_', '@', '!', ':']) {
        return false;
    }
    let is_between = |(begin, end): &(&str, &str)| {
        value.split_once(begin).is_some_and(|(_, rest)| rest.contains(end))
    };
    let name = value.rsplit_once('@').map_or(value, |(name, _)| name);
    let of_name = |c: char| c.is_alphabetic() || "_.-$ ".contains(c);
    let is_in = |text: &str, (begin, end): &(&str, &str)| {
        let inside = text.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end));
        inside.is_some_and(|inside| inside.chars().all(of_name))
    };
    let is_in = |around| is_in(value, around) || is_in(name, around);
    MARKS.iter().any(is_between) || BRACKETS.iter().any(is_in)
}

/// Whether `value` is `word`, in which the first star stands for anything.
fn is_like(value: &str, word: &str) -> bool {
    let Some((begin, end)) = word.split_once('*') else { return value == word };
    value.len() >= begin.len() + end.len() && value.starts_with(begin) && value.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::super::words::WORDS;
    use super::*;

    fn is_plain_nobody(value: &str) -> bool {
        is_nobody(value, &WORDS)
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
            "not-logged-in",
            "Guest_User",
            "user_id",
            "(undefined)",
            "null;",
            "user-undefined",
            "customer:null",
            "undefined_user_id",
            "#DIV/0!",
            "#BEZUG!",
            "Err:502",
            "Invalid Date",
            "1970-01-01T00:00:00.000Z",
            "function () { return id }",
            "Array",
            "1.#QNAN",
            "9223372036854775807",
            "8.9490200001E+19",
            "8,94902E+19",
            "Xxx-xxxX",
            "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx",
            "**** **** **** 1234",
            "a***n@gmail.com",
            "••••1234",
            "null%20",
            "d41d8cd98f00b204e9800998ecf8427e",
            "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
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
            "%email%@x.com",
            "%7B%7Bid%7D%7D",
            "$(id)",
            "@{id}",
            "&lt;id&gt;",
            "__USER_ID__",
            "@@id@@",
            ":user_id",
            ":email@x.com",
            "%(user_id)s",
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
            "jennifer-null",
            "nan-smith",
            "user-7",
            "guest-42",
            "a__b__c",
            "user:ann",
            "1e5",
            "100%25",
            "%41nn",
            "xx",
            "x-ray",
            "9223372036854775806",
            "d41d8cd98f00b204e9800998ecf8427f",
        ] {
            assert!(!is_plain_nobody(somebody), "{somebody}");
        }
    }

    #[test]
    fn what_people_call_something_says_something() {
        for nothing in ["undefined", "None", "0", "[object Object]", "{{id}}", "order-undefined"] {
            let is_nothing = !nothing.starts_with("order");
            assert_eq!(says_nothing(nothing), is_nothing, "{nothing}");
        }
        for something in ["test", "unknown", "nobody", "missing", "guest", "no-7"] {
            assert!(!says_nothing(something), "{something}");
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
