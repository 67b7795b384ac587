//! Questions that people write: DuckDB's own parser says whether it is one, and only one.

use serde_json::Value;

use super::{LakeError, Moment};

/// Functions that may stand where a table may. Others read files, change settings, or show how the
/// lake is made.
const TABLE_FUNCTIONS: [&str; 7] = [
    "generate_series",
    "generate_subscripts",
    "json_each",
    "json_tree",
    "range",
    "repeat",
    "unnest",
];

impl Moment {
    /// The question of `sql`, without what may stand around it: one `SELECT`, over tables.
    ///
    /// # Errors
    /// [`LakeError::Question`], with the parser's word on what is wrong.
    pub fn question(&self, sql: &str) -> Result<String, LakeError> {
        let tree = self.parse(sql)?;
        let refuse = |said: String| Err(LakeError::Question(said));
        if tree["error"] == Value::Bool(true) {
            let said = tree["error_message"].as_str().unwrap_or("it cannot be read");
            return refuse(said.to_owned());
        }
        let statements = tree["statements"].as_array().map_or(0, Vec::len);
        if statements != 1 {
            return refuse(format!("one statement is wanted, not {statements}"));
        }
        if let Some(name) = forbidden(&tree) {
            return refuse(format!("the function {name} may not stand in a question"));
        }
        if !sql.contains(';') {
            return Ok(sql.to_owned());
        }
        // A semicolon may end it, and a comment may follow: printed anew, there is neither.
        let print = "SELECT json_deserialize_sql(CAST(? AS JSON))";
        Ok(self.connection.query_row(print, [tree.to_string()], |row| row.get(0))?)
    }

    fn parse(&self, sql: &str) -> Result<Value, LakeError> {
        let parse = "SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR)) AS VARCHAR)";
        let parsed: String = self.connection.query_row(parse, [sql], |row| row.get(0))?;
        serde_json::from_str(&parsed).map_err(|error| LakeError::Question(error.to_string()))
    }
}

/// A function in the place of a table that may not stand there.
fn forbidden(tree: &Value) -> Option<String> {
    match tree {
        Value::Array(list) => list.iter().find_map(forbidden),
        Value::Object(node) => {
            let name = node.get("function").and_then(|function| function["function_name"].as_str());
            let is_table = node.get("type").is_some_and(|kind| kind == "TABLE_FUNCTION");
            match name {
                Some(name) if is_table && !TABLE_FUNCTIONS.contains(&name) => Some(name.to_owned()),
                _ => node.values().find_map(forbidden),
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
