//! Sources that bring profile ids of their own (spec §3.4).

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
