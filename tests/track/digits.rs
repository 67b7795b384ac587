//! Numbers keep their digits wherever they become texts, or are compared (docs/decisions/0017).

use axum::body::Body;
use axum::http::Request;

use crate::support::app::SOURCE;
use crate::support::{Reply, TestApp};

/// More digits than a float has, alike but for the last.
const ANN: &str = "89490200001234567890";
const BOB: &str = "89490200001234567899";

/// A payload that is sent as it stands: digits and all.
fn send(app: &TestApp, session: &str, kind: &str, properties: &str) -> Reply {
    let payload = format!(
        r#"{{"source":{{"id":"{SOURCE}"}},"session":{{"id":"{session}"}},
            "events":[{{"id":"{session}","type":"{kind}","properties":{properties}}}]}}"#
    );
    let request = Request::post("/track").header("content-type", "application/json");
    app.send(request.body(Body::from(payload)).unwrap()).ok()
}

fn found(app: &TestApp, filter: &str) -> Vec<String> {
    let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let told =
        app.get(&format!("/api/events?limit=100&where={filter}")).ok().body["result"].clone();
    let ids = told.as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned());
    let mut ids: Vec<String> = ids.filter(|id| id.len() < 10).collect();
    ids.sort();
    ids
}

#[test]
fn people_with_long_numbers_for_keys_are_different_people() {
    let app = TestApp::new();
    let [ann, bob] = [("ann", ANN), ("bob", BOB)].map(|(session, key)| {
        let properties = format!(r#"{{"pk":{key},"firstname":"x"}}"#);
        send(&app, session, "sign-in", &properties).profile()
    });
    assert_ne!(ann, bob);
    for (id, key) in [(ann, ANN), (bob, BOB)] {
        let profile = app.get(&format!("/profile/{id}")).ok();
        assert!(profile.text.contains(&format!("\"{key}\"")), "{}", profile.text);
        assert!(!profile.text.contains("e+19"), "{}", profile.text);
    }
}

#[test]
fn what_differs_in_the_last_digit_does_not_match() {
    let app = TestApp::new();
    let all = [
        ("a", "1234567890123456789"),
        ("b", "1234567890123456790"),
        ("c", ANN),
        ("d", BOB),
        ("e", "123456789012345678901234567890123456"),
        ("f", "123456789012345678901234567890123457"),
    ];
    for (session, number) in all {
        send(&app, session, "order", &format!(r#"{{"user":{number},"list":[{number}]}}"#));
    }
    for is_in_files in [false, true] {
        for (id, number) in all {
            assert_eq!(found(&app, &format!("properties.user = {number}")), [id], "{number}");
            assert_eq!(found(&app, &format!("properties.user = \"{number}\"")), [id], "{number}");
            assert_eq!(
                found(&app, &format!("properties.list CONTAINS {number}")),
                [id],
                "{number}"
            );
        }
        if !is_in_files {
            app.app().lake.flush().unwrap();
        }
    }
}

/// Numbers of all kinds, in properties, in what is copied of them, and in a person.
const NUMBERS: &str =
    r#"[89490200001234567890,1.10,0.12345678901234567891234,-9223372036854775809]"#;

fn is_kept(text: &str) -> bool {
    text.replace([' ', '\n'], "").contains(NUMBERS)
}

#[test]
fn numbers_are_told_with_the_digits_that_were_sent() {
    let app = TestApp::new();
    let properties = format!(r#"{{"numbers":{NUMBERS},"name":"x","passport":"p"}}"#);
    send(&app, "s", "order", &properties);
    for is_in_files in [false, true] {
        for address in ["/event/s", "/api/events?type=order", "/events/session/s"] {
            let reply = app.get(address);
            assert!(
                reply.status != 200 || is_kept(&reply.text),
                "{address} {is_in_files} {}",
                reply.text
            );
        }
        for (sql, format) in [
            ("SELECT CAST(properties AS VARCHAR) AS p FROM events WHERE type = 'order'", "csv"),
            ("SELECT properties FROM events WHERE type = 'order'", "csv"),
        ] {
            let asked = serde_json::json!({"query": sql});
            let told = app.post(&format!("/sql?format={format}"), &asked).ok();
            assert!(
                is_kept(&told.text.replace("\"\"", "\"")),
                "{sql} {format} {is_in_files} {}",
                told.text
            );
        }
        if !is_in_files {
            app.app().lake.flush().unwrap();
        }
    }
}

#[test]
fn a_persons_numbers_survive_changes_and_merges() {
    let app = TestApp::new();
    let named = |session: &str, more: &str| {
        send(&app, session, "identification", &format!(r#"{{"pk":"p",{more}}}"#)).profile()
    };
    named("one", &format!(r#""id":{ANN}"#));
    let id = named("two", &format!(r#""coupons":[{BOB}]"#));
    let text = app.get(&format!("/profile/{id}")).ok().text;
    assert!(text.contains(ANN), "{text}");
}

/// A reader of JSON has such keys for itself; nobody who sends one may spoil what others ask.
#[test]
fn private_keys_of_the_reader_are_data_as_any() {
    let app = TestApp::new();
    for (at, key) in ["Number", "RawValue"].iter().enumerate() {
        for (nth, value) in ["\"1\"", "\"x\"", "5"].iter().enumerate() {
            let properties = format!(r#"{{"a":{{"$serde_json::private::{key}":{value}}}}}"#);
            send(&app, &format!("s{at}{nth}"), "order", &properties);
        }
    }
    let told = app.get("/api/events?limit=100&type=order").ok().body;
    assert_eq!(told["result"].as_array().unwrap().len(), 6, "{told}");
}
