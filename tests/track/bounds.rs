//! Everything has a bound: nobody can make a person, a session or a payload grow without end.

use serde_json::{Map, Value, json};

use crate::support::app::{post, with_source};
use crate::support::{Setup, TestApp};

fn visit(events: &Value) -> Value {
    json!({"session": {"id": "s"}, "events": events})
}

#[test]
fn a_context_shared_by_many_events_counts_for_each() {
    let configure = |config: &mut kith::config::Config| {
        config.limits.events_bytes_max = 100_000;
        config.limits.events_per_payload_max = 1000;
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let mut payload = visit(&json!(vec![json!({"type": "x"}); 100]));
    app.track(payload.clone()).ok();
    payload["context"] = json!({"text": "x".repeat(1000)});
    let reply = app.track(payload);
    assert_eq!((reply.status.as_u16(), reply.code()), (413, "body_too_large"));
    assert_eq!(app.get("/event/count").ok().body["count"], 103);
}

#[test]
fn a_session_does_not_grow_without_end() {
    let app = TestApp::new();
    let mut warnings = Vec::new();
    for number in 0..4 {
        let mut payload = visit(&json!([{"type": "x"}]));
        payload["context"] = json!({format!("key{number}"): "x".repeat(20_000)});
        let reply = app.track(payload).ok();
        warnings.push(reply.warnings().join(","));
    }
    assert_eq!(warnings, ["", "", "", "session_full"]);
    let session = app.get("/session/s").ok().body;
    let keys = session["context"].as_object().unwrap().keys();
    let keys: Vec<&String> = keys.filter(|key| key.starts_with("key")).collect();
    assert_eq!(keys, ["key0", "key1", "key2"]);
}

#[test]
fn interests_and_consents_are_counted() {
    let app = TestApp::new();
    let interest =
        |name: String| json!({"type": "increase-interest", "properties": {"interest": name}});
    let mut last = Vec::new();
    for from in (0..1020).step_by(20) {
        let events: Vec<Value> = (from..from + 20).map(|n| interest(format!("i{n}"))).collect();
        let reply = app.track(visit(&json!(events))).ok();
        last = reply.warnings().iter().map(ToString::to_string).collect();
    }
    assert_eq!(last, ["trait_too_large"; 20]);
    let reply = app.track(visit(&json!([interest("i".repeat(129))]))).ok();
    assert_eq!(reply.warnings(), ["trait_too_large"]);
    let names: Map<String, Value> = (0..1001).map(|n| (format!("c{n}"), json!(true))).collect();
    let consents = json!([{"type": "consent-update", "properties": {"consents": names}}]);
    app.track(visit(&consents)).ok();
    let profile = app.get(&format!("/profile/{}", reply.profile())).ok().body;
    assert_eq!(profile["interests"].as_object().unwrap().len(), 1000);
    assert_eq!(profile["consents"].as_object().unwrap().len(), 1000);
}

#[test]
fn a_trait_has_a_length() {
    let app = TestApp::new();
    let name =
        |name: String| visit(&json!([{"type": "sign-up", "properties": {"firstname": name}}]));
    let id = app.track(name("Ann".to_owned())).ok().profile();
    let reply = app.track(name("x".repeat(10_000))).ok();
    assert_eq!(reply.warnings(), ["trait_too_large"]);
    let profile = app.get(&format!("/profile/{id}")).ok().body;
    assert_eq!(profile["data"]["pii"]["firstname"], "Ann");
}

#[test]
fn a_key_of_another_system_has_the_length_of_a_trait() {
    let app = TestApp::new();
    let pk = |pk: String| visit(&json!([{"type": "sign-in", "properties": {"pk": pk}}]));
    let id = app.track(pk("C-1042".to_owned())).ok().profile();
    let reply = app.track(pk("x".repeat(8 * 1024 + 1))).ok();
    let too_large = ["trait_too_large"; 2];
    assert_eq!(reply.warnings(), [&["identifier_meaningless"], too_large.as_slice()].concat());
    let profile = app.get(&format!("/profile/{id}")).ok().body;
    assert_eq!(
        (&profile["primary_id"], &profile["data"]["identifier"]["pk"]),
        (&json!("C-1042"), &json!("C-1042"))
    );
}

#[test]
fn so_many_problems_are_told_and_no_more() {
    let app = TestApp::new();
    let reply = app.track(visit(&json!([{"type": "x", "tags": vec![1; 5000]}, {}])));
    assert_eq!(reply.code(), "payload_invalid");
    assert_eq!(reply.body["detail"].as_array().unwrap().len(), 100);
}

#[test]
fn a_text_too_long_to_describe_a_visitor_stays_in_the_context() {
    let app = TestApp::new();
    let context = json!({"utm": {"source": "x".repeat(257), "medium": "m".repeat(256)}});
    app.track(json!({
        "session": {"id": "s"}, "context": context,
        "events": [{"type": "x", "id": "e"}],
    }))
    .ok();
    let utm = app.get("/session/s").ok().body["utm"].clone();
    assert_eq!((&utm["source"], utm["medium"].as_str().unwrap().len()), (&Value::Null, 256));
    assert_eq!(app.get("/event/e").ok().body["event"]["context"], context);
}

#[test]
fn a_name_of_a_device_has_a_length() {
    let app = TestApp::new();
    let device = |session: &str, headers: &[(&'static str, String)]| {
        let payload = json!({"session": {"id": session}, "events": [{"type": "x"}]});
        let mut request = post("/track", &with_source(payload));
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        app.send(request).ok();
        app.get(&format!("/session/{session}")).ok().body["device"].clone()
    };
    let android = |model: &str| {
        let text = format!(
            "Mozilla/5.0 (Linux; Android 13; {model}) AppleWebKit/537.36 (KHTML, like Gecko) \
                            Chrome/119.0.0.0 Mobile Safari/537.36"
        );
        [("user-agent", text)]
    };
    let hint = |model: &str| [("sec-ch-ua-model", format!("\"{model}\""))];
    let (fits, too_long) = ("m".repeat(250), "m".repeat(300));
    assert_eq!(device("a", &android(&fits))["model"], fits);
    assert_eq!(device("b", &android(&too_long))["model"], Value::Null);
    assert_eq!(device("c", &hint(&fits))["model"], fits);
    assert_eq!(device("d", &hint(&too_long))["model"], Value::Null);
}
