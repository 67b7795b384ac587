//! The order in which events are sent is the one in which they are kept, however they are sent.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::TestApp;

/// The types of the rows of a query, those of the system left out.
fn kinds(app: &TestApp, order: &str) -> Vec<String> {
    let of_client = "type NOT IN ('profile-created', 'session-opened', 'visit-started')";
    let all = format!("SELECT type FROM events WHERE {of_client} ORDER BY {order}");
    types(app, &all)
}

fn types(app: &TestApp, sql: &str) -> Vec<String> {
    let told = app.post("/sql", &json!({"query": sql})).ok().body;
    let rows = told.as_array().unwrap().iter();
    rows.map(|row| row["type"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn times_ids_and_places_of_a_payload_rise_with_the_systems_events_before_it() {
    let app = TestApp::new();
    let steps = ["basket", "checkout", "paid"];
    let events: Vec<Value> = steps.iter().map(|kind| json!({"type": kind})).collect();
    app.track(json!({"session": {"id": "s"}, "events": events})).ok();
    let all = ["profile-created", "session-opened", "visit-started", "basket", "checkout", "paid"];
    for is_in_files in [false, true] {
        for order in ["time", "id", "position"] {
            assert_eq!(
                types(&app, &format!("SELECT type FROM events ORDER BY {order}")),
                all,
                "{order}"
            );
        }
        if !is_in_files {
            app.app().lake.flush().unwrap();
        }
    }
}

/// A visit that is told of long after it was begins before its first event, too.
#[test]
fn the_systems_events_come_before_what_is_told_late() {
    let app = TestApp::new();
    let event = json!({"type": "bought", "time": {"create": "2026-01-01T08:00:00Z"}});
    app.track(json!({"session": {"id": "s"}, "events": [{"type": "now"}, event]})).ok();
    let all = ["profile-created", "session-opened", "visit-started", "bought", "now"];
    assert_eq!(types(&app, "SELECT type FROM events ORDER BY time"), all);
}

fn check(payloads: &[usize], timed: Option<&str>) -> Result<(), TestCaseError> {
    let app = TestApp::new();
    let mut sent = Vec::new();
    for payload in payloads {
        let events = (0..*payload).map(|_| {
            let kind = format!("k{:02}", sent.len());
            sent.push(kind.clone());
            match timed {
                Some(time) => json!({"type": kind, "time": {"insert": time}}),
                None => json!({"type": kind}),
            }
        });
        let events: Vec<Value> = events.collect();
        // The clock stands still: all of it is received within one microsecond.
        app.track(json!({"session": {"id": "s"}, "events": events})).ok();
    }
    for is_in_files in [false, true] {
        prop_assert_eq!(&kinds(&app, "time, received_at, position"), &sent);
        if timed.is_none() {
            prop_assert_eq!(&kinds(&app, "time"), &sent);
        }
        let list = app.get("/api/events?limit=100").ok().body["result"].clone();
        let list = list.as_array().unwrap().iter().rev();
        let list = list.map(|event| event["type"].as_str().unwrap().to_owned());
        let list: Vec<String> = list.filter(|kind| kind.starts_with('k')).collect();
        prop_assert_eq!(&list, &sent);
        if !is_in_files {
            app.app().lake.flush().unwrap();
        }
    }
    Ok(())
}

#[test]
fn any_split_of_events_into_payloads_keeps_their_order() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(6));
    let times = prop_oneof![Just(None), Just(Some("2026-01-05T09:00:00Z"))];
    let splits = prop::collection::vec(1..6_usize, 1..5);
    runner.run(&(splits, times), |(payloads, timed)| check(&payloads, timed)).unwrap();
}
