//! DuckDB as it comes, over the same files.

use duckdb::Connection;
use serde_json::Value;

pub(crate) struct Plain(Connection);

impl Plain {
    /// With the clocks of this zone.
    pub(crate) fn open(paths: &[String], zone: &str) -> Self {
        let connection = Connection::open_in_memory().unwrap();
        let paths: Vec<String> = paths.iter().map(|path| format!("'{path}'")).collect();
        let paths = paths.join(", ");
        connection
            .execute_batch(&format!(
                "SET TimeZone = '{zone}'; CREATE VIEW events AS \
                 SELECT * FROM read_parquet([{paths}], hive_partitioning = false);"
            ))
            .unwrap();
        Self(connection)
    }

    /// The rows of the last statement; all of them are fetched, as text.
    pub(crate) fn rows(&self, statements: &[String]) -> Vec<String> {
        let (last, before) = statements.split_last().unwrap();
        before.iter().for_each(|sql| self.0.execute_batch(sql).unwrap());
        let sql = format!("SELECT CAST(to_json(q) AS VARCHAR) FROM (\n{last}\n) AS q");
        let mut statement = self.0.prepare(&sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

/// What all that was counted comes to: equal for answers that say the same, in whatever words.
pub(crate) fn sum(value: &Value) -> f64 {
    /// Says where a number belongs to, and is none itself.
    const PLACES: [&str; 4] = ["from", "to", "step", "links"];
    match value {
        Value::Number(number) => number.as_f64().unwrap(),
        Value::Array(list) => list.iter().map(sum).sum(),
        Value::Object(map) => {
            let counted = map.iter().filter(|(name, _)| !PLACES.contains(&name.as_str()));
            counted.map(|(_, value)| sum(value)).sum()
        }
        Value::Null | Value::Bool(_) | Value::String(_) => 0.0,
    }
}
