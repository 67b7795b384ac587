//! Refusals: a stable code, the exact place, and nothing of the payload.

use std::ops::ControlFlow;

use axum::body::Body;
use axum::http::Request;
use kith::events::Rows;
use kith::storage::TailRow;
use serde_json::{Value, json};

use crate::support::app::{post, with_source};
use crate::support::{Reply, Setup, TestApp};

#[test]
fn the_exact_place_of_what_does_not_fit() {
    let app = TestApp::new();
    let event = |event: Value| json!({"events": [{"type": "x"}, event]});
    let cases = [
        ("no source", json!({"source": null})),
        ("source without id", json!({"source": {}})),
        ("source of a wrong type", json!({"source": "shop"})),
        ("session without id", json!({"session": {}})),
        ("session id of a wrong type", json!({"session": {"id": 5}})),
        ("session id too long", json!({"session": {"id": "x".repeat(129)}})),
        ("profile id null", json!({"profile": {"id": null}})),
        ("events of a wrong type", json!({"events": {}})),
        ("too many events", json!({"events": vec![json!({"type": "x"}); 21]})),
        ("event of a wrong type", event(json!("x"))),
        ("event without type", event(json!({}))),
        ("event type blank", event(json!({"type": "  "}))),
        ("event type of a wrong type", event(json!({"type": 5}))),
        ("event id of a wrong type", event(json!({"type": "x", "id": 5}))),
        ("event time unreadable", event(json!({"type": "x", "time": {"insert": "soon"}}))),
        ("properties of a wrong type", event(json!({"type": "x", "properties": []}))),
        ("several at once", json!({"session": 1, "events": [{"type": 1}, {"id": 1}]})),
        ("a list", json!([])),
    ];
    for (name, payload) in cases {
        let reply = app.track(payload);
        insta::with_settings!({description => name, omit_expression => true}, {
            assert_json_snapshot!(format!("refused {name}"), reply.shown());
        });
    }
}

#[test]
fn what_is_no_json() {
    let app = TestApp::new();
    let reply = |body: &'static str| app.send(Request::post("/track").body(body.into()).unwrap());
    for (body, problem) in
        [("", "missing"), ("{\"a\":", "json_invalid"), ("\"x\"", "model_attributes_type")]
    {
        let reply = reply(body);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "payload_invalid"), "{body}");
        assert_eq!(reply.body["detail"][0]["type"], problem, "{body}");
    }
    let latin = app.send(Request::post("/track").body(Body::from(vec![0xff, 0xfe])).unwrap());
    assert_eq!(latin.status, 422);
}

#[test]
fn null_where_an_object_may_stand_is_as_absent() {
    let app = TestApp::new();
    let event = json!({
        "type": "x", "id": null, "time": null, "properties": null, "options": null,
        "context": null, "tags": null, "request": null,
    });
    let reply = app.track(json!({
        "session": null, "profile": null, "context": null, "properties": null, "request": null,
        "options": null, "metadata": null, "events": [event],
    }));
    assert_eq!(reply.ok().warnings(), [""; 0]);
}

#[test]
fn strange_values_never_fail() {
    let app = TestApp::new();
    let deep = |depth: usize| (0..depth).fold(json!(1), |value, _| json!({"a": value}));
    let strange = [
        json!({"email": null}),
        json!({"email": 5}),
        json!({"email": {"main": []}}),
        json!({"email": {"main": null}, "pk": 5}),
        json!({"email": {"main": {"main": 1}}}),
        json!({"interest": "x".repeat(2_000)}),
        json!({"interest": ["a"], "value": "b"}),
        json!({"email": "\u{0}\u{fffd}"}),
        json!({"": {"": ""}}),
        json!({"value": 1e308}),
        deep(60),
    ];
    let kinds =
        ["sign-up", "sign-in", "increase-interest", "consent-granted", "checkout-completed"];
    for properties in strange {
        let events: Vec<Value> = kinds
            .iter()
            .map(|kind| json!({"type": kind, "properties": properties, "context": properties}))
            .collect();
        app.track(json!({"session": {"id": "s"}, "events": events, "context": properties})).ok();
    }
    let reply = app.track(json!({"events": [{"type": "x", "properties": deep(70)}]}));
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "json_too_deep"));
}

#[test]
fn half_a_surrogate_is_kept_as_a_replacement() {
    let app = TestApp::new();
    let body =
        r#"{"source":{"id":"shop"},"events":[{"id":"e","type":"x","properties":{"a":"\ud800"}}]}"#;
    app.send(Request::post("/track").body(body.into()).unwrap()).ok();
    assert_eq!(app.get("/event/e").ok().body["event"]["properties"]["a"], "\u{fffd}");
}

#[test]
fn a_number_that_nothing_can_hold_is_kept_as_a_text() {
    let app = TestApp::new();
    let send = || {
        let body = r#"{"source":{"id":"shop"},"session":{"id":"s"},"context":{"n":1e999},
            "events":[{"id":"e","type":"x","properties":{"n":1e999}}]}"#;
        app.send(Request::post("/track").body(body.into()).unwrap()).ok()
    };
    send();
    let event = app.get("/event/e").ok().body["event"].clone();
    assert_eq!(
        (&event["properties"]["n"], &event["context"]["n"]),
        (&json!("1e999"), &json!("1e999"))
    );
    assert_eq!(app.get("/session/s").ok().body["context"]["n"], "1e999");
    assert_eq!(send().warnings(), ["event_repeated"]);
}

/// Sends this text as a payload of the usual source.
fn send(app: &TestApp, events: &str) -> Reply {
    let body = format!(r#"{{"source":{{"id":"shop"}},"events":{events}}}"#);
    app.send(Request::post("/track").body(body.into()).unwrap())
}

#[test]
fn half_a_surrogate_may_stand_wherever_a_text_may() {
    let app = TestApp::new();
    let event =
        r#"{"id":"e\udc00","type":"x\ud83d","tags":["\ud83d"],"\ud83d":1,"\ud83d":2,"time":null}"#;
    send(&app, &format!("[{event}]")).ok();
    let kept = app.get("/event/e%EF%BF%BD").ok().body["event"].clone();
    let (kind, tags) = (&kept["type"], &kept["tags"]["values"]);
    assert_eq!((kind, tags), (&json!("x\u{fffd}"), &json!(["\u{fffd}"])));
}

#[test]
fn a_fault_is_found_beside_what_is_hard_to_read() {
    let app = TestApp::new();
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let at = |place: Value| json!([place["type"], place["loc"][3], place["loc"][2]]);
    for odd in [r#""\ud800""#, "1e999", &"9".repeat(400), &deep] {
        let reply = send(&app, &format!(r#"[{{"properties":{{"a":{odd}}}}}]"#));
        assert_eq!(at(reply.body["detail"][0].clone()), json!(["missing", "type", 0]), "{odd}");
    }
    let reply = send(&app, r#"[{"type":"x","time":{"insert":1e999}},{"type":1e999}]"#);
    let faults = reply.body["detail"].as_array().unwrap();
    let faults: Vec<_> = faults.iter().map(|fault| at(fault.clone())).collect();
    assert_eq!(faults, [json!(["datetime_parsing", "time", 0]), json!(["string_type", "type", 1])]);
    let broken = r#"[{"type":"\ud800"},]"#;
    assert_eq!(send(&app, broken).body["detail"][0]["loc"], json!(["body", 52]));
    let null = send(&app, r#"[{"type":"x","id":"a\u0000"}]"#);
    assert_eq!(at(null.body["detail"][0].clone()), json!(["value_error", "id", 0]));
}

#[test]
fn a_key_given_twice_counts_once_and_costs_nothing_else() {
    let app = TestApp::new();
    let event = r#"{"type":"y","type":"x","id":"e","tags":["\ud83d"],"properties":{"n":1.10,"s":"\ud800"}}"#;
    send(&app, &format!("[{event}]")).ok();
    assert_eq!(app.get("/event/e").ok().body["event"]["type"], "x");
    let mut kept = Vec::new();
    let mut unpack = |row: TailRow| {
        kept.extend(Rows::unpack(&row.packed).unwrap().lines);
        ControlFlow::Continue(())
    };
    app.app().storage.tail(&mut unpack).unwrap();
    assert!(String::from_utf8(kept).unwrap().contains("1.10"), "the number is as it was sent");
}

#[test]
fn whoever_refuses_there_is_a_code() {
    let app = TestApp::new();
    let twice = "/track?profile_less=true&profile_less=false";
    let reply = app.send(Request::post(twice).body("{}".into()).unwrap());
    assert_eq!((reply.status.as_u16(), reply.code()), (400, "request_invalid"));
    assert_eq!(reply.body["code"], "request_invalid");
    let reply = app.get("/profile/%ff");
    assert_eq!((reply.status.as_u16(), reply.code()), (400, "request_invalid"));
}

#[test]
fn sources_that_may_not_send() {
    let app = TestApp::new();
    app.add_source("off", |source| source.enabled = false);
    app.add_source("hook", |source| source.bridges = vec![kith::model::Bridge::Webhook]);
    for (source, code) in [
        ("nobody", "source_unknown"),
        ("@internal", "source_unknown"),
        ("off", "source_disabled"),
        ("hook", "source_wrong_bridge"),
    ] {
        let payload = json!({"source": {"id": source}, "events": [{"type": "secret-thing"}]});
        let reply = app.track(payload);
        assert_eq!((reply.status.as_u16(), reply.code()), (401, code));
        assert_eq!(reply.body["detail"], "Unauthorized Access");
        assert!(!reply.text.contains("secret-thing") && !reply.text.contains(source), "{source}");
    }
}

#[test]
fn a_payload_without_events_is_told_of_a_slip() {
    let app = TestApp::new();
    for slip in ["event", "Events", "event_s"] {
        let reply = app.track(json!({slip: [{"type": "x"}]})).ok();
        assert_eq!(reply.warnings(), ["key_unknown"], "{slip}");
        assert_eq!(reply.body["profile"]["id"], json!(null));
        assert!(reply.text.contains("not quite, events"), "{}", reply.text);
    }
    for nothing in [json!({}), json!({"events": []}), json!({"metadata": {}, "zzz": 1})] {
        assert_eq!(app.track(nothing).ok().body, json!(null), "as the reference");
    }
    let with_events = app.track(json!({"event": 1, "events": [{"type": "x"}]})).ok();
    assert_eq!(with_events.warnings(), Vec::<&str>::new(), "unknown keys are nobody's business");
}

#[test]
fn a_byte_order_mark_before_a_payload_is_no_part_of_it() {
    let app = TestApp::new();
    let payload = with_source(json!({"events": [{"type": "x"}]}));
    let mut request = post("/track", &payload);
    *request.body_mut() = Body::from(format!("\u{feff}{payload}"));
    app.send(request).ok();
}

#[test]
fn crawlers_are_refused_unless_somebody_wants_them() {
    let crawl = |app: &TestApp| {
        let mut request = post("/track", &with_source(json!({"events": [{"type": "x"}]})));
        let agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
        request.headers_mut().insert("user-agent", agent.parse().unwrap());
        app.send(request)
    };
    let reply = crawl(&TestApp::new());
    assert_eq!((reply.status.as_u16(), reply.code()), (401, "bot_refused"));
    let configure = |config: &mut kith::config::Config| {
        config.admission.bots = kith::config::Bots::Keep;
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let session = crawl(&app).ok().session();
    assert_eq!(app.get(&format!("/session/{session}")).ok().body["app"]["bot"], true);
}

#[test]
fn a_source_that_sends_too_much_is_told_when_to_come_back() {
    let configure = |config: &mut kith::config::Config| {
        config.admission.payloads_per_second_max = 1;
        config.admission.payloads_burst_max = 2;
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let send = || app.track(json!({"events": [{"type": "x"}]}));
    send().ok();
    send().ok();
    let reply = send();
    assert_eq!((reply.status.as_u16(), reply.code()), (429, "source_rate_exceeded"));
    assert_eq!(reply.header("retry-after"), "1");
    app.advance(1);
    send().ok();
}
