//! Values, and comparing fields with them, as SQL.

use super::super::{Field, Invalid, field};
use crate::events::Kind;
use crate::lake::engine::literal;
use crate::model::Time;

/// What a bare value without a field is looked for in.
const ANYWHERE: [&str; 5] = ["type", "name", "id", "session_id", "profile_id"];

/// A value to compare with.
pub(super) enum Value {
    Null,
    Truth(bool),
    Number(String),
    Text(String),
    List(Vec<Value>),
    Field(Field),
    Moment(Time),
}

/// A bare word: null, a truth, a number, a field, or else a text.
pub(super) fn plain(word: &str) -> Value {
    match word.to_ascii_lowercase().as_str() {
        "null" => Value::Null,
        "true" => Value::Truth(true),
        "false" => Value::Truth(false),
        _ if word.parse::<f64>().is_ok_and(f64::is_finite) => Value::Number(word.to_owned()),
        _ => field(word).map_or_else(|_| Value::Text(word.to_owned()), Value::Field),
    }
}

/// `-1d`, `1h30m`, in microseconds.
pub(super) fn offset(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut seconds = 0_i64;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: i64 = rest.get(..digits)?.parse().ok()?;
        let unit = rest.get(digits..)?.chars().next()?;
        let length = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(length)?)?;
        rest = rest.get(digits + unit.len_utf8()..)?;
    }
    seconds.checked_mul(sign * 1_000_000)
}

pub(super) fn anywhere(text: &str) -> String {
    let parts = ANYWHERE.iter().map(|column| matching(&format!("\"{column}\""), text));
    format!("({})", parts.collect::<Vec<_>>().join(" OR "))
}

/// Equality, or a pattern where the text has a `*`. Never `LIKE … ESCAPE`: DuckDB tries every way to
/// match it, and four stars over a long text take minutes.
fn matching(sql: &str, text: &str) -> String {
    if !text.contains('*') {
        return format!("{sql} = {}", literal(text));
    }
    if !text.contains(['%', '_', '\\']) {
        return format!("{sql} LIKE {}", literal(&text.replace('*', "%")));
    }
    let mut pattern = String::new();
    for letter in text.chars() {
        match letter {
            '*' => pattern.push_str(".*"),
            letter if letter.is_alphanumeric() => pattern.push(letter),
            letter => pattern.push_str(&format!("\\x{{{:x}}}", u32::from(letter))),
        }
    }
    format!("regexp_full_match({sql}, {}, 's')", literal(&pattern))
}

impl Value {
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text.clone()),
            Self::Truth(truth) => Some(truth.to_string()),
            Self::Null | Self::List(_) | Self::Field(_) | Self::Moment(_) => None,
        }
    }
}

/// `left sign right`. What is missing is unlike everything.
pub(super) fn compare(left: &Field, sign: &str, right: &Value) -> Result<String, Invalid> {
    if sign == "!=" {
        return Ok(format!("(({}) IS NOT TRUE)", compare(left, "=", right)?));
    }
    let is_equal = sign == "=";
    let no_order =
        || Invalid("only numbers, texts and times come before and after others".to_owned());
    match right {
        Value::Null if is_equal => Ok(format!("{} IS NULL", left.sql)),
        Value::List(list) if is_equal => {
            let parts: Result<Vec<_>, _> = list.iter().map(|one| compare(left, "=", one)).collect();
            let parts = parts?;
            Ok(if parts.is_empty() {
                "false".to_owned()
            } else {
                format!("({})", parts.join(" OR "))
            })
        }
        Value::Null | Value::List(_) => Err(no_order()),
        Value::Truth(truth) if left.kind == Kind::Truth => {
            Ok(format!("{} {sign} {truth}", left.sql))
        }
        Value::Number(number) if matches!(left.kind, Kind::Json | Kind::Text) => {
            Ok(format!("TRY_CAST({} AS DOUBLE) {sign} {number}::DOUBLE", left.sql))
        }
        Value::Field(other) => Ok(format!("{} {sign} {}", left.text(), other.text())),
        Value::Moment(time) => Ok(against_moment(left, sign, &time.to_string())),
        Value::Text(_) | Value::Truth(_) | Value::Number(_) => {
            let text = right.text().unwrap_or_default();
            Ok(against_text(left, sign, &text))
        }
    }
}

fn against_text(left: &Field, sign: &str, text: &str) -> String {
    match left.kind {
        Kind::Moment => against_moment(left, sign, text),
        Kind::Texts if sign == "=" => format!("list_contains({}, {})", left.sql, literal(text)),
        Kind::Text | Kind::Json if sign == "=" => matching(&left.sql, text),
        Kind::Text | Kind::Json | Kind::Truth | Kind::Texts => {
            format!("{} {sign} {}", left.text(), literal(text))
        }
    }
}

fn against_moment(left: &Field, sign: &str, text: &str) -> String {
    format!(
        "TRY_CAST({} AS TIMESTAMPTZ) {sign} TRY_CAST({} AS TIMESTAMPTZ)",
        left.sql,
        literal(text)
    )
}
