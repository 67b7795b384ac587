//! One-time codes: begun, confirmed, asked for at every sign-in, each worth one, ended.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use kith::accounts::totp;
use kith::config::Config;
use serde_json::{Value, json};

use crate::support::app::post;
use crate::support::{Reply, Setup, TestApp, engine};

const PASSWORD: &str = "correct horse battery";
const ANN: &str = "ann@example.com";
/// As long as a code is shown.
const STEP: u64 = 30;

pub(crate) fn credentials(password: &str, code: &str) -> Request<Body> {
    let form = format!("username={ANN}&password={}&code={code}", password.replace(' ', "+"));
    let request = Request::post("/user/token");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(Body::from(form)).unwrap()
}

fn sign_in(app: &TestApp, code: &str) -> Reply {
    app.send(credentials(PASSWORD, code))
}

fn token(reply: Reply) -> String {
    reply.ok().body["access_token"].as_str().unwrap().to_owned()
}

fn with(app: &TestApp, token: &str, (method, address): (Method, &str), body: &Value) -> Reply {
    let mut request = post(address, body);
    *request.method_mut() = method;
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    app.send(request)
}

/// Ann, with a token and codes that are asked for.
pub(crate) struct Enrolled {
    pub(crate) token: String,
    pub(crate) secret: String,
    pub(crate) recovery_codes: Vec<String>,
}

impl Enrolled {
    pub(crate) fn code(&self, app: &TestApp) -> String {
        totp::code_at(&self.secret, app.clock.now()).unwrap()
    }
}

fn add(app: &TestApp) -> String {
    let user = json!({"email": ANN, "password": PASSWORD, "roles": ["developer"]});
    app.post("/user", &user).ok();
    token(sign_in(app, ""))
}

const TOTP: &str = "/user-account/totp";

pub(crate) fn enrol(app: &TestApp) -> Enrolled {
    let token = add(app);
    let begun = with(app, &token, (Method::POST, TOTP), &json!({"password": PASSWORD})).ok();
    assert_eq!(begun.header("cache-control"), "no-store");
    let secret = begun.body["secret"].as_str().unwrap().to_owned();
    assert!(begun.body["uri"].as_str().unwrap().contains(&format!("secret={secret}")));
    sign_in(app, "").ok();
    let code = totp::code_at(&secret, app.clock.now()).unwrap();
    let confirm = (Method::POST, "/user-account/totp/confirm");
    let shown = with(app, &token, confirm, &json!({"code": code})).ok().body;
    let codes = shown["recovery_codes"].as_array().unwrap().iter();
    let recovery_codes = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
    app.advance(STEP);
    Enrolled { token, secret, recovery_codes }
}

fn refused(reply: &Reply) -> (u16, &str) {
    (reply.status.as_u16(), reply.code())
}

#[test]
fn whoever_has_codes_signs_in_with_password_and_code() {
    let app = TestApp::new();
    let ann = enrol(&app);
    assert_eq!(refused(&sign_in(&app, "")), (400, "totp_required"));
    assert_eq!(refused(&sign_in(&app, "000000")), (400, "totp_wrong"));
    let wrong = app.send(credentials("wrong", &ann.code(&app)));
    assert_eq!(refused(&wrong), (400, "credentials_wrong"), "and the code is not used up");
    let token = token(sign_in(&app, &ann.code(&app)));
    let own = with(&app, &token, (Method::GET, "/user-account"), &Value::Null).ok().body;
    assert_eq!(own["has_totp"], true);
}

#[test]
fn a_code_that_was_used_is_worth_nothing_nor_is_one_before_it() {
    let app = TestApp::new();
    let ann = enrol(&app);
    let early = ann.code(&app);
    app.advance(STEP);
    let code = ann.code(&app);
    sign_in(&app, &code).ok();
    for again in [&code, &early] {
        assert_eq!(refused(&sign_in(&app, again)), (400, "totp_wrong"));
    }
    app.advance(STEP);
    sign_in(&app, &ann.code(&app)).ok();
}

#[test]
fn of_many_who_show_one_code_at_one_time_one_comes_in() {
    let app = TestApp::new();
    let ann = enrol(&app);
    for code in [ann.code(&app), ann.recovery_codes[0].clone()] {
        let all = (0..8).map(|_| credentials(PASSWORD, &code)).collect();
        let let_in = app.send_all(all).iter().filter(|(_, reply)| reply.status == 200).count();
        assert_eq!(let_in, 1);
    }
}

#[test]
fn each_recovery_code_lets_in_once_however_it_is_typed() {
    let app = TestApp::new();
    let ann = enrol(&app);
    assert_eq!(ann.recovery_codes.len(), 10);
    let [one, other] = [0, 9].map(|at| ann.recovery_codes[at].as_str());
    sign_in(&app, one).ok();
    assert_eq!(refused(&sign_in(&app, one)), (400, "totp_wrong"));
    sign_in(&app, &other.to_uppercase().replace('-', "+")).ok();
}

/// A form from somewhere.
fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let address: SocketAddr = (address.parse::<std::net::IpAddr>().unwrap(), 1).into();
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

#[test]
fn wrong_codes_are_counted_with_wrong_passwords_and_missing_ones_are_not() {
    let configure = |config: &mut Config| config.accounts.login_attempts_per_minute_max = 3;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let ann = enrol(&app);
    let here = |code: &str| {
        let reply = app.send(from("203.0.113.1", credentials(PASSWORD, code)));
        reply.body["code"].as_str().unwrap_or("let in").to_owned()
    };
    (0..40).for_each(|_| assert_eq!(here(""), "totp_required"));
    (0..3).for_each(|_| assert_eq!(here("000000"), "totp_wrong"));
    assert_eq!(here(&ann.code(&app)), "login_attempts");
    app.advance(60);
    assert_eq!(here(&ann.code(&app)), "let in");
}

#[test]
fn whoever_knows_the_password_tries_few_codes_from_however_many_places() {
    let app = TestApp::new();
    let ann = enrol(&app);
    let known = || from("203.0.113.1", credentials(PASSWORD, &ann.code(&app)));
    app.send(known()).ok();
    let elsewhere = |at: u8, code: &str| {
        let place = format!("198.51.100.{at}");
        app.send(from(&place, credentials(PASSWORD, code))).code().to_owned()
    };
    (0..10).for_each(|at| assert_eq!(elsewhere(at, "000000"), "totp_wrong"));
    app.advance(STEP);
    assert_eq!(elsewhere(11, &ann.code(&app)), "login_attempts");
    app.send(known()).ok();
}

#[test]
fn codes_are_begun_and_ended_with_the_password_and_confirmed_once() {
    let app = TestApp::new();
    let ann = enrol(&app);
    let ask = |way: (Method, &str), body: Value| with(&app, &ann.token, way, &body);
    let begin = || (Method::POST, TOTP);
    let end = || (Method::DELETE, TOTP);
    let confirm = || (Method::POST, "/user-account/totp/confirm");
    assert_eq!(refused(&ask(begin(), json!({"password": "x"}))), (400, "credentials_wrong"));
    assert_eq!(refused(&ask(begin(), json!({"password": PASSWORD}))), (409, "totp_state"));
    assert_eq!(refused(&ask(confirm(), json!({"code": ann.code(&app)}))), (409, "totp_state"));
    assert_eq!(refused(&ask(end(), json!({"password": PASSWORD}))), (400, "totp_required"));
    let body = json!({"password": PASSWORD, "code": "000000"});
    assert_eq!(refused(&ask(end(), body)), (400, "totp_wrong"));
    let body = json!({"password": PASSWORD, "code": ann.code(&app)});
    assert_eq!(ask(end(), body).ok().body, json!({"deleted": 1}));
    sign_in(&app, "").ok();
    assert_eq!(ask(end(), json!({"password": PASSWORD})).ok().body, json!({"deleted": 0}));
    let again = ask(begin(), json!({"password": PASSWORD})).ok().body;
    assert_ne!(again["secret"], ann.secret.as_str());
    assert_eq!(refused(&ask(confirm(), json!({"code": "000000"}))), (400, "totp_wrong"));
    sign_in(&app, "").ok();
}

#[test]
fn an_administrator_resets_the_codes_of_somebody_and_the_log_says_so() {
    let app = TestApp::new();
    let ann = enrol(&app);
    let address = format!("/user/{ANN}/totp");
    assert_eq!(with(&app, &ann.token, (Method::DELETE, &address), &Value::Null).status, 403);
    assert_eq!(app.delete(&address).ok().body, json!({"deleted": 1}));
    sign_in(&app, "").ok();
    assert_eq!(app.delete(&address).status, 404);
    let log = app.get("/api/audit?kind=user&action=put&id=ann@example.com").ok().body;
    let told = |entry: &Value| json!([entry["who"], entry["after"]["totp"]]);
    let told: Vec<_> = log["result"].as_array().unwrap().iter().map(told).collect();
    let expected = [("admin@kith.local", false), (ANN, true), ("admin@kith.local", false)];
    assert_eq!(told, expected.map(|(who, totp)| json!([who, totp])));
    let all = app.get("/api/audit/export").ok().text;
    assert!(!all.contains(&ann.secret) && !all.contains(&ann.recovery_codes[0]));
}

#[test]
fn recovery_codes_are_not_stored() {
    let app = TestApp::new();
    let ann = enrol(&app);
    let bare = ann.recovery_codes[0].replace('-', "");
    let stored = engine::rows(app.folder(), "SELECT body FROM \"user\"").concat().concat();
    assert!(stored.contains(&ann.secret), "what codes are made of is");
    assert!(!stored.contains(&bare) && !stored.contains(&ann.recovery_codes[0]));
}

#[test]
fn whose_role_must_have_codes_reaches_nothing_but_their_account_until_they_have() {
    let configure = |config: &mut Config| config.accounts.totp_roles = "admin developer".to_owned();
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    // Without a password nobody needs codes: somebody else asks for them.
    app.get("/event-sources").ok();
    let token = add(&app);
    let sources = |token: &str| with(&app, token, (Method::GET, "/event-sources"), &Value::Null);
    assert_eq!(refused(&sources(&token)), (403, "totp_needed"));
    let key = json!({"name": "K", "scopes": ["configure"]});
    assert_eq!(with(&app, &token, (Method::POST, "/api/keys"), &key).status, 403);
    app.delete(&format!("/user/{ANN}")).ok();
    let ann = enrol(&app);
    sources(&ann.token).ok();
    let key = with(&app, &ann.token, (Method::POST, "/api/keys"), &key).ok().body;
    let key = key["key"].as_str().unwrap();
    sources(key).ok();
    app.delete(&format!("/user/{ANN}/totp")).ok();
    for bearer in [&ann.token, key] {
        assert_eq!(refused(&sources(bearer)), (403, "totp_needed"), "what was made before, too");
    }
}
