//! Regular expressions, as schemas write them: those of ECMA 262, as far as they are linear in the text.

use regex::{Regex, RegexBuilder};

use super::place::Pointer;
use super::read::{Read, wanted};

/// Longest regular expression, in bytes, and what a compiled one may take.
const PATTERN_BYTES_MAX: usize = 512;
const COMPILED_BYTES_MAX: usize = 256 * 1024;

pub(super) fn regex(text: &str, place: &Pointer) -> Read<Regex> {
    let unfit = "must be a regular expression of at most 512 bytes, without looking ahead or back";
    if text.len() > PATTERN_BYTES_MAX {
        return Err(wanted(place, unfit));
    }
    let built = RegexBuilder::new(&translated(text)).size_limit(COMPILED_BYTES_MAX).build();
    built.map_err(|_| wanted(place, unfit))
}

/// As `regex` writes it. In ECMA 262's language digits and letters are those of ASCII, blanks are one more,
/// and within brackets nothing is meant but letters and their ranges.
fn translated(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 16);
    let (mut letters, mut is_in_class) = (text.chars(), false);
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('c') => written.push_str(&control(letters.next())),
                Some(escaped) => written.push_str(&class(escaped, is_in_class)),
                None => written.push('\\'),
            },
            '[' | '&' | '~' if is_in_class => {
                written.push('\\');
                written.push(letter);
            }
            _ => {
                is_in_class = (is_in_class || letter == '[') && letter != ']';
                written.push(letter);
            }
        }
    }
    written
}

/// What stands behind a backslash.
fn class(escaped: char, is_in_class: bool) -> String {
    let (inside, is_negated) = match escaped {
        'd' => ("0-9", false),
        'D' => ("0-9", true),
        'w' => ("A-Za-z0-9_", false),
        'W' => ("A-Za-z0-9_", true),
        's' => (r"\s\x{FEFF}", false),
        'S' => (r"\s\x{FEFF}", true),
        'b' if is_in_class => (r"\x08", false),
        'b' => return r"(?-u:\b)".to_owned(),
        _ => return format!("\\{escaped}"),
    };
    match (is_in_class, is_negated) {
        (true, false) => inside.to_owned(),
        (_, true) => format!("[^{inside}]"),
        (false, false) => format!("[{inside}]"),
    }
}

/// `\cC` is what the keys Ctrl and C send. Of no letter, what no expression is.
fn control(letter: Option<char>) -> String {
    match letter.filter(char::is_ascii_alphabetic) {
        Some(letter) => format!("\\x{{{:X}}}", u32::from(letter) % 32),
        None => "\\c".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_mean_what_they_mean_to_browsers() {
        for (pattern, good, bad) in [
            (r"^\d+$", "42", "৪২"),
            (r"^\w+$", "a_1", "é"),
            (r"^[\w-]+$", "a-b", "a b"),
            (r"^[^\d]$", "x", "1"),
            (r"^\W$", "é", "a"),
            (r"^\s$", "\u{feff}", "a"),
            (r"^\cJ$", "\n", "J"),
            (r"^[[&&~]+$", "[&~", "a"),
            (r"^a\/b\.c$", "a/b.c", "a/bxc"),
            (r"^\p{Letter}$", "é", "1"),
            (r"\bcole", "la cole", "acole"),
        ] {
            let regex = regex(pattern, &Pointer::default()).unwrap();
            assert!(regex.is_match(good) && !regex.is_match(bad), "{pattern} as {regex}");
        }
        for no in [r"a(?=b)", r"(a)\1", r"\Z", r"\c1", "[a"] {
            assert!(regex(no, &Pointer::default()).is_err(), "{no}");
        }
    }
}
