//! Signing in and out.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request};
use futures_util::FutureExt as _;
use kith::accounts::{Account, Network};
use kith::config::Config;
use kith::storage::{By, StoredUser};

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
        ..StoredUser::default()
    };
    assert!(
        app.app()
            .storage
            .add_user(&user, By { who: "a test", address: None, at: start() })
            .unwrap()
    );
    app
}

fn credentials(name: &str, password: &str) -> Request<Body> {
    let body = format!("username={name}&password={}", password.replace(' ', "+"));
    let request = Request::post("/user/token");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(Body::from(body)).unwrap()
}

fn sign_in(app: &TestApp, name: &str, password: &str) -> Reply {
    sign_in_from(app, HERE, (name, password))
}

/// An address of somebody's, and another's.
const HERE: &str = "203.0.113.1";
const THERE: &str = "203.0.113.2";

/// From this address.
fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let address: SocketAddr = (address.parse::<std::net::IpAddr>().unwrap(), 1).into();
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

fn sign_in_from(app: &TestApp, address: &str, (name, password): (&str, &str)) -> Reply {
    app.send(from(address, credentials(name, password)))
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

const RIGHT: (&str, &str) = ("ann@example.com", PASSWORD);
const WRONG: (&str, &str) = ("ann@example.com", "wrong");

#[test]
fn wrong_credentials_are_refused_alike_and_wrong_attempts_are_limited() {
    let app = app();
    let off = StoredUser {
        email: "off@example.com".to_owned(),
        password_hash: kith::accounts::hash(PASSWORD, &app.app().ids).unwrap(),
        ..StoredUser::default()
    };
    let bare = StoredUser { email: "bare@example.com".to_owned(), enabled: true, ..off.clone() };
    let bare = StoredUser { password_hash: String::new(), ..bare };
    let by = By { who: "a test", address: None, at: start() };
    assert!([off, bare].iter().all(|user| app.app().storage.add_user(user, by).unwrap()));
    let wrong = [
        ("ann@example.com", "wrong"),
        ("nobody@example.com", PASSWORD),
        ("off@example.com", PASSWORD),
        ("bare@example.com", ""),
    ];
    let replies = wrong.map(|(name, password)| sign_in(&app, name, password));
    for reply in &replies {
        assert_eq!((reply.status.as_u16(), reply.code()), (400, "credentials_wrong"));
        assert_eq!(reply.body, replies[0].body);
    }
    for name in ["ann@example.com", "nobody@example.com"] {
        (0..2).for_each(|_| drop(sign_in(&app, name, "wrong")));
        let reply = sign_in(&app, name, "wrong");
        assert_eq!((reply.status.as_u16(), reply.code()), (429, "login_attempts"), "{name}");
        assert_eq!(reply.header("retry-after"), "20");
    }
    app.advance(20);
    sign_in(&app, "ann@example.com", PASSWORD).ok();
}

#[test]
fn a_right_password_is_not_kept_out_by_the_wrong_ones_of_others() {
    let app = app();
    (0..10).for_each(|_| drop(sign_in_from(&app, THERE, WRONG)));
    assert_eq!(sign_in_from(&app, THERE, RIGHT).code(), "login_attempts");
    (0..10).for_each(|_| drop(sign_in(&app, RIGHT.0, RIGHT.1).ok()));
}

#[test]
fn a_network_of_long_addresses_is_one() {
    let app = app();
    let try_from = |address: &str| sign_in_from(&app, address, WRONG).code().to_owned();
    (1..4).for_each(|end| assert_eq!(try_from(&format!("2001:db8::{end}")), "credentials_wrong"));
    assert_eq!(try_from("2001:db8::ffff:1"), "login_attempts");
    assert_eq!(try_from("2001:db8:0:1::1"), "credentials_wrong");
}

#[test]
fn behind_a_proxy_that_is_not_trusted_one_locks_out_no_other() {
    let app = app();
    let behind = |client: Option<&str>, (name, password)| {
        let mut request = from("10.0.0.1", credentials(name, password));
        if let Some(client) = client {
            request.headers_mut().insert("x-forwarded-for", client.parse().unwrap());
        }
        app.send(request)
    };
    (0..5).for_each(|_| drop(behind(Some(THERE), WRONG)));
    assert_eq!(behind(Some(THERE), RIGHT).code(), "login_attempts");
    behind(Some(HERE), RIGHT).ok();
    // Where the proxy names nobody, a few wrong ones lock out nobody at all.
    (0..5).for_each(|_| assert_eq!(behind(None, WRONG).code(), "credentials_wrong"));
    behind(None, RIGHT).ok();
}

#[test]
fn an_account_is_one_however_its_name_is_typed() {
    let app = app();
    for name in ["ann@example.com", "+ANN@example.com", "%09ann@Example.com++"] {
        sign_in(&app, name, PASSWORD).ok();
        assert_eq!(sign_in(&app, name, "wrong").code(), "credentials_wrong");
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
fn a_flood_of_names_from_one_network_keeps_nobody_else_waiting_in_vain() {
    const MANY: usize = 200;
    let app = app();
    let attempt = |name: &str| {
        let network = Network::of("", &HeaderMap::new(), Some(THERE.parse().unwrap()));
        app.app().logins.begin(&Account::named(name).unwrap(), &network).unwrap()
    };
    let mut places = Vec::new();
    while let Some(Some(place)) = app.app().logins.place(&attempt("x")).now_or_never() {
        places.push(place);
        assert!(places.len() <= 16, "16 passwords take 300 MiB");
        app.advance(60);
    }
    // While all places are taken, no password is looked at.
    let flood = |number| from(THERE, credentials(&format!("user{number}@example.com"), "wrong"));
    let replies = app.send_all((0..MANY).map(flood).collect());
    let mut refused = 0;
    while let Ok((_, reply)) = replies.recv_timeout(Duration::from_secs(1)) {
        assert_eq!((reply.status.as_u16(), reply.code()), (503, "overloaded"));
        assert_eq!(reply.header("retry-after"), "1");
        refused += 1;
    }
    assert!(refused > MANY / 2 && refused < MANY, "{refused}");
    let honest = app.send_all(vec![from(HERE, credentials(RIGHT.0, RIGHT.1))]);
    assert!(honest.recv_timeout(Duration::from_secs(1)).is_err(), "waits for its turn");
    drop(places);
    honest.recv().unwrap().1.ok();
    for _ in refused..MANY {
        assert_eq!(replies.recv().unwrap().1.code(), "credentials_wrong");
    }
}

#[test]
fn a_form_without_a_name_or_with_too_much_is_refused_as_what_it_is() {
    let app = app();
    let send = |body: String| {
        let reply = app.send(Request::post("/user/token").body(Body::from(body)).unwrap());
        (reply.status.as_u16(), reply.code().to_owned())
    };
    assert_eq!(send("username=ann".to_owned()), (422, "credentials_missing".to_owned()));
    let longest = app.app().config.limits.body_bytes_max;
    assert_eq!(send("x".repeat(longest + 1)), (413, "body_too_large".to_owned()));
    let large = format!("{{\"where\": \"{}\"}}", "x".repeat(longest));
    let select = Request::post("/event/select").body(Body::from(large)).unwrap();
    assert_eq!(app.send_signed_in(select).code(), "body_too_large");
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
