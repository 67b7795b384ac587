//! While a person stands still, to be taken apart, its payloads wait and nobody else's do.

use axum::body::Body;
use axum::http::Request;
use kith::model::ProfileId;
use serde_json::json;

use crate::support::TestApp;
use crate::support::app::{post, with_source};

/// Seconds after which it is over in any case.
const STILL: u64 = 3;

fn view(session: &str) -> Request<Body> {
    let payload = json!({"session": {"id": session}, "events": [{"type": "page-view"}]});
    post("/track", &with_source(payload))
}

fn hold_still(app: &TestApp, id: &str) -> bool {
    app.wait(app.app().committer.hold_still(ProfileId::new(id))).unwrap()
}

#[test]
fn theirs_wait_and_everybody_elses_do_not() {
    let app = TestApp::new();
    let [ann, bob] = ["ann", "bob"].map(|session| app.send(view(session)).ok().profile());
    let before = app.events(&ann).len();
    assert!(hold_still(&app, &ann));
    assert!(!hold_still(&app, &bob), "one at a time");
    let replies = app.send_all(vec![view("ann"), view("bob")]);
    assert_eq!(replies.recv().unwrap().0, 1);
    app.send(view("bob")).ok();
    assert!(replies.try_recv().is_err());
    assert_eq!(app.events(&ann).len(), before);
    app.advance(STILL);
    let (number, reply) = replies.recv().unwrap();
    assert_eq!((number, reply.ok().profile()), (0, ann.clone()));
    assert_eq!(app.events(&ann).len(), before + 1);
    assert!(hold_still(&app, &bob));
}
