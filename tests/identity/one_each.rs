//! What a person has one of: two values never meet in one profile.

use serde_json::{Value, json};

use crate::support::{Reply, TestApp};

fn sign_in(properties: &Value) -> Value {
    json!({"type": "sign-in", "properties": properties})
}

#[expect(clippy::needless_pass_by_value, reason = "the events are written in place")]
fn send(app: &TestApp, session: &str, events: Value) -> Reply {
    app.track(json!({"session": {"id": session}, "events": events})).ok()
}

fn ann() -> Value {
    sign_in(&json!({"pk": "ann-1", "email": {"main": "ann@example.com"}}))
}

fn bob() -> Value {
    sign_in(&json!({"pk": "bob-2", "email": {"main": "bob@example.com"}}))
}

fn view() -> Value {
    json!({"type": "page-view"})
}

fn views(app: &TestApp, id: &str) -> usize {
    app.events(id).into_iter().filter(|kind| kind == "page-view").count()
}

fn email(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/profile/{id}")).ok().body["data"]["contact"]["email"]["main"].clone()
}

#[test]
fn a_shared_computer_changes_hands() {
    let app = TestApp::new();
    let ann_is = send(&app, "ann's phone", json!([ann()])).profile();
    let bob_is = send(&app, "bob's phone", json!([bob()])).profile();
    app.advance(60);
    let visitor = send(&app, "shared", json!([view()])).profile();
    app.advance(60);
    assert_eq!(send(&app, "shared", json!([ann(), view()])).profile(), ann_is);
    let reply = send(&app, "shared", json!([bob(), view()]));
    assert_eq!((reply.profile(), reply.warnings()), (bob_is.clone(), vec!["person_changed"]));
    assert_eq!(app.get("/session/shared").ok().body["profile"]["id"], json!(bob_is));
    assert_eq!(app.get(&format!("/profile/{visitor}")).ok().body["id"], json!(ann_is));
    assert_eq!((views(&app, &ann_is), views(&app, &bob_is)), (2, 1));
    assert_eq!(email(&app, &ann_is), "ann@example.com");
    assert_eq!(email(&app, &bob_is), "bob@example.com");
    assert_eq!(send(&app, "shared", json!([view()])).profile(), bob_is, "from here on it is his");
}

#[test]
fn who_is_not_known_yet_is_somebody_new() {
    let app = TestApp::new();
    let ann_is = send(&app, "shared", json!([view(), ann()])).profile();
    let reply = send(&app, "shared", json!([bob(), view()]));
    assert_eq!(reply.warnings(), ["person_changed"]);
    assert_ne!(reply.profile(), ann_is);
    assert_eq!(send(&app, "bob's phone", json!([bob()])).profile(), reply.profile());
    assert_eq!(send(&app, "ann's phone", json!([ann()])).profile(), ann_is);
    assert_eq!((views(&app, &ann_is), views(&app, &reply.profile())), (1, 1));
}

#[test]
fn in_one_payload_everybody_has_what_came_in_their_turn() {
    let app = TestApp::new();
    let events = json!([view(), ann(), view(), bob(), view(), view(), view(), ann()]);
    let reply = send(&app, "shared", events);
    assert_eq!(reply.warnings(), ["person_changed", "person_changed"]);
    let ann_is = reply.profile();
    let bob_is = send(&app, "bob's phone", json!([bob()])).profile();
    assert_eq!((views(&app, &ann_is), views(&app, &bob_is)), (2, 3));
    assert_eq!(email(&app, &ann_is), "ann@example.com");
    assert_eq!(app.get("/session/shared").ok().body["profile"]["id"], json!(ann_is));
    assert_eq!(app.get("/profile/count").ok().body["count"], 2);
}

#[test]
fn what_was_said_before_somebody_else_signs_in_is_whose_the_visit_was() {
    let app = TestApp::new();
    let ann_is = send(&app, "shared", json!([ann()])).profile();
    let bob_is = send(&app, "bob's phone", json!([bob()])).profile();
    app.advance(60);
    let rename = json!({"type": "profile-update", "properties": {"pii": {"firstname": "Ann"},
        "contact": {"email": {"main": "ann-new@example.com"}}}});
    let consent = json!({"type": "consent-update", "properties": {"consents": {"mail": true}}});
    let reply = send(&app, "shared", json!([rename, consent, view(), bob(), view(), view()]));
    assert_eq!((reply.profile(), reply.warnings()), (bob_is.clone(), vec!["person_changed"]));
    assert_eq!((views(&app, &ann_is), views(&app, &bob_is)), (1, 2));
    assert_eq!(email(&app, &ann_is), "ann-new@example.com");
    assert_eq!(email(&app, &bob_is), "bob@example.com");
    let consents = |id: &str| app.get(&format!("/profile/{id}")).ok().body["consents"].clone();
    assert_eq!(
        (consents(&ann_is), consents(&bob_is)),
        (json!({"mail": {"revoke": null}}), json!({}))
    );
    let new = sign_in(&json!({"email": {"main": "ann-new@example.com"}}));
    assert_eq!(send(&app, "ann's phone", json!([new])).profile(), ann_is);
    // Her address alone does not make it hers: whoever names it with another key is not her.
    let by_mail = sign_in(&json!({"email": {"main": "ann-new@example.com"}}));
    let cyd = sign_in(&json!({"pk": "cyd-3"}));
    let reply = send(&app, "new", json!([by_mail, cyd, view()]));
    assert_eq!((reply.warnings(), views(&app, &reply.profile())), (vec!["people_kept_apart"], 1));
    assert_ne!(reply.profile(), ann_is);
}

#[test]
fn an_address_does_not_bring_two_together_who_have_one_each() {
    let app = TestApp::new();
    let ann_is = send(&app, "ann's phone", json!([ann()])).profile();
    let bob_is = send(&app, "bob's phone", json!([bob()])).profile();
    let reply =
        send(&app, "ann's phone", json!([sign_in(&json!({"email": {"main": "bob@example.com"}}))]));
    assert_eq!((reply.profile(), reply.warnings()), (ann_is.clone(), vec!["people_kept_apart"]));
    assert_eq!(app.get(&format!("/profile/{bob_is}")).ok().body["id"], json!(bob_is));
    let by_mail = sign_in(&json!({"email": {"main": "bob@example.com"}}));
    assert_eq!(send(&app, "new", json!([by_mail])).profile(), bob_is, "it is still his");
}

#[test]
fn neither_does_a_third_who_is_known_by_both_their_addresses() {
    let app = TestApp::new();
    let ann_is = send(&app, "ann's phone", json!([ann()])).profile();
    let bob_is = send(&app, "bob's phone", json!([bob()])).profile();
    app.advance(60);
    let both = json!({"email": {"main": "ann@example.com", "private": "bob@example.com"}});
    let reply = send(&app, "third", json!([sign_in(&both)]));
    assert_eq!((reply.profile(), reply.warnings()), (ann_is, vec!["people_kept_apart"]));
    assert_eq!(app.get(&format!("/profile/{bob_is}")).ok().body["id"], json!(bob_is));
}

#[test]
fn a_source_with_ids_of_its_own_knows_whose_it_is() {
    let app = TestApp::new();
    app.add_source("crm", |source| source.static_profile_id = true);
    let send = |pk: &str| {
        let events = json!([sign_in(&json!({"pk": pk}))]);
        let payload = json!({"source": {"id": "crm"}, "session": {"id": pk},
            "profile": {"id": "customer-7"}, "events": events});
        app.track(payload).ok()
    };
    assert_eq!(send("a-1").profile(), "customer-7");
    let reply = send("b-2");
    assert_eq!(
        (reply.profile().as_str(), reply.warnings()),
        ("customer-7", vec!["identifiers_too_many"])
    );
}

#[test]
fn more_values_than_a_person_may_have_are_left_out() {
    let app = TestApp::new();
    app.post("/api/identity/namespaces", &json!({"id": "email", "values_max": 2})).ok();
    let by =
        |name: &str| json!([sign_in(&json!({"email": {"main": format!("{name}@example.com")}}))]);
    let one = send(&app, "s", by("a")).profile();
    assert!(send(&app, "s", by("b")).warnings().is_empty());
    assert_eq!(send(&app, "s", by("c")).warnings(), ["identifiers_too_many"]);
    assert_ne!(send(&app, "other", by("c")).profile(), one);
    assert_eq!(send(&app, "third", by("b")).profile(), one);
    let reply = send(&app, "s", by("c"));
    assert_eq!((reply.profile(), reply.warnings()), (one, vec!["people_kept_apart"]));
}

#[test]
fn what_a_person_has_one_of_is_configuration() {
    let app = TestApp::new();
    app.post("/api/identity/namespaces", &json!({"id": "pk", "unique": false})).ok();
    let one = send(&app, "s", json!([ann()])).profile();
    let reply = send(&app, "s", json!([bob()]));
    assert_eq!((reply.profile(), reply.warnings().len()), (one, 0));
}
