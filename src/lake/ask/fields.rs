//! Fields of events, as expressions of SQL.

use serde::{Deserialize, Serialize};

use super::Invalid;
use crate::conditions::{Language, Place, place};
use crate::events::{Column, Kind};
use crate::lake::engine::literal;
use crate::model::{Path, Step};

/// A field of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The column, or a path into it, as SQL.
    pub sql: String,
    /// What it holds; within JSON, anything.
    pub kind: Kind,
}

impl Field {
    /// Its value as a text.
    #[must_use]
    pub fn text(&self) -> String {
        match self.kind {
            Kind::Text | Kind::Json => self.sql.clone(),
            Kind::Moment | Kind::Truth | Kind::Number | Kind::Texts => {
                format!("CAST({} AS VARCHAR)", self.sql)
            }
        }
    }
}

/// The field at `path`: a column's name, the document's name of one, or a path into `properties`,
/// `traits`, `data`, `context`, `request` or `config`. Keys are parted by dots; one that holds a dot
/// or a space stands in brackets: `properties["first name"].x`. A number is a place in a list, or a key;
/// in brackets it is a key.
///
/// # Errors
/// [`Invalid`] when there is no such field.
pub fn field(path: &str) -> Result<Field, Invalid> {
    let place = place(Language::History, path)?;
    let (column, within) = column(&place)?;
    let kind = column.kind;
    let sql = if kind == Kind::Json { text(column, within) } else { name(column) };
    Ok(Field { sql, kind })
}

/// The column that holds what is at `place`, and where in it.
pub(super) fn column(place: &Place) -> Result<(&'static Column, &Path), Invalid> {
    let column = place.column.as_ref().map(|(column, within)| (*column, within));
    column.ok_or_else(|| {
        let (path, root) = (&place.path, place.root.as_str());
        Invalid(format!("history of events has no field {path} of a {root}"))
    })
}

/// The column's name.
pub(super) fn name(column: &Column) -> String {
    format!("\"{}\"", column.name)
}

/// What is at a path into a column of JSON, as JSON. `NULL` when nothing is there.
pub(super) fn json(column: &Column, within: &Path) -> String {
    extract("json_extract", column, within.steps()).unwrap_or_else(|| name(column))
}

/// The same as text: a text without its quotes, a number's digits. `NULL` for `null`.
pub(super) fn text(column: &Column, within: &Path) -> String {
    let text = extract("json_extract_string", column, within.steps());
    text.unwrap_or_else(|| format!("CAST({} AS VARCHAR)", name(column)))
}

/// By JSON pointers, of which a key of digits is a place in a list and a key of an object, as in our paths. A
/// quoted key of digits is none of a list, and has a path of DuckDB's own.
fn extract(function: &str, column: &Column, steps: &[Step]) -> Option<String> {
    let last = steps.last()?;
    let is_quoted_number = |step: &Step| {
        step.index().is_none() && step.key().bytes().all(|byte| byte.is_ascii_digit())
    };
    let from = steps.iter().rposition(is_quoted_number).filter(|_| !last.key().is_empty());
    let (before, steps, path) = match from {
        Some(at) if at + 1 == steps.len() => {
            (steps.get(..at)?, steps.get(at..)?, format!("$.\"{}\"", last.key()))
        }
        Some(at) => (steps.get(..=at)?, steps.get(at + 1..)?, String::new()),
        None => (&[][..], steps, String::new()),
    };
    let path = if path.is_empty() { steps.iter().map(pointer).collect() } else { path };
    let inner = extract("json_extract", column, before).unwrap_or_else(|| name(column));
    Some(format!("{function}({inner}, {})", literal(&path)))
}

/// One step of a JSON pointer (RFC 6901).
fn pointer(step: &Step) -> String {
    format!("/{}", step.key().replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, sql: &str) {
        assert_eq!(field(path).unwrap().sql, sql, "{path}");
    }

    #[test]
    fn a_field_is_a_column_or_a_path_into_one() {
        check("type", "\"type\"");
        check("profile.id", "\"profile_id\"");
        check("event@metadata.time.insert", "\"time\"");
        check("properties", "CAST(\"properties\" AS VARCHAR)");
        check("properties.a.b", "json_extract_string(\"properties\", '/a/b')");
        check("data.list.0", "json_extract_string(\"data\", '/list/0')");
        check("traits[\"first name\"].x", "json_extract_string(\"traits\", '/first name/x')");
        check("traits[\"a/b\"].x~y", "json_extract_string(\"traits\", '/a~1b/x~0y')");
        check("properties.it's", "json_extract_string(\"properties\", '/it''s')");
    }

    #[test]
    fn a_quoted_number_is_a_key() {
        check(
            "properties.a[\"2024\"]",
            "json_extract_string(json_extract(\"properties\", '/a'), '$.\"2024\"')",
        );
        check(
            "properties[\"1\"].2.b",
            "json_extract_string(json_extract(\"properties\", '$.\"1\"'), '/2/b')",
        );
    }

    #[test]
    fn what_is_no_field_is_refused() {
        for path in ["", "nothing", "type.x", "1; DROP", "properties[\"x", "\"type\"", "data..x"] {
            assert!(field(path).is_err(), "{path}");
        }
        assert!(field(&"a.".repeat(400)).is_err());
        assert!(field(&format!("properties{}", ".a".repeat(20))).is_err());
    }
}
