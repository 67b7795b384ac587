//! The filter language's words: what stands in the text, and where.

use super::super::Invalid;

/// One word of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A field, a keyword or a bare value.
    Bare(String),
    /// In quotes.
    Text(String),
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
    let (mut text, mut is_escaped) = (String::new(), false);
    for (place, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if is_escaped => {
                text.push(letter);
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            letter if letter == quote => return Ok((Word::Text(text), place + 1)),
            letter => text.push(letter),
        }
    }
    Err(Invalid(format!("the text that begins at {at} has no end")))
}

/// How far a bare word goes; a key in brackets and quotes belongs to its field.
fn bare(rest: &str) -> usize {
    let mut at = 0;
    while let Some(left) = rest.get(at..) {
        if left.starts_with("[\"") {
            let Some(end) = left.find("\"]") else { return at };
            at += end + 2;
            continue;
        }
        let Some(letter) = left.chars().next() else { return at };
        if letter.is_whitespace() || "()[],=<>!:\"'".contains(letter) {
            return at;
        }
        at += letter.len_utf8();
    }
    at
}
