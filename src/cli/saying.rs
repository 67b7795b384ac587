//! What commands print, and whether it could be printed.

use std::io::{Error, ErrorKind, Write as _, stderr, stdout};
use std::sync::OnceLock;

use crate::model::is_invisible;

/// Why something was not printed that was asked for; the first time.
static UNSAID: OnceLock<String> = OnceLock::new();

/// One line of what was asked for. What cannot be printed ends no work that goes on: [`all_said`] tells of it in
/// the end.
pub(super) fn say(text: &str) {
    writeln!(stdout(), "{text}").unwrap_or_else(|error| not_said(&error));
}

/// One line of what went wrong; nobody is left to hear that it could not be said.
pub(super) fn say_wrong(text: &str) {
    drop(writeln!(stderr(), "kith: {text}"));
}

/// Something that was asked for could not be printed. Whoever reads may have seen enough (`| head -1`).
pub(super) fn not_said(error: &Error) {
    if error.kind() != ErrorKind::BrokenPipe {
        UNSAID.get_or_init(|| error.to_string());
    }
}

/// Whether all that was asked for is printed: a script must not take a part of it, or nothing, for all.
pub(super) fn all_said() -> Result<(), String> {
    stdout().flush().unwrap_or_else(|error| not_said(&error));
    match UNSAID.get() {
        None => Ok(()),
        Some(why) => Err(format!("what was asked for could not be printed: {why}")),
    }
}

/// A text of somebody's within a line: it begins no line of its own, and hides nothing of this one.
pub(super) fn in_line(text: &str) -> String {
    let letter = |letter: char| match letter {
        '\u{2028}' | '\u{2029}' => letter.escape_unicode().to_string(),
        letter if is_invisible(letter) => letter.escape_default().to_string(),
        letter => letter.to_string(),
    };
    text.chars().map(letter).collect()
}

/// A text as one word of a line that can be pasted into a shell.
pub(super) fn in_shell(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=@%+,".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_can_be_pasted() {
        assert_eq!(in_shell("/srv/kith-2/data"), "/srv/kith-2/data");
        assert_eq!(in_shell("Ann's data"), r"'Ann'\''s data'");
        assert_eq!(in_shell(""), "''");
    }

    #[test]
    fn a_text_stays_in_its_line() {
        assert_eq!(in_line("Żółw & Söhne"), "Żółw & Söhne");
        assert_eq!(in_line("a\nb  admin\u{1b}[2K"), "a\\nb  admin\\u{1b}[2K");
        assert_eq!(in_line("a\u{202e}b\u{2028}c"), "a\\u{202e}b\\u{2028}c");
    }
}
