//! Conditions as SQL over `events`: the one place that prints them.
//!
//! What is printed is true for an event exactly when [`Condition::holds`] says so, and false or `NULL`
//! otherwise: `WHERE`, `CASE` and `FILTER` take these for the same, and what is negated is negated by
//! `IS NOT TRUE`. So no test needs a `coalesce` of its own, behind which DuckDB would no longer see that it can
//! leave out a file.

mod operand;
mod compare;
mod text;
mod list;
#[cfg(test)]
mod tests;

use super::Invalid;
use super::looked_up::Look;
use crate::conditions::{self, Affix, Condition, Language, Sign, Test, Tree, Value, parse};
use crate::model::Time;
use operand::Operand;
pub(super) use operand::number;

/// The condition that `text` means, in the language of filters. Empty: all events. `now` is what its
/// functions call now.
///
/// # Errors
/// [`Invalid`], with the place and what was wanted there.
pub fn condition(text: &str, now: Time) -> Result<String, Invalid> {
    sql(&parse(Language::History, text)?, now)
}

/// A condition that was parsed.
///
/// # Errors
/// [`Invalid`] when it speaks of what history does not have.
pub fn sql(condition: &Condition, now: Time) -> Result<String, Invalid> {
    looking(condition, now, Look::InPlace)
}

/// The same, which looks things up in this way.
///
/// # Errors
/// As [`sql`].
pub(super) fn looking(condition: &Condition, now: Time, look: Look) -> Result<String, Invalid> {
    Printer { language: condition.language, now, look }.tree(&condition.tree)
}

/// Whose rules are followed, when, and how things are looked up.
#[derive(Clone, Copy)]
struct Printer {
    language: Language,
    now: Time,
    look: Look,
}

impl Printer {
    fn tree(self, tree: &Tree) -> Result<String, Invalid> {
        match tree {
            Tree::All(parts) if parts.is_empty() => Ok("true".to_owned()),
            Tree::All(parts) => self.joined(parts, " AND "),
            Tree::Any(parts) => self.joined(parts, " OR "),
            Tree::Not(tree) => Ok(not(&self.tree(tree)?)),
            Tree::Test(test) => self.test(test),
            Tree::Did(_) | Tree::In(_) | Tree::Listed(_) => {
                Err(Invalid("an event does not say what else somebody did".to_owned()))
            }
        }
    }

    fn joined(self, parts: &[Tree], word: &str) -> Result<String, Invalid> {
        let part = |part| {
            let sql = self.tree(part)?;
            Ok(if matches!(part, Tree::All(_) | Tree::Any(_)) { format!("({sql})") } else { sql })
        };
        let parts: Result<Vec<String>, Invalid> = parts.iter().map(part).collect();
        Ok(parts?.join(word))
    }

    fn test(self, test: &Test) -> Result<String, Invalid> {
        match test {
            Test::Compare { left, sign, right } => {
                let left = self.operand(left)?;
                if *sign == Sign::Unequal {
                    return Ok(not(&self.compare(&left, Sign::Equal, right)?));
                }
                self.compare(&left, *sign, right)
            }
            Test::Among(left, list) => self.among(&self.operand(left)?, list),
            Test::Contains(left, value) => Ok(self.contains(&self.operand(left)?, value)),
            Test::Affix(left, affix, text) => {
                Ok(affixed(&self.operand(left)?, *affix, text.as_str()))
            }
            Test::Exists(operand) => Ok(self.exists(&self.operand(operand)?)),
            Test::Null(operand) => Ok(self.null(&self.operand(operand)?)),
            Test::Empty(operand) => Ok(empty(&self.operand(operand)?)),
        }
    }

    fn operand(self, operand: &conditions::Operand) -> Result<Operand, Invalid> {
        Operand::of(operand, self.look)
    }

    fn exists(self, operand: &Operand) -> String {
        match operand {
            Operand::Json { json, .. } if self.language == Language::Rules => {
                format!("{json} IS NOT NULL")
            }
            Operand::Json { text, .. } => format!("{text} IS NOT NULL"),
            Operand::Text(sql)
            | Operand::Moment(sql)
            | Operand::Truth(sql)
            | Operand::Texts(sql) => format!("{sql} IS NOT NULL"),
        }
    }

    fn null(self, operand: &Operand) -> String {
        match (operand, self.language) {
            (Operand::Json { json, .. }, Language::Rules) => {
                format!("CAST({json} AS VARCHAR) = 'null'")
            }
            (_, Language::Rules) => "false".to_owned(),
            (_, Language::History) => self.exists(operand).replace("IS NOT NULL", "IS NULL"),
        }
    }
}

/// What is not true: false, or not known.
fn not(sql: &str) -> String {
    format!("(({sql}) IS NOT TRUE)")
}

fn affixed(operand: &Operand, affix: Affix, part: &str) -> String {
    match affix {
        Affix::Start => text::starts(operand, part),
        Affix::End => text::ends(operand, part),
    }
}

fn empty(operand: &Operand) -> String {
    match operand {
        Operand::Json { json, .. } => {
            format!("coalesce(CAST({json} AS VARCHAR), 'null') IN ('null', '\"\"', '[]', '{{}}')")
        }
        Operand::Text(sql) => format!("coalesce({sql}, '') = ''"),
        Operand::Texts(sql) => format!("coalesce(len({sql}), 0) = 0"),
        Operand::Moment(sql) | Operand::Truth(sql) => format!("{sql} IS NULL"),
    }
}

/// The value's SQL, should it be a constant moment.
fn moment(value: &Value, now: Time) -> Option<i64> {
    match value {
        Value::Moment(moment) => Some(moment.micros()),
        Value::Now(offset) => Some(now.micros().saturating_add(*offset)),
        Value::Null
        | Value::Truth(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Pattern(_)
        | Value::Operand(_) => None,
    }
}
