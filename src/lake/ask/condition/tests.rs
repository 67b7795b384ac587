//! What filters are in SQL, and that nothing breaks out of its quotes.

use super::{condition, sql};
use crate::conditions::{Language, parse};
use crate::lake::ask::Invalid;
use crate::model::Time;

fn check(text: &str, sql: &str) {
    assert_eq!(condition(text, Time::from_micros(0)).as_deref(), Ok(sql), "{text}");
}

#[test]
fn an_empty_filter_picks_everything() {
    check("", "true");
    check("  ", "true");
}

#[test]
fn comparisons_fit_what_they_compare() {
    check("type = \"page-view\"", "\"type\" = 'page-view'");
    check("type == 'it\\'s'", "\"type\" = 'it''s'");
    check("type:page-*", "\"type\" LIKE 'page-%'");
    check("type:\"a_b*\"", "regexp_full_match(\"type\", 'a\\x{5f}b.*', 's')");
    check("type = \"a\\*b\"", "\"type\" = 'a*b'");
    check("tags.values = \"a\"", "list_contains(\"tags\", 'a')");
    check("type != \"a\"", "((\"type\" = 'a') IS NOT TRUE)");
    check("session.id IS NULL", "\"session_id\" IS NULL");
    check("metadata.valid = true", "\"valid\" = true");
    check("type IN [\"a\", \"b\"]", "(\"type\" = 'a' OR \"type\" = 'b')");
    check("properties.a = \"b\"", "json_extract_string(\"properties\", '/a') = 'b'");
}

/// A number or a list has a text for DuckDB, but is none.
#[test]
fn what_looks_like_json_is_asked_for_its_type() {
    check(
        "properties.a = \"[1]\"",
        "(json_type(json_extract(\"properties\", '/a')) = 'VARCHAR' AND \
         json_extract_string(\"properties\", '/a') = '[1]')",
    );
}

#[test]
fn only_long_numbers_are_compared_by_all_digits() {
    let (path, pattern) =
        ("json_extract_string(\"properties\", '/n')", "-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?");
    let float = format!(
        "CASE WHEN regexp_full_match({path}, '{pattern}') THEN TRY_CAST({path} AS DOUBLE) END"
    );
    check("properties.n >= 5", &format!("{float} >= CAST('5' AS DOUBLE)"));
    let long = condition("properties.n = 1234567890123456789", Time::default()).unwrap();
    assert!(long.contains("CAST('1234567890123456789' AS HUGEINT)"), "{long}");
}

#[test]
fn and_binds_closer_than_or() {
    check(
        "type=a OR type=b AND NOT (id=c)",
        "\"type\" = 'a' OR (\"type\" = 'b' AND ((\"id\" = 'c') IS NOT TRUE))",
    );
    check("(type=a OR type=b) AND id=c", "(\"type\" = 'a' OR \"type\" = 'b') AND \"id\" = 'c'");
}

#[test]
fn times_are_compared_as_times() {
    check("time > now.offset(\"1h30m\")", "\"time\" > make_timestamptz(5400000000)");
    check(
        "time BETWEEN \"2026-01-01\" AND now()",
        "\"time\" >= make_timestamptz(1767225600000000) AND \"time\" <= make_timestamptz(0)",
    );
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (text, said) in [
        ("type = ", "a value is wanted at 7"),
        ("type = \"a", "the text that begins at 7 has no end"),
        ("(type = a", ") is wanted at 9"),
        ("nothing = 1", "there is no field nothing"),
        ("type = a b", "AND, OR or the end is wanted at 9"),
        ("type > null", "only numbers, texts and times come before and after others"),
    ] {
        assert_eq!(condition(text, Time::default()), Err(Invalid(said.to_owned())), "{text}");
    }
    let rule = parse(Language::Rules, "profile@traits.plan = \"pro\"").unwrap();
    let said = "history of events has no field traits.plan of a profile";
    assert_eq!(sql(&rule, Time::default()), Err(Invalid(said.to_owned())));
}

/// Whatever comes in, what stands in quotes stays there.
#[test]
fn nothing_panics_and_nothing_breaks_out() {
    let alphabet: Vec<char> = "ab'\"\\()[],:=<>!* .-;ž5 AND OR NOT IN".chars().collect();
    let (mut state, mut read) = (42_u64, 0);
    for _ in 0..20_000 {
        let mut text = "id = \"".to_owned();
        for _ in 0..24 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text.push(alphabet[usize::try_from(state % alphabet.len() as u64).unwrap()]);
        }
        for text in [&text[6..], &text, &format!("{text}\"")] {
            let Ok(sql) = condition(text, Time::default()) else { continue };
            let outside: String = sql.split('\'').step_by(2).collect();
            assert!(!outside.contains(';') && !outside.contains('ž'), "{text}: {sql}");
            read += 1;
        }
    }
    assert!(read > 1_000, "{read} of them were filters");
}
