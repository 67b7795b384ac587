//! What was acknowledged can be read at once, and removed.

use serde_json::{Value, json};

use crate::support::TestApp;

fn visit(session: &str, id: &str) -> Value {
    json!({"session": {"id": session}, "events": [{"id": id, "type": "page-view"}]})
}

#[test]
fn what_the_committer_holds_back_is_seen() {
    let app = TestApp::new();
    app.track(visit("s", "a")).ok();
    app.advance(5);
    app.track(visit("s", "b")).ok();
    let session = app.get("/session/s").ok().body;
    assert_eq!(session["metadata"]["events"], 5);
    assert_eq!(session["metadata"]["time"]["duration"], 5.0);
}

#[test]
fn events_come_newest_first_and_in_pages() {
    let app = TestApp::new();
    let id = app.track(visit("one", "e0")).ok().profile();
    for number in 1..5 {
        app.advance(1);
        app.track(visit("one", &format!("e{number}"))).ok();
    }
    let page = app.get(&format!("/events/profile/{id}?limit=2")).ok().body;
    let ids: Vec<_> = page["result"].as_array().unwrap().iter().map(|e| e["id"].clone()).collect();
    assert_eq!(ids, ["e4", "e3"]);
    assert_eq!((&page["more_to_load"], &page["total"]), (&json!(true), &json!(2)));
    let all = app.get(&format!("/events/profile/{id}")).ok().body;
    assert_eq!((&all["more_to_load"], &all["total"]), (&json!(false), &json!(8)));
    assert_eq!(app.get(&format!("/events/profile/{id}?limit=x")).status, 400);
}

#[test]
fn whoever_asks_for_no_rows_gets_none_at_every_list() {
    let app = TestApp::new();
    let id = app.track(visit("one", "e")).ok().profile();
    app.post("/api/lists", &json!({"id": "vip", "name": "VIP", "profiles": [id]})).ok();
    let list = app.get("/api/lists").ok().body["result"][0]["id"].as_str().unwrap().to_owned();
    let audience = json!({"id": "all", "name": "All", "condition": "profile@id EXISTS"});
    app.post("/api/audiences", &audience).ok();
    for address in [
        "/api/events?",
        "/api/events/top?field=type&",
        "/api/events/paths?",
        "/api/event-types?",
        "/api/profiles?",
        "/api/sessions?",
        &format!("/events/profile/{id}?"),
        &format!("/events/session/one/profile/{id}?"),
        "/api/audit?",
        "/api/identity/quarantine?",
        "/api/held-events?",
        &format!("/api/lists/{list}/members?"),
        "/api/audiences/all/members?",
    ] {
        let page = app.get(&format!("{address}limit=0")).ok().body;
        assert_eq!(page["result"], json!([]), "{address}");
        assert!(page.get("next").is_none_or(Value::is_null), "{address}: {page}");
    }
    let selected = app.post("/event/select", &json!({"limit": 0})).ok().body;
    assert_eq!(selected["result"], json!([]));
    assert!(selected["total"].as_u64().unwrap() > 1, "how many there are is told: {selected}");
    let ways = app.post("/api/questions/paths", &json!({"limit": 0})).ok().body;
    assert_eq!(ways["result"]["paths"], json!([]), "{ways}");
    let question = json!({"series": [{"where": "type = page-view"}], "interval": "all"});
    let of = json!({"trends": {"question": question, "series": "A"}});
    let behind = app.post("/api/people/behind", &json!({"of": of, "limit": 0})).ok().body;
    assert_eq!((&behind["result"], &behind["total"]), (&json!([]), &json!(1)), "{behind}");
}

#[test]
fn events_of_one_session_only() {
    let app = TestApp::new();
    let id = app.track(visit("one", "a")).ok().profile();
    let mut second = visit("two", "b");
    second["profile"] = json!({"id": id});
    app.track(second).ok();
    let events = app.get(&format!("/events/session/two/profile/{id}")).ok().body;
    let kinds: Vec<_> = events["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["session"]["id"].clone())
        .collect();
    assert_eq!(kinds, ["two", "two", "two"]);
}

#[test]
fn an_event_is_removed_for_good() {
    let app = TestApp::new();
    let id = app.track(visit("s", "a")).ok().profile();
    assert_eq!(app.delete("/event/a").ok().body, json!({"deleted": 1}));
    assert_eq!(app.get("/event/a").status, 404);
    assert_eq!(app.delete("/event/a").status, 404);
    assert_eq!(app.get("/event/count").ok().body["count"], 3);
    assert!(!app.events(&id).contains(&"page-view".to_owned()));
}

#[test]
fn a_removed_session_begins_again() {
    let app = TestApp::new();
    let id = app.track(visit("s", "a")).ok().profile();
    app.track(visit("s", "b")).ok();
    app.delete("/session/s").ok();
    assert_eq!(app.get("/session/s").status, 404);
    assert_eq!(app.delete("/session/s").status, 404);
    assert_ne!(app.track(visit("s", "c")).ok().profile(), id);
    assert_eq!(app.get("/session/s").ok().body["metadata"]["events"], 4);
}

#[test]
fn what_is_not_there_is_null() {
    let app = TestApp::new();
    for address in ["/profile/x", "/session/x", "/event/x", "/event-source/x"] {
        let reply = app.get(address);
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (404, "null"), "{address}");
    }
    let empty = json!({"total": 0, "result": [], "more_to_load": false});
    assert_eq!(app.get("/events/profile/x").ok().body, empty);
}

#[test]
fn health_version_and_metrics_need_no_token() {
    let app = TestApp::new();
    app.track(visit("s", "a")).ok();
    app.track(json!({"source": {"id": "?"}, "events": [{"type": "x"}]}));
    let open = |address: &str| {
        app.send(axum::http::Request::get(address).body(axum::body::Body::empty()).unwrap()).ok()
    };
    assert_eq!(open("/health").body["status"], "ok");
    assert_eq!(open("/healthcheck").body["status"], "ok");
    assert_eq!(open("/info/version").body, json!(env!("CARGO_PKG_VERSION")));
    let metrics = open("/metrics").text;
    for line in [
        r#"kith_outcomes_total{outcome="kept",reason=""} 1"#,
        r#"kith_outcomes_total{outcome="refused",reason="source_unknown"} 1"#,
        "kith_events_kept_total 4",
        "kith_storage_up 1",
        "kith_round_commit_seconds_count 1",
        "kith_track_seconds_count 1",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}
