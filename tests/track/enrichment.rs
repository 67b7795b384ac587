//! What is known beside what was sent: where an address is, what led to a page, languages, crawlers.

use kith::config::Config;
use kith::model::{Bridge, Crawlers, Trust};
use serde_json::{Value, json};

use crate::support::app::post;
use crate::support::{Reply, Setup, TestApp};

/// Of Germany and of the United States, as they were allotted.
const GERMAN: &str = "193.99.144.80";
const AMERICAN: &str = "8.8.8.8";

fn app() -> TestApp {
    with(behind_a_proxy)
}

/// Its source stands in pages.
fn with(configure: fn(&mut Config)) -> TestApp {
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    app.add_source("shop", |source| source.trust = Trust::Public);
    app
}

fn behind_a_proxy(config: &mut Config) {
    config.admission.trusted_forwarded_header = "x-forwarded-for".to_owned();
}

fn nowhere(config: &mut Config) {
    behind_a_proxy(config);
    config.enrichment.places = false;
    config.enrichment.referrers = false;
}

fn send(app: &TestApp, source: &str, headers: &[(&str, &str)], context: &Value) -> Reply {
    let event = json!({"type": "page-view", "id": format!("{source}-e")});
    let payload = json!({"source": {"id": source}, "session": {"id": format!("{source}-s")},
        "context": context, "events": [event]});
    let mut request = post("/track", &payload);
    for (name, value) in headers {
        let name: axum::http::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    app.send(request)
}

fn from(app: &TestApp, address: &str, context: &Value) -> Reply {
    send(app, "shop", &[("x-forwarded-for", address)], context).ok()
}

/// Another event of the same visit.
fn later(app: &TestApp, address: &str, context: &Value) {
    let payload = json!({"source": {"id": "shop"}, "session": {"id": "shop-s"},
        "context": context, "events": [{"type": "page-view"}]});
    let mut request = post("/track", &payload);
    request.headers_mut().insert("x-forwarded-for", address.parse().unwrap());
    app.send(request).ok();
}

fn country(app: &TestApp, source: &str) -> Value {
    app.get(&format!("/session/{source}-s")).ok().body["device"]["geo"]["country"]["code"].clone()
}

#[test]
fn whoever_does_not_say_where_they_are_is_where_the_address_is_and_the_address_is_not_kept() {
    let app = app();
    let person = from(&app, GERMAN, &json!({})).profile();
    let session = app.get("/session/shop-s").ok().body;
    assert_eq!(
        session["device"]["geo"]["country"],
        json!({"name": "Germany", "code": "DE"}),
        "{session}"
    );
    assert_eq!(session["device"]["ip"], Value::Null);
    let event = app.get("/event/shop-e").ok().body["event"].clone();
    assert_eq!(event["device"]["geo"]["country"]["code"], "DE");
    let last = app.get(&format!("/profile/{person}")).ok().body["data"]["devices"]["last"].clone();
    assert_eq!(last["geo"]["country"]["name"], "Germany");
    // An address in a house is nowhere.
    later(&app, "192.168.1.7", &json!({}));
    assert_eq!(country(&app, "shop"), "DE");
}

#[test]
fn what_somebody_says_of_a_place_wins_also_when_it_comes_later() {
    let app = app();
    let warsaw =
        json!({"location": {"country": {"name": "Poland", "code": "PL"}, "city": "Warsaw"}});
    from(&app, GERMAN, &json!({}));
    assert_eq!(country(&app, "shop"), "DE");
    later(&app, GERMAN, &warsaw);
    assert_eq!(country(&app, "shop"), "PL");
    later(&app, AMERICAN, &json!({}));
    assert_eq!(country(&app, "shop"), "PL", "an address changes nothing of it");
    let app = self::app();
    from(&app, GERMAN, &json!({"location": {"latitude": 52.2, "longitude": 21.0}}));
    later(&app, GERMAN, &json!({}));
    let geo = app.get("/session/shop-s").ok().body["device"]["geo"].clone();
    assert_eq!((&geo["latitude"], &geo["country"]["code"]), (&json!(52.2), &Value::Null));
}

#[test]
fn what_servers_send_is_nowhere_and_so_is_what_a_source_leaves_out() {
    let app = app();
    app.add_source("backend", |source| source.trust = Trust::Trusted);
    app.add_source("shy", |source| (source.trust, source.locates) = (Trust::Public, false));
    for source in ["backend", "shy"] {
        send(&app, source, &[("x-forwarded-for", GERMAN)], &json!({})).ok();
        assert_eq!(country(&app, source), Value::Null, "{source}");
    }
    let off = with(nowhere);
    let page = json!({"page": {"url": "https://shop.example/", "referer": {"host": "google.de"}}});
    from(&off, GERMAN, &page);
    assert_eq!(country(&off, "shop"), Value::Null);
    let event = off.get("/event/shop-e").ok().body["event"].clone();
    assert_eq!(event["hit"].get("referrer"), None, "{event}");
}

#[test]
fn a_webhooks_address_is_nobodys() {
    let app = app();
    let (public, webhook) = (Trust::Public, vec![Bridge::Webhook]);
    app.add_source("hook", |source| (source.trust, source.bridges) = (public, webhook));
    let mut request = post("/collect/paid/hook/hook-s", &json!({"x": 1}));
    request.headers_mut().insert("x-forwarded-for", GERMAN.parse().unwrap());
    app.send(request).ok();
    assert_eq!(country(&app, "hook"), Value::Null);
}

#[test]
fn a_file_of_places_that_is_not_there_never_stops_collecting() {
    let app = with(|config| {
        behind_a_proxy(config);
        config.enrichment.places_file = "nowhere.mmdb".to_owned();
    });
    from(&app, GERMAN, &json!({}));
    assert_eq!(country(&app, "shop"), "DE");
}

#[test]
fn an_event_says_what_led_to_its_page_and_can_be_asked_for_by_it() {
    let app = app();
    let at =
        |host: &str| json!({"page": {"url": "https://shop.example/", "referer": {"host": host}}});
    for (id, host) in [("a", "www.google.de"), ("b", "l.facebook.com"), ("c", "shop.example")] {
        let event = json!({"type": "page-view", "id": id, "context": at(host)});
        app.track(json!({"session": {"id": "s"}, "events": [event]})).ok();
    }
    let referrer =
        |id: &str| app.get(&format!("/event/{id}")).ok().body["event"]["hit"]["referrer"].clone();
    assert_eq!(referrer("a"), json!({"kind": "search", "name": "Google"}));
    assert_eq!(referrer("b"), json!({"kind": "social", "name": "Facebook"}));
    assert_eq!(referrer("c"), json!({"kind": "internal", "name": null}));
    for filter in ["referrer_kind = search", "hit.referrer.name = Google"] {
        let filter = filter.replace(' ', "%20");
        let found = app.get(&format!("/api/events?where={filter}")).ok().body;
        assert_eq!(found["result"].as_array().unwrap().len(), 1, "{filter}: {found}");
    }
}

#[test]
fn a_rule_may_ask_what_led_to_a_page() {
    let app = app();
    let rule = json!({"id": "found", "name": "Found", "event_type": "page-view", "enabled": true,
        "config": {"condition": "event@hit.referrer.kind = \"search\""},
        "event_to_profile": [{"event": {"value": "yes", "ref": false}, "op": "set",
            "profile": {"value": "traits.found_us"}}]});
    app.post("/event-to-profile", &rule).ok();
    let page = json!({"page": {"url": "https://shop.example/", "referer": {"host": "bing.com"}}});
    let person = from(&app, GERMAN, &page).profile();
    let profile = app.get(&format!("/profile/{person}")).ok().body;
    assert_eq!(profile["traits"]["found_us"], "yes");
}

#[test]
fn what_led_to_a_page_goes_where_the_page_may_not_be_kept() {
    let app = app();
    let setting = json!({"action": "remove", "field": {"value": "event@context.page.referer.host"},
        "consents": ["tracking"]});
    let rule = json!({"name": "Pages", "enabled": true, "settings": [setting]});
    app.post("/consent/compliance/field", &rule).ok();
    let page = json!({"page": {"url": "https://shop.example/", "referer": {"host": "bing.com"}}});
    from(&app, GERMAN, &page);
    let hit = app.get("/event/shop-e").ok().body["event"]["hit"].clone();
    assert_eq!((hit.get("referrer"), &hit["referer"]), (None, &Value::Null), "{hit}");
}

#[test]
fn each_source_says_what_becomes_of_crawlers() {
    let app = app();
    app.add_source("open", |source| source.crawlers = Some(Crawlers::Flag));
    app.add_source("closed", |source| source.crawlers = Some(Crawlers::Refuse));
    let agent =
        [("user-agent", "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)")];
    for source in ["shop", "closed"] {
        let reply = send(&app, source, &agent, &json!({}));
        assert_eq!((reply.status.as_u16(), reply.code()), (401, "bot_refused"), "{source}");
    }
    send(&app, "open", &agent, &json!({})).ok();
    assert_eq!(app.get("/session/open-s").ok().body["app"]["bot"], true);
    assert_eq!(app.get("/event/open-e").ok().body["event"]["app"]["bot"], true);
    let asked = app.get("/api/events?where=bot%20EXISTS").ok().body;
    assert!(!asked["result"].as_array().unwrap().is_empty());
    // What backends send with is no crawler.
    send(&app, "shop", &[("user-agent", "python-requests/2.31.0")], &json!({})).ok();
    let event = app.get("/event/shop-e").ok().body["event"].clone();
    assert_eq!(event["app"].get("bot"), None, "{event}");
}

#[test]
fn a_source_says_what_becomes_of_crawlers_where_it_is_set_up() {
    let app = app();
    let source = |crawlers: Value| json!({"id": "s2", "name": "S", "type": "rest", "crawlers": crawlers, "locates": false});
    app.post("/event-source", &source(json!("flag"))).ok();
    let shown = app.get("/event-source/s2").ok().body;
    assert_eq!((&shown["crawlers"], &shown["locates"]), (&json!("flag"), &json!(false)));
    app.post("/event-source", &shown).ok();
    assert_eq!(app.get("/event-source/s2").ok().body["crawlers"], "flag");
    let reply = app.post("/event-source", &source(json!("eat")));
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "source_invalid"));
}

#[test]
fn a_language_is_known_by_what_is_said_of_it_anywhere() {
    let app = app();
    let set = |language: &str| json!({"browser": {"local": {"browser": {"language": language}}}});
    send(&app, "shop", &[("accept-language", "de-AT,de;q=0.9,en;q=0.8")], &json!({})).ok();
    let session = app.get("/session/shop-s").ok().body;
    assert_eq!(session["app"]["language"], "de-AT");
    assert_eq!(session["context"]["language_codes"], json!(["de", "en"]));
    app.add_source("other", |_| {});
    send(&app, "other", &[], &set("pl_PL")).ok();
    let session = app.get("/session/other-s").ok().body;
    assert_eq!(session["app"]["language"], "pl_PL");
    assert_eq!(session["context"]["language_codes"], json!(["pl"]));
}
