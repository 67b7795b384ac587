//! Texts and patterns.
//!
//! What DuckDB gives as the text of a number, a truth or a list is no text. Asking for its type takes as long
//! as finding it, so that is done only where such a text could be meant.

use super::operand::Operand;
use crate::conditions::Pattern;
use crate::lake::engine::literal;
use crate::model::Number;

/// The letters that JSON begins with where it is neither text nor null.
const BEGINNINGS: &[char] =
    &['[', '{', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 't', 'f'];
/// Those that it ends with.
const ENDS: &[char] = &[']', '}', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'e'];

/// The field is this text.
pub(super) fn equals(operand: &Operand, text: &str) -> String {
    let is_json = Number::parse(text).is_some()
        || text.starts_with(['[', '{'])
        || ["true", "false"].contains(&text);
    guarded(operand, is_json, |sql| format!("{sql} = {}", literal(text)))
}

pub(super) fn starts(operand: &Operand, part: &str) -> String {
    let may_be_json = part.is_empty() || part.starts_with(BEGINNINGS);
    guarded(operand, may_be_json, |sql| format!("starts_with({sql}, {})", literal(part)))
}

pub(super) fn ends(operand: &Operand, part: &str) -> String {
    let may_be_json = part.is_empty() || part.ends_with(ENDS);
    guarded(operand, may_be_json, |sql| format!("ends_with({sql}, {})", literal(part)))
}

/// The field is a text like the pattern.
pub(super) fn like(operand: &Operand, pattern: &Pattern) -> String {
    let (first, last) = (pattern.pieces().first(), pattern.pieces().last());
    let first_may = first.is_none_or(|part| part.is_empty() || part.starts_with(BEGINNINGS));
    let last_may = last.is_none_or(|part| part.is_empty() || part.ends_with(ENDS));
    guarded(operand, first_may && last_may, |sql| matches(sql, pattern))
}

/// Never `LIKE … ESCAPE`: DuckDB tries every way to match it, and four stars over a long text take
/// minutes.
pub(super) fn matches(sql: &str, pattern: &Pattern) -> String {
    let pieces = pattern.pieces();
    if !pieces.iter().any(|piece| piece.contains(['%', '_', '\\'])) {
        return format!("{sql} LIKE {}", literal(&pieces.join("%")));
    }
    let quoted: Vec<String> = pieces.iter().map(|piece| quoted(piece)).collect();
    format!("regexp_full_match({sql}, {}, 's')", literal(&quoted.join(".*")))
}

/// As a regular expression that matches nothing else.
fn quoted(piece: &str) -> String {
    let mut pattern = String::new();
    for letter in piece.chars() {
        if letter.is_alphanumeric() {
            pattern.push(letter);
        } else {
            pattern.push_str(&format!("\\x{{{:x}}}", u32::from(letter)));
        }
    }
    pattern
}

/// `test` of the field's text, and, where it matters, that the field is one.
fn guarded(operand: &Operand, matters: bool, test: impl Fn(&str) -> String) -> String {
    match operand {
        Operand::Json { json, text } if matters => {
            format!("(json_type({json}) = 'VARCHAR' AND {})", test(text))
        }
        Operand::Json { text, .. } => test(text),
        Operand::Text(sql) => test(sql),
        Operand::Moment(_) | Operand::Truth(_) | Operand::Texts(_) => "false".to_owned(),
    }
}
