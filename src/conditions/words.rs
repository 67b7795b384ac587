//! A condition's words: what stands in the text, and where.

use super::Invalid;

/// One word of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A field, a keyword or a bare value.
    Bare(String),
    /// In quotes: what stands before, between and after stars. A star behind a backslash is a letter.
    Text(Vec<String>),
    /// A comparison, a bracket, a comma.
    Sign(&'static str),
}

/// A word and the byte it begins at.
pub(super) type Placed = (usize, Word);

/// Longest first, so that `>=` is not `>`. Each with what it means.
const SIGNS: [(&str, &str); 16] = [
    ("==", "="),
    ("!=", "!="),
    ("<>", "!="),
    (">=", ">="),
    ("=>", ">="),
    ("<=", "<="),
    ("=<", "<="),
    ("=", "="),
    (">", ">"),
    ("<", "<"),
    ("(", "("),
    (")", ")"),
    ("[", "["),
    ("]", "]"),
    (",", ","),
    (":", ":"),
];

/// Splits the text.
pub(super) fn split(text: &str) -> Result<Vec<Placed>, Invalid> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let blank = rest.len() - rest.trim_start().len();
        if blank > 0 {
            at += blank;
            continue;
        }
        let (word, bytes) = next(rest, at)?;
        words.push((at, word));
        at += bytes;
    }
    Ok(words)
}

/// The first word of `rest`, and how many bytes it takes.
fn next(rest: &str, at: usize) -> Result<(Word, usize), Invalid> {
    if let Some(quote) = rest.chars().next().filter(|letter| ['"', '\''].contains(letter)) {
        return quoted(rest, quote, at);
    }
    if let Some((sign, means)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Ok((Word::Sign(means), sign.len()));
    }
    let bytes = bare(rest);
    match rest.get(..bytes).filter(|word| !word.is_empty()) {
        Some(word) => Ok((Word::Bare(word.to_owned()), bytes)),
        None => Err(Invalid(format!("nothing can begin like this, at {at}"))),
    }
}

fn quoted(rest: &str, quote: char, at: usize) -> Result<(Word, usize), Invalid> {
    let (mut pieces, mut piece, mut is_escaped) = (Vec::new(), String::new(), false);
    for (place, letter) in rest.char_indices().skip(1) {
        match letter {
            // No text of SQL can hold it.
            '\0' => return Err(Invalid(format!("a zero byte stands at {}", at + place))),
            _ if is_escaped => {
                piece.push(letter);
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            '*' => pieces.push(std::mem::take(&mut piece)),
            letter if letter == quote => {
                pieces.push(piece);
                return Ok((Word::Text(pieces), place + 1));
            }
            letter => piece.push(letter),
        }
    }
    Err(Invalid(format!("the text that begins at {at} has no end")))
}

/// How far a bare word goes; a key in brackets and quotes belongs to its field.
fn bare(rest: &str) -> usize {
    let mut at = 0;
    while let Some(left) = rest.get(at..) {
        if at > 0 && left.starts_with("[\"") {
            let Some(bytes) = bracketed(left) else { return at };
            at += bytes;
            continue;
        }
        let Some(letter) = left.chars().next() else { return at };
        if letter.is_whitespace() || letter == '\0' || "()[],=<>!:\"'".contains(letter) {
            return at;
        }
        at += letter.len_utf8();
    }
    at
}

/// How many bytes a key in brackets and quotes takes; none when it does not end.
fn bracketed(rest: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, letter) in rest.char_indices().skip(2) {
        match letter {
            '\\' if !is_escaped => is_escaped = true,
            '"' if !is_escaped => return rest.get(at + 1..)?.starts_with(']').then_some(at + 2),
            _ => is_escaped = false,
        }
    }
    None
}
