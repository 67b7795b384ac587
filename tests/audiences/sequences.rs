//! One thing after another, the first and the last: in when it happens, out when it is too long ago.

use serde_json::{Value, json};

use super::{AUDIENCES, audience, did, does, is_in, standing, time, told};
use crate::support::TestApp;

const MINUTE: u64 = 60;

fn order(app: &TestApp, session: &str, total: u64) -> String {
    app.track(did(session, "order", &json!({"total": total}))).ok().profile()
}

#[test]
fn whoever_does_one_thing_after_another_is_in_until_the_first_of_them_is_too_long_ago() {
    let app = TestApp::new();
    let condition = "DID \"view\" THEN WITHIN 1h \"cart\" THEN WITHIN 1d \"order\" \
                     WHERE (event@properties.total >= 10) WITHIN 7d";
    audience(&app, "buyers", condition);
    let ann = does(&app, "ann", "cart");
    does(&app, "ann", "view");
    app.advance(61 * MINUTE);
    does(&app, "ann", "cart");
    order(&app, "ann", 10);
    assert!(!is_in(&app, &ann, "buyers"), "the cart came an hour late");
    let why = standing(&app, &ann, "buyers")["why"]["did"].clone();
    assert_eq!((&why["wanted"], &why["found"]), (&json!(3), &json!(1)), "{why:#}");
    does(&app, "ann", "view");
    app.advance(59 * MINUTE);
    does(&app, "ann", "cart");
    order(&app, "ann", 9);
    assert!(!is_in(&app, &ann, "buyers"));
    order(&app, "ann", 10);
    let standing_now = standing(&app, &ann, "buyers");
    assert_eq!(standing_now["is_in"], true, "{standing_now:#}");
    let events = standing_now["why"]["did"]["events"].as_array().unwrap().clone();
    let types: Vec<&Value> = events.iter().map(|event| &event["type"]).collect();
    assert_eq!(types, ["order", "cart", "view"]);
    let changes = standing_now["changes"].as_str().unwrap();
    assert!(changes.starts_with("2026-01-12T11:01:18"), "seven days after the view: {changes}");
    app.advance(7 * 86_400);
    time(&app);
    assert!(!is_in(&app, &ann, "buyers"));
    assert_eq!(told(&app, &ann)[1][1], changes);
}

#[test]
fn whoever_does_not_go_on_is_in_from_the_moment_on_at_which_they_should_have() {
    let app = TestApp::new();
    audience(&app, "abandoned", "DID \"cart\" THEN NOT WITHIN 1h \"order\" WITHIN 1d");
    let ann = does(&app, "ann", "cart");
    let bea = does(&app, "bea", "cart");
    let due = standing(&app, &ann, "abandoned")["changes"].as_str().unwrap().to_owned();
    assert!(due.starts_with("2026-01-05T11:00:18"), "{due}");
    app.advance(30 * MINUTE);
    does(&app, "bea", "order");
    app.advance(31 * MINUTE);
    time(&app);
    assert_eq!([&ann, &bea].map(|id| is_in(&app, id, "abandoned")), [true, false]);
    let [kind, at, _, reason] = &told(&app, &ann)[0];
    assert_eq!(
        [kind.as_str(), at.as_str(), reason.as_str()],
        ["audience-entered", due.as_str(), "time"]
    );
    let late = json!({"session": {"id": "ann"}, "events": [
        {"type": "order", "time": {"insert": "2026-01-05T11:00:00Z"}}]});
    app.track(late).ok();
    assert!(!is_in(&app, &ann, "abandoned"), "it was told late, and was in time");
}

#[test]
fn the_first_and_the_last_are_held_against_what_they_were() {
    let app = TestApp::new();
    let of = |which: &str| format!("DID {which} \"order\" WITH (event@properties.total >= 10)");
    audience(&app, "first", &of("FIRST"));
    audience(&app, "last", &of("LAST"));
    let ann = order(&app, "ann", 10);
    let seen = || ["first", "last"].map(|id| is_in(&app, &ann, id));
    assert_eq!(seen(), [true, true]);
    app.advance(1);
    order(&app, "ann", 5);
    assert_eq!(seen(), [true, false]);
    app.advance(1);
    order(&app, "ann", 20);
    assert_eq!(seen(), [true, true]);
    let late = json!({"session": {"id": "ann"}, "events": [{"type": "order",
        "properties": {"total": 1}, "time": {"insert": "2026-01-05T09:00:00Z"}}]});
    app.track(late).ok();
    assert_eq!(seen(), [false, true], "the first one was another one");
}

#[test]
fn a_sequence_is_written_as_json_too_and_nonsense_is_refused_with_what_is_wanted() {
    let app = TestApp::new();
    let written = |condition: Value| {
        app.post(&format!("{AUDIENCES}/preview"), &json!({"condition": condition}))
    };
    let all = json!({"did": "view", "where": "event@properties.n = 1",
        "then": [{"did": "cart", "within": "1h"}, {"did_not": "order", "within": "1d"}], "within": "7d"});
    let printed = "DID \"view\" WHERE (event@properties.n = 1) THEN WITHIN 1h \"cart\" \
                   THEN NOT WITHIN 1d \"order\" WITHIN 7d";
    assert_eq!(written(all).ok().body["condition"], printed);
    let last = json!({"did": "order", "last": true, "with": "event@properties.total >= 10"});
    let printed = "DID LAST \"order\" WITH (event@properties.total >= 10)";
    assert_eq!(written(last).ok().body["condition"], printed);
    for (wrong, says) in [
        ("DID \"a\" THEN NOT \"b\"", "WITHIN, and how long"),
        ("DID \"a\" THEN NOT WITHIN 1h \"b\" THEN \"c\"", "nothing follows what did not happen"),
        ("DID \"a\" AT LEAST 2 TIMES THEN \"b\"", "is not counted"),
        ("DID FIRST \"a\" THEN \"b\"", "is not counted"),
        ("DID \"a\" WITH (event@properties.n = 1)", "WITH says something of the first"),
        ("DID \"a\" THEN", "the type of an event"),
        ("DID \"a\" THEN \"audience-left\"", "names other audiences by IN AUDIENCE"),
    ] {
        let reply = written(json!(wrong));
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "audience_invalid"), "{wrong}");
        assert!(reply.text.contains(says), "{wrong}: {}", reply.text);
    }
    let many = format!("DID \"a\"{}", " THEN \"a\"".repeat(8));
    assert!(written(json!(many)).text.contains("at most 8 events"));
}

#[test]
fn each_step_is_another_event_also_of_those_of_one_moment() {
    let app = TestApp::new();
    audience(&app, "two", "DID \"a\" THEN \"a\"");
    audience(&app, "three", "DID \"a\" THEN \"a\" THEN \"a\"");
    audience(&app, "turns", "DID \"a\" THEN \"b\" THEN \"a\" THEN \"b\"");
    audience(&app, "choice", "DID \"a\" THEN \"a\" WHERE (event@properties.n = 1) THEN \"b\"");
    let at = "2026-01-05T09:00:00Z";
    let event =
        |kind: &str, n: u64| json!({"type": kind, "properties": {"n": n}, "time": {"insert": at}});
    let says = |events: &[Value]| {
        app.track(json!({"session": {"id": "ann"}, "events": events})).ok().profile()
    };
    let ann = says(&[event("a", 1), event("b", 1)]);
    let seen = || ["two", "three", "turns", "choice"].map(|id| is_in(&app, &ann, id));
    assert_eq!(seen(), [false; 4]);
    says(&[event("a", 2)]);
    assert_eq!(seen(), [true, false, false, true]);
    says(&[event("b", 2)]);
    assert_eq!(seen(), [true, false, true, true]);
    says(&[event("a", 3)]);
    assert_eq!(seen(), [true; 4]);
}

#[test]
fn whoever_goes_on_stays_until_the_step_that_counted_gives_way_to_the_hundredth_after_it() {
    let app = TestApp::new();
    audience(&app, "buyers", "DID \"view\" THEN WITHIN 1m \"cart\"");
    let ann = does(&app, "ann", "view");
    does(&app, "ann", "cart");
    for _ in 1..100 {
        app.advance(2 * MINUTE);
        does(&app, "ann", "cart");
    }
    assert!(is_in(&app, &ann, "buyers"), "a hundred are looked at");
    app.advance(2 * MINUTE);
    does(&app, "ann", "cart");
    assert!(!is_in(&app, &ann, "buyers"), "the cart that followed is one too many");
}

#[test]
fn a_condition_has_so_many_steps_and_no_more() {
    let app = TestApp::new();
    let of = |many: usize| {
        let one = format!("DID \"a\"{}", " THEN \"a\"".repeat(7));
        json!({"condition": vec![one; many].join(" AND ")})
    };
    app.post(&format!("{AUDIENCES}/preview"), &of(8)).ok();
    let reply = app.post(&format!("{AUDIENCES}/preview"), &of(9));
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "audience_invalid"));
    assert!(reply.text.contains("64 parts and steps"), "{}", reply.text);
}

#[test]
fn an_event_that_was_found_invalid_counts_for_nothing_now_and_in_history() {
    let app = TestApp::new();
    app.post("/event-validator", &json!({"id": "v", "name": "v", "event_type": "a", "enabled": true,
        "on_misfit": "flag", "validation": {"json_schema": {"event@properties": {"required": ["n"]}}}}))
        .ok();
    audience(&app, "before", "DID \"a\"");
    let ann = does(&app, "ann", "a");
    audience(&app, "after", "DID \"a\" AT LEAST 1 TIMES WITHIN 7d");
    let seen = || ["before", "after"].map(|id| is_in(&app, &ann, id));
    assert_eq!(seen(), [false; 2]);
    app.track(did("ann", "a", &json!({"n": 1}))).ok();
    assert_eq!(seen(), [true; 2]);
}

/// The range says when they began, and not until when it is looked what they did next.
#[test]
fn what_did_not_follow_is_looked_for_after_the_dates_as_well() {
    let app = TestApp::new();
    let until_noon =
        "BETWEEN datetime(\"2026-01-05T00:00:00Z\") AND datetime(\"2026-01-05T12:00:00Z\")";
    audience(&app, "abandoned", &format!("DID \"cart\" THEN NOT WITHIN 1h \"order\" {until_noon}"));
    app.advance(110 * MINUTE);
    let [ann, bea] = ["ann", "bea"].map(|session| does(&app, session, "cart"));
    app.advance(20 * MINUTE);
    does(&app, "ann", "order");
    app.advance(60 * MINUTE);
    time(&app);
    assert_eq!([&ann, &bea].map(|id| is_in(&app, id, "abandoned")), [false, true]);
    let tried =
        format!("DID \"cart\" THEN NOT WITHIN 1h \"order\" WHERE (event@id EXISTS) {until_noon}");
    let preview = app.post(&format!("{AUDIENCES}/preview"), &json!({"condition": tried})).ok().body;
    assert_eq!(preview["members"], 1, "history says the same");
}
