//! What an administrator removes is gone, and what comes after it is kept.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::Duration;

use kith::storage::{Changes, Edit};
use serde_json::{Value, json};

use super::failures::planned;
use super::recovery::{as_killed, reopened};
use crate::support::TestApp;

/// Far longer than ending takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn sign_in(source: &str, profile: Option<&str>, session: &str, email: Option<&str>) -> Value {
    let kind = if email.is_some() { "sign-in" } else { "page-view" };
    json!({
        "source": {"id": source}, "session": {"id": session},
        "profile": profile.map(|id| json!({"id": id})),
        "events": [{"type": kind, "properties": {"email": {"main": email}}}],
    })
}

#[test]
fn what_comes_again_in_the_round_that_removes_it_is_kept() {
    let app = TestApp::new();
    app.track(json!({"session": {"id": "s"}, "events": [{"type": "x"}]})).ok();
    let storage = &app.app().storage;
    let row = storage.session("s").unwrap().unwrap();
    let mut changes =
        Changes::by_hand(app.clock.now(), vec![Edit::RemoveSession(row.session.id.clone())]);
    changes.sessions.push((Arc::new(row.session), row.version + 1));
    storage.commit(&changes).unwrap();
    assert!(storage.session("s").unwrap().is_some());
}

#[test]
fn an_identifier_of_somebody_removed_is_nobodys() {
    let app = TestApp::new();
    app.add_source("crm", |source| source.static_profile_id = true);
    let (first, email) = (Some("customer-1"), Some("ann@example.com"));
    app.track(sign_in("crm", first, "a", email)).ok();
    app.delete("/profile/customer-1").ok();
    app.track(sign_in("crm", first, "b", None)).ok();
    let stranger = app.track(sign_in("shop", None, "c", email)).ok().profile();
    assert_ne!(stranger, "customer-1");
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn touches_survive_the_removal_of_the_event_that_made_them() {
    let app = TestApp::new();
    let visit = |id: &str| json!({"session": {"id": "s"}, "events": [{"type": "x", "id": id}]});
    app.track(visit("a")).ok();
    app.advance(5);
    app.track(visit("b")).ok();
    app.delete("/event/b").ok();
    let told = app.get("/session/s").ok().body["metadata"].clone();
    let again = reopened(as_killed(app.folder()), &app.clock, 2);
    assert_eq!(again.get("/session/s").ok().body["metadata"], told);
}

#[test]
fn it_ends_although_the_storage_fails() {
    let (app, plan) = planned(|_| {});
    plan.down.store(true, Ordering::SeqCst);
    assert_eq!(app.track(sign_in("shop", None, "s", None)).status, 503);
    let (ended, end) = mpsc::channel();
    std::thread::spawn(move || {
        drop(app.stop());
        ended.send(()).unwrap();
    });
    end.recv_timeout(PATIENCE).expect("an end");
}
