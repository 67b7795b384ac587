//! An answer as a table for people, drawn in letters.

use super::engine::named;
use super::{LakeError, Moment};

impl Moment {
    /// The answer to `sql` as a table for people, at most `rows_max` rows of it.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn table(&self, sql: &str, rows_max: usize) -> Result<String, LakeError> {
        let sql = format!("SELECT * FROM (\n{sql}\n) LIMIT {rows_max}");
        let sql = self.all_as_text(&self.with_moments_as_text(&sql)?)?;
        let mut statement = self.connection.prepare(&sql)?;
        let batches = statement.query_arrow([])?;
        // Where there is no row, the columns are still there.
        let schema = batches.get_schema();
        let batches: Vec<_> = batches.collect();
        let shown = arrow::util::pretty::pretty_format_batches_with_schema(schema, &batches);
        shown.map(|table| table.to_string()).map_err(|error| LakeError::Question(error.to_string()))
    }

    /// `sql`, each value as DuckDB writes it: who draws the table knows no time zone, cuts numbers of 39 digits,
    /// and has never heard of some types.
    fn all_as_text(&self, sql: &str) -> Result<String, LakeError> {
        let texts = self.described(sql)?.into_iter().map(|(name, _)| {
            let name = named(&name);
            format!("CAST({name} AS VARCHAR) AS {name}")
        });
        Ok(format!("SELECT {} FROM (\n{sql}\n)", texts.collect::<Vec<_>>().join(", ")))
    }
}
