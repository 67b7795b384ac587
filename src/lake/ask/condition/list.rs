//! Lists: as a value, and as a field.

use super::operand::{Operand, number};
use super::{Printer, compare, text};
use crate::conditions::{Language, Sign, Value};
use crate::lake::ask::Invalid;
use crate::lake::engine::literal;

impl Printer {
    /// One of these; in rules also a list of just these.
    pub(super) fn among(self, left: &Operand, list: &[Value]) -> Result<String, Invalid> {
        let parts = list.iter().map(|value| self.equal(left, value));
        let mut parts = parts.collect::<Result<Vec<String>, Invalid>>()?;
        if self.language == Language::Rules {
            parts.extend(self.are_these(left, list)?);
        }
        if parts.is_empty() {
            return Ok("false".to_owned());
        }
        Ok(format!("({})", parts.join(" OR ")))
    }

    /// A list of just these, one after the other.
    fn are_these(self, left: &Operand, list: &[Value]) -> Result<Option<String>, Invalid> {
        let length = list.len();
        let are_so_many = match left {
            Operand::Json { json, .. } => format!(
                "CASE WHEN json_type({json}) = 'ARRAY' THEN json_array_length({json}) = {length} END"
            ),
            Operand::Texts(sql) => format!("len({sql}) = {length}"),
            Operand::Text(_) | Operand::Moment(_) | Operand::Truth(_) => return Ok(None),
        };
        let mut all = vec![are_so_many];
        for (at, value) in list.iter().enumerate() {
            let member = member(left, at);
            all.extend(member.map(|member| self.equal(&member, value)).transpose()?);
        }
        Ok(Some(format!("({})", all.join(" AND "))))
    }

    /// `=`, and what a list may hold beside that.
    fn equal(self, left: &Operand, value: &Value) -> Result<String, Invalid> {
        match (left, value) {
            (_, Value::Null) => Ok(self.null(left)),
            _ => self.compare(left, Sign::Equal, value),
        }
    }

    /// A list has the value as a member, a text within it.
    pub(super) fn contains(self, left: &Operand, value: &Value) -> String {
        let within = value.within_texts(self.language);
        let within = within.map(|part| literal(&part));
        match left {
            Operand::Json { json, text } => {
                let within =
                    within.map(|part| format!(" WHEN 'VARCHAR' THEN contains({text}, {part})"));
                format!(
                    "CASE json_type({json}){} WHEN 'ARRAY' THEN len(list_filter(TRY_CAST({json} AS \
                     JSON[]), lambda member: {})) > 0 END",
                    within.unwrap_or_default(),
                    same("member", value)
                )
            }
            Operand::Text(sql) => {
                within.map_or_else(|| "false".to_owned(), |part| format!("contains({sql}, {part})"))
            }
            Operand::Texts(sql) => has(sql, value),
            Operand::Moment(_) | Operand::Truth(_) => "false".to_owned(),
        }
    }
}

/// Whether a list of texts has a text, or one like it.
pub(super) fn has(sql: &str, value: &Value) -> String {
    match value {
        Value::Text(text) => format!("list_contains({sql}, {})", literal(text.as_str())),
        Value::Pattern(pattern) => format!(
            "len(list_filter({sql}, lambda member: {})) > 0",
            text::matches("member", pattern)
        ),
        Value::Null
        | Value::Truth(_)
        | Value::Number(_)
        | Value::Moment(_)
        | Value::Now(_)
        | Value::Operand(_) => "false".to_owned(),
    }
}

/// A member of a list in JSON is of the value's sort and equal to it.
fn same(member: &str, value: &Value) -> String {
    let token = format!("CAST({member} AS VARCHAR)");
    match value {
        Value::Text(text) => format!(
            "json_type({member}) = 'VARCHAR' AND json_extract_string({member}, '$') = {}",
            literal(text.as_str())
        ),
        Value::Truth(truth) => format!("{token} = '{truth}'"),
        Value::Number(wanted) => compare::number(&token, &number(&token), Sign::Equal, *wanted),
        Value::Null | Value::Pattern(_) | Value::Moment(_) | Value::Now(_) | Value::Operand(_) => {
            "false".to_owned()
        }
    }
}

/// The member of a list at that place.
fn member(list: &Operand, at: usize) -> Option<Operand> {
    match list {
        Operand::Json { json, .. } => Some(Operand::Json {
            json: format!("json_extract({json}, '$[{at}]')"),
            text: format!("json_extract_string({json}, '$[{at}]')"),
        }),
        Operand::Texts(sql) => Some(Operand::Text(format!("list_extract({sql}, {})", at + 1))),
        Operand::Text(_) | Operand::Moment(_) | Operand::Truth(_) => None,
    }
}
