//! The order of what happened at one moment: as it came in, and as it stood in its payload.

use serde_json::{Value, json};

use super::old_lake;
use super::support::{lake, rows};
use crate::support::TestApp;

/// What somebody buys, at once.
const STEPS: [&str; 3] = ["basket", "checkout", "paid"];

/// One payload. Ids fall: by them, the order would be the other way round.
fn payload(session: &str, kinds: &[&str], time: Option<&str>) -> Value {
    let many = kinds.len();
    let event = |(at, kind): (usize, &&str)| {
        let mut event = json!({"id": format!("{session}-{}", many - at), "type": kind});
        if let Some(time) = time {
            event["time"] = json!({"insert": time});
        }
        event
    };
    let events: Vec<Value> = kinds.iter().enumerate().map(event).collect();
    json!({"session": {"id": session}, "events": events})
}

fn funnel(app: &TestApp, steps: &[&str], window: u64) -> Vec<u64> {
    let filters: Vec<String> = steps.iter().map(|kind| format!("type = \"{kind}\"")).collect();
    let asked = json!({"steps": filters, "window_seconds": window});
    let told = app.post("/api/events/funnel", &asked).ok().body["result"][0].clone();
    (1..=steps.len()).map(|step| told[format!("step_{step}")].as_u64().unwrap()).collect()
}

fn paths(app: &TestApp) -> Vec<Value> {
    let address = "/api/events/paths?start=type%3Dbasket&length=3";
    let told = app.get(address).ok().body["result"].clone();
    told.as_array().unwrap().iter().map(|row| row["path"].clone()).collect()
}

/// The types of a list, backwards, those of the system left out.
fn oldest_first(events: &Value) -> Vec<String> {
    let kinds = events.as_array().unwrap().iter().rev().map(|one| one["type"].as_str().unwrap());
    kinds.filter(|kind| STEPS.contains(kind)).map(str::to_owned).collect()
}

/// Both ways in which funnels are answered.
const WINDOWS: [u64; 2] = [0, 90 * 86_400];

#[test]
fn events_of_one_payload_are_in_its_order() {
    for time in [None, Some("2026-01-05T09:00:00Z")] {
        let app = TestApp::new();
        let person = app.track(payload("s", &STEPS, time)).ok().profile();
        for is_in_files in [false, true] {
            for window in WINDOWS {
                assert_eq!(funnel(&app, &STEPS, window), [1, 1, 1], "{time:?} {window}");
                assert_eq!(funnel(&app, &["paid", "basket"], window), [1, 0], "{time:?} {window}");
                assert_eq!(funnel(&app, &["paid", "paid"], window), [1, 0], "{time:?} {window}");
            }
            assert_eq!(paths(&app), [json!(STEPS)]);
            let list = app.get("/api/events?limit=1000").ok().body["result"].clone();
            assert_eq!(oldest_first(&list), STEPS);
            let archive = app.get(&format!("/api/profiles/{person}/export")).ok().body;
            assert_eq!(oldest_first(&archive["events"]), STEPS);
            if !is_in_files {
                lake(&app).flush().unwrap();
            }
        }
    }
}

/// Clients that know whole seconds only, a payload for each event.
#[test]
fn what_came_in_later_is_later_where_the_times_are_equal() {
    let app = TestApp::new();
    for (at, kind) in STEPS.iter().enumerate() {
        let mut payload = payload("s", &[kind], Some("2026-01-05T09:00:00Z"));
        payload["events"][0]["id"] = json!(format!("{}", 9 - at));
        app.track(payload).ok();
        app.advance(1);
        if at == 0 {
            lake(&app).flush().unwrap();
        }
    }
    for window in WINDOWS {
        assert_eq!(funnel(&app, &STEPS, window), [1, 1, 1], "{window}");
    }
    assert_eq!(paths(&app), [json!(STEPS)]);
    let list = app.get("/api/events?limit=1000").ok().body["result"].clone();
    assert_eq!(oldest_first(&list), STEPS);
}

#[test]
fn positions_count_from_the_first_and_the_systems_events_come_before_it() {
    let app = TestApp::new();
    let mut payload = payload("s", &STEPS, None);
    payload["events"][1]["options"] = json!({"saveEvent": false});
    app.track(payload).ok();
    let told = rows(&app, "SELECT type, position FROM events ORDER BY position");
    let told: Vec<(&str, i64)> = told
        .iter()
        .map(|row| (row["type"].as_str().unwrap(), row["position"].as_i64().unwrap()))
        .collect();
    let all = ["profile-created", "session-opened", "visit-started", "basket", "checkout", "paid"];
    let mut want: Vec<(&str, i64)> = all.into_iter().zip(-3..).collect();
    want.retain(|(kind, _)| *kind != "checkout");
    assert_eq!(told, want, "what is not kept has its place all the same");
}

/// Page by page, with places that have no position beside those that do.
#[test]
fn a_list_is_paged_without_a_gap_and_nothing_comes_twice() {
    let app = old_lake::opened(old_lake::copy());
    let many: Vec<&str> = std::iter::repeat_n("same", 12).collect();
    app.track(payload("bob-1", &many, Some("2026-01-06T11:01:00Z"))).ok();
    app.track(payload("ann-1", &many, Some("2026-01-06T11:01:00Z"))).ok();
    let all = app.get("/api/events?limit=1000").ok().body["result"].clone();
    let id = |event: &Value| event["id"].as_str().unwrap().to_owned();
    let all: Vec<String> = all.as_array().unwrap().iter().map(id).collect();
    for limit in [1, 2, 5, 7] {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let body = app.get(&format!("/api/events?limit={limit}{cursor}")).ok().body;
            ids.extend(body["result"].as_array().unwrap().iter().map(id));
            assert!(ids.len() <= all.len(), "it never ends");
            let Some(next) = body["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(ids, all, "{limit}");
    }
    assert!(all.len() > 40, "several pages");
    assert_eq!(app.get("/api/events?cursor=1767607200000000-x").code(), "question_invalid");
}
