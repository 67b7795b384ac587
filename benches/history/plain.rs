//! DuckDB as it comes, over the same files.

use duckdb::Connection;

pub(crate) struct Plain(Connection);

impl Plain {
    pub(crate) fn open(paths: &[String]) -> Self {
        let connection = Connection::open_in_memory().unwrap();
        let paths: Vec<String> = paths.iter().map(|path| format!("'{path}'")).collect();
        let paths = paths.join(", ");
        connection
            .execute_batch(&format!(
                "SET TimeZone = 'UTC'; CREATE VIEW events AS \
                 SELECT * FROM read_parquet([{paths}], hive_partitioning = false);"
            ))
            .unwrap();
        Self(connection)
    }

    /// How many rows the answer has; all of them are fetched, as text.
    pub(crate) fn rows(&self, sql: &str) -> usize {
        let sql = format!("SELECT CAST(to_json(q) AS VARCHAR) FROM (\n{sql}\n) AS q");
        let mut statement = self.0.prepare(&sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(Result::unwrap).count()
    }
}
