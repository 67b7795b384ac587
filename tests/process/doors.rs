//! Connections that send too little, too much or too slowly: each is bounded, and others go on.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;
use tempfile::TempDir;

use crate::support::server::{Server, agent, said};
use crate::support::wire::{connect, connect_from, head, metric, payload, said_to, until_closed};

/// A server with a source, and these settings.
fn server(settings: &[(&str, &str)]) -> (Server, TempDir) {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    let variable = |(key, value): &(&str, &str)| {
        (format!("KITH_{}", key.replace('.', "_").to_uppercase()), (*value).to_owned())
    };
    let environment: Vec<_> = settings.iter().map(variable).collect();
    (Server::start_in(folder.path(), &environment), folder)
}

fn closed(server: &Server, reason: &str) -> u64 {
    metric(server, &format!("kith_connections_closed_total{{reason=\"{reason}\"}}"))
}

/// Tracks on a connection of its own.
#[track_caller]
fn tracks(server: &Server) {
    let answer = said_to(server, &payload());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_head_that_does_not_come_closes_its_connection() {
    let (server, _folder) = server(&[("limits.head_seconds_max", "1")]);
    let (mut silent, mut half) = (connect(&server), connect(&server));
    half.write_all(b"POST /track HTTP/1.1\r\nHo").unwrap();
    assert_eq!(until_closed(&mut silent), "");
    assert_eq!(until_closed(&mut half), "");
    assert_eq!(closed(&server, "head"), 2);
    tracks(&server);
}

#[test]
fn a_connection_that_asks_no_more_is_closed() {
    let (server, _folder) = server(&[("limits.idle_seconds_max", "1")]);
    let mut stream = connect(&server);
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: kith\r\n\r\n").unwrap();
    let answer = until_closed(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!((closed(&server, "idle"), closed(&server, "head")), (1, 0));
}

#[test]
fn a_body_that_trickles_is_refused() {
    let (server, _folder) = server(&[("limits.body_seconds_max", "1")]);
    let mut stream = connect(&server);
    stream.write_all(head(100).as_bytes()).unwrap();
    let mut trickle = stream.try_clone().unwrap();
    let trickling = std::thread::spawn(move || {
        for _ in 0..99 {
            if trickle.write_all(b" ").is_err() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    });
    let answer = until_closed(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("x-kith-code: too_slow"), "{answer}");
    assert_eq!(closed(&server, "body"), 1);
    trickling.join().unwrap();
    tracks(&server);
}

/// A form is read by somebody else than a payload, and bounded alike.
#[test]
fn whoever_signs_in_too_slowly_is_turned_away() {
    let (server, _folder) = server(&[("limits.body_seconds_max", "1")]);
    let head = "POST /user/token HTTP/1.1\r\nHost: kith\r\nContent-Length: 50\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=";
    let answer = said_to(&server, head);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("x-kith-code: too_slow"), "{answer}");
    assert_eq!(closed(&server, "body"), 1);
}

#[test]
fn whoever_does_not_read_is_not_waited_for() {
    let (server, _folder) = server(&[("limits.stall_seconds_max", "1")]);
    let mut stream = connect(&server);
    let ask = "GET /openapi.json HTTP/1.1\r\nHost: kith\r\n\r\n".repeat(200);
    stream.write_all(ask.as_bytes()).unwrap();
    for _ in 0..600 {
        if closed(&server, "stalled") == 1 {
            return tracks(&server);
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("the connection is kept");
}

#[test]
fn a_head_is_as_large_as_it_may_be() {
    let (server, _folder) = server(&[]);
    let ask = |length: usize| {
        let filler = "x".repeat(length);
        let text = format!("GET /health HTTP/1.1\r\nHost: kith\r\nX: {filler}\r\n");
        said_to(&server, &format!("{text}Connection: close\r\n\r\n"))
    };
    assert!(ask(30_000).starts_with("HTTP/1.1 200"));
    assert!(ask(33_000).starts_with("HTTP/1.1 431"));
    assert!(ask(390_000).starts_with("HTTP/1.1 431") || ask(390_000).is_empty());
}

#[test]
fn a_full_hall_sends_away_whoever_waits_longest_of_the_largest_crowd() {
    let (server, _folder) = server(&[("limits.connections_max", "20")]);
    let mut honest = connect_from(&server, 9);
    let mut crowd: Vec<TcpStream> = (0..60).map(|_| connect_from(&server, 2)).collect();
    tracks(&server);
    // Those who came last are still there, and whoever came before all of them from elsewhere.
    honest.write_all(payload().as_bytes()).unwrap();
    let answer = until_closed(&mut honest);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut last = crowd.pop().unwrap();
    last.write_all(payload().as_bytes()).unwrap();
    assert!(until_closed(&mut last).starts_with("HTTP/1.1 200"));
    assert_eq!(until_closed(&mut crowd[0]), "", "the first of the crowd had to go");
    assert!(closed(&server, "full") >= 40);
    assert_eq!(metric(&server, "kith_connections_max"), 20);
}

#[test]
fn an_address_has_no_more_than_its_share() {
    let (server, _folder) = server(&[("limits.connections_per_address_max", "5")]);
    let mut crowd: Vec<TcpStream> = (0..30).map(|_| connect_from(&server, 2)).collect();
    let mut other = connect_from(&server, 3);
    assert_eq!(until_closed(&mut crowd[0]), "");
    for stream in [&mut crowd[29], &mut other] {
        stream.write_all(payload().as_bytes()).unwrap();
        assert!(until_closed(stream).starts_with("HTTP/1.1 200"));
    }
    assert!(closed(&server, "address") >= 24);
    assert_eq!(closed(&server, "full"), 0);
}

/// All connections come from the proxy: its share is everything.
#[test]
fn a_proxy_has_as_many_connections_as_there_are() {
    let (server, _folder) = server(&[
        ("limits.connections_per_address_max", "5"),
        ("admission.trusted_forwarded_header", "x-forwarded-for"),
    ]);
    let mut crowd: Vec<TcpStream> = (0..30).map(|_| connect(&server)).collect();
    for stream in &mut crowd {
        stream.write_all(payload().as_bytes()).unwrap();
        assert!(until_closed(stream).starts_with("HTTP/1.1 200"));
    }
    assert_eq!(closed(&server, "address"), 0);
}

/// Connections that have sent most of a large body, and go on sending nothing.
fn unfinished(server: &Server, number: usize) -> Vec<TcpStream> {
    let most = vec![b' '; 1_000_000];
    let one = |_| {
        let mut stream = connect(server);
        stream.write_all(head(1_048_576).as_bytes()).unwrap();
        // One that is refused meanwhile reads no more.
        drop(stream.write_all(&most));
        stream
    };
    (0..number).map(one).collect()
}

fn has_no_room(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 503") && answer.contains("x-kith-code: overloaded")
}

#[test]
fn bodies_take_no_more_than_their_room_and_never_keep_out_small_ones() {
    let room = (4 << 20).to_string();
    let settings = [("limits.bodies_bytes_max", &*room), ("limits.body_seconds_max", "3")];
    let (server, _folder) = server(&settings);
    let mut unfinished = unfinished(&server, 12);
    tracks(&server);
    let answers: Vec<String> = unfinished.iter_mut().map(until_closed).collect();
    // One that was refused while it was sending may not have seen why.
    assert!(answers.iter().any(|answer| has_no_room(answer)), "{answers:?}");
    let large = json!({"source": {"id": "shop"}, "events": [{"type": "x", "properties":
        {"text": "x".repeat(900_000)}}]});
    let (status, answer) = server.track(&agent(), &large).unwrap();
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn slow_bodies_give_way_when_room_is_short() {
    let room = (4 << 20).to_string();
    let settings = [("limits.bodies_bytes_max", &*room), ("limits.body_seconds_max", "5")];
    let (server, _folder) = server(&settings);
    let mut slow = unfinished(&server, 3);
    let answers: Vec<String> = slow.iter_mut().map(until_closed).collect();
    // As many as it takes: the last may have all the time there is.
    assert!(answers.iter().any(|answer| has_no_room(answer)), "{answers:?}");
    assert!(closed(&server, "bodies") >= 1);
}

#[test]
fn a_head_says_once_where_it_goes_and_where_it_comes_from() {
    let (server, _folder) = server(&[]);
    let ask = |headers: &str, version: &str| {
        said_to(
            &server,
            &format!("GET /health HTTP/{version}\r\n{headers}Connection: close\r\n\r\n"),
        )
    };
    for headers in ["", "Host: a\r\nHost: a\r\n", "Host: a\r\nOrigin: b\r\nOrigin: b\r\n"] {
        let answer = ask(headers, "1.1");
        assert!(answer.starts_with("HTTP/1.1 400"), "{headers}: {answer}");
        assert!(answer.contains("x-kith-code: head_invalid"), "{headers}: {answer}");
    }
    assert!(ask("Host: a\r\nOrigin: b\r\n", "1.1").starts_with("HTTP/1.1 200"));
    assert!(ask("", "1.0").starts_with("HTTP/1.0 200"));
}

#[test]
fn http_2_is_not_spoken() {
    let (server, _folder) = server(&[]);
    let mut stream = connect(&server);
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
    let mut first = [0; 9];
    let read = stream.read(&mut first).unwrap_or(0);
    assert!(read == 0 || first.starts_with(b"HTTP/1.1"), "{:?}", &first[..read]);
    tracks(&server);
}
