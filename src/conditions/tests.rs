//! What conditions mean, what is refused, and that a text that is printed is read back.

use serde_json::{Value as Json, json};

use super::{Condition, Documents, Invalid, Language, parse};
use crate::model::{Map, Time};

const NOW: i64 = 1_767_607_200_000_000;

fn map(value: &Json) -> Map {
    value.as_object().cloned().unwrap()
}

/// Ann, who has just ordered.
fn holds(condition: &str) -> bool {
    let event = map(&json!({"type": "order", "properties": {
        "n": 5, "long": 1_234_567_890_123_456_790_u64, "text": "5", "true": true, "null": null,
        "list": [1, "two", null], "empty": [], "at": "2026-01-05T10:00:00Z", "sales": {"2024": 1},
    }}));
    let profile = map(&json!({"id": "ann", "traits": {"plan": "Pro", "first name": "Ann"}}));
    let now = Time::from_micros(NOW);
    let facts =
        Documents { event: Some(&event), profile: Some(&profile), now, ..Documents::default() };
    parse(Language::Rules, condition).unwrap().holds(&facts)
}

#[track_caller]
fn check(expected: bool, conditions: &[&str]) {
    for condition in conditions {
        assert_eq!(holds(condition), expected, "{condition}");
    }
}

#[test]
fn rules_hold_as_in_the_reference() {
    check(
        true,
        &[
            "event@type = \"order\"",
            "event@type == 'order' and profile@id != \"bob\"",
            "event@properties.n = 5.0 AND event@properties.n BETWEEN 5 AND 6",
            "event@properties.true == 1 AND event@properties.true == TRUE",
            "event@properties.null EXISTS AND event@properties.null IS NULL",
            "event@properties.none IS NOT NULL AND event@properties.none NOT EXISTS",
            "event@properties.none EMPTY AND event@properties.empty EMPTY",
            "event@properties.list CONTAINS \"two\" AND event@properties.list = [1, \"two\", null]",
            "profile@traits.plan STARTS WITH \"P\" AND lowercase(profile@traits.plan) = \"pro\"",
            "datetime(event@properties.at) <= now() AND now() >= datetime(event@properties.at)",
            "datetime(event@properties.at) > now.offset(\"-1h\")",
            "datetime(event@properties.at) = datetime.from_timestamp(1767607200)",
            "datetime.offset(event@properties.at, \"-1h\") = datetime.from_timestamp(1767603600)",
            "datetime.offset(\"2026-01-05\", \"10h\") = datetime(event@properties.at)",
            "datetime.timezone(\"2026-01-05 11:00\", \"Europe/Warsaw\") = datetime(event@properties.at)",
            "datetime.timezone(\"2026-01-05T10:00:00Z\", \"Asia/Tokyo\") = datetime(event@properties.at)",
            "profile@traits[\"first name\"] => 'Ann'",
        ],
    );
    check(
        false,
        &[
            "event@properties.list = \"two\"",
            "event@properties.list CONTAINS \"1\"",
            "event@properties.text = 5",
            "event@properties.at < now()",
            "event@properties.none IS NULL",
            "event@properties.text > 3 OR event@properties.none > 3",
            "event@type = \"ord*\"",
            "datetime.offset(event@properties.text, \"1h\") = datetime.offset(event@properties.text, \"1h\")",
            "datetime(event@properties.text) != datetime(event@properties.text) AND session@id EXISTS",
        ],
    );
}

#[test]
fn what_is_missing_is_unlike_everything() {
    check(true, &["event@properties.none != 5", "payload@a != profile@b"]);
    let signs =
        ["= 5", "> 5", "< 5", ">= 5", "<= 5", "BETWEEN 1 AND 9", "CONTAINS 5", "= profile@id"];
    for sign in signs {
        check(false, &[&format!("event@properties.none {sign}")]);
        check(true, &[&format!("NOT event@properties.none {sign}")]);
    }
}

#[test]
fn and_binds_closer_than_or_and_not_closest() {
    let (yes, no) = ("event@type = \"order\"", "event@type = \"x\"");
    check(true, &[&format!("{yes} OR {yes} AND {no}"), &format!("NOT {no} AND {yes}")]);
    check(false, &[&format!("({yes} OR {yes}) AND {no}"), &format!("NOT ({yes} OR {no})")]);
    check(true, &["event@properties.n IN [1, 5]", "event@properties.n NOT IN [1, 2]"]);
    check(true, &["event@properties.n <> 6", "NOT NOT event@properties.n = 5"]);
}

#[test]
fn long_numbers_keep_their_digits_and_keys_may_be_numbers() {
    check(false, &["event@properties.long = 1234567890123456789"]);
    check(true, &["event@properties.long = 1234567890123456790"]);
    check(true, &["event@properties.sales[\"2024\"] = 1", "event@properties.sales.2024 = 1"]);
}

#[test]
fn what_is_wrong_with_a_rule_is_said_with_its_place() {
    for (text, said) in [
        ("", "a field is wanted at 0"),
        ("1 = 1", "1 is no field: one begins with event@, profile@, session@ or payload@"),
        ("\"a\" = \"a\"", "a field is wanted at 0"),
        ("profile@id = bob", "a value is wanted at 13"),
        ("profile@id", "a comparison is wanted at 10"),
        ("profile@id = 1 profile@id", "AND, OR or the end is wanted at 15"),
        ("now() > 5", "a field is wanted at 9"),
        ("profile@id > [1]", "only numbers, texts and times come before and after others"),
        ("profile@id > now.offset(\"1y\")", "an offset such as -1d is wanted at 24"),
        (
            "profile@id > datetime.offset(\"9999-12-30\", \"1w\")",
            "a time before the year 10000 is wanted at 29",
        ),
        (
            "profile@id > datetime.offset(5, \"1w\")",
            "5 is no field: one begins with event@, profile@, session@ or payload@",
        ),
        (
            "profile@id > datetime.timezone(\"2026-01-05\", \"Mars\")",
            "a time zone of the IANA list is wanted at 45",
        ),
        ("profile@id > datetime(\"x\")", "a time such as 2026-01-05T10:00:00Z is wanted at 22"),
        ("profile@id = nothing()", "there is no function nothing"),
        ("profile@id = \"a\0\"", "a zero byte stands at 15"),
    ] {
        assert_eq!(parse(Language::Rules, text), Err(Invalid(said.to_owned())), "{text}");
    }
}

/// Words that conditions are made of, and some that they are not.
const WORDS: [&str; 47] = [
    "type",
    "properties.a",
    "properties[\"a.b\"].0",
    "event@type",
    "profile@traits.x",
    "session@id",
    "tags.values",
    "=",
    "!=",
    "<",
    ">=",
    "<>",
    ":",
    "(",
    ")",
    "[",
    "]",
    ",",
    "and",
    "OR",
    "not",
    "in",
    "between",
    "contains",
    "starts with",
    "ends with",
    "exists",
    "is null",
    "is not null",
    "empty",
    "5",
    "-1.50",
    "1e400",
    "true",
    "null",
    "\"a*\\*b\"",
    "'it''s'",
    "\"\\\\\"",
    "now()",
    "now.offset(\"-1d\")",
    "datetime(\"2026-01-05\")",
    "datetime.offset(\"2026-01-05\", \"-1d\")",
    "datetime.offset(profile@a, \"1w\")",
    "datetime.timezone(\"2026-01-05\", \"Asia/Tokyo\")",
    "lowercase(",
    "datetime(",
    "ž",
];

/// A random one, the same for the same state.
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state % 1_000_003).unwrap()
}

#[test]
fn what_is_printed_is_read_back_and_nothing_panics() {
    let (mut state, mut read) = (42_u64, 0);
    for round in 0..60_000 {
        let language = if round % 2 == 0 { Language::Rules } else { Language::History };
        let count = 1 + next(&mut state) % 9;
        let words: Vec<&str> = (0..count).map(|_| WORDS[next(&mut state) % WORDS.len()]).collect();
        let text = words.join(" ");
        let Ok(condition) = parse(language, &text) else { continue };
        let printed = condition.to_string();
        assert_eq!(parse(language, &printed), Ok(condition.clone()), "{text}: {printed}");
        assert_eq!(parse(language, &printed).unwrap().to_string(), printed);
        assert!(!condition.holds(&Documents::default()) || !printed.is_empty());
        read += 1;
    }
    assert!(read > 1_000, "{read} of them were conditions");
}

#[test]
fn letters_in_any_order_do_no_harm() {
    let alphabet: Vec<char> = "ab'\"\\()[],:=<>!* .-;ž5@ AND OR NOT IN\0".chars().collect();
    let mut state = 7_u64;
    for _ in 0..20_000 {
        let letters = (0..24).map(|_| alphabet[next(&mut state) % alphabet.len()]);
        let text: String = letters.collect();
        for language in [Language::Rules, Language::History] {
            if let Ok(condition) = parse(language, &text) {
                assert_eq!(parse(language, &condition.to_string()), Ok(condition), "{text}");
            }
        }
    }
}

#[test]
fn length_and_depth_are_bounded() {
    let refused = |text: String| -> Option<Condition> { parse(Language::History, &text).ok() };
    assert_eq!(refused("(".repeat(4000)), None);
    assert_eq!(refused("not ".repeat(2000)), None);
    assert_eq!(refused(format!("id in {}", "[".repeat(4000))), None);
    assert_eq!(refused(format!("{}id = 1{}", "(".repeat(40), ")".repeat(40))), None);
    assert_eq!(refused(format!("id = {}", "x".repeat(9000))), None);
    assert!(parse(Language::History, &format!("{}id = 1", "not ".repeat(20))).is_ok());
}

/// Read, printed, and read again.
fn of_people(text: &str) -> Result<Condition, Invalid> {
    super::parse_of_people(text)
}

#[test]
fn what_somebody_did_is_printed_as_it_is_read() {
    for (text, printed) in [
        ("did 'order'", "DID \"order\""),
        ("DID NOT \"Page View\" within 1w", "NOT DID \"page-view\" WITHIN 7d"),
        ("DID FIRST \"order\" WITHIN 7d", "DID FIRST \"order\" WITHIN 7d"),
        (
            "DID \"order\" WHERE (event@properties.total >= 10 OR event@tags.values CONTAINS \"x\") \
             AT MOST 0 TIMES WITHIN 1y AND IN AUDIENCE \"a\\\"b\"",
            "DID \"order\" WHERE (event@properties.total >= 10 OR event@tags.values CONTAINS \"x\") \
             AT MOST 0 TIMES WITHIN 365d AND IN AUDIENCE \"a\\\"b\"",
        ),
        (
            "NOT (DID \"a\" EXACTLY 2 times OR profile@traits.plan = \"pro\")",
            "NOT (DID \"a\" EXACTLY 2 TIMES OR profile@traits.plan = \"pro\")",
        ),
        (
            "DID \"a\" BETWEEN datetime(\"2026-01-01\") AND datetime(\"2026-02-01\") AND DID \"b\"",
            "DID \"a\" BETWEEN datetime(\"2026-01-01T00:00:00Z\") AND \
             datetime(\"2026-02-01T00:00:00Z\") AND DID \"b\"",
        ),
    ] {
        let condition = of_people(text).unwrap();
        assert_eq!(condition.to_string(), printed, "{text}");
        assert_eq!(of_people(printed).as_ref(), Ok(&condition), "{text}");
    }
}

#[test]
fn windows_share_what_is_counted_and_everything_else_has_its_own() {
    let key = |text: &str| {
        let tree = of_people(text).unwrap().tree;
        if let super::Tree::Did(did) = tree { did.key } else { panic!("{tree:?}") }
    };
    let week = key("DID \"order\" AT LEAST 3 TIMES WITHIN 7d");
    assert_eq!(week, key("DID \"order\" at least 3 times within 30d"));
    assert_eq!(key("DID \"order\" EXACTLY 2 TIMES"), week, "three tell it as well");
    for other in [
        "DID \"order\" AT LEAST 2 TIMES",
        "DID \"orders\" AT LEAST 3 TIMES",
        "DID \"order\" WHERE (event@properties.n = 1) AT LEAST 3 TIMES",
        "DID \"order\" AT LEAST 3 TIMES BETWEEN datetime(\"2026-01-01\") AND datetime(\"2026-02-01\")",
        "DID FIRST \"order\"",
    ] {
        assert_ne!(key(other), week, "{other}");
    }
}

#[test]
fn only_conditions_about_people_say_what_somebody_did() {
    for text in ["DID \"order\"", "IN AUDIENCE \"a\"", "NOT DID \"order\""] {
        assert!(parse(Language::Rules, text).is_err(), "{text}");
        assert!(of_people(text).is_ok(), "{text}");
    }
    let inner = "DID \"order\" WHERE (DID \"order\")";
    assert!(of_people(inner).is_err(), "an event does not say what else somebody did");
}
