//! Lists of people in conditions: whoever is put on one enters, and mergers and their undoing are followed.

use axum::body::Body;
use axum::http::Request;
use kith::model::Audience;
use kith::registry::{Author, NotSaved};
use serde_json::{Value, json};

use super::mergers::undo;
use super::{AUDIENCES, audience, did, does, is_in, members, put, time, told, warm};
use crate::identity::rebuilding::{self, shadow, switch};
use crate::support::TestApp;
use crate::support::app::{post, sign};

fn list(app: &TestApp, people: &[&str]) -> String {
    let body = app.post("/api/lists", &json!({"name": "some", "profiles": people})).ok().body;
    body["id"].as_str().unwrap().to_owned()
}

fn add(app: &TestApp, list: &str, person: &str) {
    app.post(&format!("/api/lists/{list}/members"), &json!({"profiles": [person]})).ok();
}

#[test]
fn whoever_is_put_on_a_list_is_in_and_whoever_is_taken_off_is_out() {
    let app = TestApp::new();
    let (ann, bea) = (does(&app, "ann", "order"), does(&app, "bea", "order"));
    let list = list(&app, &[&ann]);
    audience(&app, "listed", &format!("IN LIST \"{list}\" AND DID \"order\""));
    assert_eq!(members(&app, "listed"), std::slice::from_ref(&ann), "who was on it before");
    add(&app, &list, &bea);
    assert!(is_in(&app, &bea, "listed"));
    let [kind, _, _, reason] = &told(&app, &bea)[0];
    assert_eq!([kind.as_str(), reason.as_str()], ["audience-entered", "list"]);
    app.delete(&format!("/api/lists/{list}/members/{ann}")).ok();
    assert!(!is_in(&app, &ann, "listed"));
    app.advance(1);
    add(&app, &list, &ann);
    assert!(is_in(&app, &ann, "listed"), "and in again");
}

#[test]
fn whoever_was_taken_off_a_list_that_no_audience_named_is_not_on_it() {
    let app = TestApp::new();
    let ann = does(&app, "ann", "order");
    let list = list(&app, &[&ann]);
    let condition = format!("IN LIST \"{list}\"");
    audience(&app, "listed", &condition);
    app.delete(&format!("{AUDIENCES}/listed")).ok();
    warm(&app);
    app.delete(&format!("/api/lists/{list}/members/{ann}")).ok();
    let tried = json!({"condition": condition});
    assert_eq!(app.post(&format!("{AUDIENCES}/preview"), &tried).ok().body["members"], 0);
    audience(&app, "again", &condition);
    assert_eq!(members(&app, "again"), Vec::<String>::new());
}

#[test]
fn a_list_follows_mergers_in_both_directions() {
    let app = TestApp::new();
    let (ann, bea) = (does(&app, "ann", "order"), does(&app, "bea", "order"));
    let list = list(&app, &[]);
    audience(&app, "listed", &format!("IN LIST \"{list}\""));
    add(&app, &list, &bea);
    for session in ["ann", "bea"] {
        let key = json!({"identifier": {"id": "K1"}});
        app.track(did(session, "profile-update", &key)).ok();
    }
    let living = app.get(&format!("/profile/{ann}")).ok().body["id"].clone();
    assert_eq!(members(&app, "listed"), [living.as_str().unwrap()]);
    let identity = app.get(&format!("/api/profiles/{ann}/identity")).ok().body;
    let merge = identity["merges"][0]["id"].as_str().unwrap();
    app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok();
    warm(&app);
    assert_eq!(members(&app, "listed"), std::slice::from_ref(&bea));
}

/// Two who were on a list, are one, and as one were taken off it and put on another.
fn on_another_list_since(app: &TestApp) -> [String; 2] {
    let both = ["ann", "bea"].map(|session| {
        let person = does(app, session, "order");
        app.advance(60);
        person
    });
    let lists = [list(app, &[&both[0], &both[1]]), list(app, &[])];
    audience(app, "before", &format!("IN LIST \"{}\"", lists[0]));
    audience(app, "since", &format!("IN LIST \"{}\"", lists[1]));
    audience(app, "never", &format!("NOT IN LIST \"{}\"", lists[1]));
    for session in ["ann", "bea"] {
        let address = json!({"email": {"main": "info@shop.example"}});
        app.track(did(session, "sign-in", &address)).ok();
        app.advance(60);
    }
    let living = app.get(&format!("/profile/{}", both[1])).ok().body["id"].clone();
    app.delete(&format!("/api/lists/{}/members/{}", lists[0], both[0])).ok();
    add(app, &lists[1], living.as_str().unwrap());
    app.advance(60);
    both
}

fn are_as_the_lists_say(app: &TestApp, [ann, bea]: &[String; 2]) {
    time(app);
    assert_eq!(members(app, "before"), Vec::<String>::new());
    assert_eq!(members(app, "since"), std::slice::from_ref(ann));
    assert_eq!(members(app, "never"), std::slice::from_ref(bea));
}

#[test]
fn who_was_put_on_a_list_or_taken_off_it_as_one_stands_as_the_lists_say_when_they_are_two_again() {
    let app = TestApp::new();
    let both = on_another_list_since(&app);
    undo(&app, &both[0]);
    are_as_the_lists_say(&app, &both);
}

#[test]
fn so_does_whom_a_rebuild_takes_apart() {
    let app = TestApp::new();
    let both = on_another_list_since(&app);
    rebuilding::put(&app, &json!({"id": "email", "meaningless": ["info@*"]}));
    switch(&app, &shadow(&app).0);
    are_as_the_lists_say(&app, &both);
}

#[test]
fn a_list_that_is_named_stays_and_one_that_is_not_there_is_not_named() {
    let app = TestApp::new();
    let list = list(&app, &[]);
    put(&app, "listed", &format!("IN LIST \"{list}\""));
    let reply = app.delete(&format!("/api/lists/{list}"));
    assert_eq!((reply.status.as_u16(), reply.code()), (409, "in_use"));
    assert!(reply.text.contains("listed"), "{}", reply.text);
    let posted = json!({"id": "x", "name": "x", "condition": {"list": "nothing"}});
    let reply = app.post(AUDIENCES, &posted);
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "audience_invalid"));
    assert!(reply.text.contains("there is no list nothing"), "{}", reply.text);
    app.delete(&format!("{AUDIENCES}/listed")).ok();
    app.delete(&format!("/api/lists/{list}")).ok();
    assert_eq!(app.get("/api/lists").ok().body["total"], Value::from(0));
}

/// Whichever comes first: the list stays and is named, or it is gone and named by nobody.
#[test]
fn a_list_is_never_removed_under_an_audience_that_names_it() {
    let app = TestApp::new();
    for round in 0..20 {
        let list = list(&app, &[]);
        let condition = format!("IN LIST \"{list}\"");
        let id = format!("a{round}");
        let posted = json!({"id": id, "name": id, "condition": condition});
        let mut requests = vec![
            post(AUDIENCES, &posted),
            Request::delete(format!("/api/lists/{list}")).body(Body::empty()).unwrap(),
        ];
        requests.iter_mut().for_each(sign);
        let mut done: Vec<_> = app.send_all(requests).iter().collect();
        done.sort_by_key(|(number, _)| *number);
        let codes: Vec<u16> = done.iter().map(|(_, reply)| reply.status.as_u16()).collect();
        assert!(codes == [200, 409] || codes == [422, 200], "{codes:?} {}", done[0].1.text);
    }
}

#[test]
fn an_audience_is_stored_only_if_its_list_is_there_at_that_moment() {
    let app = TestApp::new();
    let list = list(&app, &[]);
    put(&app, "listed", &format!("IN LIST \"{list}\""));
    let registry = &app.app().registry;
    let stored = registry.now().get::<Audience>("listed").unwrap().entity.as_ref().clone();
    app.delete(&format!("{AUDIENCES}/listed")).ok();
    let seen = registry.now().version();
    app.delete(&format!("/api/lists/{list}")).ok();
    let reply = registry.put(&stored, Author::named("a test"));
    assert!(matches!(reply, Err(NotSaved::Dangling(_))), "{reply:?}");
    let storage = &app.app().storage;
    assert_eq!(storage.remove_list(&list, seen).unwrap(), None, "somebody was faster");
    assert!(matches!(registry.remove_list(&list), Err(NotSaved::Missing)));
}
