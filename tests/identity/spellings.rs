//! One person is one, however what names them is spelt.

use kith::model::Bridge;
use serde_json::{Value, json};

use super::rebuilding::said;
use crate::support::TestApp;
use crate::support::app::post;

/// Who says this: by the raw JSON of the properties, in a visit of its own.
fn who(app: &TestApp, session: &str, properties: &str) -> (String, Vec<String>) {
    let properties: Value = serde_json::from_str(properties).unwrap();
    let reply = app.track(said(session, "identification", &properties)).ok();
    (reply.profile(), reply.warnings().into_iter().map(str::to_owned).collect())
}

#[track_caller]
fn are_one(spellings: &[&str]) {
    let app = TestApp::new();
    let first = who(&app, "first", spellings[0]);
    for (number, spelling) in spellings.iter().enumerate() {
        assert_eq!(who(&app, &format!("again {number}"), spelling), first, "{spelling}");
    }
    assert!(first.1.is_empty(), "{:?}", first.1);
}

#[test]
fn a_number_is_what_it_is_worth() {
    are_one(&[r#"{"pk": 72}"#, r#"{"pk": 72.0}"#, r#"{"pk": 7.2e1}"#, r#"{"pk": "72"}"#]);
    are_one(&[r#"{"pk": 1e2}"#, r#"{"pk": 100}"#]);
    are_one(&[r#"{"pk": 89490200001234567890.0}"#, r#"{"pk": 89490200001234567890}"#]);
}

#[test]
fn texts_are_what_they_say() {
    let app = TestApp::new();
    let all = [r#"{"pk": "72"}"#, r#"{"pk": "72.0"}"#, r#"{"pk": "072"}"#, r#"{"pk": 72.5}"#];
    let mut people: Vec<String> = all.into_iter().map(|one| who(&app, one, one).0).collect();
    people.sort_unstable();
    people.dedup();
    assert_eq!(people.len(), 4);
}

#[test]
fn nothing_is_nobody_however_it_is_written() {
    let app = TestApp::new();
    for zero in ["0", "0.0", "-0.0", "0e5", "-1.0"] {
        let properties = format!("{{\"pk\": {zero}}}");
        let said = |who: &str| self::who(&app, &format!("{zero} {who}"), &properties);
        let (one, other) = (said("one"), said("other"));
        assert_ne!(one.0, other.0, "{zero}");
        assert_eq!(other.1, ["identifier_meaningless"], "{zero}");
    }
}

#[test]
fn letters_are_one_however_they_are_put_together() {
    are_one(&["{\"pk\": \"jos\u{e9}\"}", "{\"pk\": \"jose\u{301}\u{200b}\"}"]);
    are_one(&[
        "{\"email\": {\"main\": \"jos\u{e9}@example.com\"}}",
        "{\"email\": {\"main\": \"jose\u{301}@example.com\"}}",
    ]);
}

#[test]
fn addresses_and_numbers_are_one_however_they_were_copied() {
    are_one(&[
        r#"{"email": {"main": "ann@xn--bcher-kva.example"}}"#,
        r#"{"email": {"main": "ann@bücher.example"}}"#,
        r#"{"email": {"main": "mailto:ann@bücher.example"}}"#,
    ]);
    are_one(&[
        r#"{"phone": {"main": "+48601100200"}}"#,
        r#"{"phone": {"main": "tel:+48601100200"}}"#,
        r#"{"phone": {"main": "＋48 601 100 200"}}"#,
        "{\"phone\": {\"main\": \"+48 601 100 200\u{200b}\"}}",
    ]);
}

#[test]
fn a_webhooks_number_is_an_id_however_it_is_written() {
    let app = TestApp::new();
    app.add_source("hook", |source| {
        source.bridges = vec![Bridge::Webhook];
        source.webhook.replace_profile_id = Some("customer.id".to_owned());
    });
    for number in ["501", "501.0", "5.01e2"] {
        let body = serde_json::from_str(&format!("{{\"customer\": {{\"id\": {number}}}}}"));
        let reply = app.send(post("/collect/order/hook", &body.unwrap())).ok();
        assert_eq!(reply.profile(), "501", "{number}");
    }
}

#[test]
fn strangers_who_left_a_placeholder_stay_strangers() {
    let app = TestApp::new();
    let said = |namespace: &str, value: &str| match namespace {
        "pk" | "id" => json!({namespace: value}),
        _ => json!({namespace: {"main": value}}),
    };
    for (number, (namespace, value)) in [
        ("pk", "\"undefined\""),
        ("id", "undefined undefined"),
        ("pk", "*|EMAIL|*"),
        ("pk", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ("email", "{{email}}@x.com"),
        ("email", "facebook@facebook.invalid"),
        ("email", "foo@x.test"),
        ("email", "noemail@noemail.com"),
        ("email", "a@1.2"),
        ("phone", "12345678"),
        ("phone", "1212121212"),
        ("phone", "2026-01-05"),
    ]
    .into_iter()
    .enumerate()
    {
        let properties = said(namespace, value).to_string();
        let one = who(&app, &format!("one {number}"), &properties);
        let other = who(&app, &format!("other {number}"), &properties);
        assert_ne!(one.0, other.0, "{value}");
        assert_eq!(other.1, ["identifier_meaningless"], "{value}");
    }
}
