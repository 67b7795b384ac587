//! The other doors: webhooks, links, the pixel.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use kith::config::Config;
use kith::model::{Bridge, Source, Webhook};
use serde_json::{Value, json};

use crate::support::{Reply, Setup, TestApp};

fn app(change: impl FnOnce(&mut Source)) -> TestApp {
    let app = TestApp::new();
    app.add_source("hook", |source| {
        source.bridges = vec![Bridge::Webhook];
        change(source);
    });
    app.add_source("link", |source| source.bridges = vec![Bridge::Redirect]);
    app
}

fn call(app: &TestApp, method: Method, address: &str, kind: &str, body: impl Into<Body>) -> Reply {
    let request = Request::builder().method(method).uri(address).header("content-type", kind);
    app.send(request.body(body.into()).unwrap())
}

fn hook(app: &TestApp, address: &str, body: &Value) -> Reply {
    call(app, Method::POST, address, "application/json", body.to_string()).ok()
}

/// All events of a type, the newest first.
fn events(app: &TestApp, kind: &str) -> Vec<Value> {
    let list = app.get(&format!("/api/events?type={kind}")).ok().body;
    list["result"].as_array().expect("a list").clone()
}

/// The properties of the newest event of a type.
fn properties(app: &TestApp, kind: &str) -> Value {
    app.advance(1);
    events(app, kind).first().expect("an event")["properties"].clone()
}

fn count(app: &TestApp, what: &str) -> u64 {
    app.get(&format!("/{what}/count")).ok().body["count"].as_u64().unwrap()
}

#[test]
fn a_webhook_is_nobodys_unless_it_names_a_session() {
    let app = app(|_| {});
    let reply = hook(&app, "/collect/order-paid/hook", &json!({"id": 7, "total": 9.5}));
    assert!(reply.body["profile"]["id"].is_null());
    assert_eq!(properties(&app, "order-paid"), json!({"id": 7, "total": 9.5}));
    assert_eq!(count(&app, "profile"), 0);
    let visit = app.track(json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]})).ok();
    let reply = hook(&app, "/collect/order-paid/hook/s", &json!({}));
    assert_eq!(reply.profile(), visit.profile());
    assert_eq!(reply.session(), "s");
}

#[test]
fn whatever_is_sent_becomes_properties() {
    let app = app(|_| {});
    let multipart = "--X\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
                     --X\r\ncontent-disposition: form-data; name=\"f\"; filename=\"f.txt\"\r\n\r\nfile\r\n--X--\r\n";
    for (kind, body, expected) in [
        ("application/json", "{\"a\": [1]}", json!({"a": [1]})),
        ("application/vnd.api+json", "[1, 2]", json!({"body": [1, 2]})),
        ("application/json", "\"text\"", json!({"body": "text"})),
        ("application/json", "{broken", json!({"body": "{broken"})),
        ("text/plain", "hello", json!({"body": "hello"})),
        ("application/json", "", json!({})),
        (
            "application/x-www-form-urlencoded",
            "a=1&b=&a=2&c=%C5%BE",
            json!({"a": ["1", "2"], "c": "ž"}),
        ),
        ("application/x-www-form-urlencoded", "{\"id\": 7}", json!({"id": 7})),
        ("application/x-www-form-urlencoded", "plain words", json!({"body": "plain words"})),
        ("application/x-www-form-urlencoded", "\u{feff}first=1", json!({"first": "1"})),
        ("application/json", "\u{feff}{\"id\": 8}", json!({"id": 8})),
        ("multipart/form-data; boundary=X", multipart, json!({"a": "1"})),
        ("multipart/form-data; boundary=Y", "no parts", json!({"body": "no parts"})),
    ] {
        call(&app, Method::POST, "/collect/hooked/hook", kind, body).ok();
        assert_eq!(properties(&app, "hooked"), expected, "{kind} {body}");
    }
    call(&app, Method::POST, "/collect/hooked/hook", "image/png", vec![0xff, 0x00, 0x89]).ok();
    assert!(properties(&app, "hooked")["body"].is_string());
    call(&app, Method::GET, "/collect/hooked/hook?a=1&a=2&b=&c=x%20y", "", "").ok();
    assert_eq!(properties(&app, "hooked"), json!({"a": ["1", "2"], "c": "x y"}));
}

#[test]
fn what_cannot_be_read_is_kept_with_a_warning() {
    let app = app(|_| {});
    for (kind, body, warned) in [
        ("application/x-www-form-urlencoded", "plain words", true),
        ("application/json", "{broken", true),
        ("text/plain", "hello", true),
        ("application/x-www-form-urlencoded", "{\"id\": 7}", false),
        ("application/x-www-form-urlencoded", "a=", false),
        ("application/json", "[1]", false),
    ] {
        let reply = call(&app, Method::POST, "/collect/hooked/hook", kind, body).ok();
        let wanted: &[&str] = if warned { &["body_not_read"] } else { &[] };
        assert_eq!(reply.warnings(), wanted, "{kind} {body}");
    }
}

#[test]
fn webhooks_may_call_themselves_bots() {
    let app = app(|_| {});
    let request = Request::post("/collect/said/hook")
        .header("user-agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
        .body(Body::from("{\"text\": \"hi\"}"));
    app.send(request.unwrap()).ok();
    assert_eq!(properties(&app, "said"), json!({"text": "hi"}));
}

#[test]
fn whoever_only_looks_at_a_door_has_sent_nothing() {
    let app = app(|_| {});
    for address in ["/collect/looked/hook", "/collect/looked/hook/s", "/track.gif?source=shop"] {
        assert_eq!(call(&app, Method::HEAD, address, "", "").ok().text, "");
    }
    assert_eq!(events(&app, "looked"), Vec::<Value>::new());
    assert!(app.app().telemetry.render().contains("kith_payloads_total 0\n"));
}

#[test]
fn only_webhook_sources_may_use_the_webhook_door() {
    let app = app(|source| source.allowed_origins = vec!["https://shop.example".to_owned()]);
    let refused = |address: &str| {
        let reply = call(&app, Method::POST, address, "application/json", "{}");
        (reply.status.as_u16(), reply.code().to_owned())
    };
    assert_eq!(refused("/collect/x/shop"), (401, "source_wrong_bridge".to_owned()));
    assert_eq!(refused("/collect/x/nobody"), (401, "source_unknown".to_owned()));
    assert_eq!(refused("/collect/x/hook"), (401, "origin_not_allowed".to_owned()));
    assert_eq!(refused(&format!("/collect/{}/hook", "x".repeat(200))).0, 422);
}

#[test]
fn a_webhook_may_make_people_and_know_them_again() {
    let app = app(|source| source.webhook.generate_profile = true);
    let body = |email: &str| json!({"email": {"main": email}});
    let first = hook(&app, "/collect/identification/hook", &body("Jo@Gmail.com"));
    let again = hook(&app, "/collect/identification/hook", &body(" jo@gmail.com "));
    let other = hook(&app, "/collect/identification/hook", &body("ann@gmail.com"));
    assert_eq!(again.profile(), first.profile());
    assert_eq!(again.session(), first.session(), "one session for good");
    assert_ne!(other.profile(), first.profile());
    assert_ne!(other.session(), first.session());
    let unknown = hook(&app, "/collect/newsletter-read/hook", &json!({"issue": 1}));
    assert_ne!(unknown.profile(), first.profile());
    assert_eq!(count(&app, "profile"), 3);
}

#[test]
fn without_sticky_sessions_every_call_is_a_visit_of_the_same_person() {
    let app = app(|source| {
        source.webhook =
            Webhook { generate_profile: true, sticky_session: false, ..Webhook::default() };
    });
    let body = json!({"email": {"main": "jo@gmail.com"}});
    let first = hook(&app, "/collect/identification/hook", &body);
    let again = hook(&app, "/collect/identification/hook", &body);
    assert_eq!(again.profile(), first.profile());
    assert_ne!(again.session(), first.session());
}

#[test]
fn a_webhook_may_bring_profile_ids_of_its_own() {
    let app = app(|source| source.webhook.replace_profile_id = Some("customer.id".to_owned()));
    let body = json!({"customer": {"id": 42, "name": "Jo"}});
    let first = hook(&app, "/collect/bought/hook", &body);
    assert_eq!((first.profile(), first.session()), ("42".to_owned(), "42".to_owned()));
    assert_eq!(properties(&app, "bought"), body, "nothing is taken out of them");
    assert_eq!(hook(&app, "/collect/bought/hook/other", &body).profile(), "42");
    assert_eq!(count(&app, "profile"), 1);
    let nobody = hook(&app, "/collect/bought/hook", &json!({"customer": {}}));
    assert!(nobody.body["profile"]["id"].is_null());
}

fn add_redirect(app: &TestApp, body: &Value) -> Reply {
    app.post("/event-redirect", body)
}

fn redirect() -> Value {
    json!({
        "id": "spring", "name": "Spring", "source": {"id": "link"}, "event_type": "Link Clicked",
        "url": "https://shop.example/sale?x=1", "tags": ["mail"],
        "props": {"campaign": "payload@params.c", "of": "session@profile.id", "item?": "payload@body.item"},
    })
}

#[test]
fn a_link_records_its_event_and_leads_to_its_own_url_only() {
    let app = app(|_| {});
    add_redirect(&app, &redirect()).ok();
    let visit = app.track(json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]})).ok();
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        let address = "/redirect/spring/s?c=mail&url=https://evil.example";
        let reply = call(&app, method.clone(), address, "application/json", "{\"item\": 3}");
        assert_eq!(reply.status, StatusCode::TEMPORARY_REDIRECT, "{method}");
        assert_eq!(reply.header("location"), "https://shop.example/sale?x=1");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("cross-origin-resource-policy"), "cross-origin");
    }
    let clicks = events(&app, "link-clicked");
    assert_eq!(clicks.len(), 4);
    let expected = json!({"campaign": "mail", "of": visit.profile(), "item": 3});
    assert_eq!(clicks[0]["properties"], expected);
    assert_eq!(clicks[0]["profile"]["id"], visit.profile());
}

#[test]
fn the_cookie_says_whose_click_it_is_and_strangers_click_as_nobody() {
    let app = app(|_| {});
    add_redirect(&app, &redirect()).ok();
    let begin = |id: &str| json!({"session": {"id": id}, "events": [{"type": "page-view"}]});
    let visit = app.track(begin("on her phone")).ok();
    let theirs = ["on her phone", "on%20her%20phone", "%22on%20her%20phone%22", "\"on her phone\""];
    let theirs = theirs.map(|value| format!("a=b; tracardi-session-id={value}"));
    let nobodys = ["tracardi-session-id=unknown", "tracardi-session-id=%ff", ""].map(str::to_owned);
    for cookie in theirs.iter().chain(&nobodys) {
        let request = Request::get("/redirect/spring").header("cookie", cookie);
        let reply = app.send(request.body(Body::empty()).unwrap());
        assert_eq!(reply.status, StatusCode::TEMPORARY_REDIRECT);
    }
    let head = call(&app, Method::HEAD, "/redirect/spring", "", "");
    assert_eq!(head.status, StatusCode::TEMPORARY_REDIRECT);
    let clicks = events(&app, "link-clicked");
    let of: Vec<&Value> = clicks.iter().map(|click| &click["profile"]["id"]).collect();
    assert_eq!(of.len(), 7, "HEAD only looks");
    assert_eq!(of.iter().filter(|of| ***of == json!(visit.profile())).count(), 4);
    assert_eq!(count(&app, "session"), 1);
}

#[test]
fn a_link_leads_on_when_its_event_cannot_be_kept() {
    let app = app(|_| {});
    let mut other = redirect();
    other["source"]["id"] = json!("hook");
    other["status"] = json!(302);
    app.add_source("hook", |source| source.bridges = vec![Bridge::Redirect]);
    add_redirect(&app, &other).ok();
    app.add_source("hook", |source| {
        source.bridges = vec![Bridge::Redirect];
        source.enabled = false;
    });
    assert_eq!(call(&app, Method::GET, "/redirect/spring", "", "").status, StatusCode::FOUND);
    let post = call(&app, Method::POST, "/redirect/spring", "", "");
    assert_eq!(post.status, StatusCode::TEMPORARY_REDIRECT, "302 would make a GET of it");
    assert_eq!(count(&app, "event"), 0, "the source is off");
    let unknown = call(&app, Method::GET, "/redirect/nothing", "", "");
    assert_eq!((unknown.status.as_u16(), unknown.code()), (404, "redirect_unknown"));
}

/// A template that somebody has written never costs a click.
#[test]
fn a_click_is_kept_also_where_its_properties_would_be_too_large_or_too_deep() {
    let app = app(|_| {});
    let mut link = redirect();
    let long = "x".repeat(10_000);
    link["props"] = json!({"all": vec!["payload@body.long"; 200], "c": "payload@params.c"});
    add_redirect(&app, &link).ok();
    let post = |body: &Value| {
        call(&app, Method::POST, "/redirect/spring?c=mail", "application/json", body.to_string())
    };
    let reply = post(&json!({"long": long}));
    assert_eq!(reply.status, StatusCode::TEMPORARY_REDIRECT);
    link["props"] = json!({"a": {"b": {"c": "payload@body"}}});
    add_redirect(&app, &link).ok();
    post(&(0..63).fold(json!(1), |inner, _| json!({ "x": inner })));
    let clicks = events(&app, "link-clicked");
    assert_eq!(clicks.len(), 2);
    for click in clicks {
        let warnings = &click["metadata"]["warnings"];
        assert_eq!((&click["properties"], warnings), (&json!({}), &json!(["properties_left_out"])));
    }
}

#[test]
fn redirects_are_administered() {
    let app = app(|_| {});
    for (key, value) in [
        ("url", json!("javascript:alert(1)")),
        ("url", json!("//evil.example")),
        ("url", json!("/relative")),
        ("url", json!("ftp://shop.example/")),
        ("url", json!("https://a.example/\r\nset-cookie: a=b")),
        ("url", json!("https://shop.example:port/")),
        ("url", json!("https:shop.example")),
        ("url", json!("https://")),
        ("source", json!({"id": "hook"})),
        ("source", json!({"id": "nobody"})),
        ("name", json!(" ")),
        ("event_type", json!("")),
        ("source", json!({"id": ""})),
        ("status", json!(301)),
        ("id", json!("x".repeat(200))),
    ] {
        let mut wrong = redirect();
        wrong[key] = value.clone();
        assert_eq!(add_redirect(&app, &wrong).code(), "redirect_invalid", "{key} {value}");
    }
    add_redirect(&app, &redirect()).ok();
    let shown = app.get("/event-redirect/spring").ok().body;
    assert_eq!((&shown["url"], &shown["status"]), (&redirect()["url"], &json!(307)));
    assert_eq!(shown["props"], redirect()["props"]);
    assert_eq!(app.get("/event-redirect").ok().body["total"], 1);
    app.delete("/event-redirect/spring").ok();
    assert_eq!(app.get("/event-redirect/spring").status, StatusCode::NOT_FOUND);
    assert_eq!(call(&app, Method::GET, "/redirect/spring", "", "").status, StatusCode::NOT_FOUND);
}

#[test]
fn a_link_leads_to_hosts_and_paths_of_any_letters() {
    let app = app(|_| {});
    for (url, location) in [
        (
            "https://bücher.example/über uns?q=ž",
            "https://xn--bcher-kva.example/%C3%BCber%20uns?q=%C5%BE",
        ),
        ("https://shop.example/a%20b", "https://shop.example/a%20b"),
        ("https://Shop.example", "https://Shop.example"),
    ] {
        let mut link = redirect();
        link["url"] = json!(url);
        add_redirect(&app, &link).ok();
        let reply = call(&app, Method::GET, "/redirect/spring", "", "");
        assert_eq!(reply.header("location"), location);
        assert_eq!(app.get("/event-redirect/spring").ok().body["url"], location);
    }
}

#[test]
fn what_is_misspelt_in_a_link_is_refused_with_what_was_meant() {
    let app = app(|_| {});
    let mut wrong = redirect();
    wrong["event-type"] = json!("x");
    let reply = add_redirect(&app, &wrong);
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "redirect_invalid"));
    assert!(reply.text.contains("did you mean event_type?"), "{}", reply.text);
    let mut wrong = redirect();
    wrong["url"] = json!("shop.example/spring");
    let reply = add_redirect(&app, &wrong);
    assert!(reply.text.contains("url must be absolute, http or https"), "{}", reply.text);
}

#[test]
fn the_pixel_is_a_picture_whatever_happens() {
    let app = app(|_| {});
    let visit = app.track(json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]})).ok();
    let mail = format!("source=shop&profile={}&id=mail-1&campaign=spring", visit.profile());
    let known = [mail.as_str(), mail.as_str(), "source=shop&type=seen"];
    for query in known.into_iter().chain([
        "source=nobody",
        "source=link",
        "",
        "type=%00",
        "source=shop&type=",
    ]) {
        let reply = call(&app, Method::GET, &format!("/track.gif?{query}"), "", "").ok();
        assert_eq!(reply.header("content-type"), "image/gif");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert!(reply.text.starts_with("GIF89a"));
        assert_eq!(reply.header("content-length"), "43");
    }
    let opened = events(&app, "message-opened");
    let of_visitor: Vec<&Value> =
        opened.iter().filter(|event| event["profile"]["id"] == json!(visit.profile())).collect();
    assert_eq!(of_visitor.len(), 1, "the same mail, opened twice");
    assert_eq!(of_visitor[0]["properties"], json!({"campaign": "spring"}));
    assert_eq!(count(&app, "profile"), 1);
    assert_eq!(count(&app, "session"), 1, "a mail that is looked at is no visit");
}

#[test]
fn the_pixel_is_a_picture_also_where_nothing_else_is_answered() {
    let configure = |config: &mut Config| config.limits.requests_in_flight_max = 0;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    assert_eq!(call(&app, Method::GET, "/health", "", "").status, 503);
    let picture = call(&app, Method::GET, "/track.gif?source=shop", "", "").ok();
    assert!(picture.text.starts_with("GIF89a"));
    assert_eq!(call(&app, Method::POST, "/track.gif", "", "").status, 503);
}
