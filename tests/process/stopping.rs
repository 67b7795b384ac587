//! A graceful stop answers what was accepted, and waits for nobody for ever.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tempfile::TempDir;

use crate::support::server::{Server, agent, said};

#[test]
fn everything_answered_is_there_after_a_stop_under_load() {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    let mut server = Server::start(folder.path());
    let url = server.url("/track");
    let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(0_u64)));
    let clients: Vec<_> = (0..8)
        .map(|client| {
            let (url, stop) = (url.clone(), Arc::clone(&stop));
            let acknowledged = Arc::clone(&acknowledged);
            std::thread::spawn(move || {
                let agent = agent();
                for number in 0.. {
                    let events = json!([{"id": format!("{client}-{number}"), "type": "x"}]);
                    let payload = json!({"source": {"id": "shop"}, "events": events});
                    match agent.post(&url).send_json(&payload) {
                        Ok(reply) if reply.status() == 200 => *acknowledged.lock().unwrap() += 1,
                        _ => break,
                    }
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                }
            })
        })
        .collect();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(server.stop(), "ended well");
    stop.store(true, Ordering::SeqCst);
    clients.into_iter().for_each(|client| client.join().unwrap());
    let acknowledged = *acknowledged.lock().unwrap();
    let database = rusqlite::Connection::open(folder.path().join("kith.db")).unwrap();
    let events: u64 =
        database.query_row("SELECT sum(events) FROM tail", [], |row| row.get(0)).unwrap();
    assert!(acknowledged > 0);
    // A first visit keeps four events. What was answered but did not reach its client may be more.
    assert!(
        events >= acknowledged * 4 && events <= (acknowledged + 8) * 4,
        "{acknowledged}: {events}"
    );
}

#[test]
fn a_server_that_will_end_tells_balancers_first_and_takes_payloads_meanwhile() {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    let drains = [("KITH_HTTP_DRAIN_SECONDS".to_owned(), "600".to_owned())];
    let mut server = Server::start_in(folder.path(), &drains);
    let status = |path: &str| agent().get(server.url(path)).call().unwrap().status().as_u16();
    assert_eq!([status("/health/ready"), status("/health/live"), status("/health")], [200; 3]);
    server.terminate();
    while status("/health/ready") == 200 {
        std::thread::yield_now();
    }
    assert_eq!([status("/health"), status("/health/live")], [503, 200]);
    let payload = json!({"source": {"id": "shop"}, "events": [{"type": "x"}]});
    assert_eq!(server.track(&agent(), &payload).unwrap().0, 200);
    assert!(server.stop(), "a second signal ends it at once");
}

#[test]
fn a_client_that_never_goes_on_is_not_waited_for() {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    let mut server = Server::start(folder.path());
    let mut client = TcpStream::connect(server.url("").trim_start_matches("http://")).unwrap();
    client.write_all(b"POST /track HTTP/1.1\r\nHo").unwrap();
    // Until it is read; a connection that has sent nothing is closed at once.
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(server.stop(), "ended well");
}
