//! Traces, as whoever collects them gets them from the real process.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::receiver::Receiver;
use crate::support::server::{Server, agent, said};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

fn server(folder: &TempDir, environment: &[(String, String)]) -> Server {
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    Server::start_in(folder.path(), environment)
}

fn page_view() -> Value {
    json!({"source": {"id": "shop"}, "session": {"id": "s"}, "events": [{"type": "page-view"}]})
}

/// Sends a payload as a page would whose own span is [`SPAN`].
fn track(server: &Server, flags: &str) {
    let request = agent().post(server.url("/track"));
    let request = request.header("traceparent", format!("00-{TRACE}-{SPAN}-{flags}"));
    assert_eq!(request.send_json(page_view()).unwrap().status(), 200);
}

fn is(name: &str) -> impl Fn(&Value) -> bool {
    move |span| span["name"] == name
}

fn attribute<'a>(of: &'a Value, key: &str) -> &'a Value {
    let attributes = of["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|one| one["key"] == key);
    found.map_or(&Value::Null, |one| &one["value"])
}

fn times(span: &Value) -> [u128; 2] {
    ["startTimeUnixNano", "endTimeUnixNano"].map(|key| span[key].as_str().unwrap().parse().unwrap())
}

#[test]
fn a_payload_is_followed_from_its_sender_into_the_database() {
    let (folder, receiver) = (TempDir::new().unwrap(), Receiver::start());
    let server = server(&folder, &receiver.environment());
    track(&server, "01");
    let spans = receiver.until(is("POST /track"));
    let spans: BTreeMap<&str, &Value> =
        spans.iter().map(|span| (span["name"].as_str().unwrap(), span)).collect();
    let parents = [
        ("admission", "POST /track"),
        ("round", "POST /track"),
        ("answer", "POST /track"),
        ("load", "round"),
        ("fold", "round"),
        ("commit", "round"),
    ];
    for (child, parent) in parents {
        let (child, parent) = (spans[child], spans[parent]);
        assert_eq!(child["parentSpanId"], parent["spanId"], "{child}");
        let ([from, to], [begun, ended]) = (times(child), times(parent));
        assert!(begun <= from && from <= to && to <= ended, "{child} in {parent}");
    }
    let request = spans["POST /track"];
    assert_eq!(request["parentSpanId"], SPAN, "of who has sent it");
    assert!(spans.values().all(|span| span["traceId"] == TRACE), "{spans:#?}");
    assert_eq!(request["kind"], 2);
    assert_eq!(attribute(request, "http.route")["stringValue"], "/track");
    assert_eq!(attribute(request, "http.response.status_code")["intValue"], "200");
    assert_eq!(attribute(spans["commit"], "db.system.name")["stringValue"], "sqlite");
    let order = ["admission", "load", "fold", "commit", "answer"].map(|name| times(spans[name])[0]);
    assert!(order.is_sorted(), "{spans:#?}");
    let year = 365 * 86_400 * 1_000_000_000;
    assert!(times(request)[0] > 55 * year, "in nanoseconds since 1970");
}

#[test]
fn who_sends_is_said_and_nothing_of_machine_or_visitor() {
    let (folder, receiver) = (TempDir::new().unwrap(), Receiver::start());
    let mut environment = receiver.environment();
    for (name, value) in [("SERVICE_NAME", "shop"), ("HEADERS", "authorization=Bearer hush")] {
        environment.push((format!("KITH_TELEMETRY_TRACES_{name}"), value.to_owned()));
    }
    let server = server(&folder, &environment);
    let asked = agent().get(server.url("/nobody@example.com")).call();
    assert_eq!(asked.unwrap().status(), 404);
    track(&server, "01");
    receiver.until(is("POST /track"));
    let received = receiver.received();
    for one in &received {
        assert!(one.head.starts_with("post /v1/traces http/1.1"), "{}", one.head);
        assert!(one.head.contains("content-type: application/json"), "{}", one.head);
        assert!(one.head.contains("authorization: bearer hush"), "{}", one.head);
        let resource = &one.body["resourceSpans"][0]["resource"];
        assert_eq!(attribute(resource, "service.name")["stringValue"], "shop");
        let text = one.body.to_string();
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        // A short one may be a word of ours.
        let host = Some(host.trim()).filter(|host| host.len() > 6).unwrap_or("127.0.0.1");
        for secret in ["127.0.0.1", "example.com", "hush", host] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

#[test]
fn a_caller_that_does_not_record_is_not_recorded() {
    let (folder, receiver) = (TempDir::new().unwrap(), Receiver::start());
    let server = server(&folder, &receiver.environment());
    track(&server, "00");
    track(&server, "01");
    let spans = receiver.until(is("POST /track"));
    assert_eq!(spans.iter().filter(|span| span["name"] == "POST /track").count(), 1);
}

#[test]
fn questions_flushes_and_mergers_are_followed() {
    let (folder, receiver) = (TempDir::new().unwrap(), Receiver::start());
    let mut environment = receiver.environment();
    environment.push(("KITH_EVENTS_FLUSH_SECONDS".to_owned(), "0".to_owned()));
    environment.push(("KITH_EVENTS_FILES_PER_DAY_MAX".to_owned(), "2".to_owned()));
    let (server, token) = Server::start_signed_in_with(folder.path(), &environment);
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    track(&server, "01");
    let flush = receiver.until(is("flush")).into_iter().find(is("flush")).unwrap();
    assert!(attribute(&flush, "kith.events")["intValue"].is_string(), "{flush}");
    assert!(flush["parentSpanId"].is_null() && flush["traceId"] != TRACE, "of its own: {flush}");
    let ask = agent().post(server.url("/sql")).header("authorization", format!("Bearer {token}"));
    let answer = ask.send_json(json!({"query": "SELECT count(*) FROM events"})).unwrap();
    assert_eq!(answer.status(), 200);
    let spans = receiver.until(is("POST /sql"));
    let [question, request] = ["question", "POST /sql"]
        .map(|name| spans.iter().find(|span| span["name"] == name).unwrap());
    assert_eq!(question["parentSpanId"], request["spanId"]);
    assert_eq!(attribute(question, "kith.question")["stringValue"], "Sql");
    // A file of each, until there are too many of a day; that is looked at twice a minute.
    for files in 2..5 {
        track(&server, "00");
        let are_there = |spans: &[Value]| spans.iter().filter(|span| is("flush")(span)).count();
        receiver.until(|_| are_there(&receiver.spans()) >= files);
    }
    let merge = receiver.until(is("merge")).into_iter().find(is("merge")).unwrap();
    assert!(attribute(&merge, "kith.files")["intValue"].is_string(), "{merge}");
}

/// A receiver that hangs costs spans, and nobody's time.
#[test]
fn whoever_sends_never_waits_for_who_collects() {
    let (folder, receiver) = (TempDir::new().unwrap(), Receiver::start());
    receiver.fall_silent();
    let mut server = server(&folder, &receiver.environment());
    let agent = agent();
    // Far more spans than wait at one time.
    let payloads: Vec<Value> = vec![page_view(); 40];
    for _ in 0..40 {
        for payload in &payloads {
            assert_eq!(server.track(&agent, payload).unwrap().0, 200);
        }
    }
    let metrics = agent.get(server.url("/metrics")).call().unwrap().body_mut().read_to_string();
    let metrics = metrics.unwrap();
    let of = |outcome: &str| {
        let line = format!("kith_trace_spans_total{{outcome=\"{outcome}\"}} ");
        let value = metrics.lines().find_map(|said| said.strip_prefix(&line));
        value.unwrap_or_else(|| panic!("{metrics}")).parse::<u64>().unwrap()
    };
    assert!(of("dropped") + of("failed") > 0, "{metrics}");
    assert_eq!(of("sent"), 0);
    assert!(server.stop(), "and it ends");
}

#[test]
fn nothing_is_done_where_nobody_is_named() {
    let (folder, receiver) = (TempDir::new().unwrap(), Receiver::start());
    let mut off = server(&folder, &[]);
    track(&off, "01");
    let threads = |server: &Server| {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", server.pid())).unwrap();
        let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm"));
        tasks.flatten().filter_map(|task| name(task).ok()).collect::<String>()
    };
    assert!(!threads(&off).contains("kith-traces"));
    assert!(off.stop());
    let on = Server::start_in(folder.path(), &receiver.environment());
    assert!(threads(&on).contains("kith-traces"));
}
