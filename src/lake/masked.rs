//! Masking in SQL: a column of JSON as those see it who may not see all of it.

use super::engine::literal;
use crate::events::{COLUMNS, Kind};
use crate::model::{HIDDEN, Masking, Step};

/// Columns of JSON of the table `profiles`, and of the table `sessions`.
const PEOPLE: [&str; 5] = ["traits", "data", "interests", "consents", "stats"];
const VISITS: [&str; 2] = ["context", "properties"];

/// What stands in the place of `column`, the column of history or of people that is called `root`, where
/// `masking` hides something of it: agrees with [`Masking::hide`], row by row. `column` itself where it
/// hides nothing.
///
/// For the definition of a view, so that whatever is asked of the view (a filter, a group, an export)
/// sees nothing else. A row in which something is hidden is written anew, and DuckDB writes numbers of
/// more digits than a double has as it reads them.
fn masked(column: &str, root: &str, masking: &Masking) -> String {
    masking.inside(root).iter().fold(column.to_owned(), |sql, path| without(&sql, path.steps()))
}

/// What a table shows in place of its columns of JSON, for `REPLACE`; none where nothing is hidden.
fn replacements(columns: &[&str], masking: &Masking) -> Vec<String> {
    let hidden = columns.iter().filter(|root| !masking.inside(root).is_empty());
    hidden
        .map(|root| format!("{} AS \"{root}\"", masked(&format!("\"{root}\""), root, masking)))
        .collect()
}

/// The events of `sql` without what `masking` hides.
pub(super) fn events(sql: String, masking: &Masking) -> String {
    let json = COLUMNS.iter().filter(|column| column.kind == Kind::Json);
    let columns: Vec<&str> = json.map(|column| column.name).collect();
    let replaced = replacements(&columns, masking);
    if replaced.is_empty() {
        return sql;
    }
    format!("SELECT * REPLACE ({}) FROM ({sql})", replaced.join(", "))
}

/// Views of this connection that stand before the tables of people and visits, without what `masking` hides.
pub(super) fn people(masking: &Masking) -> String {
    let mut of_people = replacements(&PEOPLE, masking);
    if !masking.inside("data").is_empty() {
        // It is read from the data.
        let data = masked("\"data\"", "data", masking);
        of_people.push(format!("({data})->'contact'->'email'->>'main' AS email"));
    }
    let tables = [("profiles", of_people), ("sessions", replacements(&VISITS, masking))];
    let views = tables.into_iter().filter(|(_, replaced)| !replaced.is_empty());
    let views = views.map(|(table, replaced)| {
        let replaced = replaced.join(", ");
        format!(
            "CREATE TEMP VIEW {table} AS SELECT * REPLACE ({replaced}) FROM memory.main.{table};"
        )
    });
    views.collect()
}

/// `json` with what is at the end of the way hidden, or the first list on it.
fn without(json: &str, steps: &[Step]) -> String {
    // Bound once: the expression may itself be such a one.
    let cases: String = (1..=steps.len())
        .map(|many| {
            let (way, is_end) = (&steps[..many], many == steps.len());
            let kind = format!("json_type(j, {})", literal(&pointer(way)));
            let is_hidden =
                if is_end { format!("{kind} <> 'NULL'") } else { format!("{kind} = 'ARRAY'") };
            format!("WHEN {is_hidden} THEN json_merge_patch(j, {}) ", literal(&patch(way)))
        })
        .collect();
    let whole = "WHEN json_type(j) <> 'OBJECT' THEN j";
    format!("list_transform([{json}], lambda j: CASE {whole} {cases}ELSE j END)[1]")
}

/// A path as DuckDB's JSON functions know them. A key in quotes never is a place in a list.
fn pointer(steps: &[Step]) -> String {
    let keys = steps.iter().map(|step| step.key().replace('~', "~0").replace('/', "~1"));
    keys.map(|key| format!("/{key}")).collect()
}

/// An object that puts [`HIDDEN`] there.
fn patch(steps: &[Step]) -> String {
    let hidden = serde_json::Value::String(HIDDEN.to_owned());
    let wrap = |inside, step: &Step| serde_json::json!({ step.key(): inside });
    steps.iter().rev().fold(hidden, wrap).to_string()
}

#[cfg(test)]
mod tests {
    use duckdb::Connection;
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// Documents of few keys, so that paths meet something.
    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z~/\"'\\\\]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map(key(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn key() -> impl Strategy<Value = String> {
        prop_oneof![Just("a"), Just("b"), Just("0"), Just("x/y~'$")].prop_map(str::to_owned)
    }

    fn masking() -> impl Strategy<Value = Masking> {
        let path = prop::collection::vec(key(), 1..4).prop_map(|keys| {
            let keys = keys.iter().map(|key| match key.as_str() {
                "x/y~'$" => "[\"x/y~'$\"]".to_owned(),
                key => format!(".{key}"),
            });
            format!("data{}", keys.collect::<String>())
        });
        prop::collection::vec(path, 1..4)
            .prop_map(|paths| Masking::parse(&paths.join(" ")).unwrap())
    }

    #[test]
    fn sql_hides_what_documents_hide() {
        let connection = Connection::open_in_memory().unwrap();
        let mut runner = proptest::test_runner::TestRunner::default();
        let check = |(document, masking): (Value, Masking)| {
            let mut wanted = document.clone();
            masking.hide("data", &mut wanted);
            let column = format!("CAST({} AS JSON)", literal(&document.to_string()));
            let sql = format!("SELECT CAST({} AS VARCHAR)", masked(&column, "data", &masking));
            let told: String = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
            let told: Value = serde_json::from_str(&told).unwrap();
            prop_assert_eq!(&told, &wanted, "{}", sql);
            Ok(())
        };
        runner.run(&(json(), masking()), check).unwrap();
    }

    #[test]
    fn what_hides_nothing_is_the_column() {
        let masking = Masking::parse("data.a").unwrap();
        assert_eq!(masked("e.properties", "properties", &masking), "e.properties");
        let connection = Connection::open_in_memory().unwrap();
        let sql = format!("SELECT {} IS NULL", masked("CAST(NULL AS JSON)", "data", &masking));
        assert!(connection.query_row(&sql, [], |row| row.get::<_, bool>(0)).unwrap());
    }
}
