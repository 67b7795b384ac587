//! People who become one are counted as one, and who comes apart as what each did.

use serde_json::{Value, json};

use super::{audience, did, does, is_in, members, told, warm};
use crate::identity::rebuilding::{put, shadow, switch};
use crate::lake::support::{DAY, lake};
use crate::support::TestApp;

pub(super) fn known_by(app: &TestApp, session: &str, key: &str) -> String {
    app.track(did(session, "profile-update", &json!({"identifier": {"id": key}}))).ok().profile()
}

pub(super) fn undo(app: &TestApp, id: &str) -> Value {
    let identity = app.get(&format!("/api/profiles/{id}/identity")).ok().body;
    let merge = identity["merges"][0]["id"].as_str().unwrap().to_owned();
    app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok().body
}

/// A phone, whose id lives on, and a laptop with two orders, who have become one.
pub(super) fn one_who_was_two(app: &TestApp) -> [String; 2] {
    let phone = known_by(app, "phone", "K1");
    app.advance(60);
    let laptop = does(app, "laptop", "order");
    does(app, "laptop", "order");
    app.advance(60);
    assert_eq!(known_by(app, "laptop", "K1"), phone);
    app.advance(60);
    [phone, laptop]
}

#[test]
fn what_two_did_is_united_with_the_merger_and_comes_apart_with_it() {
    let app = TestApp::new();
    audience(&app, "often", "DID \"order\" AT LEAST 3 TIMES");
    let phone = known_by(&app, "phone", "K1");
    does(&app, "phone", "order");
    app.advance(60);
    let laptop = does(&app, "laptop", "order");
    does(&app, "laptop", "order");
    assert!(!is_in(&app, &phone, "often") && !is_in(&app, &laptop, "often"));
    app.advance(60);
    assert_eq!(known_by(&app, "laptop", "K1"), phone);
    assert!(is_in(&app, &phone, "often"), "three in all");
    assert_eq!(members(&app, "often"), std::slice::from_ref(&phone));
    app.advance(60);
    does(&app, "laptop", "order");
    app.advance(60);
    undo(&app, &phone);
    super::time(&app);
    assert!(!is_in(&app, &phone, "often"), "one of its own");
    assert!(is_in(&app, &laptop, "often"), "three of its own");
    assert_eq!(members(&app, "often"), [laptop]);
}

#[test]
fn a_rule_that_is_younger_than_the_merger_counts_what_each_did_before_it() {
    let app = TestApp::new();
    let [phone, laptop] = one_who_was_two(&app);
    audience(&app, "often", "DID \"order\" AT LEAST 2 TIMES");
    assert_eq!(members(&app, "often"), std::slice::from_ref(&phone));
    undo(&app, &phone);
    super::time(&app);
    assert_eq!(members(&app, "often"), [laptop]);
}

fn segments(app: &TestApp, profile: &str) -> Value {
    app.get(&format!("/profile/{profile}")).ok().body["segments"].clone()
}

/// A segment of those who did two orders within an hour, and two who have become one: so many orders of each.
fn one_of_a_segment(app: &TestApp, orders: [usize; 2]) -> [String; 2] {
    let condition = "DID \"order\" AT LEAST 2 TIMES WITHIN 1h";
    app.post("/segment", &json!({"name": "Buyers", "condition": condition})).ok();
    warm(app);
    let phone = known_by(app, "phone", "K1");
    app.advance(60);
    let laptop = does(app, "laptop", "visit");
    for (session, many) in ["phone", "laptop"].into_iter().zip(orders) {
        (0..many).for_each(|_| drop(does(app, session, "order")));
    }
    app.advance(60);
    assert_eq!(known_by(app, "laptop", "K1"), phone);
    assert_eq!(segments(app, &phone), json!(["buyers"]));
    app.advance(60);
    [phone, laptop]
}

#[test]
fn who_was_in_a_segment_only_as_one_with_another_leaves_it_when_they_are_two_again() {
    let app = TestApp::new();
    let both = one_of_a_segment(&app, [1, 1]);
    assert_eq!(undo(&app, &both[0])["untold"], json!([]));
    for one in &both {
        assert_eq!(segments(&app, one), json!(["buyers"]), "until it is looked at");
    }
    super::time(&app);
    assert_eq!(members(&app, "buyers"), Vec::<String>::new());
    for one in &both {
        assert_eq!((is_in(&app, one, "buyers"), segments(&app, one)), (false, json!([])));
    }
    assert_eq!(last_told(&app, &both[1]), ["audience-left", "undo"]);
    assert_eq!(told(&app, &both[0]), Vec::<[String; 4]>::new(), "it was told of the other");
    // What is in doubt no more holds on: who enters stays.
    does(&app, "phone", "order");
    app.advance(7_200);
    super::time(&app);
    assert_eq!(members(&app, "buyers"), both[..1]);
}

#[test]
fn who_was_in_a_segment_before_they_were_one_with_another_stays() {
    let app = TestApp::new();
    let [phone, laptop] = one_of_a_segment(&app, [0, 2]);
    // By what they did they would not come in any more.
    app.advance(7_200);
    undo(&app, &phone);
    super::time(&app);
    assert_eq!(members(&app, "buyers"), std::slice::from_ref(&laptop));
    assert_eq!((segments(&app, &phone), segments(&app, &laptop)), (json!([]), json!(["buyers"])));
}

#[test]
fn who_has_come_into_a_segment_since_by_their_own_orders_stays_in_it() {
    let app = TestApp::new();
    let [phone, laptop] = one_of_a_segment(&app, [1, 1]);
    does(&app, "laptop", "order");
    undo(&app, &phone);
    super::time(&app);
    app.advance(7_200);
    super::time(&app);
    assert_eq!(members(&app, "buyers"), std::slice::from_ref(&laptop));
    assert_eq!((segments(&app, &phone), segments(&app, &laptop)), (json!([]), json!(["buyers"])));
}

/// As all that no event tells: it stays with the older one.
#[test]
fn what_brought_them_into_a_segment_is_no_more_and_the_older_one_stays() {
    let app = TestApp::new();
    let condition = "DID \"order\" AT LEAST 2 TIMES WITHIN 1h";
    app.post("/segment", &json!({"name": "Buyers", "condition": condition})).ok();
    warm(&app);
    let phone = known_by(&app, "phone", "K1");
    app.advance(60);
    let laptop = does(&app, "laptop", "visit");
    app.advance(60);
    assert_eq!(known_by(&app, "laptop", "K1"), phone);
    app.advance(60);
    for session in ["phone", "laptop"] {
        assert_eq!(does(&app, session, "order"), phone);
    }
    assert_eq!(segments(&app, &phone), json!(["buyers"]));
    app.add_source("shop", |source| source.retention_days = 1);
    app.advance(3 * DAY);
    lake(&app).flush().unwrap();
    assert!(lake(&app).expire(&app.app().registry.now()).unwrap().events >= 4);
    undo(&app, &phone);
    super::time(&app);
    assert_eq!(members(&app, "buyers"), std::slice::from_ref(&phone));
    assert_eq!((segments(&app, &phone), segments(&app, &laptop)), (json!(["buyers"]), json!([])));
}

pub(super) fn sign_in(app: &TestApp, session: &str) -> String {
    let address = json!({"email": {"main": "info@shop.example"}});
    app.track(did(session, "sign-in", &address)).ok().profile()
}

/// Type and reason of the last that history tells of somebody's audiences.
fn last_told(app: &TestApp, profile: &str) -> [String; 2] {
    super::time(app);
    let [kind, .., reason] = told(app, profile).pop().unwrap();
    [kind, reason]
}

/// Addresses by which nobody is recognised.
pub(super) fn nobodys(app: &TestApp, addresses: &Value) {
    put(app, &json!({"id": "email", "meaningless": addresses}));
}

/// Two who did an order each, and what unites them waits for a decision.
pub(super) fn undecided(app: &TestApp) -> (String, String) {
    app.post("/api/identity/settings", &json!({"guards": {"merges_a_day_max": 0}})).ok();
    let phone = does(app, "phone", "order");
    sign_in(app, "phone");
    app.advance(60);
    let laptop = does(app, "laptop", "order");
    sign_in(app, "laptop");
    app.advance(60);
    (phone, laptop)
}

#[test]
fn who_crosses_after_a_decision_or_its_undoing_hears_that_it_was_this() {
    let app = TestApp::new();
    audience(&app, "often", "DID \"order\" AT LEAST 2 TIMES");
    let (phone, _) = undecided(&app);
    let waits = app.get("/api/identity/quarantine").ok().body["result"][0]["id"].clone();
    let address = format!("/api/identity/quarantine/{}", waits.as_str().unwrap());
    app.post(&address, &json!({"decision": "unite"})).ok();
    assert_eq!(last_told(&app, &phone), ["audience-entered", "merge"]);
    app.advance(60);
    undo(&app, &phone);
    assert_eq!(last_told(&app, &phone), ["audience-left", "undo"]);
}

#[test]
fn who_crosses_after_a_rebuild_hears_that_it_was_this() {
    let app = TestApp::new();
    audience(&app, "often", "DID \"order\" AT LEAST 2 TIMES");
    nobodys(&app, &json!(["info@*"]));
    let phone = does(&app, "phone", "order");
    sign_in(&app, "phone");
    app.advance(60);
    does(&app, "laptop", "order");
    sign_in(&app, "laptop");
    app.advance(60);
    nobodys(&app, &json!([]));
    switch(&app, &shadow(&app).0);
    assert_eq!(last_told(&app, &phone), ["audience-entered", "rebuild"]);
    app.advance(60);
    nobodys(&app, &json!(["info@*"]));
    switch(&app, &shadow(&app).0);
    assert_eq!(last_told(&app, &phone), ["audience-left", "rebuild"]);
}

#[test]
fn whoever_is_removed_or_erased_is_in_nothing() {
    let app = TestApp::new();
    audience(&app, "buyers", "DID \"order\" WITHIN 1h");
    let ann = does(&app, "ann", "order");
    let bob = does(&app, "bob", "order");
    app.delete(&format!("/profile/{ann}")).ok();
    assert_eq!(members(&app, "buyers"), [bob]);
    app.advance(7_200);
    super::time(&app);
    assert_eq!(members(&app, "buyers"), Vec::<String>::new());
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
    warm(&app);
}
