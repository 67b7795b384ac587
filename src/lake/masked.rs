//! Masking in SQL: columns as those see them who may not see all of them.

use std::borrow::Cow;

use arrow::array::{Array as _, AsArray as _};
use duckdb::Connection;
use duckdb::core::{DataChunkHandle, Inserter as _, LogicalTypeHandle, LogicalTypeId};
use duckdb::vscalar::{ScalarFunctionSignature, VScalar};
use duckdb::vtab::arrow::{WritableVector, data_chunk_to_arrow};
use serde_json::Value;

use super::engine::literal;
use super::tail::type_name;
use crate::events::{COLUMNS, Kind};
use crate::model::{HIDDEN, Masking, Path};

/// The columns of the tables `profiles` and `sessions` of which a part can be hidden, or all: see the test.
const PEOPLE: [(&str, Kind); 8] = [
    ("traits", Kind::Json),
    ("data", Kind::Json),
    ("interests", Kind::Json),
    ("consents", Kind::Json),
    ("stats", Kind::Json),
    ("primary_id", Kind::Text),
    ("email", Kind::Text),
    ("time_zone", Kind::Text),
];
const VISITS: [(&str, Kind); 20] = [
    ("context", Kind::Json),
    ("properties", Kind::Json),
    ("device_type", Kind::Text),
    ("device_brand", Kind::Text),
    ("device_model", Kind::Text),
    ("os_name", Kind::Text),
    ("os_version", Kind::Text),
    ("app_name", Kind::Text),
    ("app_version", Kind::Text),
    ("app_language", Kind::Text),
    ("bot", Kind::Truth),
    ("utm_source", Kind::Text),
    ("utm_medium", Kind::Text),
    ("utm_campaign", Kind::Text),
    ("utm_term", Kind::Text),
    ("utm_content", Kind::Text),
    ("country", Kind::Text),
    ("city", Kind::Text),
    ("time_zone", Kind::Text),
    ("ip", Kind::Text),
];

/// What stands in the place of `column`, the column of history or of people that is called `root`, where
/// `masking` hides something of it: [`Masking::hide`], row by row. `column` itself where it hides nothing.
///
/// For the definition of a view, so that whatever is asked of the view (a filter, a group, an export)
/// sees nothing else.
fn masked(column: &str, root: &str, masking: &Masking) -> String {
    // As [`Masking::exactly`] reads them.
    let paths = masking.inside(root).iter().map(|path| path.written_below(root));
    let paths: Vec<String> = paths.collect();
    if paths.is_empty() {
        return column.to_owned();
    }
    let (root, paths) = (literal(root), literal(&paths.join(" ")));
    format!("CAST({HIDE}(CAST({column} AS VARCHAR), {root}, {paths}) AS JSON)")
}

/// What stands in the place of a column that is hidden whole, since it is made of what is hidden: no text can stand for
/// what is none.
fn hidden_whole(column: &str, kind: Kind) -> String {
    match kind {
        Kind::Text => {
            format!("CASE WHEN {column} IS NULL THEN NULL ELSE {} END", literal(HIDDEN))
        }
        Kind::Moment | Kind::Truth | Kind::Number | Kind::Texts | Kind::Json => {
            format!("CAST(NULL AS {})", type_name(kind))
        }
    }
}

/// What a table shows in place of its columns, for `REPLACE`; none where nothing is hidden.
fn replacements(
    columns: impl IntoIterator<Item = (&'static str, Kind)>,
    masking: &Masking,
) -> Vec<String> {
    let hidden = columns.into_iter().filter(|(root, _)| !masking.inside(root).is_empty());
    let replaced = hidden.map(|(root, kind)| {
        let column = format!("\"{root}\"");
        let shown = if masking.has_all_of(root) {
            hidden_whole(&column, kind)
        } else {
            masked(&column, root, masking)
        };
        format!("{shown} AS {column}")
    });
    replaced.collect()
}

/// The rows of `sql` with these in place of what they have.
fn replacing(sql: &str, replaced: &[String]) -> String {
    if replaced.is_empty() {
        return sql.to_owned();
    }
    format!("SELECT * REPLACE ({}) FROM ({sql})", replaced.join(", "))
}

/// The events of `sql` without what `masking` hides.
pub(super) fn events(sql: &str, masking: &Masking) -> String {
    let columns = COLUMNS.iter().map(|column| (column.name, column.kind));
    replacing(sql, &replacements(columns, masking))
}

/// The rows of `sql`, which are people, without what `masking` hides.
pub(super) fn profiles(sql: &str, masking: &Masking) -> String {
    replacing(sql, &replacements(PEOPLE, masking))
}

/// Views of this connection that stand before the tables of people and visits, without what `masking` hides.
pub(super) fn people(masking: &Masking) -> String {
    let tables =
        [("profiles", replacements(PEOPLE, masking)), ("sessions", replacements(VISITS, masking))];
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
        let (root, masking) = (root.value(0), Masking::exactly(paths.value(0))?);
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
    fn a_column_that_is_made_of_what_is_hidden_shows_only_whether_it_is_there() {
        let masking = Masking::parse("context.page.url context.browser").unwrap();
        let rows =
            "SELECT * FROM (VALUES (1, 'u', true), (2, NULL, false)) AS t(id, page_url, bot)";
        let columns = [("id", Kind::Number), ("page_url", Kind::Text), ("bot", Kind::Truth)];
        let shown = replacing(rows, &replacements(columns, &masking));
        let told = format!(
            "SELECT string_agg(concat_ws(' ', id, page_url, bot), ', ' ORDER BY id) FROM ({shown})"
        );
        let told: String = connection().query_row(&told, [], |row| row.get(0)).unwrap();
        assert_eq!(told, "1 ***, 2");
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
