//! What a page may do with an identifier that is somebody else's.

use axum::body::Body;
use axum::http::Request;
use kith::model::Trust;
use serde_json::{Value, json};

use crate::support::app::post;
use crate::support::{Reply, TestApp};

/// An app with a page, beside the server that tests have.
fn app(mode: &str) -> TestApp {
    let app = TestApp::new();
    app.add_source("page", |source| {
        source.trust = Trust::Public;
        source.returns_profile = true;
    });
    app.post("/api/identity/settings", &json!({"public": mode})).ok();
    app
}

fn ann() -> Value {
    json!({"type": "sign-in", "properties": {"email": {"main": "ann@example.com"}}})
}

fn view() -> Value {
    json!({"type": "page-view"})
}

#[expect(clippy::needless_pass_by_value, reason = "the events are written in place")]
fn from(source: &str, session: &str, events: Value) -> Value {
    json!({"source": {"id": source}, "session": {"id": session}, "events": events})
}

/// Ann, as her shop's server knows her.
fn known(app: &TestApp) -> String {
    let events =
        json!([ann(), {"type": "profile-update", "properties": {"pii": {"firstname": "Ann"}}}]);
    let id = app.track(from("shop", "at home", events)).ok().profile();
    app.advance(60);
    id
}

fn page(app: &TestApp, session: &str, events: Value) -> Reply {
    app.track(from("page", session, events)).ok()
}

fn views(app: &TestApp, id: &str) -> usize {
    app.events(id).into_iter().filter(|kind| kind == "page-view").count()
}

fn firstname(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/profile/{id}")).ok().body["data"]["pii"]["firstname"].clone()
}

#[test]
fn a_link_collects_for_whom_is_known_and_tells_nothing_of_her() {
    let app = app("link");
    let ann_is = known(&app);
    let mut asks = view();
    asks["options"] = json!({"profile": true});
    let reply = page(&app, "elsewhere", json!([ann(), asks]));
    let pseudonym = reply.profile();
    assert_ne!(pseudonym, ann_is);
    assert!(!reply.text.contains(&ann_is) && !reply.text.contains("firstname"), "{}", reply.text);
    assert_eq!(reply.warnings(), ["identifier_not_trusted"]);
    assert_eq!(views(&app, &ann_is), 1, "the event is hers");
    assert_eq!(app.get(&format!("/profile/{pseudonym}")).status, 404);
    assert_eq!(app.get("/profile/count").ok().body["count"], 1);
}

#[test]
fn a_link_gives_no_power_over_her() {
    let app = app("link");
    let ann_is = known(&app);
    page(&app, "elsewhere", json!([ann()]));
    let rename = json!({"type": "profile-update", "properties": {"pii": {"firstname": "Eve"},
        "contact": {"email": {"private": "eve@example.com"}}, "identifier": {"id": "eve-1"}}});
    let consent = json!({"type": "consent-update", "properties": {"consents": {"mail": true}}});
    let interest =
        json!({"type": "increase-interest", "properties": {"interest": "x", "value": 3}});
    let reply = page(&app, "elsewhere", json!([rename, consent, interest]));
    assert_eq!(reply.warnings(), ["identifier_not_trusted"]);
    let document = app.get(&format!("/profile/{ann_is}")).ok().body;
    assert_eq!(document["data"]["pii"]["firstname"], "Ann");
    assert_eq!(document["data"]["contact"]["email"]["private"], Value::Null);
    assert_eq!((&document["consents"], &document["interests"]), (&json!({}), &json!({})));
    let posted = json!({"source": {"id": "page"}, "session": {"id": "elsewhere"},
        "consents": {"mail": true}});
    for id in [&ann_is, &reply.profile()] {
        let mut posted = posted.clone();
        posted["profile"] = json!({"id": id});
        assert_eq!(app.send(post("/customer/consent", &posted)).status, 403);
    }
    let eve = json!({"type": "sign-in", "properties": {"email": {"main": "eve@example.com"}}});
    let eve_is = app.track(from("shop", "eve's", json!([eve]))).ok().profile();
    assert_ne!(eve_is, ann_is, "what the page said beside is not hers");
}

#[test]
fn fifteen_addresses_in_one_payload_unite_nobody() {
    let app = app("link");
    let names: Vec<String> = (0..15).map(|name| format!("{name}@example.com")).collect();
    let by =
        |name: &String| json!({"type": "identification", "properties": {"email": {"main": name}}});
    for name in &names {
        app.track(from("shop", name, json!([by(name)]))).ok();
    }
    page(&app, "elsewhere", names.iter().map(by).collect());
    assert_eq!(app.get("/profile/count").ok().body["count"], 15);
}

#[test]
fn ids_are_kept_and_a_session_recovers_them() {
    for mode in ["merge", "link", "ask"] {
        let app = app(mode);
        known(&app);
        let first = page(&app, "s", json!([ann()])).profile();
        assert_eq!(page(&app, "s", json!([view()])).profile(), first, "{mode}: without its id");
        let mut again = from("page", "s", json!([view()]));
        again["profile"] = json!({"id": first});
        assert_eq!(app.track(again.clone()).ok().profile(), first, "{mode}: with its id");
        again["session"] = json!({"id": "the next visit"});
        assert_eq!(app.track(again).ok().profile(), first, "{mode}: in another session");
    }
}

#[test]
fn a_pseudonym_collects_for_her_in_later_visits_too() {
    let app = app("link");
    let ann_is = known(&app);
    let pseudonym = page(&app, "first", json!([ann()])).profile();
    let mut next = from("page", "second", json!([view()]));
    next["profile"] = json!({"id": pseudonym});
    app.track(next).ok();
    assert_eq!(views(&app, &ann_is), 1);
    app.delete(&format!("/profile/{ann_is}")).ok();
    let mut last = from("page", "third", json!([view()]));
    last["profile"] = json!({"id": pseudonym});
    let reply = app.track(last).ok();
    assert_ne!(reply.profile(), pseudonym, "who is gone is not collected for");
    assert_eq!(app.get("/profile/count").ok().body["count"], 1);
}

#[test]
fn what_the_visitor_was_before_stays_until_somebody_trusted_says_so() {
    let app = app("link");
    let ann_is = known(&app);
    let visitor = page(&app, "s", json!([view()])).profile();
    page(&app, "s", json!([ann(), view()]));
    assert_eq!((views(&app, &visitor), views(&app, &ann_is)), (1, 1));
    assert_eq!(app.get(&format!("/profile/{visitor}")).ok().body["id"], json!(visitor));
    app.track(from("shop", "s", json!([ann()]))).ok();
    assert_eq!(app.get(&format!("/profile/{visitor}")).ok().body["id"], json!(ann_is));
    let reply = page(&app, "s", json!([view()]));
    assert_eq!(reply.profile(), ann_is, "now she is shown to be here");
    let rename = json!({"type": "profile-update", "properties": {"pii": {"firstname": "Anna"}}});
    page(&app, "s", json!([rename]));
    assert_eq!(firstname(&app, &ann_is), "Anna");
}

#[test]
fn what_is_new_and_what_is_the_visitors_already_is_believed() {
    for mode in ["merge", "link", "ask"] {
        let app = app(mode);
        let id = page(&app, "s", json!([ann()])).profile();
        let reply = page(&app, "s", json!([ann(), view()]));
        assert_eq!((reply.profile(), reply.warnings().len()), (id.clone(), 0), "{mode}");
        assert_eq!(app.track(from("shop", "at home", json!([ann()]))).ok().profile(), id);
    }
}

#[test]
fn where_somebody_is_to_be_asked_the_events_stay_with_the_visitor() {
    let app = app("ask");
    let ann_is = known(&app);
    let visitor = page(&app, "s", json!([view()])).profile();
    let reply = page(&app, "s", json!([ann(), view()]));
    assert_eq!((reply.profile(), reply.warnings().len()), (visitor.clone(), 0), "nobody is told");
    assert_eq!((views(&app, &visitor), views(&app, &ann_is)), (2, 0));
}

#[test]
fn a_namespace_may_be_believed_more_or_less() {
    let app = app("link");
    let ann_is = known(&app);
    app.post("/api/identity/namespaces", &json!({"id": "email", "public": "merge"})).ok();
    assert_eq!(page(&app, "s", json!([ann()])).profile(), ann_is);
    app.post("/api/identity/namespaces", &json!({"id": "email", "believed": "signed"})).ok();
    let reply = page(&app, "other", json!([ann()]));
    assert_ne!(reply.profile(), ann_is);
    assert_eq!(reply.warnings(), ["identifier_not_trusted"]);
    let new = json!({"type": "sign-in", "properties": {"email": {"main": "new@example.com"}}});
    let one = page(&app, "a", json!([new])).profile();
    assert_ne!(page(&app, "b", json!([new])).profile(), one, "not even what is new");
}

#[test]
fn a_webhook_is_a_servers_and_all_else_is_a_pages_unless_said() {
    let app = TestApp::new();
    for (kind, trust) in [("rest", "public"), ("redirect", "public"), ("webhook", "trusted")] {
        app.post("/event-source", &json!({"id": kind, "name": kind, "type": kind})).ok();
        assert_eq!(app.get(&format!("/event-source/{kind}")).ok().body["trust"], trust);
    }
    let posted = json!({"id": "b", "name": "b", "type": "rest", "trust": "signed"});
    app.post("/event-source", &posted).ok();
    assert_eq!(app.get("/event-source/b").ok().body["trust"], "signed");
    let posted = json!({"name": "b", "type": "rest", "trust": "much"});
    assert_eq!(app.post("/event-source", &posted).code(), "source_invalid");
}

fn passed(session: &str, profile: &str, pass: Option<&str>) -> Value {
    let mut payload = from("page", session, json!([view()]));
    let handed = json!({"profile": profile, "source": "page", "signature": pass});
    payload["context"] = json!({"tracardi": {"pass": handed}});
    payload
}

#[test]
fn an_id_in_a_link_needs_a_pass_that_has_not_run_out() {
    let app = app("link");
    let reply = page(&app, "here", json!([view()]));
    let (one, pass) = (reply.profile(), reply.body["profile"]["pass"].as_str().unwrap().to_owned());
    let bob = page(&app, "bob", json!([view()])).profile();
    let refused = app.track(passed("bob", &one, None)).ok();
    assert_eq!(
        (refused.profile(), refused.warnings()),
        (bob.clone(), vec!["identifier_not_trusted"])
    );
    assert_eq!(app.track(passed("bob", &bob, Some(&pass))).ok().profile(), bob);
    assert_eq!(app.track(passed("there", &one, Some(&pass))).ok().profile(), one);
    app.advance(3600);
    let late = app.track(passed("late", &one, Some(&pass))).ok();
    assert_eq!(late.warnings(), ["identifier_not_trusted"]);
    app.post("/api/identity/settings", &json!({"links": "any"})).ok();
    assert_eq!(app.track(passed("any", &one, None)).ok().profile(), one);
}

#[test]
fn a_pseudonym_in_a_link_collects_and_unites_nobody() {
    let app = app("link");
    let ann_is = known(&app);
    let reply = page(&app, "here", json!([ann()]));
    let pass = reply.body["profile"]["pass"].as_str().unwrap();
    let there = app.track(passed("there", &reply.profile(), Some(pass))).ok().profile();
    assert_ne!(there, ann_is);
    assert_eq!(views(&app, &ann_is), 1);
    let bob = page(&app, "bob", json!([view()])).profile();
    let mut known_visitor = passed("bob", &reply.profile(), Some(pass));
    known_visitor["profile"] = json!({"id": bob});
    assert_eq!(app.track(known_visitor).ok().profile(), bob);
    assert_eq!(app.get(&format!("/profile/{bob}")).ok().body["id"], json!(bob));
}

/// A request as a server that signs would have a page send it.
fn signed(session: &str, token: &str) -> Request<Body> {
    let mut payload = from("page", session, json!([ann(), view()]));
    payload["context"] = json!({"identity": {"token": token}});
    post("/track", &payload)
}

#[test]
fn what_a_server_has_signed_is_believed() {
    let app = app("link");
    let ann_is = known(&app);
    let secret = app.post("/event-source/page/secret", &json!({})).ok().body["secret"].clone();
    let secret = secret.as_str().unwrap();
    let now = app.clock.now().micros() / 1_000_000;
    let token = |claims: Value, secret: &str| crate::support::token::hs256(&claims, secret);
    let good = token(json!({"exp": now + 600, "email": " ANN@example.com"}), secret);
    let visitor = page(&app, "s", json!([view()])).profile();
    let reply = app.send(signed("s", &good)).ok();
    assert_eq!((reply.profile(), reply.warnings().len()), (ann_is.clone(), 0));
    assert_eq!(app.get(&format!("/profile/{visitor}")).ok().body["id"], json!(ann_is));
    let events = app.get(&format!("/events/profile/{ann_is}")).ok();
    assert!(!events.text.contains(&good), "a token is nobody else's business");
    let ahead = json!({"exp": now + 600, "nbf": now + 30, "email": "ann@example.com"});
    let ahead = app.send(signed("a clock ahead", &token(ahead, secret))).ok();
    assert_eq!(ahead.profile(), ann_is, "clocks differ");
    let none = good.rsplit_once('.').unwrap().0;
    for (number, token) in [
        token(json!({"exp": now - 1, "email": "ann@example.com"}), secret),
        token(json!({"exp": now + 864_000, "email": "ann@example.com"}), secret),
        token(json!({"email": "ann@example.com"}), secret),
        token(json!({"exp": now + 600, "email": "ann@example.com"}), "guessed"),
        token(json!({"exp": now + 6000, "nbf": now + 3000, "email": "ann@example.com"}), secret),
        token(json!({"exp": now + 600, "nbf": "soon", "email": "ann@example.com"}), secret),
        crate::support::token::signed(
            &json!({"alg": "HS256", "crit": ["x"], "x": 1}),
            &json!({"exp": now + 600, "email": "ann@example.com"}),
            secret,
        ),
        format!("{none}."),
        "none".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let reply = app.send(signed(&format!("bad {number}"), &token)).ok();
        assert_ne!(reply.profile(), ann_is, "{token}");
        assert_eq!(reply.warnings(), ["identifier_not_trusted"; 2], "{token}");
    }
    let other = token(json!({"exp": now + 600, "email": "bob@example.com"}), secret);
    assert_ne!(app.send(signed("not hers", &other)).ok().profile(), ann_is);
    app.post("/event-source/page/secret", &json!({})).ok();
    assert_ne!(app.send(signed("old secret", &good)).ok().profile(), ann_is);
}

#[test]
fn a_property_that_names_somebody_may_be_written_whole() {
    let app = TestApp::new();
    let read_from = json!([{"event_type": "Card Shown", "property": "event@properties.card"}]);
    let card = json!({"id": "card", "read_from": read_from});
    app.post("/api/identity/namespaces", &card).ok();
    let stored = app.get("/api/identity/namespaces/card").ok().body["read_from"].clone();
    assert_eq!(stored, json!([{"event_type": "card-shown", "property": "card"}]));
    let shown = json!({"type": "card-shown", "properties": {"card": "123"}});
    let of = |session: &str| app.track(json!({"session": {"id": session}, "events": [shown]})).ok();
    assert_eq!(of("one").profile(), of("two").profile());
}
