//! Tables for people: texts that programs which show tables would work out as formulas.

use super::engine::{literal, named};
use super::{LakeError, Moment};
use crate::model::Number;

/// What formulas begin with, or what programs pass over before one.
pub const FORMULA_BEGINS: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];
/// The same as a pattern.
const FORMULA: &str = "^[=+@\\t\\r\\n-]";
/// What begins like one and is none.
const NUMBER: &str = "[-+]?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?";

/// Whether a text begins like a formula, and is no number.
fn is_formula(text: &str) -> bool {
    let number = text.strip_prefix('+').unwrap_or(text);
    text.starts_with(FORMULA_BEGINS) && Number::parse(number).is_none()
}

impl Moment {
    /// The question `sql` with a quote before each text that begins like a formula: strangers write
    /// into what people open.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn without_formulas(&self, sql: &str) -> Result<String, LakeError> {
        let columns = self.described(sql)?;
        let shown = columns.iter().enumerate().map(|(at, (name, kind))| {
            // A name has no other reader than a text has: whoever asks takes it from what others wrote.
            let mark = if is_formula(name) { "'" } else { "" };
            let column = format!("c{at}");
            let name = named(&format!("{mark}{name}"));
            if kind != "VARCHAR" {
                return format!("{column} AS {name}");
            }
            let (formula, number) = (literal(FORMULA), literal(NUMBER));
            format!(
                "CASE WHEN regexp_matches({column}, {formula}) \
                 AND NOT regexp_full_match({column}, {number}) \
                 THEN '''' || {column} ELSE {column} END AS {name}"
            )
        });
        let shown: Vec<String> = shown.collect();
        let names: Vec<String> = (0..columns.len()).map(|at| format!("c{at}")).collect();
        Ok(format!("SELECT {} FROM (\n{sql}\n) AS told({})", shown.join(", "), names.join(", ")))
    }

    /// The columns of an answer: names and types.
    pub(super) fn described(&self, sql: &str) -> Result<Vec<(String, String)>, LakeError> {
        let mut statement =
            self.connection.prepare(&format!("DESCRIBE SELECT * FROM (\n{sql}\n)"))?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
