//! Rules of privacy beside templates and functions: nothing that these make of a field goes past its rule.

use serde_json::{Value, json};

use crate::support::{Reply, TestApp, files_with};

const MAIL: &str = "ann.secret@shop.example";
/// What a function below makes of it.
const TURNED: &str = "elpmaxe.pohs@terces.nna";

fn protect(app: &TestApp, action: &str) {
    let setting = json!({"action": action, "field": {"value": "event@properties.mail"},
        "consents": [{"id": "contact"}]});
    app.post(
        "/consent/compliance/field",
        &json!({"id": "contacts", "name": "Contacts", "enabled": true, "event_type": "order",
            "settings": [setting]}),
    )
    .ok();
}

fn reshape(app: &TestApp, reshaping: &Value) {
    app.post(
        "/event-reshape-schema",
        &json!({"id": "r", "name": "R", "event_type": "order", "enabled": true,
            "reshaping": reshaping}),
    )
    .ok();
}

fn function(app: &TestApp, id: &str, code: &str) {
    app.post(
        "/api/functions",
        &json!({"id": id, "name": id, "event_type": "order", "enabled": true, "code": code}),
    )
    .ok();
}

fn order(id: &str) -> Value {
    json!({"type": "order", "id": id, "properties": {"mail": MAIL, "value": 5}})
}

fn consents(terms: &Value) -> Value {
    json!({"type": "consent-update", "properties": {"consents": {"contact": terms}, "partial": true}})
}

fn send(app: &TestApp, session: &str, events: &[Value]) -> Reply {
    app.track(json!({"session": {"id": session}, "events": events})).ok()
}

fn properties(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/event/{id}")).ok().body["event"]["properties"].clone()
}

#[test]
fn what_a_template_copies_is_kept_as_what_it_copies() {
    let app = TestApp::new();
    reshape(
        &app,
        &json!({"reshape_schema": {
            "properties": {"mail": "event@properties.mail", "buyer": {"name?": "event@properties.mail"}},
            "context": {"who?": "event@properties.mail"},
            "session": {"seen?": "event@properties.mail"}}}),
    );
    protect(&app, "hash");
    send(&app, "s", &[order("never")]);
    let kept = properties(&app, "never");
    assert!(kept["mail"].as_str().unwrap().starts_with("h1-"), "{kept}");
    assert_eq!(kept["mail"], kept["buyer"]["name"]);
    let session = app.get("/session/s").ok().body;
    assert_eq!(session["properties"]["seen"], kept["mail"]);
    protect(&app, "remove");
    send(&app, "t", &[order("removed")]);
    assert!(!properties(&app, "removed").to_string().contains("h1-"));
    let folder = app.stop();
    assert_eq!(files_with(folder.path(), MAIL), Vec::<std::path::PathBuf>::new());
}

/// A rule for the same field, after the one above, with a consent of its own.
fn protect_too(app: &TestApp, action: &str, place: &str) {
    let setting = json!({"action": action, "field": {"value": place}, "consents": ["news"]});
    app.post(
        "/consent/compliance/field",
        &json!({"id": "too", "name": "Too", "enabled": true, "event_type": "order",
            "settings": [setting]}),
    )
    .ok();
}

#[test]
fn where_several_rules_are_about_a_field_all_their_consents_are_needed_for_a_copy() {
    let actions = ["remove", "hash", "mask"];
    let place = "event@properties.mail";
    for (first, second) in actions.iter().flat_map(|one| actions.map(|other| (*one, other))) {
        let app = TestApp::new();
        reshape(
            &app,
            &json!({"rename": [], "reshape_schema": {"properties": {
            "mail": place, "copy": place}}}),
        );
        protect(&app, first);
        protect_too(&app, second, place);
        send(&app, "s", &[consents(&json!(true)), order("one")]);
        let kept = properties(&app, "one").to_string();
        assert!(!kept.contains(MAIL), "{first}, {second}: {kept}");
    }
}

#[test]
fn of_several_rules_about_a_field_that_counts_which_leaves_least_of_it() {
    let app = TestApp::new();
    let kept = |id: &str, mail: Value| {
        let event = json!({"type": "order", "id": id, "properties": {"mail": mail}});
        send(&app, id, &[event]);
        properties(&app, id)
    };
    protect(&app, "hash");
    protect_too(&app, "mask", "event@properties.mail");
    assert_eq!(kept("stars", json!(MAIL)), json!({"mail": "***"}));
    protect_too(&app, "remove", "event@properties.mail.main");
    assert_eq!(kept("list", json!([{"main": MAIL}])), json!({}));
    let hash = kept("within", json!({"main": MAIL, "other": 1}))["mail"].clone();
    assert!(hash.as_str().unwrap().starts_with("h1-"), "{hash}");
}

#[test]
fn what_a_function_works_out_of_it_is_kept_with_consent_alone() {
    let app = TestApp::new();
    protect(&app, "remove");
    function(
        &app,
        "turned",
        "function transform(event) {
            const mail = event.properties.mail;
            if (mail) { event.properties.turned = [...mail].reverse().join(''); event.tags = { values: [mail] }; }
            return [event, { type: 'order', properties: { mail, letters: mail ? mail.length : 0 } }];
        }",
    );
    send(&app, "s", &[order("never"), consents(&json!(true)), order("granted")]);
    assert_eq!(properties(&app, "never"), json!({"value": 5}));
    let granted = json!({"mail": MAIL, "value": 5, "turned": TURNED});
    assert_eq!(properties(&app, "granted"), granted, "said before it in the same payload");
    send(&app, "s", &[order("still"), consents(&json!(false)), order("denied")]);
    assert_eq!(properties(&app, "still"), granted);
    assert_eq!(properties(&app, "denied"), json!({"value": 5}));
    let lines = "SELECT count(*) AS n FROM events WHERE properties->>'letters' = ";
    let letters = |many: usize| {
        let sql = format!("{lines}'{many}'");
        app.post("/sql?format=json", &json!({"query": sql})).ok().body[0]["n"].clone()
    };
    assert_eq!((letters(0), letters(MAIL.len())), (json!(2), json!(2)), "each is one or the other");
}

#[test]
fn what_nobody_agreed_to_is_in_no_byte_whatever_rules_make_of_it() {
    let app = TestApp::new();
    protect(&app, "mask");
    reshape(
        &app,
        &json!({"mapping": {"event_type": "event@properties.mail",
            "session": "event@properties.mail", "profile": "event@properties.mail"}}),
    );
    function(
        &app,
        "turned",
        "function transform(event) {
            event.context.turned = [...event.properties.mail].reverse().join('');
            return event;
        }",
    );
    let reply = send(&app, "s", &[order("a")]);
    assert_eq!(reply.body["session"]["id"], "s", "stars are nobody's visit");
    let folder = app.stop();
    for text in [MAIL, TURNED] {
        assert_eq!(files_with(folder.path(), text), Vec::<std::path::PathBuf>::new(), "{text}");
    }
}

#[test]
fn where_rules_make_nothing_of_it_each_field_goes_by_its_own_consent() {
    let app = TestApp::new();
    let settings = [("mail", "contact"), ("seen", "reports")].map(|(field, consent)| {
        json!({"action": "remove", "field": {"value": format!("event@properties.{field}")},
            "consents": [consent]})
    });
    app.post(
        "/consent/compliance/field",
        &json!({"name": "Two", "enabled": true, "settings": settings}),
    )
    .ok();
    function(
        &app,
        "cents",
        "function transform(event) { event.properties.value *= 100; return event }",
    );
    let mut sent = order("a");
    sent["properties"]["seen"] = json!("home");
    send(&app, "s", &[consents(&json!(true)), sent]);
    assert_eq!(properties(&app, "a"), json!({"mail": MAIL, "value": 500}));
}

#[test]
fn whom_it_names_is_found_all_the_same() {
    let app = TestApp::new();
    protect(&app, "remove");
    reshape(
        &app,
        &json!({"rename": [{"from": "properties.mail", "to": "properties.email.main"}],
            "mapping": {"event_type": "sign-in"}}),
    );
    let one = send(&app, "one", &[order("a")]).profile();
    let other = send(&app, "other", &[order("b")]).profile();
    assert_eq!(one, other);
    assert_eq!(properties(&app, "a"), json!({"value": 5}));
    let again = send(&app, "other", &[order("b")]);
    assert_eq!(again.warnings(), ["event_repeated"]);
}

#[test]
fn what_a_campaign_says_of_the_way_goes_with_the_campaign() {
    let app = TestApp::new();
    let setting = json!({"action": "remove", "field": {"value": "event@context.utm"},
        "consents": ["reports"]});
    app.post(
        "/consent/compliance/field",
        &json!({"name": "Campaigns", "enabled": true, "event_type": "order",
            "settings": [setting]}),
    )
    .ok();
    let context = json!({"page": {"url": "https://shop.example/"},
        "utm": {"source": "news", "medium": "email"}});
    let events = json!([order("a"), {"type": "page-view", "id": "b"}]);
    app.track(json!({"session": {"id": "s"}, "context": context, "events": events})).ok();
    let kind = |id: &str| {
        app.get(&format!("/event/{id}")).ok().body["event"]["hit"]["referrer"]["kind"].clone()
    };
    assert_eq!((kind("a"), kind("b")), (Value::Null, json!("mail")));
}

#[test]
fn what_a_type_on_the_way_protects_is_protected_in_what_it_becomes() {
    let app = TestApp::new();
    protect(&app, "remove");
    let becomes = |id: &str, of: &str, kind: &str, at: i64| {
        let code = format!("function transform(event) {{ event.type = '{kind}'; return event }}");
        let function = json!({"id": id, "name": id, "event_type": of, "enabled": true, "order": at,
            "code": code});
        app.post("/api/functions", &function).ok();
    };
    becomes("in", "cart", "order", 1);
    becomes("out", "order", "deal", 2);
    protect_too(&app, "remove", "event@context.q");
    let mut cart = order("a");
    cart["type"] = json!("cart");
    let context = json!({"q": MAIL});
    app.track(json!({"session": {"id": "s"}, "context": context, "events": [cart.clone()]})).ok();
    assert_eq!(properties(&app, "a"), json!({"value": 5}));
    assert!(!app.get("/session/s").ok().text.contains(MAIL));
    cart["id"] = json!("b");
    send(&app, "s", &[consents(&json!(true)), cart]);
    assert_eq!(properties(&app, "b"), json!({"mail": MAIL, "value": 5}));
}

#[test]
fn an_event_of_which_nothing_is_left_without_consent_is_told_of() {
    let app = TestApp::new();
    protect(&app, "remove");
    let code = "function transform(event) {
        return event.properties.mail ? [event, { type: 'order', properties: {} }] : null }";
    function(&app, "named", code);
    let reply = send(&app, "s", &[order("never"), consents(&json!(true)), order("granted")]);
    assert_eq!(reply.warnings(), ["event_dropped"]);
    assert_eq!(reply.body["warnings"][0]["event_id"], "never");
    assert_eq!(app.get("/event/never").status, 404);
    assert_eq!(properties(&app, "granted"), json!({"mail": MAIL, "value": 5}));
}

#[test]
fn what_stands_instead_of_a_name_is_not_said_to_name_nobody() {
    let app = TestApp::new();
    let setting = json!({"action": "mask", "field": {"value": "event@properties.pk"},
        "consents": ["contact"]});
    let rule = json!({"name": "Keys", "enabled": true, "settings": [setting]});
    app.post("/consent/compliance/field", &rule).ok();
    reshape(
        &app,
        &json!({"reshape_schema": {"properties": {"pk": "event@properties.pk",
            "copy": "event@properties.pk"}}, "mapping": {"event_type": "sign-in"}}),
    );
    let sent = |id: &str, pk: &str| json!({"type": "order", "id": id, "properties": {"pk": pk}});
    let one = send(&app, "one", &[sent("a", "k-1")]);
    let other = send(&app, "other", &[sent("b", "k-1")]);
    assert_eq!(one.profile(), other.profile());
    assert_eq!((one.warnings(), other.warnings()), (vec![], vec![]));
    assert_eq!(properties(&app, "a"), json!({"pk": "***", "copy": "***"}));
    assert_eq!(
        send(&app, "third", &[sent("c", "undefined")]).warnings(),
        ["identifier_meaningless"]
    );
}
