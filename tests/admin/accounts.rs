//! Signing in and out.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use futures_util::FutureExt as _;
use kith::config::Config;
use kith::storage::{Changes, Edit, StoredUser};

use crate::support::app::start;
use crate::support::{Reply, Setup, TestApp, files_with};

const PASSWORD: &str = "correct horse battery";

fn app() -> TestApp {
    let configure = |config: &mut Config| config.accounts.login_attempts_per_minute_max = 3;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let user = StoredUser {
        email: "ann@example.com".to_owned(),
        name: "Ann".to_owned(),
        password_hash: kith::accounts::hash(PASSWORD, &app.app().ids).unwrap(),
        roles: vec!["admin".to_owned()],
        enabled: true,
        created: start(),
    };
    let changes = Changes::by_hand(start(), vec![Edit::PutUser(user)]);
    app.app().storage.commit(&changes).unwrap();
    app
}

fn credentials(name: &str, password: &str) -> Request<Body> {
    let body = format!("username={name}&password={}", password.replace(' ', "+"));
    let request = Request::post("/user/token");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(Body::from(body)).unwrap()
}

fn sign_in(app: &TestApp, name: &str, password: &str) -> Reply {
    app.send(credentials(name, password))
}

fn token(app: &TestApp) -> String {
    let reply = sign_in(app, "Ann@example.com", PASSWORD).ok();
    assert_eq!(reply.body["token_type"], "bearer");
    reply.body["access_token"].as_str().unwrap().to_owned()
}

fn with(app: &TestApp, method: Method, address: &str, authorization: &str) -> Reply {
    let request = Request::builder().method(method).uri(address);
    app.send(request.header("authorization", authorization).body(Body::empty()).unwrap())
}

fn sources(app: &TestApp, token: &str) -> u16 {
    with(app, Method::GET, "/event-sources", &format!("Bearer {token}")).status.as_u16()
}

#[test]
fn a_token_opens_until_it_is_given_back() {
    let app = app();
    let (one, other) = (token(&app), token(&app));
    assert_ne!(one, other);
    assert_eq!((sources(&app, &one), sources(&app, &other)), (200, 200));
    with(&app, Method::POST, "/user/logout", &format!("Bearer {one}")).ok();
    assert_eq!((sources(&app, &one), sources(&app, &other)), (401, 200), "one by one");
}

#[test]
fn a_token_ends_with_its_time() {
    let app = app();
    let token = token(&app);
    app.advance(app.app().config.accounts.token_hours_max * 3600 - 1);
    assert_eq!(sources(&app, &token), 200);
    app.advance(1);
    assert_eq!(sources(&app, &token), 401);
}

#[test]
fn without_a_good_token_nothing_is_shown() {
    let app = app();
    for authorization in ["", "Bearer", "Bearer x", "Basic x"] {
        let reply = with(&app, Method::GET, "/event-sources", authorization);
        assert_eq!(reply.status, 401, "{authorization}");
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
}

#[test]
fn wrong_credentials_are_refused_and_attempts_are_limited() {
    let app = app();
    for (name, password) in [("ann@example.com", "wrong"), ("nobody@example.com", PASSWORD)] {
        let reply = sign_in(&app, name, password);
        assert_eq!((reply.status.as_u16(), reply.code()), (400, "credentials_wrong"));
    }
    sign_in(&app, "ann@example.com", "wrong");
    sign_in(&app, "ann@example.com", PASSWORD).ok();
    let reply = sign_in(&app, "ann@example.com", PASSWORD);
    assert_eq!((reply.status.as_u16(), reply.code()), (429, "login_attempts"));
    assert!(reply.header("retry-after").parse::<u32>().unwrap() > 0);
    app.advance(60);
    sign_in(&app, "ann@example.com", PASSWORD).ok();
}

#[test]
fn an_account_is_one_however_its_name_is_typed() {
    let app = app();
    for name in ["ann@example.com", "+ANN@example.com", "%09ann@Example.com++"] {
        sign_in(&app, name, PASSWORD).ok();
    }
    for name in ["++ann@example.com", "ann@example.com+++", "%C2%A0ann@example.com"] {
        assert_eq!(sign_in(&app, name, PASSWORD).code(), "login_attempts", "{name}");
    }
}

#[test]
fn a_name_that_nobody_can_have_is_a_wrong_login_and_is_not_remembered() {
    let app = app();
    for name in ["x".repeat(10_000).as_str(), "ann%00@example.com"] {
        for _ in 0..5 {
            assert_eq!(sign_in(&app, name, PASSWORD).code(), "credentials_wrong");
        }
    }
}

#[test]
fn so_many_passwords_are_checked_at_one_time_and_so_many_wait() {
    const MANY: usize = 200;
    let app = app();
    let mut places = Vec::new();
    while let Some(Some(place)) = app.app().logins.place().now_or_never() {
        places.push(place);
        assert!(places.len() <= 16, "16 passwords take 300 MiB");
    }
    let sign_in = |number| credentials(&format!("user{number}@example.com"), "wrong");
    let replies = app.send_all((0..MANY).map(sign_in).collect());
    let mut refused = 0;
    // While all places are taken, no password is looked at.
    while let Ok((_, reply)) = replies.recv_timeout(Duration::from_secs(1)) {
        assert_eq!((reply.status.as_u16(), reply.code()), (503, "overloaded"));
        assert_eq!(reply.header("retry-after"), "1");
        refused += 1;
    }
    assert!(refused > 0 && refused < MANY, "{refused}");
    drop(places);
    for _ in refused..MANY {
        assert_eq!(replies.recv().unwrap().1.code(), "credentials_wrong");
    }
}

#[test]
fn neither_passwords_nor_tokens_are_stored() {
    let app = app();
    let token = token(&app);
    let folder = app.stop();
    for secret in [token.as_str(), PASSWORD] {
        assert_eq!(files_with(folder.path(), secret), Vec::<std::path::PathBuf>::new());
    }
}
