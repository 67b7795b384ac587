//! Words that identify nobody never do.

use serde_json::{Value, json};

use crate::support::TestApp;

fn say(app: &TestApp, session: &str, properties: &Value) -> (String, Vec<String>) {
    let event = json!({"id": session, "type": "identification", "properties": properties});
    let reply = app.track(json!({"session": {"id": session}, "events": [event]})).ok();
    (reply.profile(), reply.warnings().into_iter().map(str::to_owned).collect())
}

#[test]
fn two_strangers_who_say_nothing_stay_two() {
    let app = TestApp::new();
    let words = [
        "undefined",
        "null",
        "[object Object]",
        "NaN",
        "0",
        "-",
        "{{customer.id}}",
        "${id}",
        "00000000-0000-0000-0000-000000000000",
        "N/A",
        "guest",
    ];
    for (number, word) in words.into_iter().enumerate() {
        for property in ["pk", "id"] {
            let said = |who: u8| {
                say(&app, &format!("{property} {number} {who}"), &json!({property: word}))
            };
            let (one, other) = (said(1), said(2));
            assert_ne!(one.0, other.0, "{property}: {word}");
            assert_eq!(one.1, ["identifier_meaningless"], "{property}: {word}");
        }
        for property in ["email", "phone"] {
            let said = |who: u8| {
                let properties = json!({property: {"main": word}});
                say(&app, &format!("{property} {number} {who}"), &properties)
            };
            let (one, other) = (said(1), said(2));
            assert_ne!(one.0, other.0, "{property}: {word}");
            assert_eq!(one.1, ["identifier_meaningless"], "{property}: {word}");
        }
    }
}

#[test]
fn what_has_not_the_shape_of_an_address_or_a_number_names_nobody() {
    let app = TestApp::new();
    for (number, (property, value)) in [
        ("email", "ann"),
        ("email", "ann@localhost"),
        ("email", "ann smith@example.com"),
        ("email", "noreply@shop.example"),
        ("phone", "123"),
        ("phone", "0000000000"),
        ("phone", "ask my wife"),
    ]
    .into_iter()
    .enumerate()
    {
        let said =
            |who: u8| say(&app, &format!("{number} {who}"), &json!({property: {"main": value}}));
        assert_ne!(said(1).0, said(2).0, "{value}");
    }
}

#[test]
fn the_event_is_kept_and_the_warning_says_which_and_where_and_not_what() {
    let app = TestApp::new();
    let event = json!({"id": "e1", "type": "sign-in", "properties": {"pk": "[object Object]"}});
    let reply = app.track(json!({"session": {"id": "s"}, "events": [event]})).ok();
    let warning = &reply.body["warnings"][0];
    assert_eq!(warning["event_id"], "e1");
    assert_eq!(warning["message"], "what pk says identifies nobody; the event is kept");
    assert_eq!(app.get("/event/e1").ok().body["event"]["type"], "sign-in");
}

#[test]
fn a_field_that_was_left_empty_is_no_fault() {
    let app = TestApp::new();
    let said = say(&app, "s", &json!({"pk": " ", "id": null, "email": {"main": ""}}));
    assert!(said.1.is_empty(), "{:?}", said.1);
}

#[test]
fn the_list_of_words_is_the_companys() {
    let app = TestApp::new();
    let namespaces = "/api/identity/namespaces";
    app.post(namespaces, &json!({"id": "pk", "meaningless": ["walk-in", "till-*"]})).ok();
    for (word, is_one) in [("Walk-In", false), ("till-7", false), ("undefined", true)] {
        let said = |who: u8| say(&app, &format!("{word} {who}"), &json!({"pk": word})).0;
        assert_eq!(said(1) == said(2), is_one, "{word}");
    }
}
