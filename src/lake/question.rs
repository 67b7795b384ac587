//! Questions that people write: DuckDB's own parser says whether it is one, and only one.

use serde_json::Value;

use super::allowed::objection;
use super::{LakeError, Moment, arrows};

/// What DuckDB says of any other statement is of a function that nobody has called.
const NO_SELECT: &str = "One SELECT is wanted; nothing can be changed.";

impl Moment {
    /// The question of `sql`, without what may stand around it: one `SELECT`, over what can be asked.
    ///
    /// # Errors
    /// [`LakeError::Question`], with the parser's word on what is wrong, or what may not be asked.
    pub fn question(&self, sql: &str) -> Result<String, LakeError> {
        let refuse = |said: &str| Err(LakeError::Question(said.to_owned()));
        if sql.contains('\0') {
            return refuse("A statement holds no null character: chr(0) is one.");
        }
        // What cannot be read with more parentheses is told of as it was written.
        let bound = arrows::bound(sql).filter(|bound| {
            self.parse(bound).is_ok_and(|tree| tree["error"] == Value::Bool(false))
        });
        let sql = bound.as_deref().unwrap_or(sql);
        let tree = self.parse(sql)?;
        if tree["error"] == Value::Bool(true) {
            let said = tree["error_message"].as_str().unwrap_or("it cannot be read");
            let is_other = said.starts_with("Only SELECT statements");
            return refuse(if is_other { NO_SELECT } else { said });
        }
        let statements = tree["statements"].as_array().map_or(0, Vec::len);
        if statements != 1 {
            return refuse(&format!("one statement is wanted, not {statements}"));
        }
        if let Some(objection) = objection(&tree) {
            return refuse(&objection);
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
        serde_json::from_str(&parsed)
            .map_err(|error| LakeError::Question(unread(&error).to_owned()))
    }
}

/// Why a statement that DuckDB understands is not looked at. It writes numbers past all that there are as JSON does not
/// have them.
fn unread(error: &serde_json::Error) -> &'static str {
    if error.to_string().starts_with("recursion limit") {
        "It nests too deep to be looked at: of operators in a row, too, each stands within the next."
    } else {
        "A number that stands there is past all that there are, such as 1e400."
    }
}
