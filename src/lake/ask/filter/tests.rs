//! What filters mean, what is refused, and that nothing breaks out of its quotes.

use super::condition;
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
    check(
        "properties.n >= 5",
        "TRY_CAST(json_extract_string(\"properties\", '$.\"n\"') AS DOUBLE) >= 5::DOUBLE",
    );
    check("tags.values = \"a\"", "list_contains(\"tags\", 'a')");
    check("type != \"a\"", "((\"type\" = 'a') IS NOT TRUE)");
    check("session.id IS NULL", "\"session_id\" IS NULL");
    check("metadata.valid = true", "\"valid\" = true");
    check("type IN [\"a\", \"b\"]", "(\"type\" = 'a' OR \"type\" = 'b')");
}

#[test]
fn and_binds_closer_than_or() {
    check(
        "type=a OR type=b AND NOT (id=c)",
        "\"type\" = 'a' OR \"type\" = 'b' AND (((\"id\" = 'c')) IS NOT TRUE)",
    );
}

#[test]
fn times_are_compared_as_times() {
    check(
        "time > now.offset(\"1h30m\")",
        "TRY_CAST(\"time\" AS TIMESTAMPTZ) > TRY_CAST('1970-01-01T01:30:00Z' AS TIMESTAMPTZ)",
    );
    check(
        "time BETWEEN \"2026-01-01\" AND now()",
        "(TRY_CAST(\"time\" AS TIMESTAMPTZ) >= TRY_CAST('2026-01-01' AS TIMESTAMPTZ) AND \
         TRY_CAST(\"time\" AS TIMESTAMPTZ) <= TRY_CAST('1970-01-01T00:00:00Z' AS TIMESTAMPTZ))",
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
}

/// Whatever comes in, what stands in quotes stays there.
#[test]
fn nothing_panics_and_nothing_breaks_out() {
    let alphabet: Vec<char> = "ab'\"\\()[],:=<>!* .-;ž5 AND OR NOT IN".chars().collect();
    let mut state = 42_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..24 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text.push(alphabet[usize::try_from(state % alphabet.len() as u64).unwrap()]);
        }
        if let Ok(sql) = condition(&text, Time::default()) {
            let outside: String = sql.split('\'').step_by(2).collect();
            assert!(!outside.contains(';'), "{text}: {sql}");
        }
    }
    assert!(condition(&"(".repeat(4000), Time::default()).is_err());
    assert!(condition(&"not ".repeat(2000), Time::default()).is_err());
    assert!(condition(&format!("id in {}", "[".repeat(4000)), Time::default()).is_err());
}
