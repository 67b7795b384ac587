//! A person's archive is whole.

use serde_json::{Value, json};

use super::support::{DAY, view};
use crate::support::app::post;
use crate::support::{Setup, TestApp};

#[test]
fn an_archive_holds_more_than_an_answer_may() {
    let configure = |config: &mut kith::config::Config| config.query.rows_max = 5;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let mut person = String::new();
    for number in 0..9 {
        person = app.track(view(&format!("e{number}"), "me")).ok().profile();
        app.advance(1);
    }
    app.track(view("other", "them")).ok();
    let archive = app.get(&format!("/api/profiles/{person}/export"));
    assert!(archive.header("content-disposition").starts_with("attachment"));
    let archive = archive.ok().body;
    let ids: Vec<&str> = archive["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["type"] == "page-view")
        .map(|event| event["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["e8", "e7", "e6", "e5", "e4", "e3", "e2", "e1", "e0"]);
    assert_eq!(archive["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(app.get("/api/profiles/nobody/export").status, 404);
}

#[test]
fn an_archive_may_be_of_a_time() {
    let app = TestApp::new();
    let person = app.track(view("e1", "one")).ok().profile();
    app.advance(DAY);
    let mut second = view("e2", "two");
    second["profile"] = json!({"id": person});
    assert_eq!(app.track(second).ok().profile(), person);
    let archive = |time: &str| app.get(&format!("/api/profiles/{person}/export?{time}"));
    let ids = |time: &str| {
        let body = archive(time).ok().body;
        let views = |event: &&Value| event["type"] == "page-view";
        let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
        let events = body["events"].as_array().unwrap();
        let events: Vec<String> = events.iter().filter(views).map(id).collect();
        (events, body["sessions"].as_array().unwrap().iter().map(id).collect::<Vec<_>>())
    };
    let both = |event: &str, session: &str| (vec![event.to_owned()], vec![session.to_owned()]);
    assert_eq!(ids("to=2026-01-06"), both("e1", "one"));
    assert_eq!(ids("from=2026-01-06"), both("e2", "two"));
    assert_eq!(archive("from=never").code(), "question_invalid");
    assert_eq!(archive("until=2026-01-06").code(), "question_invalid");
}

#[test]
fn an_archive_has_what_is_kept_apart_and_the_visits_of_its_events() {
    let app = TestApp::new();
    let schema = json!({"type": "object", "required": ["sum"]});
    app.post(
        "/event-validator",
        &json!({"id": "orders", "name": "Orders", "event_type": "order", "enabled": true,
            "on_misfit": "quarantine", "validation": {"json_schema": {"event@properties": schema}}}),
    )
    .ok();
    let order = |id: &str| json!({"type": "order", "id": id, "properties": {"what": id}});
    let send = |session: &str, events: Value| {
        app.track(json!({"session": {"id": session}, "events": events})).ok()
    };
    let early =
        json!({"source": {"id": "shop"}, "session": {"id": "s"}, "events": [order("early")]});
    app.send(post("/track?profile_less=true", &early)).ok();
    let late = json!({"type": "mail", "time": {"insert": "2025-04-01T10:00:00Z"}});
    let person = send("s", json!([order("mine"), late])).profile();
    send("t", json!([order("another's")]));
    let archive = |time: &str| {
        let body = app.get(&format!("/api/profiles/{person}/export{time}")).ok().body;
        let ids = |part: &str| {
            let all = body[part].as_array().unwrap().iter();
            all.map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let mut held = ids("held_events");
        held.sort();
        (held, ids("sessions"))
    };
    let [early, mine, s] = ["early", "mine", "s"].map(str::to_owned);
    assert_eq!(archive(""), (vec![early, mine], vec![s.clone()]));
    assert_eq!(archive("?from=2025-04-01&to=2025-04-02"), (Vec::new(), vec![s]));
}
