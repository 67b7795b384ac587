//! What a question may look at: the three tables, what it names itself, and functions that only reckon.
//!
//! It is decided on the statement as DuckDB has parsed it: files by path, internal tables and settings
//! look like any other name in the text.

use serde_json::{Map, Value};

/// What can be asked.
const TABLES: [&str; 3] = ["events", "profiles", "sessions"];

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

/// Functions that tell of settings, of statistics, of the plan or of where the answer is written, or write; and ours,
/// which shows people whole.
const FORBIDDEN: [&str; 8] = [
    "current_query",
    "current_setting",
    "currval",
    "json_serialize_plan",
    super::found::PROFILE,
    "nextval",
    "stats",
    "write_log",
];

/// Why the parsed statement `tree` may not be asked; none when it may.
pub(super) fn objection(tree: &Value) -> Option<String> {
    in_any(tree, &[])
}

/// `named` is what the question has named itself so far, the innermost last.
fn in_any(tree: &Value, named: &[&str]) -> Option<String> {
    match tree {
        Value::Array(list) => list.iter().find_map(|one| in_any(one, named)),
        Value::Object(node) => in_node(node, named),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn in_node(node: &Map<String, Value>, named: &[&str]) -> Option<String> {
    if let Some(objection) = to_itself(node, named) {
        return Some(objection);
    }
    let mut named = named.to_vec();
    let own = node.get("cte_map").and_then(|map| map["map"].as_array());
    for one in own.into_iter().flatten() {
        let (name, query) = (one["key"].as_str().unwrap_or_default(), &one["value"]);
        // Only what repeats itself means itself by its own name; in others it is what was there before.
        let is_recursive = query["query"]["node"]["type"] == "RECURSIVE_CTE_NODE";
        if is_recursive {
            named.push(name);
        }
        if let Some(objection) = in_any(query, &named) {
            return Some(objection);
        }
        if !is_recursive {
            named.push(name);
        }
    }
    node.iter().filter(|(key, _)| *key != "cte_map").find_map(|(_, value)| in_any(value, &named))
}

/// The objection to what stands in a node by itself.
fn to_itself(node: &Map<String, Value>, named: &[&str]) -> Option<String> {
    let text = |key: &str| node.get(key).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "BASE_TABLE" => {
            to_table(text("catalog_name"), text("schema_name"), text("table_name"), named)
        }
        "TABLE_FUNCTION" => {
            let function = node.get("function").map(|function| &function["function_name"]);
            let name = function.and_then(Value::as_str).unwrap_or_default();
            to_function(name, TABLE_FUNCTIONS.contains(&name))
        }
        "SHOW_REF" if !node.get("query").is_some_and(Value::is_object) => {
            Some(format!("only {} can be asked about", TABLES.join(", ")))
        }
        "FUNCTION" | "WINDOW_AGGREGATE" | "AGGREGATE" => {
            let name = text("function_name").to_lowercase();
            to_function(&name, !FORBIDDEN.contains(&name.as_str()))
        }
        _ => None,
    }
}

fn to_table(catalog: &str, schema: &str, name: &str, named: &[&str]) -> Option<String> {
    let is = |one: &&str| one.eq_ignore_ascii_case(name);
    let is_plain = catalog.is_empty() && schema.is_empty();
    if is_plain && (TABLES.iter().any(is) || named.iter().any(is)) {
        return None;
    }
    let full: Vec<&str> =
        [catalog, schema, name].into_iter().filter(|part| !part.is_empty()).collect();
    Some(format!("there is no table {}; there are {}", full.join("."), TABLES.join(", ")))
}

fn to_function(name: &str, may_be: bool) -> Option<String> {
    (!may_be).then(|| format!("the function {name} may not stand in a question"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(sql: &str) -> Option<String> {
        let duckdb = duckdb::Connection::open_in_memory().unwrap();
        let parse = "SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR)) AS VARCHAR)";
        let tree: String = duckdb.query_row(parse, [sql], |row| row.get(0)).unwrap();
        let tree: Value = serde_json::from_str(&tree).unwrap();
        assert_eq!(tree["error"], false, "{sql}: {tree}");
        objection(&tree)
    }

    #[test]
    fn the_three_tables_and_own_names_may_be_asked() {
        for sql in [
            "FROM Events",
            "SELECT * FROM events e JOIN profiles p ON p.id = e.profile_id, sessions",
            "WITH a AS (FROM events), b AS (FROM a) SELECT * FROM b WHERE id IN (FROM a)",
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) FROM r",
            "WITH a AS MATERIALIZED (SELECT 1) FROM (WITH b AS (FROM a) FROM b)",
            "WITH events AS (FROM events WHERE type = 'a') FROM events",
            "SELECT * FROM range(3), (VALUES (1)), unnest([1])",
            "DESCRIBE events",
            "SUMMARIZE events",
            "FROM (DESCRIBE events)",
            "SELECT 1",
        ] {
            assert_eq!(said(sql), None, "{sql}");
        }
    }

    #[test]
    fn nothing_else_may_be() {
        for sql in [
            "FROM 'events/2026/x.parquet'",
            "FROM \"kith.tail\"",
            "FROM kith.tail",
            "FROM kith.merged",
            "FROM everything",
            "FROM main.events",
            "FROM memory.main.events",
            "FROM information_schema.tables",
            "FROM duckdb_tables()",
            "FROM kith_people(1, 'profile')",
            "FROM kith_lines(1)",
            "FROM kith_members(1, 'buyers')",
            "FROM kith.members('buyers')",
            "FROM read_parquet('x')",
            "FROM query('FROM kith.tail')",
            "SHOW TABLES",
            "FROM (SHOW ALL TABLES)",
            "DESCRIBE kith.tail",
            "SUMMARIZE kith.tail",
            "SELECT (SELECT max(id) FROM kith.tail)",
            "SELECT * FROM events WHERE id IN (FROM everything)",
            "FROM range((SELECT count(*) FROM everything))",
            "WITH everything AS (FROM everything) FROM everything",
            "WITH a AS (FROM b), b AS (SELECT 1) FROM a",
            "SELECT * FROM (WITH everything AS (SELECT 1) FROM everything), everything",
            "SELECT current_setting('memory_limit')",
            "SELECT Current_Setting('memory_limit')",
            "SELECT current_query()",
            "SELECT stats(id) FROM events",
            "SELECT json_serialize_plan('FROM kith.tail')",
            "SELECT write_log('x')",
            "SELECT kith_profile(profile_id) FROM events",
            "SELECT list_transform(['x'], lambda id: Kith_Profile(id))",
            "FROM events UNION ALL FROM everything",
            "FROM events ORDER BY (SELECT max(id) FROM everything)",
            "SELECT sum(1) FILTER (EXISTS (FROM everything)) FROM events",
            "SELECT row_number() OVER (ORDER BY (SELECT max(id) FROM everything)) FROM events",
            "SELECT [x FOR x IN (SELECT list(id) FROM everything)]",
            "FROM events QUALIFY EXISTS (FROM everything)",
            "FROM events LIMIT (SELECT count(*) FROM everything)",
        ] {
            assert!(said(sql).is_some(), "{sql}");
        }
    }
}
