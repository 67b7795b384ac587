//! Masking in SQL: a column of JSON as those see it who may not see all of it.

use std::borrow::Cow;

use arrow::array::{Array as _, AsArray as _};
use duckdb::Connection;
use duckdb::core::{DataChunkHandle, Inserter as _, LogicalTypeHandle, LogicalTypeId};
use duckdb::vscalar::{ScalarFunctionSignature, VScalar};
use duckdb::vtab::arrow::{WritableVector, data_chunk_to_arrow};
use serde_json::Value;

use super::engine::literal;
use crate::events::{COLUMNS, Kind};
use crate::model::{HIDDEN, Masking, Path};

/// Columns of JSON of the table `profiles`, and of the table `sessions`.
const PEOPLE: [&str; 5] = ["traits", "data", "interests", "consents", "stats"];
const VISITS: [&str; 2] = ["context", "properties"];

/// What stands in the place of `column`, the column of history or of people that is called `root`, where
/// `masking` hides something of it: [`Masking::hide`], row by row. `column` itself where it hides nothing.
///
/// For the definition of a view, so that whatever is asked of the view (a filter, a group, an export)
/// sees nothing else.
fn masked(column: &str, root: &str, masking: &Masking) -> String {
    // As [`Masking::parse`] reads them.
    let paths = masking.inside(root).iter().map(|path| path.written_below(root));
    let paths: Vec<String> = paths.collect();
    if paths.is_empty() {
        return column.to_owned();
    }
    let (root, paths) = (literal(root), literal(&paths.join(" ")));
    format!("CAST({HIDE}(CAST({column} AS VARCHAR), {root}, {paths}) AS JSON)")
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

/// What the table `profiles` shows in place of its columns.
fn of_people(masking: &Masking) -> Vec<String> {
    let mut replaced = replacements(&PEOPLE, masking);
    if !masking.inside("data").is_empty() {
        // It is read from the data.
        let data = masked("\"data\"", "data", masking);
        replaced.push(format!("({data})->'contact'->'email'->>'main' AS email"));
    }
    replaced
}

/// The rows of `sql`, which are people, without what `masking` hides.
pub(super) fn profiles(sql: &str, masking: &Masking) -> String {
    let replaced = of_people(masking);
    if replaced.is_empty() {
        return sql.to_owned();
    }
    format!("SELECT * REPLACE ({}) FROM ({sql})", replaced.join(", "))
}

/// Views of this connection that stand before the tables of people and visits, without what `masking` hides.
pub(super) fn people(masking: &Masking) -> String {
    let tables = [("profiles", of_people(masking)), ("sessions", replacements(&VISITS, masking))];
    let views = tables.into_iter().filter(|(_, replaced)| !replaced.is_empty());
    let views = views.map(|(table, replaced)| {
        let replaced = replaced.join(", ");
        format!(
            "CREATE TEMP VIEW {table} AS SELECT * REPLACE ({replaced}) FROM memory.main.{table};"
        )
    });
    views.collect()
}

/// Gives DuckDB the function that hides.
pub(super) fn register(connection: &Connection) -> Result<(), duckdb::Error> {
    connection.register_scalar_function::<Hide>(HIDE)
}

/// Its name in SQL: `(json, root, paths)`.
const HIDE: &str = "kith_hide";

/// A function of ours, since DuckDB's own would write a row's numbers anew, with the digits that a float has.
struct Hide;

/// The crate's own way from Arrow back casts from every type to every other: ten megabytes of program.
impl VScalar for Hide {
    type State = ();

    fn invoke(
        (): &(),
        input: &mut DataChunkHandle,
        output: &mut dyn WritableVector,
    ) -> Result<(), Failure> {
        let input = data_chunk_to_arrow(input)?;
        let [json, root, paths] = input.columns() else { return Err("three arguments".into()) };
        let [json, root, paths] = [json, root, paths].map(|column| column.as_string_opt::<i32>());
        let (Some(json), Some(root), Some(paths)) = (json, root, paths) else {
            return Err("texts".into());
        };
        if json.is_empty() {
            return Ok(());
        }
        // Written once, in the view.
        let (root, masking) = (root.value(0), Masking::parse(paths.value(0))?);
        let mut shown = output.flat_vector();
        for (at, json) in json.iter().enumerate() {
            match json {
                Some(json) => shown.insert(at, &*hidden(json, root, &masking)),
                None => shown.set_null(at),
            }
        }
        Ok(())
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        let text = || LogicalTypeHandle::from(LogicalTypeId::Varchar);
        vec![ScalarFunctionSignature::exact(vec![text(), text(), text()], text())]
    }
}

type Failure = Box<dyn std::error::Error>;

/// The text of JSON without what is hidden. Not read where no path can lead anywhere; what cannot be read
/// is hidden whole.
fn hidden<'a>(json: &'a str, root: &str, masking: &Masking) -> Cow<'a, str> {
    let first = |path: &Path| path.steps().first().is_none_or(|step| json.contains(step.key()));
    // With a backslash, a key may be written otherwise.
    if !json.contains('\\') && !masking.inside(root).iter().any(first) {
        return Cow::Borrowed(json);
    }
    let read = serde_json::from_str(json);
    let mut value = read.unwrap_or_else(|_| Value::String(HIDDEN.to_owned()));
    masking.hide(root, &mut value);
    Cow::Owned(value.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn connection() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        connection
    }

    #[test]
    fn what_is_shown_keeps_its_digits() {
        let masking = Masking::parse("data.card").unwrap();
        let sql = |json: &str| {
            let column = format!("CAST('{json}' AS JSON)");
            format!("SELECT CAST({} AS VARCHAR)", masked(&column, "data", &masking))
        };
        let told = |json: &str| -> String {
            connection().query_row(&sql(json), [], |row| row.get(0)).unwrap()
        };
        let numbers = "[89490200001234567890,1.10,0.12345678901234567891]";
        assert_eq!(
            told(&format!(r#"{{"card":5,"n":{numbers}}}"#)),
            format!(r#"{{"card":"***","n":{numbers}}}"#)
        );
        assert_eq!(told(r#"{"c\u0061rd":5}"#), r#"{"card":"***"}"#);
        assert_eq!(told(r#"{"card":5,"card":null}"#), r#"{"card":null}"#);
    }

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
        let connection = connection();
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
        let connection = connection();
        let sql = format!("SELECT {} IS NULL", masked("CAST(NULL AS JSON)", "data", &masking));
        assert!(connection.query_row(&sql, [], |row| row.get::<_, bool>(0)).unwrap());
    }
}
