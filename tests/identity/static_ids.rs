//! Sources that bring profile ids of their own (docs/wire.md §3.3).

use serde_json::{Value, json};

use crate::support::TestApp;

fn app() -> TestApp {
    let app = TestApp::new();
    app.add_source("crm", |source| source.static_profile_id = true);
    app
}

fn visit(session: &str, profile: &str) -> Value {
    json!({
        "source": {"id": "crm"}, "session": {"id": session}, "profile": {"id": profile},
        "events": [{"type": "page-view"}],
    })
}

#[test]
fn an_unknown_id_is_adopted() {
    let app = app();
    assert_eq!(app.track(visit("s", "customer-1")).ok().profile(), "customer-1");
    let events = app.events("customer-1");
    assert_eq!(events.len(), 4, "the event and all three of the system: {events:?}");
}

#[test]
fn the_payload_wins_over_the_session() {
    let app = app();
    app.track(visit("s", "customer-1")).ok();
    assert_eq!(app.track(visit("s", "customer-2")).ok().profile(), "customer-2");
    let session = app.get("/session/s").ok().body;
    assert_eq!(session["profile"]["id"], "customer-2");
}

#[test]
fn without_an_id_it_is_refused() {
    let app = app();
    let reply = app.track(json!({"source": {"id": "crm"}, "events": [{"type": "x"}]}));
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "profile_id_required"));
}

#[test]
fn a_new_id_with_a_known_address_leads_to_the_one_who_has_it() {
    let app = app();
    let sign_in = |payload: Value| {
        let mut payload = payload;
        let email = json!({"email": {"main": "ann@example.com"}});
        payload["events"] = json!([{"type": "sign-in", "properties": email}]);
        payload
    };
    let web = json!({"source": {"id": "shop"}, "session": {"id": "web"}});
    let ann = app.track(sign_in(web)).ok().profile();
    app.advance(1);
    assert_eq!(app.track(sign_in(visit("crm", "customer-1"))).ok().profile(), ann);
    assert_eq!(app.track(visit("later", "customer-1")).ok().profile(), ann);
    let person = app.get("/profile/customer-1").ok().body;
    assert_eq!((&person["id"], &person["ids"]), (&json!(ann), &json!([ann, "customer-1"])));
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}
