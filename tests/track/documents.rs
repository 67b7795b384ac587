//! The documents of a first visit with everything a browser tells (docs/wire.md §4.1, §4.2, §4.5).

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::app::{post, with_source};

const PHONE: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/125.0.0.0 Mobile Safari/537.36";

fn everything() -> Value {
    json!({
        "session": {"id": "s"},
        "context": {
            "time": {"tz": "Europe/Warsaw", "local": "5/1/2026, 11:00:00"},
            "page": {
                "url": "https://shop.example/shoes?x=1", "path": "/shoes", "title": "Shoes",
                "referer": {"host": "search.example"},
            },
            "browser": {"local": {"browser": {"userAgent": PHONE, "language": "pl"}}},
            "screen": {"local": {"width": 1080, "height": 2400, "colorDepth": 24, "orientation": "portrait"}},
            "device": {"name": "said by the client"},
            "utm": {"source": "letter", "medium": "email", "campaign": "winter", "term": "t", "content": "c"},
            "location": {"country": {"name": "Poland", "code": "PL"}, "city": "Warsaw", "latitude": 52.2, "longitude": 21.0},
            "shared": "from the payload", "own": "overridden",
        },
        "properties": {"ab": "B"},
        "request": {"headers": {"x": "y"}},
        "events": [{
            "id": "e", "type": " Sign Up ", "tags": ["first"], "context": {"own": "kept"},
            "time": {"insert": "2026-01-05 09:59:58"},
            "properties": {"email": {"main": " Ann@Example.com "}, "firstname": "Ann", "lastname": "Lee"},
        }],
    })
}

fn first_visit(app: &TestApp) -> String {
    let mut request = post("/track", &with_source(everything()));
    let headers = request.headers_mut();
    headers.insert("accept-language", "pl-PL,pl;q=0.9,en;q=0.8".parse().unwrap());
    app.send(request).ok().profile()
}

#[test]
fn the_session() {
    let app = TestApp::new();
    first_visit(&app);
    assert_json_snapshot!("session document", app.get("/session/s").ok().body);
}

#[test]
fn the_profile() {
    let app = TestApp::new();
    let id = first_visit(&app);
    assert_json_snapshot!("profile document", app.get(&format!("/profile/{id}")).ok().body);
}

#[test]
fn the_event() {
    let app = TestApp::new();
    first_visit(&app);
    assert_json_snapshot!("event document", app.get("/event/e").ok().body);
}

#[test]
fn an_event_of_the_system() {
    let app = TestApp::new();
    let id = first_visit(&app);
    let events = app.get(&format!("/events/profile/{id}")).ok().body["result"].clone();
    let mut kinds = events.as_array().unwrap().iter();
    let opened = kinds.find(|event| event["type"] == "session-opened").unwrap();
    assert_json_snapshot!("event of the system", opened);
}

#[test]
fn client_hints_say_more_than_the_user_agent() {
    let app = TestApp::new();
    let payload = json!({"session": {"id": "s"}, "events": [{"type": "x"}]});
    let mut request = post("/track", &with_source(payload));
    let agent = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/125.0.0.0 Mobile Safari/537.36";
    for (name, value) in [
        ("user-agent", agent),
        ("sec-ch-ua", r#""Chromium";v="125", "Google Chrome";v="125""#),
        ("sec-ch-ua-mobile", "?1"),
        ("sec-ch-ua-platform", "\"Android\""),
        ("sec-ch-ua-platform-version", "\"14.0.0\""),
        ("sec-ch-ua-model", "\"Pixel 8 Pro\""),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    app.send(request).ok();
    let session = app.get("/session/s").ok().body;
    assert_eq!(session["device"]["model"], "Pixel 8 Pro");
    assert_eq!(session["os"], json!({"name": "Android", "version": "14.0.0"}));
}

#[test]
fn an_address_is_kept_only_where_the_source_wants_it() {
    let configure = |config: &mut kith::config::Config| {
        config.admission.trusted_forwarded_header = "x-forwarded-for".to_owned();
    };
    let app = TestApp::with(crate::support::Setup { configure, ..Default::default() });
    app.add_source("fraud", |source| source.keeps_ip = true);
    app.add_source("near", |source| (source.keeps_ip, source.cuts_ip) = (true, true));
    let [whole, cut] = ["203.0.113.9", "203.0.113.0"].map(|ip| json!(ip));
    for (source, kept) in [("shop", json!(null)), ("fraud", whole), ("near", cut)] {
        let payload =
            json!({"source": {"id": source}, "session": {"id": source}, "events": [{"type": "x"}]});
        let mut request = post("/track", &payload);
        request.headers_mut().insert("x-forwarded-for", "10.0.0.1, 203.0.113.9".parse().unwrap());
        app.send(request).ok();
        assert_eq!(app.get(&format!("/session/{source}")).ok().body["device"]["ip"], kept);
    }
}

#[test]
fn a_time_in_the_future_becomes_the_time_of_receipt() {
    let app = TestApp::new();
    let event = json!({"id": "e", "type": "x", "time": {"insert": "2030-01-01T00:00:00Z"}});
    let reply = app.track(json!({"events": [event]})).ok();
    assert_eq!(reply.warnings(), ["time_in_future"]);
    let event = app.get("/event/e").ok().body;
    assert_eq!(event["event"]["metadata"]["time"]["insert"], "2026-01-05T10:00:00Z");
}

#[test]
fn a_word_in_an_events_context_does_not_hide_the_page() {
    let app = TestApp::new();
    let page = json!({"page": {"url": "https://shop.example/a"}});
    let own = json!({"kind": "page", "x": {"page": 1}});
    let events = json!([{"id": "e", "type": "x", "context": own}]);
    app.track(json!({"session": {"id": "s"}, "context": page, "events": events})).ok();
    let event = app.get("/event/e").ok().body["event"].clone();
    assert_eq!(event["hit"]["url"], "https://shop.example/a");
}

#[test]
fn no_credentials_are_kept() {
    let app = TestApp::new();
    let said = json!({"headers": {"Cookie": "a=b", "referer": "https://shop.example/"}});
    let own = json!({"headers": {"authorization": "Bearer x", "x": "y"}});
    let events = json!([{"id": "a", "type": "x"}, {"id": "b", "type": "x", "request": own}]);
    let payload = json!({"session": {"id": "s"}, "request": said, "events": events});
    let mut request = post("/track", &with_source(payload));
    for name in ["cookie", "authorization"] {
        request.headers_mut().insert(name, "Bearer real".parse().unwrap());
    }
    app.send(request).ok();
    let kept = |id: &str| app.get(&format!("/event/{id}")).ok().body["event"]["request"].clone();
    assert_eq!(kept("a"), json!({"headers": {"referer": "https://shop.example/"}}));
    assert_eq!(kept("b"), json!({"headers": {"x": "y"}}));
}

#[test]
fn a_checkout_counts_although_it_says_nothing() {
    let app = TestApp::new();
    let reply = app.track(json!({"events": [{"type": "checkout-started"}]})).ok();
    let profile = app.get(&format!("/profile/{}", reply.profile())).ok().body;
    assert_eq!(profile["data"]["metrics"]["ltcosc"], 1);
}

#[test]
fn the_last_place_is_the_last() {
    let app = TestApp::new();
    let visit = |session: &str, city: &str| {
        let place = json!({"country": {"name": "Poland"}, "city": city});
        json!({
            "session": {"id": session}, "context": {"location": place},
            "events": [{"type": "sign-in", "properties": {"email": {"main": "ann@example.com"}}}],
        })
    };
    app.track(visit("a", "Warsaw")).ok();
    app.advance(60);
    let ann = app.track(visit("b", "Gdynia")).ok().profile();
    let profile = app.get(&format!("/profile/{ann}")).ok().body;
    assert_eq!(profile["data"]["devices"]["last"]["geo"]["city"], "Gdynia");
}

#[test]
fn a_screen_is_measured_in_whole_pixels() {
    for (screen, resolution, depth) in [
        (json!({"width": 390.0, "height": 844.0, "colorDepth": 24.0}), json!("390x844"), json!(24)),
        (
            json!({"width": "411.43", "height": 914.5, "colorDepth": "32"}),
            json!("411x915"),
            json!(32),
        ),
        (json!({"width": 390, "height": -1, "colorDepth": "deep"}), json!(null), json!(null)),
        (json!({"width": 1e12, "height": 844, "colorDepth": -1}), json!(null), json!(null)),
    ] {
        let app = TestApp::new();
        let context = json!({"screen": {"local": screen}});
        app.track(json!({"session": {"id": "s"}, "context": context, "events": [{"type": "x"}]}))
            .ok();
        let device = app.get("/session/s").ok().body["device"].clone();
        assert_eq!(
            (&device["resolution"], &device["color_depth"]),
            (&resolution, &depth),
            "{context}"
        );
    }
}
