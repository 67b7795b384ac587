//! Visits of people who are removed or erased: nobody is handed what they left in them.

use std::path::PathBuf;

use kith::model::{ProfileId, SessionId, Trust};
use serde_json::{Value, json};

use super::erasing::{SECRET, erase_all};
use super::support::{rows, view};
use crate::support::app::{post, with_source};
use crate::support::{TestApp, files_with};

/// A visit that holds as much of somebody as a visit can.
fn visit_of(session: &str, events: &Value) -> Value {
    json!({"session": {"id": session}, "events": events, "properties": {"note": SECRET}, "context": {
        "page": {"url": format!("https://{SECRET}.example/")}, "utm": {"source": SECRET},
        "location": {"city": SECRET, "country": {"name": "Poland", "code": "PL"}},
    }})
}

#[test]
fn a_visit_of_somebody_who_is_gone_begins_anew_for_whoever_comes_next() {
    for (is_removed, is_nobodys) in [(false, false), (true, false), (false, true)] {
        let app = TestApp::new();
        let visit = visit_of("one", &json!([{"id": "first", "type": "page-view"}]));
        let person = app.track(visit).ok().profile();
        app.advance(5);
        if is_removed {
            app.delete(&format!("/profile/{person}")).ok();
            assert_eq!(app.get("/session/one").ok().body["profile"], Value::Null);
        } else {
            assert_eq!(app.delete(&format!("/api/profiles/{person}")).status, 202);
        }
        let event = json!([{"id": "next", "type": "page-view"}]);
        let next = json!({"session": {"id": "one"}, "events": event});
        let address = if is_nobodys { "/track?profile_less=true" } else { "/track" };
        let reply = app.send(post(address, &with_source(next))).ok();
        let session = app.get("/session/one").ok().body;
        let told = reply.body["profile"]["id"].clone();
        assert_eq!((&session["profile"]["id"], told.is_null()), (&told, is_nobodys));
        assert_eq!((&session["properties"], &session["utm"]["source"]), (&json!({}), &Value::Null));
        let of_next = app.get("/event/next").ok().body["event"].clone();
        assert_eq!(of_next["utm"]["source"], Value::Null);
        app.delete(&format!("/api/profiles/{person}"));
        erase_all(&app);
        assert_eq!(app.get("/session/one").ok().body, session);
        for text in [SECRET, &person] {
            assert_eq!(files_with(app.folder(), text), Vec::<PathBuf>::new(), "{text}");
        }
    }
}

#[test]
fn a_visit_that_changes_hands_takes_nothing_along() {
    let app = TestApp::new();
    let sign_in = |pk: &str| json!([{"type": "sign-in", "properties": {"pk": pk}}]);
    let ann = app.track(visit_of("till", &sign_in("ann"))).ok().profile();
    let seen = app.get("/session/till").ok().body["metadata"]["time"]["insert"].clone();
    app.advance(5);
    let bob =
        app.track(json!({"session": {"id": "till"}, "events": sign_in("bob")})).ok().profile();
    let session = app.get("/session/till").ok().body;
    assert_eq!((&session["profile"]["id"], &session["properties"]), (&json!(bob), &json!({})));
    assert_eq!(session["metadata"]["time"]["insert"], seen, "it is the same visit");
    app.delete(&format!("/api/profiles/{ann}"));
    erase_all(&app);
    assert_eq!(files_with(app.folder(), SECRET), Vec::<PathBuf>::new());
}

#[test]
fn counts_are_of_what_lists_show_while_somebody_is_being_erased() {
    let app = TestApp::new();
    let ann = app.track(visit_of("hers", &json!([{"type": "page-view"}]))).ok().profile();
    app.track(visit_of("another", &json!([{"type": "page-view"}]))).ok();
    let count = |of: &str| app.get(&format!("/{of}/count")).ok().body["count"].as_i64().unwrap();
    let shown = |table: &str| rows(&app, &format!("SELECT id FROM {table}")).len() as i64;
    let agree = || {
        for (of, table) in [("session", "sessions"), ("event", "events"), ("profile", "profiles")] {
            assert_eq!(count(of), shown(table), "{of}");
        }
        count("session")
    };
    assert_eq!(agree(), 2);
    assert_eq!(app.delete(&format!("/api/profiles/{ann}")).status, 202);
    assert_eq!(agree(), 1);
    erase_all(&app);
    assert_eq!(agree(), 1);
}

/// Ann, whom a page has only named, in the visit of somebody else: their ids.
fn named_in_a_visit(app: &TestApp) -> [String; 2] {
    app.add_source("page", |source| source.trust = Trust::Public);
    let sign_in =
        json!([{"type": "sign-in", "properties": {"email": {"main": "ann@example.com"}}}]);
    let ann = app.track(json!({"session": {"id": "home"}, "events": sign_in})).ok().profile();
    app.advance(5);
    let visitor = page(app, visit_of("page", &json!([{"type": "page-view"}])));
    page(app, json!({"session": {"id": "page"}, "events": sign_in}));
    assert_eq!(app.get("/session/page").ok().body["profile"]["id"], json!(ann));
    [ann, visitor]
}

fn page(app: &TestApp, mut payload: Value) -> String {
    payload["source"] = json!({"id": "page"});
    app.track(payload).ok().profile()
}

#[test]
fn who_was_only_named_keeps_nothing_of_a_visitor_who_is_erased() {
    for (is_removed, comes_again) in [(false, false), (false, true), (true, true)] {
        let app = TestApp::new();
        let [ann, visitor] = named_in_a_visit(&app);
        if is_removed {
            app.delete(&format!("/profile/{visitor}")).ok();
        } else {
            app.delete(&format!("/api/profiles/{visitor}"));
            let shown = rows(&app, "SELECT properties, utm_source FROM sessions WHERE id = 'page'");
            assert!(!format!("{shown:?}").contains(SECRET), "{shown:?}");
            assert!(!app.get("/session/page").ok().text.contains(SECRET));
        }
        if comes_again {
            page(&app, json!({"session": {"id": "page"}, "events": [{"type": "page-view"}]}));
        }
        app.delete(&format!("/api/profiles/{visitor}"));
        erase_all(&app);
        assert_eq!(app.get("/session/page").ok().body["profile"]["id"], json!(ann));
        for text in [SECRET, &visitor] {
            assert_eq!(files_with(app.folder(), text), Vec::<PathBuf>::new(), "{text}");
        }
    }
}

#[test]
fn a_visit_is_its_visitors_again_when_whoever_was_named_in_it_is_gone() {
    let app = TestApp::new();
    let [ann, visitor] = named_in_a_visit(&app);
    app.delete(&format!("/profile/{ann}")).ok();
    let event = json!([{"id": "next", "type": "page-view"}]);
    assert_eq!(page(&app, json!({"session": {"id": "page"}, "events": event})), visitor);
    let session = app.get("/session/page").ok().body;
    assert_eq!(
        (&session["profile"]["id"], &session["utm"]["source"]),
        (&json!(visitor), &json!(SECRET))
    );
    assert_eq!(app.get("/event/next").ok().body["event"]["profile"]["id"], json!(visitor));
}

#[test]
fn a_visit_that_is_somebody_elses_by_now_is_left_to_them() {
    let app = TestApp::new();
    let person = app.track(visit_of("one", &json!([{"type": "page-view"}]))).ok().profile();
    let remove = |of: &str| {
        let (committer, of) = (&app.app().committer, vec![ProfileId::new(of)]);
        std::thread::scope(|scope| {
            let remove = || committer.blocking_remove_session(SessionId::new("one"), of);
            scope.spawn(remove).join().unwrap().unwrap()
        })
    };
    assert!(!remove("another"));
    assert_eq!(app.get("/session/one").ok().body["profile"]["id"], json!(person));
    assert!(remove(&person));
    assert_eq!(app.get("/session/one").status, 404);
}

#[test]
fn while_somebody_is_being_erased_nobody_sees_their_visits() {
    let app = TestApp::new();
    app.track(view("other", "other")).ok();
    let person = app.track(visit_of("one", &json!([{"type": "page-view"}]))).ok().profile();
    let sessions = || rows(&app, "SELECT id FROM sessions").len();
    assert_eq!(sessions(), 2);
    app.delete(&format!("/api/profiles/{person}"));
    assert_eq!((app.get("/session/one").status.as_u16(), sessions()), (404, 1));
    assert_eq!(app.get("/api/sessions").ok().body["result"].as_array().unwrap().len(), 1);
    assert_eq!(app.get("/session/other").status, 200);
}
