//! A profile handed over to another of our sites in a link (docs/wire.md §3.5).

use serde_json::{Value, json};

use crate::support::TestApp;

fn visit(session: &str) -> Value {
    json!({"session": {"id": session}, "events": [{"type": "page-view"}]})
}

fn passed(session: &str, profile: &str, source: &str) -> Value {
    let mut payload = visit(session);
    payload["context"] = json!({"tracardi": {"pass": {"profile": profile, "source": source}}});
    payload
}

#[test]
fn a_new_visitor_is_the_one_who_was_passed() {
    let app = TestApp::new();
    let one = app.track(visit("here")).ok().profile();
    assert_eq!(app.track(passed("there", &one, "shop")).ok().profile(), one);
}

#[test]
fn the_landing_pages_own_address_does_as_well() {
    let app = TestApp::new();
    let one = app.track(visit("here")).ok().profile();
    let mut payload = visit("there");
    let url = format!("https://b.example/?a=1&__tr_pid={one}&__tr_src=shop#top");
    payload["context"] = json!({"page": {"url": url}});
    assert_eq!(app.track(payload).ok().profile(), one);
}

#[test]
fn two_who_are_known_become_one() {
    let app = TestApp::new();
    let one = app.track(visit("here")).ok().profile();
    app.advance(1);
    let other = app.track(visit("there")).ok().profile();
    assert_eq!(app.track(passed("there", &one, "shop")).ok().profile(), one);
    assert_eq!(app.get(&format!("/profile/{other}")).ok().body["id"], json!(one));
}

#[test]
fn a_source_that_could_not_have_written_the_link_is_not_believed() {
    let app = TestApp::new();
    app.add_source("off", |source| source.enabled = false);
    app.add_source("hook", |source| source.bridges = vec![kith::model::Bridge::Webhook]);
    let one = app.track(visit("here")).ok().profile();
    for source in ["off", "hook", "unknown"] {
        let reply = app.track(passed(source, &one, source)).ok();
        assert_ne!(reply.profile(), one, "{source}");
        assert_eq!(reply.warnings(), ["passed_source_refused"], "{source}");
    }
}

#[test]
fn an_unknown_profile_is_ignored() {
    let app = TestApp::new();
    let one = app.track(visit("here")).ok().profile();
    assert_eq!(app.track(passed("here", "nobody", "shop")).ok().profile(), one);
}
