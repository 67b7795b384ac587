//! Every payload is counted once, however it ends.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::{Method, Request};
use futures_util::stream;
use kith::config::Config;
use tempfile::TempDir;

use crate::support::server::{Server, agent};
use crate::support::{Setup, TestApp};

/// How many ended so, by the metrics' text.
fn ended(metrics: &str, outcome: &str, reason: &str) -> u64 {
    let name = format!(r#"kith_outcomes_total{{outcome="{outcome}",reason="{reason}"}} "#);
    metrics.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |n| n.parse().unwrap())
}

#[test]
fn a_body_that_comes_too_slowly_is_refused() {
    let configure = |config: &mut Config| config.limits.request_seconds_max = 1;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    for address in ["/track", "/collect/x/shop", "/customer/consent"] {
        let never = Body::from_stream(stream::pending::<std::io::Result<Bytes>>());
        let reply = app.send(Request::post(address).body(never).unwrap());
        assert_eq!((reply.status.as_u16(), reply.code()), (408, "too_slow"), "{address}");
    }
    let metrics = app.app().telemetry.render();
    assert_eq!(ended(&metrics, "refused", "too_slow"), 3, "{metrics}");
}

#[test]
fn a_sender_that_goes_away_has_sent_half_a_body() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(folder.path());
    let address = server.url("").trim_start_matches("http://").to_owned();
    let mut half = TcpStream::connect(&address).unwrap();
    half.write_all(b"POST /track HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{").unwrap();
    half.shutdown(Shutdown::Both).unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    let metrics = loop {
        let mut reply = agent().get(server.url("/metrics")).call().unwrap();
        let text = reply.body_mut().read_to_string().unwrap();
        if text.lines().any(|line| line.starts_with("kith_outcomes_total") && line.ends_with(" 1"))
        {
            break text;
        }
        assert!(Instant::now() < until, "{text}");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(ended(&metrics, "refused", "body_unreadable"), 1, "{metrics}");
}

#[test]
fn a_payload_that_finds_no_place_is_counted() {
    let configure = |config: &mut Config| config.limits.requests_in_flight_max = 0;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let send = |method: Method, address: &str| {
        let request = Request::builder().method(method).uri(address);
        drop(app.send(request.body(Body::empty()).unwrap()));
    };
    let payloads = [
        (Method::POST, "/track"),
        (Method::POST, "/track/"),
        (Method::GET, "/track.gif?source=shop"),
        (Method::GET, "/collect/x/shop"),
        (Method::POST, "/collect/x/shop/s"),
        (Method::PUT, "/redirect/link"),
        (Method::POST, "/customer/consent"),
    ];
    let count = payloads.len() as u64;
    payloads.into_iter().for_each(|(method, address)| send(method, address));
    for (method, address) in [
        (Method::PUT, "/track"),
        (Method::GET, "/tracker/kith.js"),
        (Method::GET, "/health"),
        (Method::HEAD, "/redirect/link"),
        (Method::HEAD, "/collect/x/shop"),
        (Method::POST, "/user/token"),
        (Method::OPTIONS, "/track"),
    ] {
        send(method, address);
    }
    let metrics = app.app().telemetry.render();
    assert_eq!(ended(&metrics, "failed", "overloaded"), count, "{metrics}");
    assert!(metrics.contains(&format!("kith_payloads_total {count}\n")), "{metrics}");
}
