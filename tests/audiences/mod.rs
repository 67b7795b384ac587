//! Audiences and computed traits: exact, on time, explained, and tried on history.

mod configured;
mod exact;
mod over_time;
mod new_rules;
mod in_pieces;
mod mergers;
mod apart;
mod computed;
mod falling;
mod counted;
mod values;
mod unset;
mod random;
mod heard;
mod sizes;
mod sequences;
mod lists;
mod segments;
mod renamed;
mod sent;

use kith::jobs::Jobs;
use kith::warming::{self, Warming};
use serde_json::{Value, json};

use crate::support::TestApp;

const AUDIENCES: &str = "/api/audiences";
const TRAITS: &str = "/api/computed-traits";

/// Stores an audience, and lets history be asked for it.
fn audience(app: &TestApp, id: &str, condition: &str) {
    put(app, id, condition);
    warm(app);
    assert_eq!(app.get(&format!("{AUDIENCES}/{id}")).ok().body["state"], "live");
}

/// Stores an audience.
fn put(app: &TestApp, id: &str, condition: &str) {
    app.post(AUDIENCES, &json!({"id": id, "name": id, "condition": condition})).ok();
}

/// What the job would do until nothing is left to do. What was let in before is on disk after a few seconds.
fn warm(app: &TestApp) {
    let mut warming = Warming::new(app.app());
    for _ in 0..3 {
        while app.wait(warming.next()).unwrap() {}
        app.advance(6);
    }
    while app.wait(warming.next()).unwrap() {}
    time(app);
}

/// Looks at everybody who is due.
fn time(app: &TestApp) {
    while warming::look_at_due(app.app()).unwrap() {}
}

fn did(session: &str, kind: &str, properties: &Value) -> Value {
    json!({"session": {"id": session}, "events": [{"type": kind, "properties": properties}]})
}

/// Somebody does something; who it is.
fn does(app: &TestApp, session: &str, kind: &str) -> String {
    app.track(did(session, kind, &json!({}))).ok().profile()
}

/// Where somebody stands in an audience.
fn standing(app: &TestApp, profile: &str, audience: &str) -> Value {
    let body = app.get(&format!("/api/profiles/{profile}/audiences")).ok().body;
    let all = body["audiences"].as_array().unwrap();
    all.iter().find(|one| one["id"] == audience).cloned().unwrap_or_default()
}

fn is_in(app: &TestApp, profile: &str, audience: &str) -> bool {
    standing(app, profile, audience)["is_in"].as_bool().unwrap()
}

/// Whom the audience counts, by their ids.
fn members(app: &TestApp, audience: &str) -> Vec<String> {
    let body = app.get(&format!("{AUDIENCES}/{audience}/members")).ok().body;
    let all = body["result"].as_array().unwrap();
    let size = app.get(&format!("{AUDIENCES}/{audience}")).ok().body["members"].clone();
    assert_eq!(size, json!(all.len()));
    all.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// What history tells of somebody's audiences, oldest first: type, time, audience, reason.
fn told(app: &TestApp, profile: &str) -> Vec<[String; 4]> {
    let events = app.get(&format!("/events/profile/{profile}?limit=100")).ok().body;
    let events = events["result"].as_array().unwrap().iter().rev();
    let ours = events.filter(|event| event["type"].as_str().unwrap().starts_with("audience-"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |event: &Value| {
        let time = text(&event["metadata"]["time"]["insert"]);
        [
            text(&event["type"]),
            time,
            text(&event["properties"]["audience"]),
            text(&event["properties"]["reason"]),
        ]
    };
    ours.map(one).collect()
}

/// The jobs, as a server has them.
fn jobs(app: &TestApp) -> Jobs {
    Jobs::start(app.app(), None).unwrap()
}
