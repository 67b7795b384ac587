//! Keys: what programs show instead of signing in.

use axum::body::Body;
use axum::http::{Method, Request};
use kith::storage::{By, KeyAdded, StoredKey};
use serde_json::{Value, json};

use crate::support::app::start;
use crate::support::{Reply, TestApp, files_with};

const PASSWORD: &str = "correct horse battery";
const ANN: &str = "ann@example.com";

fn with(app: &TestApp, token: &str, (method, address): (Method, &str), body: &Value) -> Reply {
    let request = Request::builder().method(method).uri(address);
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = request.header("content-type", "application/json");
    app.send(request.body(Body::from(body.to_string())).unwrap())
}

fn status(app: &TestApp, key: &str, address: &str) -> u16 {
    with(app, key, (Method::GET, address), &Value::Null).status.as_u16()
}

/// A key of the administrator: its text and its id.
fn make(app: &TestApp, key: &Value) -> (String, String) {
    let reply = app.post("/api/keys", key).ok();
    assert_eq!(reply.header("cache-control"), "no-store");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&reply.body["key"]), text(&reply.body["made"]["id"]))
}

/// A user of these roles, and a token of theirs.
fn user(app: &TestApp, roles: &[&str]) -> String {
    let user = json!({"email": ANN, "password": PASSWORD, "roles": roles});
    app.post("/user", &user).ok();
    let body = format!("username={ANN}&password={}", PASSWORD.replace(' ', "+"));
    let request = Request::post("/user/token");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let reply = app.send(request.body(Body::from(body)).unwrap()).ok();
    reply.body["access_token"].as_str().unwrap().to_owned()
}

/// Their request was let in just before.
#[test]
fn whoever_is_removed_while_they_make_a_key_leaves_none_to_whoever_has_the_address_next() {
    let app = TestApp::new();
    user(&app, &["marketer"]);
    app.delete(&format!("/user/{ANN}")).ok();
    let (state, scopes) = (app.app(), vec!["events:read".to_owned()]);
    let key = StoredKey { owner: ANN.to_owned(), scopes, ..StoredKey::default() };
    let (text, key) = kith::accounts::new_key(&state.ids, &state.hashing, start(), key);
    let by = By { who: ANN, address: None, at: start() };
    assert_eq!(state.storage.add_key(&key, by).unwrap(), KeyAdded::OwnerGone);
    user(&app, &["admin"]);
    assert_eq!(status(&app, &text, "/event/count"), 401);
}

#[test]
fn a_key_opens_the_doors_of_its_roles_and_scopes_until_it_is_revoked() {
    let app = TestApp::new();
    let (key, id) = make(&app, &json!({"name": "Export", "scopes": ["events:read"]}));
    assert!(key.starts_with("kith_") && key.len() == 37, "{key}");
    let doors = ["/event/count", "/profile/count", "/event-sources", "/users", "/api/keys"];
    let opens = |key: &str| doors.map(|door| status(&app, key, door));
    assert_eq!(opens(&key), [200, 403, 403, 403, 403]);
    let (developer, _) = make(&app, &json!({"name": "D", "roles": ["developer"]}));
    assert_eq!(opens(&developer), [200, 200, 200, 403, 403]);
    let (admin, _) = make(&app, &json!({"name": "A", "roles": ["admin"]}));
    assert_eq!(opens(&admin), [200, 200, 200, 200, 403], "a key makes no keys");
    let reply = with(&app, &key, (Method::GET, "/users"), &Value::Null);
    assert_eq!(reply.code(), "role_missing");
    app.delete(&format!("/api/keys/{id}")).ok();
    assert_eq!(status(&app, &key, "/event/count"), 401);
    assert_eq!(app.delete(&format!("/api/keys/{id}")).status, 404);
}

#[test]
fn a_key_ends_with_its_time_and_says_when_it_was_used() {
    let app = TestApp::new();
    let (key, _) = make(&app, &json!({"name": "K", "scopes": ["sql"], "expires_days": 2}));
    let listed = || app.get("/api/keys").ok().body["result"][0].clone();
    let expected = json!({
        "id": listed()["id"], "name": "K", "owner": "admin@kith.local", "roles": [],
        "scopes": ["sql"], "created": "2026-01-05T10:00:00Z",
        "expires": "2026-01-07T10:00:00Z", "last_used": null,
    });
    assert_eq!(listed(), expected);
    assert_eq!(status(&app, &key, "/users"), 403);
    assert_eq!(listed()["last_used"], "2026-01-05T10:00:00Z");
    app.advance(59);
    status(&app, &key, "/users");
    assert_eq!(listed()["last_used"], "2026-01-05T10:00:00Z", "once a minute");
    app.advance(1);
    status(&app, &key, "/users");
    assert_eq!(listed()["last_used"], "2026-01-05T10:01:00Z");
    app.advance(2 * 86_400 - 61);
    assert_eq!(status(&app, &key, "/users"), 403);
    app.advance(1);
    assert_eq!(status(&app, &key, "/users"), 401);
}

#[test]
fn a_key_may_no_more_than_whoever_has_made_it_may_now() {
    let app = TestApp::new();
    let token = user(&app, &["developer"]);
    let make = |key: &Value| with(&app, &token, (Method::POST, "/api/keys"), key);
    for more in
        [json!({"name": "K", "roles": ["admin"]}), json!({"name": "K", "scopes": ["erase"]})]
    {
        let reply = make(&more);
        assert_eq!((reply.status.as_u16(), reply.code()), (403, "role_missing"), "{more}");
    }
    let made = make(&json!({"name": "K", "scopes": ["configure", "sql"]})).ok();
    let key = made.body["key"].as_str().unwrap();
    let configures = || status(&app, key, "/event-sources");
    assert_eq!(configures(), 200);
    let change = |change| app.post(&format!("/user/{ANN}"), &change).ok();
    change(json!({"roles": ["marketer"]}));
    assert_eq!(configures(), 403);
    change(json!({"roles": ["developer"], "password": PASSWORD}));
    assert_eq!(configures(), 200, "a key outlives a password");
    change(json!({"enabled": false}));
    assert_eq!(configures(), 401);
    change(json!({"enabled": true}));
    assert_eq!(configures(), 200);
    app.delete(&format!("/user/{ANN}")).ok();
    assert_eq!(configures(), 401);
    user(&app, &["developer"]);
    assert_eq!(configures(), 401, "whoever comes again makes keys anew");
}

#[test]
fn everybody_has_their_own_keys_and_administrators_see_all() {
    let app = TestApp::new();
    let (_, id) = make(&app, &json!({"name": "admin's", "scopes": ["sql"]}));
    let token = user(&app, &["marketer"]);
    let ann = |door, body: &Value| with(&app, &token, door, body);
    ann((Method::POST, "/api/keys"), &json!({"name": "Ann's", "scopes": ["sql"]})).ok();
    let own = ann((Method::GET, "/api/keys"), &Value::Null).ok().body;
    assert_eq!((&own["total"], &own["result"][0]["name"]), (&json!(1), &json!("Ann's")));
    assert_eq!(ann((Method::DELETE, &format!("/api/keys/{id}")), &Value::Null).status, 404);
    let all = app.get("/api/keys").ok().body;
    assert_eq!(all["total"], 2);
    for key in all["result"].as_array().unwrap() {
        app.delete(&format!("/api/keys/{}", key["id"].as_str().unwrap())).ok();
    }
    assert_eq!(app.get("/api/keys").ok().body["total"], 0);
}

#[test]
fn keys_that_do_not_fit_are_refused() {
    let app = TestApp::new();
    for (key, place) in [
        (json!({"name": "", "roles": ["admin"]}), "`name`"),
        (json!({"name": "K", "roles": ["king"]}), "`roles`"),
        (json!({"name": "K", "scopes": ["own"]}), "`scopes`"),
        (json!({"name": "K"}), "a role or a scope"),
        (json!({"name": "K", "scopes": ["sql"], "expires_days": 0}), "`expires_days`"),
    ] {
        let reply = app.post("/api/keys", &key);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "key_invalid"), "{key}");
        assert!(reply.body["message"].as_str().unwrap().contains(place), "{}", reply.body);
    }
}

#[test]
fn keys_are_stored_hashed_and_remembered_without_their_text() {
    let app = TestApp::new();
    let (key, id) = make(&app, &json!({"name": "K", "roles": ["admin"]}));
    let added = json!({"email": ANN, "roles": []});
    with(&app, &key, (Method::POST, "/user"), &added).ok();
    let log = app.get("/api/audit").ok().body;
    let who = log["result"][0]["who"].as_str().unwrap();
    assert_eq!(who, format!("admin@kith.local by key K ({id})"));
    let made = &log["result"][1];
    assert_eq!((&made["kind"], &made["id"]), (&json!("key"), &json!(id)));
    let folder = app.stop();
    assert_eq!(files_with(folder.path(), &key), Vec::<std::path::PathBuf>::new());
}

/// A visitor of the session `known` whom a rule gives an e-mail address, as `/rules/try` has it posted.
fn tried(session: &str) -> Value {
    let rule = json!({"id": "m", "name": "M", "event_type": {"id": "hello"}, "event_to_profile": [
        {"event": {"value": "event@properties.mail"}, "profile": {"value": "profile@data.contact.email.main"}, "op": 0},
    ]});
    let payload = json!({"source": {"id": "shop"}, "session": {"id": session}, "events": [
        {"type": "hello", "properties": {"mail": "other@case.pl"}},
    ]});
    json!({"payload": payload, "rules": {"event_to_profile": [rule]}})
}

#[test]
fn a_key_that_may_not_read_people_does_not_see_them_at_other_doors() {
    let app = TestApp::new();
    let visit = json!({"source": {"id": "shop"}, "session": {"id": "known"}, "events": [
        {"type": "identification", "properties": {"email": {"main": "zoe@case.pl"}}},
    ]});
    let person = app.track(visit).ok().profile();
    let by = json!({"series": [{}], "by": {"field": "data.contact.email.main", "now": true}});
    let steps = ["type = a", "type = b"];
    let funnel = json!({"steps": steps, "by": {"field": "data.contact.email.main", "now": true}});
    let list = app.post("/api/lists", &json!({"name": "L", "profiles": [person]})).ok();
    let members = format!("/api/lists/{}/members", list.body["id"].as_str().unwrap());
    for (scope, method, address, body) in [
        ("events:read", Method::POST, "/api/questions/trends", by),
        ("events:read", Method::POST, "/api/questions/funnel", funnel),
        ("lists", Method::GET, members.as_str(), Value::Null),
        ("configure", Method::POST, "/api/rules/try", tried("known")),
        ("configure", Method::GET, "/api/held-events", Value::Null),
        ("configure", Method::GET, "/api/held-events/x", Value::Null),
    ] {
        app.advance(1);
        let (key, _) = make(&app, &json!({"name": "K", "scopes": [scope]}));
        assert_eq!(status(&app, &key, &format!("/profile/{person}")), 403);
        let refused = with(&app, &key, (method.clone(), address), &body);
        assert_eq!((refused.status.as_u16(), refused.code()), (403, "role_missing"), "{address}");
        assert!(!refused.text.contains("zoe@case.pl"), "{address}");
        let scopes = [scope, "profiles:read", "events:read"];
        let (key, _) = make(&app, &json!({"name": "K", "scopes": scopes}));
        let answer = with(&app, &key, (method, address), &body);
        let wanted = if address.ends_with("/x") { 404 } else { 200 };
        assert_eq!(answer.status, wanted, "{address}");
        let shows = ["trends", "members", "try"].iter().any(|word| address.contains(word));
        assert_eq!(answer.text.contains("zoe@case.pl"), shows, "{address}");
        let log = app.get("/api/audit?limit=2").ok().body["result"].clone();
        let kind = if address.contains("held") { "event" } else { "profile" };
        for told in log.as_array().unwrap() {
            let told = (&told["action"], &told["kind"]);
            assert_eq!(told, (&json!("look"), &json!(kind)), "{address}");
        }
    }
}

#[test]
fn a_key_that_may_not_read_people_still_tries_rules_and_counts() {
    let app = TestApp::new();
    let visit = json!({"source": {"id": "shop"}, "session": {"id": "known"}, "events": [
        {"type": "identification", "properties": {"email": {"main": "zoe@case.pl"}}},
    ]});
    let person = app.track(visit).ok().profile();
    let (key, _) = make(&app, &json!({"name": "K", "scopes": ["configure"]}));
    let try_it = (Method::POST, "/api/rules/try");
    let reply = with(&app, &key, try_it, &tried("new")).ok();
    assert_eq!(reply.body["turns"][0]["person"], "new");
    let preview = (Method::POST, "/api/identity/preview");
    let of = |session: &str, email: &str| {
        let named = json!({"type": "identification", "properties": {"email": {"main": email}}});
        json!({"source": {"id": "shop"}, "session": {"id": session}, "events": [named]})
    };
    let reply = with(&app, &key, preview.clone(), &of("new", "new@case.pl")).ok();
    assert_eq!(reply.body["turns"][0]["person"], "new");
    let reply = with(&app, &key, preview, &of("new", "zoe@case.pl"));
    assert_eq!((reply.status.as_u16(), reply.code()), (403, "role_missing"));
    let condition = json!({"condition": "profile@data.contact.email.main = \"zoe@case.pl\""});
    let preview = (Method::POST, "/api/audiences/preview");
    let counted = with(&app, &key, preview.clone(), &condition).ok().body;
    assert_eq!((&counted["members"], &counted["sample"]), (&json!(1), &json!([])));
    let (key, _) = make(&app, &json!({"name": "K", "scopes": ["configure", "profiles:read"]}));
    let counted = with(&app, &key, preview, &condition).ok().body;
    assert_eq!(counted["sample"][0]["id"], person);
}
