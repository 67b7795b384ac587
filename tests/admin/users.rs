//! Users: who may come in, what they may do, and that what was taken away is over at once.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::support::{Reply, TestApp};

const PASSWORD: &str = "correct horse battery";
const ANN: &str = "ann@example.com";

fn add(app: &TestApp, email: &str, roles: &[&str]) {
    let user = json!({"email": email, "password": PASSWORD, "roles": roles});
    assert_eq!(app.post("/user", &user).ok().body["ids"], json!([email]));
}

fn try_password(app: &TestApp, email: &str, password: &str) -> Reply {
    let body = format!("username={email}&password={}", password.replace(' ', "+"));
    let request = Request::post("/user/token");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    app.send(request.body(Body::from(body)).unwrap())
}

fn sign_in(app: &TestApp, email: &str) -> String {
    let reply = try_password(app, email, PASSWORD).ok();
    assert_eq!(reply.header("cache-control"), "no-store");
    reply.body["access_token"].as_str().unwrap().to_owned()
}

fn with(app: &TestApp, token: &str, (method, address): (Method, &str), body: &Value) -> Reply {
    let request = Request::builder().method(method).uri(address);
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = request.header("content-type", "application/json");
    app.send(request.body(Body::from(body.to_string())).unwrap())
}

fn lives(app: &TestApp, token: &str) -> bool {
    let reply = with(app, token, (Method::GET, "/user-account"), &Value::Null);
    match reply.status.as_u16() {
        200 => true,
        401 => false,
        status => panic!("{status}: {}", reply.body),
    }
}

fn change(app: &TestApp, email: &str, change: &Value) -> Reply {
    app.post(&format!("/user/{email}"), change)
}

fn shown(app: &TestApp, email: &str) -> Value {
    app.get(&format!("/user/{email}")).ok().body
}

#[test]
fn a_user_is_added_shown_changed_and_removed() {
    let app = TestApp::new();
    add(&app, ANN, &["marketer", "developer", "marketer"]);
    let ann = shown(&app, "ANN@example.com");
    let expected = json!({
        "id": ANN, "email": ANN, "name": ANN, "roles": ["developer", "marketer"], "enabled": true,
        "has_password": true, "has_totp": false, "created": "2026-01-05T10:00:00Z", "last_sign_in": null,
    });
    assert_eq!(ann, expected);
    sign_in(&app, ANN);
    assert_eq!(shown(&app, ANN)["last_sign_in"], "2026-01-05T10:00:00Z");
    let again = app.post("/user", &json!({"email": ANN, "roles": []}));
    assert_eq!((again.status.as_u16(), again.code()), (409, "user_exists"));
    assert_eq!(change(&app, ANN, &json!({"name": "Ann"})).ok().body, json!({"inserted": 1}));
    assert_eq!(shown(&app, ANN)["name"], "Ann");
    let all = app.get("/users").ok().body;
    let some = app.get("/users/1/5").ok().body;
    assert_eq!((&some["total"], &some["result"]), (&json!(2), &json!([all["result"][1]])));
    assert_eq!(app.get("/users/0/1").ok().body["result"], json!([all["result"][0]]));
    assert_eq!(app.get("/users/x/1").status, 400);
    assert_eq!((&all["total"], &all["result"][1]["name"]), (&json!(2), &json!("Ann")));
    assert_eq!(app.delete(&format!("/user/{ANN}")).ok().body, json!({"deleted": 1}));
    for reply in [
        app.get(&format!("/user/{ANN}")),
        app.delete(&format!("/user/{ANN}")),
        change(&app, ANN, &json!({})),
    ] {
        assert_eq!((reply.status.as_u16(), reply.body), (404, Value::Null));
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    let app = TestApp::new();
    for (user, place) in [
        (json!({"email": "ann", "roles": []}), "`email`"),
        (json!({"email": "@", "roles": []}), "`email`"),
        (json!({"email": "ann@", "roles": []}), "`email`"),
        (json!({"email": "bob@x.example\nann@x.example", "roles": []}), "`email`"),
        (json!({"email": "ann@x.example\u{202e}", "roles": []}), "`email`"),
        (json!({"email": ANN, "roles": ["king"]}), "`roles`"),
        (json!({"email": ANN, "roles": [], "name": " "}), "`name`"),
        (json!({"email": ANN, "roles": [], "password": "short"}), "12 characters"),
        (json!({"email": ANN, "roles": [], "king": true}), "no key king"),
    ] {
        let reply = app.post("/user", &user);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "user_invalid"), "{user}");
        assert!(reply.body["message"].as_str().unwrap().contains(place), "{}", reply.body);
    }
}

#[test]
fn less_than_before_ends_tokens_at_once_and_more_does_not() {
    let app = TestApp::new();
    add(&app, ANN, &["developer"]);
    let token = sign_in(&app, ANN);
    change(&app, ANN, &json!({"roles": ["developer", "marketer"], "name": "Ann"})).ok();
    assert!(lives(&app, &token), "more ends nothing");
    for less in
        [json!({"roles": ["marketer"]}), json!({"password": PASSWORD}), json!({"enabled": false})]
    {
        change(&app, ANN, &json!({"enabled": true, "roles": ["developer", "marketer"]})).ok();
        let token = sign_in(&app, ANN);
        change(&app, ANN, &less).ok();
        assert!(!lives(&app, &token), "{less}");
        change(&app, ANN, &json!({"enabled": true, "roles": ["developer", "marketer"]})).ok();
        assert!(!lives(&app, &token), "nor does it come back: {less}");
    }
}

#[test]
fn tokens_do_not_outlive_a_user_who_comes_again() {
    let app = TestApp::new();
    add(&app, ANN, &["admin"]);
    let token = sign_in(&app, ANN);
    app.delete(&format!("/user/{ANN}")).ok();
    assert!(!lives(&app, &token));
    add(&app, ANN, &["admin"]);
    assert!(!lives(&app, &token));
}

/// The old password was checked, and the token is stored only after the new one was set.
#[test]
fn a_token_of_an_old_password_that_comes_late_is_worth_nothing() {
    use kith::storage::{Changes, Edit, UserChange};
    let app = TestApp::new();
    add(&app, ANN, &["admin"]);
    let state = app.app();
    let user = state.storage.user(ANN).unwrap().unwrap();
    let lasts = std::time::Duration::from_secs(60);
    let valid = (app.clock.now(), lasts);
    let (token, stored) = kith::accounts::new_token(&state.ids, &state.hashing, &user, valid);
    let by = kith::storage::By { who: "a test", address: None, at: app.clock.now() };
    let new = UserChange { password_hash: Some("x".to_owned()), ..UserChange::default() };
    state.storage.change_user(ANN, &new, "another", by).unwrap();
    let late = Changes::by_hand(app.clock.now(), vec![Edit::PutToken(stored)]);
    state.storage.commit(&late).unwrap();
    assert!(!lives(&app, &token));
}

#[test]
fn somebody_who_may_let_others_in_is_always_left() {
    let app = TestApp::new();
    let admin = "admin@kith.local";
    let refused = |reply: Reply| {
        assert_eq!((reply.status.as_u16(), reply.code()), (409, "last_administrator"));
        assert_eq!(shown(&app, admin)["roles"], json!(["admin"]), "nothing was done");
    };
    let all_of_them = || {
        refused(app.delete(&format!("/user/{admin}")));
        refused(change(&app, admin, &json!({"enabled": false})));
        refused(change(&app, admin, &json!({"roles": ["marketer"]})));
    };
    all_of_them();
    add(&app, ANN, &["marketer"]);
    all_of_them();
    change(&app, ANN, &json!({"roles": ["admin"], "enabled": false})).ok();
    all_of_them();
    change(&app, ANN, &json!({"enabled": true})).ok();
    change(&app, admin, &json!({"name": "Root"})).ok();
    app.delete(&format!("/user/{admin}")).ok();
}

#[test]
fn a_password_is_changed_by_whoever_knows_the_old_one() {
    let app = TestApp::new();
    add(&app, ANN, &["marketer"]);
    let (token, other) = (sign_in(&app, ANN), sign_in(&app, ANN));
    let account = |body: &Value| with(&app, &token, (Method::POST, "/user-account"), body);
    let new = "battery staple horse";
    assert_eq!(account(&json!({"password": new})).code(), "user_invalid");
    let wrong = account(&json!({"password": new, "old_password": "wrong"}));
    assert_eq!((wrong.status.as_u16(), wrong.code()), (400, "credentials_wrong"));
    let short = account(&json!({"password": "short", "old_password": PASSWORD}));
    assert_eq!(short.code(), "user_invalid");
    account(&json!({"name": "Ann"})).ok();
    assert!(lives(&app, &token));
    account(&json!({"password": new, "old_password": PASSWORD})).ok();
    assert!(!lives(&app, &token) && !lives(&app, &other));
    assert_eq!(try_password(&app, ANN, PASSWORD).code(), "credentials_wrong");
    try_password(&app, ANN, new).ok();
    assert_eq!(shown(&app, ANN)["name"], "Ann");
}

#[test]
fn changes_of_users_are_remembered_without_their_secrets() {
    let app = TestApp::new();
    add(&app, ANN, &["marketer"]);
    change(&app, ANN, &json!({"password": PASSWORD, "roles": ["admin"]})).ok();
    app.delete(&format!("/user/{ANN}")).ok();
    let log = app.get("/api/audit?kind=user&id=ann@example.com").ok().body;
    let entries = log["result"].as_array().unwrap();
    let each = |entry: &Value| {
        let of = |at: &str| (entry[at]["roles"].clone(), entry[at]["password"].clone());
        (entry["action"].clone(), of("before"), of("after"))
    };
    let none = (Value::Null, Value::Null);
    let marketer = (json!(["marketer"]), json!("set"));
    let expected = [
        (json!("remove"), (json!(["admin"]), json!("set")), none.clone()),
        (json!("put"), marketer.clone(), (json!(["admin"]), json!("set anew"))),
        (json!("put"), none, marketer),
    ];
    assert_eq!(entries.iter().map(each).collect::<Vec<_>>(), expected);
    assert!(entries.iter().all(|entry| entry["who"] == "admin@kith.local"));
    assert!(!log.to_string().contains("argon2"));
}
