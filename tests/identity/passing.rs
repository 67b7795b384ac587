//! A profile handed over to another of our sites in a link (docs/wire.md §3.5).

use serde_json::{Value, json};

use crate::support::{Reply, TestApp};

fn visit(session: &str) -> Value {
    json!({"session": {"id": session}, "events": [{"type": "page-view"}]})
}

fn passed(session: &str, one: &Reply, source: &str) -> Value {
    let mut payload = visit(session);
    let pass = json!({"profile": one.profile(), "source": source, "signature": pass_of(one)});
    payload["context"] = json!({"tracardi": {"pass": pass}});
    payload
}

fn pass_of(one: &Reply) -> &str {
    one.body["profile"]["pass"].as_str().unwrap()
}

#[test]
fn a_new_visitor_is_the_one_who_was_passed() {
    let app = TestApp::new();
    let one = app.track(visit("here")).ok();
    assert_eq!(app.track(passed("there", &one, "shop")).ok().profile(), one.profile());
}

#[test]
fn the_landing_pages_own_address_does_as_well() {
    let app = TestApp::new();
    let one = app.track(visit("here")).ok();
    let mut payload = visit("there");
    let (id, pass) = (one.profile(), pass_of(&one));
    let url = format!("https://b.example/?__tr_sig={pass}&__tr_pid={id}&__tr_src=shop#top");
    payload["context"] = json!({"page": {"url": url}});
    assert_eq!(app.track(payload).ok().profile(), one.profile());
}

#[test]
fn two_who_are_known_become_one() {
    let app = TestApp::new();
    let one = app.track(visit("here")).ok();
    app.advance(1);
    let other = app.track(visit("there")).ok().profile();
    assert_eq!(app.track(passed("there", &one, "shop")).ok().profile(), one.profile());
    assert_eq!(app.get(&format!("/profile/{other}")).ok().body["id"], json!(one.profile()));
}

#[test]
fn a_source_that_could_not_have_written_the_link_is_not_believed() {
    let app = TestApp::new();
    app.add_source("off", |source| source.enabled = false);
    app.add_source("hook", |source| source.bridges = vec![kith::model::Bridge::Webhook]);
    let one = app.track(visit("here")).ok();
    for source in ["off", "hook", "unknown"] {
        let reply = app.track(passed(&format!("from {source}"), &one, source)).ok();
        assert_ne!(reply.profile(), one.profile(), "{source}");
        assert_eq!(reply.warnings(), ["passed_source_refused"], "{source}");
    }
}

#[test]
fn an_unknown_profile_is_ignored() {
    let app = TestApp::new();
    let one = app.track(visit("here")).ok();
    let gone = app.track(visit("gone")).ok();
    app.delete(&format!("/profile/{}", gone.profile())).ok();
    assert_eq!(app.track(passed("here", &gone, "shop")).ok().profile(), one.profile());
}
