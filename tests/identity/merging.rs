//! Two profiles turn out to be one person.

use serde_json::{Value, json};

use crate::support::{TestApp, engine};

fn sign_in(session: &str, email: &str) -> Value {
    let events = json!([{"type": "sign-in", "properties": {"email": {"main": email}}}]);
    json!({"session": {"id": session}, "events": events})
}

fn visit(session: &str) -> Value {
    json!({"session": {"id": session}, "events": [{"type": "page-view"}]})
}

fn interest(session: &str, times: u64) -> Value {
    let properties = json!({"interest": "sport", "value": times});
    let event = json!({"type": "increase-interest", "properties": properties});
    json!({"session": {"id": session}, "events": [event]})
}

#[test]
fn the_older_profile_lives_on_and_both_ids_lead_to_it() {
    let app = TestApp::new();
    let phone = app.track(sign_in("phone", "ann@example.com")).ok().profile();
    app.advance(60);
    let laptop = app.track(visit("laptop")).ok().profile();
    assert_ne!(phone, laptop);
    let together = app.track(sign_in("laptop", "ANN@example.com")).ok().profile();
    assert_eq!(together, phone);
    for id in [&phone, &laptop] {
        let document = app.get(&format!("/profile/{id}")).ok().body;
        assert_eq!(document["id"], json!(phone));
        assert_eq!(document["ids"], json!([phone, laptop]));
        assert_eq!(document["metadata"]["time"]["visit"]["count"], 2);
    }
    let session = app.get("/session/laptop").ok().body;
    assert_eq!(session["profile"]["id"], json!(phone));
}

#[test]
fn events_from_before_are_found_under_every_id() {
    let app = TestApp::new();
    let phone = app.track(sign_in("phone", "ann@example.com")).ok().profile();
    app.advance(60);
    let laptop = app.track(visit("laptop")).ok().profile();
    app.track(sign_in("laptop", "ann@example.com")).ok();
    assert_eq!(app.events(&phone), app.events(&laptop));
    let views = app.events(&phone).into_iter().filter(|kind| kind == "page-view").count();
    assert_eq!(views, 1);
}

#[test]
fn interests_add_up() {
    let app = TestApp::new();
    app.track(sign_in("phone", "ann@example.com")).ok();
    app.track(interest("phone", 3)).ok();
    app.advance(60);
    app.track(interest("laptop", 4)).ok();
    let id = app.track(sign_in("laptop", "ann@example.com")).ok().profile();
    let document = app.get(&format!("/profile/{id}")).ok().body;
    assert_eq!(document["interests"], json!({"sport": 7}));
}

#[test]
fn sums_of_two_people_have_every_digit_and_so_has_what_is_left_of_them() {
    let app = TestApp::new();
    let spent = |session: &str, value: &str| {
        let value: Value = serde_json::from_str(value).unwrap();
        let event = |kind: &str, properties: Value| json!({"type": kind, "properties": properties});
        let interest = json!({"interest": "sport", "value": value});
        let events = [
            event("checkout-completed", json!({"value": value})),
            event("increase-interest", interest),
        ];
        json!({"session": {"id": session}, "events": events})
    };
    let sums = |id: &str| {
        let document = app.get(&format!("/profile/{id}")).ok().body;
        let metrics = document["data"]["metrics"]["ltcocv"].to_string();
        assert_eq!(document["interests"]["sport"].to_string(), metrics);
        metrics
    };
    for (number, [one, other, both]) in [
        ["0.1", "0.2", "0.3"],
        ["9007199254740993", "9007199254740992", "18014398509481985"],
        ["19.99", "-0.09", "19.9"],
    ]
    .into_iter()
    .enumerate()
    {
        let [phone, laptop] = ["phone", "laptop"].map(|device| format!("{device} {number}"));
        let email = format!("ann{number}@example.com");
        app.track(sign_in(&phone, &email)).ok();
        let first = app.track(spent(&phone, one)).ok().profile();
        app.advance(60);
        let second = app.track(spent(&laptop, other)).ok().profile();
        app.track(sign_in(&laptop, &email)).ok();
        assert_eq!(sums(&first), both);
        app.advance(60);
        let identity = app.get(&format!("/api/profiles/{first}/identity")).ok().body;
        let merge = identity["merges"][0]["id"].as_str().unwrap().to_owned();
        app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok();
        assert_eq!([sums(&first), sums(&second)], [one, other]);
    }
}

#[test]
fn one_payload_may_unite_three() {
    let app = TestApp::new();
    let event =
        |key: &str, value: &str| json!({"type": "sign-in", "properties": {key: {"main": value}}});
    let by = |session: &str, events: Value| json!({"session": {"id": session}, "events": events});
    let first = app.track(by("a", json!([event("email", "a@example.com")]))).ok().profile();
    app.advance(1);
    let second = app.track(by("b", json!([event("phone", "+48 600 100 200")]))).ok().profile();
    app.advance(1);
    let third = app.track(visit("c")).ok().profile();
    let both = json!([event("email", "a@example.com"), event("phone", "+48 600 100 200")]);
    assert_eq!(app.track(by("c", both)).ok().profile(), first);
    for id in [&second, &third] {
        assert_eq!(app.get(&format!("/profile/{id}")).ok().body["id"], json!(first));
    }
    assert_eq!(app.get("/profile/count").ok().body["count"], 1);
}

#[test]
fn what_is_only_sent_to_somebody_does_not_say_who_it_is() {
    let app = TestApp::new();
    let one = app.track(sign_in("phone", "ann@example.com")).ok().profile();
    let sent =
        json!({"type": "message-sent", "properties": {"email": {"main": "ann@example.com"}}});
    let other = app.track(json!({"session": {"id": "bot"}, "events": [sent]})).ok().profile();
    assert_ne!(one, other);
}

#[test]
fn nothing_is_merged_when_the_profile_is_not_to_be_saved() {
    let app = TestApp::new();
    let one = app.track(sign_in("phone", "ann@example.com")).ok().profile();
    app.advance(1);
    let other = app.track(visit("laptop")).ok().profile();
    let mut payload = sign_in("laptop", "ann@example.com");
    payload["options"] = json!({"saveProfile": false});
    app.track(payload).ok();
    assert_eq!(app.get(&format!("/profile/{other}")).ok().body["id"], json!(other));
    assert_eq!(app.get(&format!("/profile/{one}")).ok().body["ids"], json!([one]));
}

#[test]
fn a_removed_profile_takes_its_identifiers_with_it() {
    let app = TestApp::new();
    let one = app.track(sign_in("phone", "ann@example.com")).ok().profile();
    assert_eq!(app.delete(&format!("/profile/{one}")).ok().status, 200);
    assert_eq!(app.get(&format!("/profile/{one}")).status, 404);
    app.advance(1);
    let other = app.track(sign_in("laptop", "ann@example.com")).ok().profile();
    assert_ne!(one, other);
}

#[test]
fn a_merge_is_recorded_with_its_evidence_and_both_sides_before() {
    let app = TestApp::new();
    let phone = app.track(sign_in("phone", "ann@example.com")).ok().profile();
    app.advance(60);
    let laptop = app.track(visit("laptop")).ok().profile();
    app.track(sign_in("laptop", "ann@example.com")).ok();
    let rows = engine::rows(app.folder(), "SELECT loser, winner, body FROM merge");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0][..2], [laptop, phone]);
    let body: Value = serde_json::from_str(&rows[0][2]).unwrap();
    insta::with_settings!({sort_maps => true}, {
        assert_json_snapshot!("merge record", body);
    });
}

#[test]
fn the_evidence_of_a_merge_is_the_event_that_named_the_key() {
    let app = TestApp::new();
    app.track(sign_in("phone", "ann@example.com")).ok();
    app.advance(60);
    let mut payload = sign_in("laptop", "ann@example.com");
    let signed_in = payload["events"][0].clone();
    payload["events"] = json!([{"id": "e1", "type": "page-view"}, signed_in]);
    payload["events"][1]["id"] = json!("e2");
    app.track(visit("laptop")).ok();
    app.track(payload).ok();
    let rows = engine::rows(app.folder(), "SELECT body FROM merge");
    let body: Value = serde_json::from_str(&rows[0][0]).unwrap();
    assert_eq!(body["event"], "e2");
}
