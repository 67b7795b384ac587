//! The link of the first start: in once, and how people may sign in.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use kith::accounts::new_link;
use serde_json::json;

use crate::support::app::{post, start};
use crate::support::{Reply, TestApp};

const ADMIN: &str = "welcome@kith.local";
const HOUR: Duration = Duration::from_secs(3600);

/// A user, and a link that lets them in.
fn linked(app: &TestApp) -> String {
    app.post("/user", &json!({"email": ADMIN, "roles": ["admin"]})).ok();
    let app = app.app();
    let user = app.storage.user(ADMIN).unwrap().unwrap();
    let (link, stored) = new_link(&app.ids, &app.hashing, &user, (start(), HOUR));
    app.storage.put_link(&stored, start()).unwrap();
    link
}

fn asked(link: &str) -> Request<Body> {
    post("/user/welcome", &json!({"link": link}))
}

fn is_refused(reply: &Reply) -> bool {
    (reply.status.as_u16(), reply.code()) == (400, "credentials_wrong")
}

#[test]
fn a_link_lets_in_once() {
    let app = TestApp::new();
    let link = linked(&app);
    let token = app.send(asked(&link)).ok().body;
    assert_eq!(token["roles"], json!(["admin"]));
    let account = Request::get("/user-account")
        .header("authorization", format!("Bearer {}", token["access_token"].as_str().unwrap()))
        .body(Body::empty())
        .unwrap();
    assert_eq!(app.send(account).ok().body["email"], ADMIN);
    assert!(is_refused(&app.send(asked(&link))), "it was used");
    assert!(is_refused(&app.send(asked("never was"))));
    let signed = app.get("/api/audit?action=sign-in").ok().body;
    assert_eq!(signed["result"][0]["who"], ADMIN);
}

#[test]
fn of_many_at_the_same_time_one_gets_in() {
    let app = TestApp::new();
    let link = linked(&app);
    let replies = app.send_all((0..8).map(|_| asked(&link)).collect());
    let replies: Vec<_> = replies.into_iter().map(|(_, reply)| reply).collect();
    let (refused, let_in): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| is_refused(reply));
    assert_eq!((let_in.len(), refused.len()), (1, 7));
    assert_eq!(let_in[0].status, 200);
}

#[test]
fn a_link_ends_with_its_hour_with_its_user_and_with_a_new_password() {
    let app = TestApp::new();
    let link = linked(&app);
    app.post(&format!("/user/{ADMIN}"), &json!({"password": "correct horse battery"})).ok();
    assert!(is_refused(&app.send(asked(&link))), "a new password ends it");
    app.delete(&format!("/user/{ADMIN}")).ok();
    let link = linked(&app);
    app.post(&format!("/user/{ADMIN}"), &json!({"enabled": false})).ok();
    assert!(is_refused(&app.send(asked(&link))), "whoever is disabled stays out");
    app.delete(&format!("/user/{ADMIN}")).ok();
    let link = linked(&app);
    app.advance(3600);
    assert!(is_refused(&app.send(asked(&link))), "its hour is over");
}

#[test]
fn a_link_is_no_token_and_a_token_is_no_link() {
    let app = TestApp::new();
    let link = linked(&app);
    let request = Request::get("/user-account").header("authorization", format!("Bearer {link}"));
    assert_eq!(app.send(request.body(Body::empty()).unwrap()).code(), "token_invalid");
    assert!(is_refused(&app.send(asked(crate::support::app::TOKEN))));
}

#[test]
fn it_is_told_how_people_sign_in() {
    let app = TestApp::new();
    let ways = app.send(Request::get("/user/ways").body(Body::empty()).unwrap()).ok().body;
    assert_eq!(ways, json!({"password": true, "oidc": false}));
}
