//! Comparisons, sort by sort: as `conditions` compares.

use std::fmt::Display;

use super::operand::{self, Operand};
use super::{Printer, list, moment, text};
use crate::conditions::{Language, Moment, Sign, Text, Value};
use crate::lake::ask::Invalid;
use crate::lake::engine::literal;
use crate::model::Number;

impl Printer {
    /// `left sign right`, where the sign is none of [`Sign::Unequal`].
    pub(super) fn compare(
        self,
        left: &Operand,
        sign: Sign,
        right: &Value,
    ) -> Result<String, Invalid> {
        if let (Operand::Texts(sql), Language::History) = (left, self.language) {
            return Ok(if sign == Sign::Equal { list::has(sql, right) } else { nothing() });
        }
        if let Some(micros) = moment(right, self.now) {
            return Ok(self.with_moment(left, sign, Moment::from_micros(micros)));
        }
        Ok(match right {
            Value::Truth(truth) => self.with_truth(left, sign, *truth),
            Value::Number(number) => self.with_number(left, sign, *number),
            Value::Text(text) => self.with_text(left, sign, text),
            Value::Pattern(pattern) => text::like(left, pattern),
            Value::Operand(right) => self.with_operand(left, sign, &self.operand(right)?),
            Value::Null | Value::Moment(_) | Value::Now(_) => nothing(),
        })
    }

    fn with_number(self, left: &Operand, sign: Sign, right: Number) -> String {
        match self.language {
            Language::History => left
                .token_or_letters()
                .map_or_else(nothing, |sql| number(&sql, &operand::number(&sql), sign, right)),
            Language::Rules => as_number(left, sign, right),
        }
    }

    fn with_truth(self, left: &Operand, sign: Sign, right: bool) -> String {
        if self.language == Language::Rules {
            return as_number(left, sign, Number::Whole(i128::from(right)));
        }
        let left = match left {
            Operand::Truth(sql) => Some(sql.clone()),
            Operand::Json { .. } | Operand::Text(_) | Operand::Moment(_) | Operand::Texts(_) => {
                left.token_or_letters().map(|sql| operand::truth(&sql))
            }
        };
        left.map_or_else(nothing, |left| format!("{left} {} {right}", sign.as_str()))
    }

    fn with_text(self, left: &Operand, sign: Sign, right: &Text) -> String {
        if let Operand::Moment(_) = left {
            let right = right.moment();
            return right.map_or_else(nothing, |right| self.with_moment(left, sign, right));
        }
        let mut parts = if sign == Sign::Equal {
            vec![text::equals(left, right.as_str())]
        } else {
            pairs(left.letters(), Some(literal(right.as_str())), sign)
        };
        if self.language == Language::History {
            let numbers = left.token().zip(right.number());
            parts.extend(
                numbers.map(|(left, right)| number(&left, &operand::number(&left), sign, right)),
            );
            parts.extend(pairs(left.truth(), right.truth(), sign));
        }
        any(&parts)
    }

    fn with_moment(self, left: &Operand, sign: Sign, right: Moment) -> String {
        let told = || left.token_or_letters().filter(|_| self.language == Language::History);
        let left = left.moment().or_else(|| told().map(|sql| operand::time(&sql)));
        let right = format!("make_timestamptz({})", right.micros());
        left.map_or_else(nothing, |left| format!("{left} {} {right}", sign.as_str()))
    }

    /// Two fields: whichever sorts they have in common.
    fn with_operand(self, left: &Operand, sign: Sign, right: &Operand) -> String {
        let (letters, others) = (left.letters(), right.letters());
        let time = |sql: &String| operand::time(sql);
        let truth = |sql: &String| operand::truth(sql);
        let mut parts = pairs(left.letters(), right.letters(), sign);
        parts.extend(pairs(left.moment(), right.moment(), sign));
        parts.extend(pairs(left.moment(), others.as_ref().map(time), sign));
        match self.language {
            Language::Rules => parts.extend(numbers(digits(left), digits(right), sign)),
            Language::History => {
                parts.extend(pairs(letters.as_ref().map(time), right.moment(), sign));
                parts.extend(pairs(left.truth(), right.truth(), sign));
                parts.extend(pairs(letters.as_ref().map(truth), right.truth(), sign));
                parts.extend(pairs(left.truth(), others.as_ref().map(truth), sign));
                parts.extend(numbers(left.token(), right.token(), sign));
                parts.extend(numbers(letters, right.token(), sign));
                parts.extend(numbers(left.token(), others, sign));
            }
        }
        any(&parts)
    }
}

/// In rules a truth is 1 or 0.
fn as_number(left: &Operand, sign: Sign, right: Number) -> String {
    match (left, left.token()) {
        (Operand::Truth(sql), _) => {
            format!("CAST({sql} AS DOUBLE) {} {}", sign.as_str(), float(right))
        }
        (_, Some(token)) => number(&token, &with_truths(&token), sign, right),
        (_, None) => nothing(),
    }
}

/// `whole sign right`, by all digits where a float has no room for them. `sql` is a text of digits, `float`
/// the float that it writes.
pub(super) fn number(sql: &str, left: &str, sign: Sign, right: Number) -> String {
    let sign = sign.as_str();
    let by_float = format!("{left} {sign} {}", float(right));
    let Some(right) = right.exact().filter(|_| !right.fits_a_float()) else { return by_float };
    let exact = operand::exact(sql);
    format!("coalesce({exact} {sign} CAST({} AS HUGEINT), {by_float})", literal(&right.to_string()))
}

fn float(number: Number) -> String {
    format!("CAST({} AS DOUBLE)", literal(&number.to_string()))
}

/// The float that a token of JSON is; a truth is 1 or 0.
fn with_truths(token: &str) -> String {
    format!(
        "CASE {token} WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE TRY_CAST({token} AS DOUBLE) END"
    )
}

/// What rules take for a number, as its digits.
fn digits(operand: &Operand) -> Option<String> {
    let truth = operand.truth().map(|truth| format!("CAST(CAST({truth} AS INTEGER) AS VARCHAR)"));
    match operand.token() {
        Some(token) => Some(format!("coalesce({}, {token})", truth.unwrap_or_default())),
        None => truth,
    }
}

/// Two texts of digits as numbers.
fn numbers(left: Option<String>, right: Option<String>, sign: Sign) -> Option<String> {
    let (left, right) = left.zip(right)?;
    let (exact, float, sign) = (operand::exact, operand::number, sign.as_str());
    let by_whole = format!("{} {sign} {}", exact(&left), exact(&right));
    Some(format!("coalesce({by_whole}, {} {sign} {})", float(&left), float(&right)))
}

fn pairs(left: Option<String>, right: Option<impl Display>, sign: Sign) -> Vec<String> {
    let both = left.zip(right).into_iter();
    both.map(|(left, right)| format!("{left} {} {right}", sign.as_str())).collect()
}

fn any(parts: &[String]) -> String {
    match parts {
        [] => nothing(),
        [one] => one.clone(),
        _ => format!("({})", parts.join(" OR ")),
    }
}

/// Of no event.
fn nothing() -> String {
    "false".to_owned()
}
