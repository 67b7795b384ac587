//! Functions at `/track`: what they make of events, and what they cannot do to anybody.

use axum::body::Body;
use axum::http::Request;
use kith::config::Config;
use kith::model::Trust;
use serde_json::{Value, json};

use crate::support::app::{Setup, post};
use crate::support::{Reply, TestApp};

fn store(app: &TestApp, id: &str, code: &str) {
    store_as(app, id, code, &json!({}));
}

fn store_as(app: &TestApp, id: &str, code: &str, more: &Value) {
    let mut function =
        json!({"id": id, "name": id, "event_type": "order", "enabled": true, "code": code});
    more.as_object().unwrap().iter().for_each(|(key, value)| function[key] = value.clone());
    app.post("/api/functions", &function).ok();
}

fn send(app: &TestApp, events: &[Value]) -> Reply {
    let options = json!({"debugger": true});
    app.track(json!({"session": {"id": "s"}, "events": events, "options": options}))
}

fn order(id: &str, properties: &Value) -> Value {
    json!({"type": "order", "id": id, "properties": properties, "tags": ["sent"]})
}

fn event(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/event/{id}")).body["event"].clone()
}

fn metric(app: &TestApp, outcome: &str) -> String {
    let all = app.send(Request::get("/metrics").body(Body::empty()).unwrap()).text;
    let name = format!("kith_function_calls_total{{outcome=\"{outcome}\"}} ");
    all.lines().find_map(|line| line.strip_prefix(&name)).unwrap_or("0").to_owned()
}

#[test]
fn an_event_is_what_the_functions_make_of_it_one_after_the_other() {
    let app = TestApp::new();
    store_as(
        &app,
        "second",
        "function transform(event) { event.properties.n *= 2; return event }",
        &json!({"order": 2}),
    );
    store_as(
        &app,
        "first",
        "const one = 1;\nfunction transform(event) { return { ...event, type: 'Big Order', \
        properties: { ...event.properties, n: event.properties.n + one, of: event.source.id }, tags: { values: ['made'] } } }",
        &json!({"order": 1, "condition": "event@properties.n > 1"}),
    );
    let reply = send(&app, &[order("o", &json!({"n": 2, "id": 89_490_200_001_234_567_891_u128.to_string().parse::<serde_json::Number>().unwrap(), "v": 1.5}))]).ok();
    assert_eq!(reply.warnings(), Vec::<&str>::new());
    let kept = event(&app, "o");
    // The second is for orders, and this is none any more.
    assert_eq!((&kept["type"], &kept["tags"]["values"]), (&json!("big-order"), &json!(["made"])));
    assert_eq!(kept["properties"]["n"], 3);
    assert_eq!(kept["properties"]["id"].to_string(), "89490200001234567891", "it keeps its digits");
    send(&app, &[order("small", &json!({"n": 1}))]).ok();
    assert_eq!(
        (&event(&app, "small")["properties"], &event(&app, "small")["type"]),
        (&json!({"n": 2}), &json!("order"))
    );
    assert_eq!(metric(&app, "done"), "2");
}

#[test]
fn numbers_are_kept_and_none_is_taken_for_another() {
    let app = TestApp::new();
    store(
        &app,
        "f",
        "function transform(event) { const p = event.properties; \
        return { properties: { ...p, a: p.b, b: p.a, own: 9007199254740992, is: p.a === p.b } } }",
    );
    let number = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    for (a, b) in
        [("9007199254740993", "9007199254740992"), ("12345678901234567890", "12345678901234567891")]
    {
        let sent =
            json!({"a": number(a), "b": number(b), "c": number(a), "d": [number("1.10"), 1]});
        assert_eq!(send(&app, &[order(a, &sent)]).ok().warnings(), Vec::<&str>::new());
        let kept = event(&app, a)["properties"].to_string();
        let expected = format!(
            "{{\"a\":{b},\"b\":{a},\"c\":{a},\"d\":[1.10,1],\"is\":false,\"own\":9007199254740992}}"
        );
        assert_eq!(kept, expected);
    }
}

#[test]
fn several_events_or_none() {
    let app = TestApp::new();
    store(
        &app,
        "f",
        "function transform(event) { const { items, ...rest } = event.properties; \
        if (!items) return null; return items.map((sku) => ({ type: 'item', properties: { sku, ...rest } })) }",
    );
    let reply = send(
        &app,
        &[order("o", &json!({"items": ["a", "b", "c"], "x": 1})), order("empty", &json!({}))],
    )
    .ok();
    assert_eq!(reply.warnings(), ["event_dropped"]);
    assert_eq!(event(&app, "o")["properties"], json!({"sku": "a", "x": 1}));
    assert_eq!(event(&app, "empty"), Value::Null);
    assert_eq!(
        app.post("/event/select", &json!({"where": "type = \"item\""})).ok().body["total"],
        3
    );
    let again = send(&app, &[order("o", &json!({"items": ["a", "b", "c"], "x": 1}))]).ok();
    assert_eq!(again.warnings(), ["event_repeated"; 3]);
    // A payload of which nothing is left is one without events.
    let nobody =
        app.track(json!({"session": {"id": "nobody"}, "events": [order("gone", &json!({}))]})).ok();
    assert_eq!(nobody.body, Value::Null);
    assert_eq!(app.get("/session/nobody").status, 404);
    assert_eq!(metric(&app, "dropped"), "2");
}

#[test]
fn what_fails_leaves_the_event_as_it_was_and_tells_nobody_what_is_in_it() {
    let app = TestApp::new();
    store(
        &app,
        "f",
        "function transform({ properties: { way } }) {\n\
        if (way === 'throws') throw new Error(`secret ${way}`);\n\
        if (way === 'missing') return way.nothing.there;\n\
        if (way === 'loops') while (true) {}\n\
        if (way === 'eats') { const all = []; while (true) all.push('x'.repeat(1000) + all.length) }\n\
        if (way === 'text') return 'secret';\n\
        if (way === 'type') return { type: ' ' };\n\
        if (way === 'many') return Array.from({ length: 101 }, () => ({}));\n\
        if (way === 'deep') { let d = {}; for (let i = 0; i < 1000; i++) d = { d }; return { properties: d } }\n\
        return { properties: { fine: true } };\n}",
    );
    let ways = ["throws", "missing", "loops", "eats", "text", "type", "many", "deep"];
    for way in ways {
        let reply = send(
            &app,
            &[order(way, &json!({"way": way})), order(&format!("beside-{way}"), &json!({}))],
        )
        .ok();
        assert_eq!(reply.warnings(), ["function_failed"], "{way}");
        assert!(!reply.text.contains("secret"), "{}", reply.text);
        let kept = event(&app, way);
        assert_eq!(kept["properties"], json!({"way": way}));
        assert_eq!(kept["metadata"]["warnings"], json!(["function_failed"]), "{way}");
        assert_eq!(
            event(&app, &format!("beside-{way}"))["properties"],
            json!({"fine": true}),
            "{way}"
        );
    }
    let told =
        send(&app, &[order("told", &json!({"way": "throws"}))]).ok().body["warnings"][0]["message"]
            .clone();
    assert_eq!(told, "function f failed and the event was kept as it was: Error in line 2");
    assert_eq!(metric(&app, "failed"), "9");
}

/// Large integers ask nobody whether they may go on; the worker is killed.
#[test]
fn what_never_ends_is_ended_and_switches_the_function_off_for_nobody() {
    let app = TestApp::new();
    app.add_source("public", |source| source.trust = Trust::Public);
    store(&app, "f", HANGS);
    for id in ["a", "b", "c", "d"] {
        let reply = hanging(&app, "public", id, &[true]);
        assert_eq!(reply.warnings(), ["function_failed"]);
        assert!(reply.text.contains("was stopped"), "{}", reply.text);
    }
    for source in ["shop", "public"] {
        let reply = hanging(&app, source, &format!("{source}-on"), &[false]);
        assert_eq!(reply.warnings(), Vec::<&str>::new());
        let kept = event(&app, &format!("{source}-on-0"));
        assert_eq!(kept["properties"], json!({"fine": true}));
    }
}

/// Through a source, orders of which some never end.
fn hanging(app: &TestApp, source: &str, id: &str, hang: &[bool]) -> Reply {
    let events = hang.iter().enumerate();
    let events = events.map(|(at, hang)| order(&format!("{id}-{at}"), &json!({"hang": hang})));
    let events: Vec<_> = events.collect();
    app.track(json!({"source": {"id": source}, "events": events, "options": {"debugger": true}}))
        .ok()
}

#[test]
fn of_several_events_the_one_that_never_ends_is_found_and_those_before_it_are_done() {
    let app = TestApp::new();
    store(&app, "f", HANGS);
    let reply = hanging(&app, "shop", "x", &[false, false, true, false]);
    assert_eq!(reply.warnings(), ["function_failed"; 2]);
    let is_fine = |at: usize| event(&app, &format!("x-{at}"))["properties"]["fine"] == true;
    assert_eq!([0, 1, 2, 3].map(is_fine), [true, true, false, false]);
    assert!(reply.text.contains("with events before this one"), "{}", reply.text);
}

/// More of them than there are threads that take requests.
const MANY: usize = 12;

fn of(source: &str, id: usize) -> Request<Body> {
    let event = order(&format!("{source}-{id}"), &json!({"hang": source == "slow"}));
    let payload =
        json!({"source": {"id": source}, "events": [event], "options": {"debugger": true}});
    post("/track", &payload)
}

const HANGS: &str = "function transform(event) { if (event.properties.hang) { const n = 2n ** 400000n; for (;;) n * n } \
    return { properties: { fine: true } } }";

#[test]
fn a_function_that_is_slow_keeps_nobody_waiting_but_those_it_is_for() {
    let app = TestApp::new();
    for id in ["slow", "other", "plain"] {
        app.add_source(id, |_| {});
    }
    store_as(&app, "slow", HANGS, &json!({"event_source": {"id": "slow"}}));
    let quick = format!("{HANGS} // of the other");
    store_as(&app, "quick", &quick, &json!({"event_source": {"id": "other"}}));
    app.track_all(vec![json!({"source": {"id": "other"}, "events": [order("w", &json!({}))]})]);
    let requests = (0..MANY).map(|id| of("slow", id)).chain([of("other", 0), of("plain", 0)]);
    let answers: Vec<_> = app.send_all(requests.collect()).iter().collect();
    let (last, _) = answers.last().unwrap();
    assert!(*last < MANY, "those that are slow are the last");
    let of_others = answers.iter().filter(|(number, _)| *number >= MANY);
    assert!(of_others.map(|(_, reply)| reply.warnings()).all(|warnings| warnings.is_empty()));
    assert_eq!(event(&app, "other-0")["properties"], json!({"fine": true}));
    // Whoever finds no turn is kept as it was.
    let slow = answers.into_iter().filter(|(number, _)| *number < MANY);
    let slow: Vec<_> = slow.map(|(_, reply)| reply.ok()).collect();
    assert!(slow.iter().all(|reply| reply.warnings() == ["function_failed"]));
    let is_busy = |reply: &&Reply| reply.text.contains("too many functions are being called");
    assert!(slow.iter().filter(is_busy).count() > 0, "{}", slow[0].text);
    assert_eq!(event(&app, "slow-7")["properties"], json!({"hang": true}));
}

#[test]
fn whoever_makes_a_function_hang_leaves_turns_to_others() {
    const HEADER: &str = "x-forwarded-for";
    let configure =
        |config: &mut Config| config.admission.trusted_forwarded_header = HEADER.to_owned();
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    app.add_source("public", |source| source.trust = Trust::Public);
    store(&app, "f", HANGS);
    let from = |address: &str, id: usize, hang: bool| {
        let event = order(&format!("{address}-{id}"), &json!({"hang": hang}));
        let mut request = post("/track", &json!({"source": {"id": "public"}, "events": [event]}));
        request.headers_mut().insert(HEADER, address.parse().unwrap());
        request
    };
    let hang = (0..MANY).map(|id| from("192.0.2.7", id, true));
    let requests = hang.chain([from("198.51.100.8", 0, false)]).collect();
    let answers: Vec<_> = app.send_all(requests).iter().collect();
    assert_eq!(answers.len(), MANY + 1);
    assert_eq!(event(&app, "198.51.100.8-0")["properties"], json!({"fine": true}));
    // Nor afterwards, when it is known who they are.
    let again = (0..MANY).map(|id| from("192.0.2.9", MANY + id, true));
    let requests = again.chain([from("198.51.100.8", 1, false)]).collect();
    assert_eq!(app.send_all(requests).iter().count(), MANY + 1);
    assert_eq!(event(&app, "198.51.100.8-1")["properties"], json!({"fine": true}));
}

/// What functions are called with is held again, so it is not all of a payload.
#[test]
fn events_are_handed_on_some_at_a_time_and_in_order() {
    let configure = |config: &mut Config| config.limits.events_per_payload_max = 100;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    store(
        &app,
        "f",
        "function transform(event) { return { properties: { n: event.properties.n + 1 } } }",
    );
    let long = "x".repeat(400);
    let events: Vec<_> = (0..80)
        .map(|n| {
            let kind = if n % 3 == 0 { "other" } else { "order" };
            json!({"type": kind, "id": format!("e{n}"), "properties": {"n": n, "long": long}})
        })
        .collect();
    let reply = send(&app, &events).ok();
    assert_eq!(reply.warnings(), Vec::<&str>::new());
    for n in [1, 31, 32, 34, 62, 79] {
        assert_eq!(event(&app, &format!("e{n}"))["properties"], json!({"n": n + 1}), "{n}");
    }
    assert_eq!(event(&app, "e33")["properties"]["n"], 33);
}

#[test]
fn nothing_of_one_payload_is_seen_by_another() {
    let app = TestApp::new();
    store(
        &app,
        "f",
        "let last = null;\nfunction transform(event) { const seen = last; last = event.properties; \
        try { globalThis.last = last } catch (error) {} try { Object.prototype.last = last } catch (error) {} \
        return { properties: { seen, global: globalThis.last ?? null, inherited: ({}).last ?? null } } }",
    );
    for id in ["a", "b", "c"] {
        send(&app, &[order(id, &json!({"secret": id})), order(&format!("{id}2"), &json!({}))]).ok();
        for id in [id.to_owned(), format!("{id}2")] {
            assert_eq!(
                event(&app, &id)["properties"],
                json!({"seen": null, "global": null, "inherited": null})
            );
        }
    }
}

#[test]
fn what_it_names_is_who_it_is_and_marked_events_are_not_given_to_it() {
    let app = TestApp::new();
    app.post(
        "/event-validator",
        &json!({"id": "v", "name": "v", "event_type": "order", "enabled": true,
        "validation": {"json_schema": {"event@properties": {"required": ["mail"]}}}}),
    )
    .ok();
    store(
        &app,
        "f",
        "function transform(event) { return { type: 'sign-in', properties: { email: { main: event.properties.mail } } } }",
    );
    let sign_in = |session: &str| {
        let event = json!({"type": "order", "properties": {"mail": "ann@shop.example"}});
        app.track(json!({"session": {"id": session}, "events": [event]})).ok().profile()
    };
    assert_eq!(sign_in("one"), sign_in("two"));
    assert_eq!(send(&app, &[order("bad", &json!({}))]).ok().warnings(), ["event_invalid"]);
    assert_eq!(event(&app, "bad")["type"], "order");
}

#[test]
fn it_is_tried_before_it_is_stored() {
    let app = TestApp::new();
    let code = "function transform(event) { return { properties: { x: event.properties.x + 1 } } }";
    let rules = json!({"functions": [{"name": "f", "code": code}]});
    let payload = json!({"source": {"id": "shop"}, "session": {"id": "s"}, "events": [order("o", &json!({"x": 1}))]});
    let tried = app.post("/api/rules/try", &json!({"payload": payload, "rules": rules})).ok().body;
    let events = tried["turns"][0]["events"].as_array().unwrap();
    let x = events.iter().find(|one| one["type"] == "order").unwrap()["properties"]["x"].clone();
    assert_eq!(x, 2);
    assert_eq!(app.get("/api/functions").ok().body["total"], 0);
}

#[test]
fn what_is_kept_already_is_a_repetition_though_a_function_leaves_it_out_now() {
    let app = TestApp::new();
    send(&app, &[order("o", &json!({}))]).ok();
    store(&app, "none", "function transform(event) { return null }");
    let again = send(&app, &[order("o", &json!({}))]).ok();
    assert_eq!(again.warnings(), ["event_repeated"]);
    let other = json!({"type": "page-view"});
    assert_eq!(send(&app, &[order("o", &json!({})), other]).ok().warnings(), ["event_repeated"]);
    assert_eq!(send(&app, &[order("new", &json!({}))]).ok().body, Value::Null);
}
