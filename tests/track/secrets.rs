//! Secrets in addresses: cut before anything is stored.

use serde_json::{Value, json};

use crate::support::{TestApp, files_with};

const SECRET: &str = "s3cr3t-of-ann";

fn page() -> Value {
    json!({"page": {
        "url": format!("https://shop.example/reset?token={SECRET}&page=2#access_token={SECRET}"),
        "referer": {"host": "shop.example", "query": format!("?email={SECRET}&q=red")}}})
}

fn payload(source: &str) -> Value {
    json!({"source": {"id": source}, "session": {"id": source}, "context": page(), "properties": {"from": format!("/in?code={SECRET}")},
        "events": [
            {"type": "page-view", "id": format!("{source}-1")},
            {"type": "link-clicked", "id": format!("{source}-2"), "context": page(), "request": {"url": format!("/x?sid={SECRET}")},
             "properties": {"href": format!("https://a.example/?api_key={SECRET}"), "note": "no address?token=stays"}}]})
}

fn event(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/event/{id}")).ok().body["event"].clone()
}

#[test]
fn no_secret_of_an_address_is_stored_anywhere() {
    let app = TestApp::new();
    app.track(payload("shop")).ok();
    let (view, click) = (event(&app, "shop-1"), event(&app, "shop-2"));
    assert_eq!(view["hit"]["url"], "https://shop.example/reset?page=2");
    for one in [&view, &click] {
        assert_eq!(one["context"]["page"]["url"], "https://shop.example/reset?page=2");
        assert_eq!(one["context"]["page"]["referer"]["query"], "?q=red");
    }
    assert_eq!(
        click["properties"],
        json!({"href": "https://a.example/", "note": "no address?token=stays"})
    );
    assert_eq!(app.get("/session/shop").ok().body["properties"], json!({"from": "/in"}));
    let folder = app.stop();
    assert_eq!(files_with(folder.path(), SECRET), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_source_says_what_is_a_secret_of_its_pages() {
    let app = TestApp::new();
    let post = |secrets: &Value| {
        let source = json!({"id": "own", "name": "Own", "type": "rest", "url_secrets": secrets});
        app.post("/event-source", &source)
    };
    let url = |id: &str| {
        let context = json!({"page": {"url": "https://a.example/?token=1&code=2&ticket=3&x=4"}});
        app.track(json!({"source": {"id": "own"}, "session": {"id": id}, "events": [{"type": "page-view", "id": id, "context": context}]})).ok();
        event(&app, id)["hit"]["url"].clone()
    };
    post(&json!({"more": ["Ticket"], "keep": ["code"]})).ok();
    assert_eq!(url("a"), "https://a.example/?code=2&x=4");
    assert_eq!(
        app.get("/event-source/own").ok().body["url_secrets"],
        json!({"cut": true, "more": ["Ticket"], "keep": ["code"]})
    );
    post(&json!({"cut": false})).ok();
    assert_eq!(url("b"), "https://a.example/?token=1&code=2&ticket=3&x=4");
    post(&Value::Null).ok();
    assert_eq!(url("c"), "https://a.example/?ticket=3&x=4");
    for wrong in [json!({"more": [""]}), json!({"keep": vec!["x"; 101]})] {
        assert_eq!(post(&wrong).code(), "source_invalid");
    }
}

/// A visitor's id, and what opens a link with it from the site `shop` to the site `other`.
fn with_a_pass() -> (TestApp, String, String) {
    let app = TestApp::new();
    app.add_source("other", |_| {});
    let visit = json!({"session": {"id": "a"}, "events": [{"type": "page-view"}]});
    let first = app.track(visit).ok();
    let pass = first.body["profile"]["pass"].as_str().unwrap().to_owned();
    (app, first.profile(), pass)
}

/// What hands a visitor over is read before anything is cut.
#[test]
fn links_between_sites_still_hand_visitors_over() {
    let (app, id, pass) = with_a_pass();
    let site = "https://b.example/";
    let url = format!("{site}?token={SECRET}&__tr_pid={id}&__tr_src=shop&__tr_sig={pass}");
    let next = app
        .track(json!({"source": {"id": "other"}, "session": {"id": "b"},
        "context": {"page": {"url": url}}, "events": [{"type": "page-view"}]}))
        .ok();
    assert_eq!(next.profile(), id);
}

/// Whoever reads it in history could be the visitor for an hour.
#[test]
fn what_opens_a_link_is_kept_nowhere() {
    let (app, id, pass) = with_a_pass();
    let url = format!("https://b.example/?__tr_pid={id}&__tr_src=shop&__tr_sig={pass}");
    let said = json!({"pass": {"profile": id, "source": "shop", "signature": pass}, "kept": 1});
    for (session, context, own) in [
        ("b", json!({"page": {"url": url}}), json!({})),
        ("c", json!({}), json!({"page": {"url": url}})),
        ("d", json!({"tracardi": said}), json!({"tracardi": said})),
    ] {
        let event = json!({"type": "page-view", "context": own});
        let landed = json!({"source": {"id": "other"}, "session": {"id": session}, "context": context,
            "events": [event]});
        assert_eq!(app.track(landed).ok().profile(), id, "{session}");
        let kept = app.get(&format!("/session/{session}")).ok().text;
        assert!(!kept.contains(&pass), "{kept}");
    }
    let events = app.get("/api/events").ok().text;
    assert!(events.contains("__tr_pid") && events.contains("\"kept\""), "{events}");
    assert!(!events.contains(&pass), "{events}");
}
