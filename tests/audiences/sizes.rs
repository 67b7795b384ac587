//! How many: now and a month ago, over time, beside other audiences; and which single events it was.

use serde_json::{Value, json};

use super::{AUDIENCES, audience, did, does, standing, time};
use crate::support::TestApp;

const DAY: u64 = 86_400;

fn preview(app: &TestApp, condition: &str) -> Value {
    app.post(&format!("{AUDIENCES}/preview"), &json!({"condition": condition})).ok().body
}

/// Rows of members, entered and left, day by day.
fn growth(app: &TestApp, id: &str, from: &str) -> Vec<[i64; 3]> {
    let address = format!("{AUDIENCES}/{id}/growth?from={from}");
    let rows = app.get(&address).ok().body["result"].as_array().unwrap().clone();
    let of = |row: &Value| ["members", "entered", "left"].map(|key| row[key].as_i64().unwrap());
    rows.iter().map(of).collect()
}

#[test]
fn a_preview_says_how_many_there_were_a_month_ago() {
    let app = TestApp::new();
    audience(&app, "lately", "DID \"order\" WITHIN 7d");
    for (session, day) in [
        ("ann", "2025-12-01"),
        ("bea", "2025-12-04 12:00"),
        ("cyd", "2025-12-20"),
        ("ann", "2026-01-01"),
    ] {
        let event = json!({"type": "order", "time": {"insert": day}});
        app.track(json!({"session": {"id": session}, "events": [event]})).ok();
    }
    let of = |condition| {
        let body = preview(&app, condition);
        (body["members"].as_u64().unwrap(), body["month_ago"]["members"].as_u64().unwrap())
    };
    assert_eq!(of("DID \"order\""), (3, 2));
    assert_eq!(of("DID \"order\" AT LEAST 2 TIMES"), (1, 0));
    assert_eq!(of("DID \"order\" WITHIN 7d"), (1, 2));
    assert_eq!(of("IN AUDIENCE \"lately\" AND DID \"order\""), (1, 2));
    assert_eq!(of("DID NOT \"order\" WITHIN 3d"), (3, 1), "cyd was nobody then");
    let body = preview(&app, "DID \"order\"");
    assert!(body["month_ago"]["at"].as_str().unwrap().starts_with("2025-12-06T10:00:"));
}

#[test]
fn an_audience_has_a_size_for_every_day() {
    let app = TestApp::new();
    audience(&app, "active", "DID \"order\" WITHIN 2d");
    let from = "2026-01-05";
    let ann = does(&app, "ann", "order");
    app.advance(DAY);
    does(&app, "bea", "order");
    does(&app, "ann", "page-view");
    app.advance(DAY + 60);
    time(&app);
    app.advance(DAY);
    time(&app);
    let days = growth(&app, "active", from);
    assert_eq!(days, [[1, 1, 0], [2, 1, 0], [1, 0, 1], [0, 0, 1]]);
    let weeks = format!("{AUDIENCES}/active/growth?from={from}&interval=week");
    assert_eq!(app.get(&weeks).ok().body["result"].as_array().unwrap().len(), 1);
    assert_eq!(growth(&app, "active", "2026-01-07"), [[1, 0, 1], [0, 0, 1]]);
    for wrong in ["interval=hour", "interval=year", "from=x", "from=2026-02-01&to=2026-01-01"] {
        let reply = app.get(&format!("{AUDIENCES}/active/growth?{wrong}"));
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "question_invalid"), "{wrong}");
    }
    assert_eq!(app.get(&format!("{AUDIENCES}/nobody/growth")).status, 404);
    assert_eq!(standing(&app, &ann, "active")["is_in"], false);
}

#[test]
fn of_two_who_became_one_one_was_in_it() {
    let app = TestApp::new();
    audience(&app, "buyers", "DID \"order\"");
    for session in ["a", "b"] {
        does(&app, session, "order");
        app.advance(DAY);
    }
    assert_eq!(growth(&app, "buyers", "2026-01-05")[1], [2, 1, 0]);
    for session in ["a", "b"] {
        let properties = json!({"identifier": {"id": "K1"}});
        app.track(did(session, "profile-update", &properties)).ok();
    }
    let days = growth(&app, "buyers", "2026-01-05");
    assert_eq!(days, [[1, 1, 0], [1, 0, 0], [1, 0, 0]], "who has entered twice is in it once");
}

fn unite(app: &TestApp, sessions: [&str; 2]) -> String {
    let mut person = String::new();
    for session in sessions {
        let properties = json!({"identifier": {"id": "K1"}});
        person = app.track(did(session, "profile-update", &properties)).ok().profile();
        app.advance(1);
    }
    person
}

/// How many there are now, as the series ends and as the audience itself says.
#[track_caller]
fn ends_with(app: &TestApp, id: &str, members: i64) {
    time(app);
    let now = app.get(&format!("{AUDIENCES}/{id}")).ok().body["members"].clone();
    assert_eq!(now, json!(members));
    let days = growth(app, id, "2026-01-05");
    assert_eq!(days.last().map(|row| row[0]), Some(members), "{days:?}");
}

#[test]
fn of_two_who_became_one_one_had_left_before() {
    let app = TestApp::new();
    audience(&app, "active", "DID \"order\" WITHIN 2d");
    does(&app, "a", "order");
    app.advance(DAY);
    does(&app, "b", "order");
    app.advance(DAY + 60);
    time(&app);
    assert_eq!(growth(&app, "active", "2026-01-05")[2], [1, 0, 1]);
    unite(&app, ["a", "b"]);
    ends_with(&app, "active", 1);
    assert_eq!(growth(&app, "active", "2026-01-05"), [[1, 1, 0], [1, 0, 0], [1, 0, 0]]);
    app.advance(DAY);
    ends_with(&app, "active", 0);
}

#[test]
fn two_who_were_one_for_a_while_are_counted_as_two() {
    let app = TestApp::new();
    audience(&app, "buyers", "DID \"order\"");
    app.advance(DAY);
    does(&app, "a", "page-view");
    does(&app, "b", "order");
    app.advance(DAY);
    let whole = unite(&app, ["a", "b"]);
    ends_with(&app, "buyers", 1);
    let merges = app.get(&format!("/api/profiles/{whole}/identity")).ok().body["merges"].clone();
    let merge = merges[0]["id"].as_str().unwrap();
    app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok();
    app.advance(DAY);
    ends_with(&app, "buyers", 1);
    let days = growth(&app, "buyers", "2026-01-05");
    assert_eq!(days, [[0, 0, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0]]);
}

#[test]
fn whoever_is_removed_is_counted_no_more() {
    let app = TestApp::new();
    audience(&app, "buyers", "DID \"order\"");
    let people = ["a", "b", "c"].map(|session| does(&app, session, "order"));
    app.advance(DAY);
    app.delete(&format!("/profile/{}", people[0])).ok();
    ends_with(&app, "buyers", 2);
    assert_eq!(growth(&app, "buyers", "2026-01-05"), [[2, 2, 0], [2, 0, 0]]);
}

#[test]
fn audiences_say_how_many_they_share() {
    let app = TestApp::new();
    for (id, kind) in [("orders", "order"), ("views", "page-view"), ("nobody", "never")] {
        audience(&app, id, &format!("DID \"{kind}\""));
    }
    for (session, kind) in [("ann", "order"), ("ann", "page-view"), ("bea", "order")] {
        does(&app, session, kind);
    }
    let overlap =
        |id: &str| app.get(&format!("{AUDIENCES}/{id}/overlap")).ok().body["result"].clone();
    let row =
        |id: &str, members: u64, both: u64| json!({"id": id, "members": members, "both": both});
    assert_eq!(overlap("orders"), json!([row("nobody", 0, 0), row("views", 1, 1)]));
    assert_eq!(overlap("views"), json!([row("nobody", 0, 0), row("orders", 2, 1)]));
    assert_eq!(app.get(&format!("{AUDIENCES}/zzz/overlap")).status, 404);
}

#[test]
fn why_names_the_single_events() {
    let app = TestApp::new();
    audience(&app, "often", "DID \"order\" AT LEAST 2 TIMES");
    for id in ["one", "two", "three"] {
        let event = json!({"id": id, "type": "order"});
        app.track(json!({"session": {"id": "ann"}, "events": [event]})).ok();
        app.advance(60);
    }
    let ann = does(&app, "ann", "page-view");
    let ids = |why: &Value| -> Vec<Value> {
        why["did"]["events"].as_array().unwrap().iter().map(|event| event["id"].clone()).collect()
    };
    let why = standing(&app, &ann, "often")["why"].clone();
    assert_eq!(ids(&why), ["three", "two"], "those that count, the last one first");
    assert_eq!(why["did"]["events"][0]["at"], why["did"]["at"][0]);
    assert_eq!(why["did"]["events"][0]["type"], "order");
    let sample = preview(&app, "DID \"order\" EXACTLY 3 TIMES")["sample"][0]["why"].clone();
    assert_eq!(ids(&sample), ["three", "two", "one"]);
    app.delete("/event/two").ok();
    let why = standing(&app, &ann, "often")["why"].clone();
    assert_eq!(ids(&why), [json!("three"), Value::Null], "history does not have it any more");
}
