//! Who is let in: every address and method of the document, with every kind of token.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use kith::accounts::Role;
use kith::storage::{By, Changes, Edit, KeyAdded, StoredKey, StoredToken, StoredUser};
use serde_json::Value;

use crate::support::app::start;
use crate::support::{Reply, TestApp};

/// What anybody may do without signing in. Signing out is among them: it answers whatever the token is.
const OPEN: [&str; 32] = [
    "GET /collect/{event_type}/{source}",
    "POST /collect/{event_type}/{source}",
    "GET /collect/{event_type}/{source}/{session}",
    "POST /collect/{event_type}/{source}/{session}",
    "POST /customer/consent",
    "GET /demo",
    "GET /demo/{file}",
    "GET /health",
    "GET /health/live",
    "GET /health/ready",
    "GET /info/version",
    "GET /metrics",
    "GET /redirect/{id}",
    "POST /redirect/{id}",
    "PUT /redirect/{id}",
    "DELETE /redirect/{id}",
    "GET /redirect/{id}/{session}",
    "POST /redirect/{id}/{session}",
    "PUT /redirect/{id}/{session}",
    "DELETE /redirect/{id}/{session}",
    "POST /track",
    "PUT /track",
    "GET /track.gif",
    "GET /tracker",
    "GET /tracker/{file}",
    "GET /user/oidc",
    "GET /user/oidc/callback",
    "POST /user/logout",
    "POST /user/oidc/token",
    "POST /user/token",
    "GET /user/ways",
    "POST /user/welcome",
];

/// A door of the document, and the roles that open it.
#[derive(Default)]
struct Door {
    method: Method,
    path: String,
    roles: Vec<String>,
    /// The scopes of a key that opens it, too: it has all of them.
    scopes: Vec<String>,
}

fn doors(app: &TestApp) -> Vec<Door> {
    let document = app.document();
    let paths = document["paths"].as_object().unwrap().iter();
    let each = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().unwrap().clone();
        let path = path.clone();
        methods.into_iter().map(move |(method, door)| Door {
            method: method.to_uppercase().parse().unwrap(),
            path: path.clone(),
            roles: roles(&door["security"]),
            scopes: scopes(&door["security"]),
        })
    };
    paths.flat_map(each).collect()
}

/// The roles that the alternatives of `security` name; one that names none asks for no role.
fn roles(security: &Value) -> Vec<String> {
    let alternatives = security.as_array().into_iter().flatten();
    let each = |one: &Value| one["bearer"].as_array().cloned().unwrap_or_default();
    alternatives.flat_map(each).map(|role| role.as_str().unwrap().to_owned()).collect()
}

/// All that a key must name.
fn scopes(security: &Value) -> Vec<String> {
    let mut alternatives = security.as_array().into_iter().flatten();
    let key = alternatives.find_map(|one| one["key"].as_array().cloned()).unwrap_or_default();
    key.iter().map(|scope| scope.as_str().unwrap().to_owned()).collect()
}

fn knock(app: &TestApp, door: &Door, token: Option<&str>) -> Reply {
    let address = door.path.replace(['{', '}'], "");
    let mut request = Request::builder().method(&door.method).uri(address);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    app.send(request.body(Body::empty()).unwrap())
}

/// Lets a user with these roles in, whose token is called as the user.
pub(crate) fn add_user(app: &TestApp, name: &str, roles: &[&str], lasts: Duration) {
    let email = format!("{name}@example.com");
    let user = StoredUser {
        email: email.clone(),
        name: name.to_owned(),
        password_hash: String::new(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        enabled: true,
        created: start(),
        ..StoredUser::default()
    };
    let hash = app.app().hashing.token(name);
    let token = StoredToken { hash, email, expires: start().plus(lasts), epoch: String::new() };
    let storage = &app.app().storage;
    assert!(storage.add_user(&user, By { who: "a test", address: None, at: start() }).unwrap());
    storage.commit(&Changes::by_hand(start(), vec![Edit::PutToken(token)])).unwrap();
}

/// Users of all kinds, each known by the name of their kind.
fn app() -> TestApp {
    let app = TestApp::new();
    // Whoever looks at what happens is answered at once, for there is nothing to wait for.
    app.app().live.end();
    let day = Duration::from_secs(86_400);
    Role::ALL.iter().for_each(|role| add_user(&app, role.as_str(), &[role.as_str()], day));
    add_user(&app, "nobody", &["a role of tomorrow"], day);
    add_user(&app, "expired", &["admin"], Duration::ZERO);
    app
}

#[test]
fn what_is_open_is_on_the_list_and_all_else_is_locked() {
    let app = TestApp::new();
    let open = doors(&app).into_iter().filter(|door| door.roles.is_empty());
    let mut open: Vec<_> = open.map(|door| format!("{} {}", door.method, door.path)).collect();
    open.sort();
    let mut listed = OPEN.to_vec();
    listed.sort_unstable();
    assert_eq!(open, listed);
}

#[test]
fn nobody_gets_through_a_locked_door_without_a_good_token_of_a_fitting_role() {
    let app = app();
    let locked: Vec<_> = doors(&app).into_iter().filter(|door| !door.roles.is_empty()).collect();
    assert!(locked.len() > 30, "{}", locked.len());
    for door in &locked {
        let check = |token, status, code| {
            let reply = knock(&app, door, token);
            let said = (reply.status.as_u16(), reply.code());
            assert_eq!(said, (status, code), "{} {} {token:?}", door.method, door.path);
        };
        check(None, 401, "not_authenticated");
        check(Some("nonsense"), 401, "token_invalid");
        check(Some("expired"), 401, "token_invalid");
        check(Some("nobody"), 403, "role_missing");
        for role in Role::ALL.map(Role::as_str) {
            if door.roles.iter().any(|fitting| fitting == role) {
                let reply = knock(&app, door, Some(role));
                assert!(![401, 403].contains(&reply.status.as_u16()), "{role}: {}", door.path);
            } else {
                check(Some(role), 403, "role_missing");
            }
        }
    }
}

/// A key with this scope, made by hand.
fn key(app: &TestApp, scope: &str) -> String {
    let key = StoredKey { scopes: vec![scope.to_owned()], ..StoredKey::default() };
    let (text, key) = kith::accounts::new_key(&app.app().ids, &app.app().hashing, start(), key);
    let by = By { who: "a test", address: None, at: start() };
    assert_eq!(app.app().storage.add_key(&key, by).unwrap(), KeyAdded::Done);
    text
}

/// A key with the scope of each door: it opens that door and no other.
#[test]
fn a_key_opens_the_doors_of_its_scope_and_no_other() {
    let app = app();
    let locked: Vec<_> = doors(&app).into_iter().filter(|door| !door.roles.is_empty()).collect();
    let scopes: BTreeSet<_> = locked.iter().flat_map(|door| door.scopes.clone()).collect();
    assert_eq!(scopes.len(), 12, "{scopes:?}");
    for scope in &scopes {
        let text = key(&app, scope);
        for door in &locked {
            let status = knock(&app, door, Some(&text)).status.as_u16();
            let is_let_in = ![401, 403].contains(&status);
            assert_eq!(is_let_in, door.scopes == [scope.as_str()], "{scope}: {}", door.path);
        }
    }
}

/// How long an answer would be tells of what is in it.
#[test]
fn a_head_is_locked_as_the_answer_that_it_is_of() {
    let app = app();
    let doors = doors(&app).into_iter();
    let doors: Vec<_> =
        doors.filter(|one| !one.roles.is_empty() && one.method == Method::GET).collect();
    let scopes: BTreeSet<_> = doors.iter().flat_map(|door| door.scopes.clone()).collect();
    for scope in &scopes {
        let text = key(&app, scope);
        for door in &doors {
            let head = Door { method: Method::HEAD, path: door.path.clone(), ..Door::default() };
            let [whole, head] = [door, &head].map(|door| knock(&app, door, Some(&text)).status);
            assert_eq!(head, whole, "{scope}: {}", door.path);
        }
    }
}

#[test]
fn open_doors_ask_for_nothing() {
    let app = app();
    for door in doors(&app).iter().filter(|door| door.roles.is_empty()) {
        let reply = knock(&app, door, Some("nonsense"));
        let code = reply.code();
        assert!(!["not_authenticated", "token_invalid", "role_missing"].contains(&code), "{code}");
    }
}

/// Each row of the manual's table of addresses says the group whose roles the document has.
#[test]
fn the_manual_says_who_may() {
    let manual = include_str!("../../docs/api.md");
    let groups = table(manual, "| Group | Roles |");
    let app = TestApp::new();
    let doors = doors(&app);
    let mut rows = 0;
    for row in table(manual, "| Method and path | Group |") {
        let roles: Vec<_> = groups.iter().filter(|group| group[0] == row[1]).collect();
        assert_eq!(roles.len(), 1, "there is no group {}", row[1]);
        for address in row[0].split(", ").map(|address| address.trim_matches('`')) {
            let Some(door) = doors.iter().find(|door| is(door, address)) else { continue };
            let named: Vec<_> = door.roles.iter().map(|role| format!("`{role}`")).collect();
            assert_eq!(named.join(", "), roles[0][1], "{address}");
            rows += 1;
        }
    }
    assert!(rows >= 20, "{rows} rows");
}

/// Whether it is the door of an address, whatever the manual calls the ids in it.
fn is(door: &Door, address: &str) -> bool {
    let plain = |text: &str| -> Vec<String> {
        let parts = text.split('/');
        parts.map(|part| if part.starts_with('{') { "{}" } else { part }.to_owned()).collect()
    };
    plain(&format!("{} {}", door.method, door.path)) == plain(address)
}

/// The rows of the manual's table that begins so.
fn table(manual: &str, begins: &str) -> Vec<Vec<String>> {
    let table = manual.split(begins).nth(1).expect(begins).split("\n\n").next().unwrap();
    let rows = table.lines().skip(2).filter(|line| line.starts_with("| "));
    rows.map(|row| row.trim_matches('|').split('|').map(|text| text.trim().to_owned()).collect())
        .collect()
}
