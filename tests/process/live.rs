//! What happens at this moment, told by the real binary; and the console that it serves.

use std::io::{BufRead as _, BufReader};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::server::{Server, agent, said};

/// A server with a source, and the token of an administrator.
fn served(folder: &TempDir) -> (Server, String) {
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    Server::start_signed_in(folder.path())
}

/// What a line tells, message by message.
struct Line(BufReader<ureq::BodyReader<'static>>);

impl Line {
    /// Opened, it hears of everything that is sent from now on.
    fn open(server: &Server, token: &str, query: &str) -> Self {
        let request = agent().get(server.url(&format!("/api/events/live{query}")));
        let answer = request.header("authorization", format!("Bearer {token}")).call().unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self(BufReader::new(answer.into_body().into_reader()))
    }

    /// The next message: its name and its data. None at the end.
    fn next(&mut self) -> Option<(String, Value)> {
        let mut name = String::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(said) = line.strip_prefix("event: ") {
                said.trim().clone_into(&mut name);
            } else if let Some(data) = line.strip_prefix("data: ") {
                return Some((name, serde_json::from_str(data).unwrap()));
            }
        }
    }
}

fn sent(types: &[&str]) -> Value {
    let events: Vec<_> = types.iter().map(|kind| json!({"type": kind})).collect();
    json!({"source": {"id": "shop"}, "options": {"saveProfile": false, "saveSession": false}, "events": events})
}

#[test]
fn every_event_and_every_refusal_is_told() {
    let folder = TempDir::new().unwrap();
    let (server, token) = served(&folder);
    let mut line = Line::open(&server, &token, "");
    assert_eq!(server.track(&agent(), &sent(&["order"])).unwrap().0, 200);
    let (name, event) = line.next().unwrap();
    assert_eq!(
        (name.as_str(), &event["type"], &event["source"]["id"]),
        ("kept", &json!("order"), &json!("shop"))
    );
    let wrong = json!({"source": {"id": "shop"}, "events": [{"properties": {}}]});
    assert_eq!(server.track(&agent(), &wrong).unwrap().0, 422);
    let (name, refused) = line.next().unwrap();
    assert_eq!(
        (name.as_str(), &refused["code"], &refused["status"]),
        ("refused", &json!("payload_invalid"), &json!(422))
    );
    assert_eq!(refused["problems"][0]["place"], "body.events.0.type");
    assert_eq!(refused["source"], "shop");
    let cut_off = r#"{"source": {"id": "shop"}, "events": [{"type": "a""#;
    assert_eq!(agent().post(server.url("/track")).send(cut_off).unwrap().status(), 422);
    assert_eq!(line.next().unwrap().1["source"], "shop", "as far as it could be read");
    let strange = json!({"source": {"id": "nobody"}, "events": [{"type": "a"}]});
    assert_eq!(server.track(&agent(), &strange).unwrap().0, 401);
    let (_, refused) = line.next().unwrap();
    assert_eq!(
        (&refused["code"], &refused["source"]),
        (&json!("source_unknown"), &json!("nobody"))
    );
}

#[test]
fn only_what_is_asked_for_is_told() {
    let folder = TempDir::new().unwrap();
    let (server, token) = served(&folder);
    let mut line = Line::open(&server, &token, "?where=type%20%3D%20b&only=kept");
    server.track(&agent(), &json!({"source": {"id": "nobody"}, "events": []})).unwrap();
    server.track(&agent(), &sent(&["a", "b", "c"])).unwrap();
    assert_eq!(line.next().unwrap().1["type"], "b");
    server.track(&agent(), &sent(&["b"])).unwrap();
    assert_eq!(line.next().unwrap().1["type"], "b", "nothing else came in between");
}

/// As 1.10, which a reader with floats writes otherwise.
#[test]
fn numbers_are_told_and_looked_at_however_they_are_written() {
    let folder = TempDir::new().unwrap();
    let (server, token) = served(&folder);
    let mut line = Line::open(&server, &token, "?where=properties.price%20%3D%201.1");
    let payload = r#"{"source": {"id": "shop"}, "events": [
        {"type": "order", "properties": {"price": 1.2}}, {"type": "order", "properties": {"price": 1.10, "n": 1e-7}}]}"#;
    assert_eq!(agent().post(server.url("/track")).send(payload).unwrap().status(), 200);
    let (_, event) = line.next().unwrap();
    assert_eq!(event["properties"].to_string(), r#"{"n":1e-7,"price":1.10}"#);
}

#[test]
fn a_token_that_ends_ends_its_line() {
    let folder = TempDir::new().unwrap();
    let (server, token) = served(&folder);
    let mut line = Line::open(&server, &token, "");
    said(folder.path(), &["user", "sign-out", "ann@example.com"]);
    assert_eq!(line.next(), None);
}

/// A key stays when whoever made it is less than before: it may see less.
#[test]
fn a_line_ends_when_whoever_looks_may_see_less() {
    let folder = TempDir::new().unwrap();
    let (server, token) = served(&folder);
    said(folder.path(), &["user", "add", "bob@example.com"]);
    let made = agent().post(server.url("/api/keys"));
    let made = made.header("authorization", format!("Bearer {token}"));
    let mut made = made.send(json!({"name": "k", "roles": ["admin"]}).to_string()).unwrap();
    let made: Value = made.body_mut().read_json().unwrap();
    let mut line = Line::open(&server, made["key"].as_str().unwrap(), "");
    let secret = json!({"source": {"id": "shop"}, "options": {"saveProfile": false, "saveSession": false},
        "events": [{"type": "a", "properties": {"passport": "X1"}}]});
    server.track(&agent(), &secret).unwrap();
    assert_eq!(line.next().unwrap().1["properties"]["passport"], "X1");
    said(folder.path(), &["user", "roles", "ann@example.com", "marketer"]);
    std::thread::sleep(std::time::Duration::from_secs(4));
    server.track(&agent(), &secret).unwrap();
    assert_eq!(line.next(), None);
}

#[test]
fn a_line_that_is_never_silent_ends_with_its_token_too() {
    let folder = TempDir::new().unwrap();
    let (server, token) = served(&folder);
    let mut line = Line::open(&server, &token, "");
    said(folder.path(), &["user", "sign-out", "ann@example.com"]);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                server.track(&agent(), &sent(&["a"])).unwrap();
            }
        });
        let ends = std::iter::repeat_with(|| line.next()).take(20_000).any(|told| told.is_none());
        is_over.store(true, Ordering::Relaxed);
        assert!(ends);
    });
}

#[test]
fn of_more_than_anybody_reads_a_part_is_told_and_the_rest_is_counted() {
    let folder = TempDir::new().unwrap();
    let (server, token) = served(&folder);
    let mut line = Line::open(&server, &token, "?type=a");
    let (payloads, each) = (60, 100);
    for _ in 0..payloads {
        server.track(&agent(), &sent(&["a", "b"].repeat(each))).unwrap();
    }
    let (mut told, mut left_out) = (0, 0);
    while told + left_out < payloads * each as u64 {
        match line.next().unwrap() {
            (name, event) if name == "kept" => {
                assert_eq!(event["type"], "a");
                told += 1;
            }
            (_, counted) => left_out += counted["events"].as_u64().unwrap(),
        }
    }
    assert_eq!(told + left_out, payloads * each as u64, "and what is not wanted is not counted");
    assert!(left_out > 0, "{told} were told");
}

#[test]
fn whoever_asks_for_few_is_told_of_few_and_hears_how_many_there_were() {
    let folder = TempDir::new().unwrap();
    let (server, token) = served(&folder);
    for rate in [1, 3] {
        let mut line = Line::open(&server, &token, &format!("?rate={rate}"));
        assert_eq!(server.track(&agent(), &sent(&["a"; 100])).unwrap().0, 200);
        let counted = line.next().unwrap();
        assert_eq!(counted, ("left_out".to_owned(), json!({"events": 100 - rate, "refusals": 0})));
        (0..rate).for_each(|_| assert_eq!(line.next().unwrap().0, "kept"));
    }
}

#[test]
fn a_server_that_stops_waits_for_nobody_who_looks() {
    let folder = TempDir::new().unwrap();
    let (mut server, token) = served(&folder);
    let mut line = Line::open(&server, &token, "");
    assert!(server.stop());
    assert_eq!(line.next(), None, "it was ended, not cut off");
}

#[test]
fn the_first_start_prints_a_link_that_lets_in_once() {
    let folder = TempDir::new().unwrap();
    let mut server = Server::start(folder.path());
    let greeting = server.greeting_until("#welcome=");
    let link = greeting.split("/console/#welcome=").nth(1).unwrap().trim();
    let enter = || {
        let answer = agent().post(server.url("/user/welcome")).send_json(json!({"link": link}));
        answer.unwrap().status().as_u16()
    };
    assert_eq!((enter(), enter()), (200, 400));
}
