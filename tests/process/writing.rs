//! The process that writes files: what becomes of what it had in hand, and of itself.

use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::faults::library;
use crate::support::server::{Server, agent, said};
use crate::support::wire::metric;

/// Looks at what is waited for, a hundred in a second, before it counts as never.
const LOOKS: usize = 6_000;

/// Looks until there is something.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..LOOKS {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("never: {what}");
}

/// The process of this server, while there is one.
fn writer(server: &Server) -> Option<String> {
    let parent = server.pid().to_string();
    let found = Command::new("pgrep").args(["-P", &parent, "-f", "write-files"]).output().unwrap();
    let found = String::from_utf8(found.stdout).unwrap();
    found.split_whitespace().next().map(str::to_owned)
}

fn signal(signal: &str, pid: &str) {
    // It may be gone already.
    Command::new("kill").args([signal, pid]).status().unwrap();
}

fn track(server: &Server, id: usize) {
    let event = serde_json::json!({"id": format!("e{id}"), "type": "order"});
    let payload = serde_json::json!({"source": {"id": "shop"}, "events": [event]});
    let (status, answer) = server.track(&agent(), &payload).unwrap();
    assert_eq!(status, 200, "{answer}");
}

/// A server that flushes as soon as it can.
fn served(folder: &TempDir) -> Server {
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    let settings = [("KITH_EVENTS_FLUSH_SECONDS".to_owned(), "1".to_owned())];
    Server::start_in(folder.path(), &settings)
}

#[cfg(target_os = "linux")]
#[test]
fn a_flush_whose_process_is_killed_is_done_by_another_and_the_server_goes_on() {
    let folder = TempDir::new().unwrap();
    let mut server = served(&folder);
    let mut sent = 0;
    let failed = "kith_job_runs_total{task=\"flush\",outcome=\"failed\"}";
    until("a flush fails", || {
        track(&server, sent);
        sent += 1;
        // Stopped first, so that it cannot be done before it is killed.
        let pid = writer(&server)?;
        signal("-STOP", &pid);
        std::thread::sleep(Duration::from_millis(50));
        signal("-KILL", &pid);
        (metric(&server, failed) > 0).then_some(())
    });
    track(&server, sent);
    sent += 1;
    until("all of it is in files", || {
        let is_flushed = metric(&server, "kith_tail_events") == 0;
        (is_flushed && metric(&server, "kith_lake_files") > 0).then_some(())
    });
    let count = "SELECT count(*) AS n, count(DISTINCT id) AS ids FROM events WHERE type = 'order'";
    assert_eq!(said(folder.path(), &["sql", count]), format!("n,ids\n{sent},{sent}\n"));
    assert!(server.stop(), "ended well");
}

#[cfg(target_os = "linux")]
#[test]
fn the_process_ends_with_its_server() {
    let folder = TempDir::new().unwrap();
    let mut server = served(&folder);
    track(&server, 0);
    let pid = until("files are written", || writer(&server));
    server.kill();
    let status = format!("/proc/{pid}/status");
    let is_gone =
        || std::fs::read_to_string(&status).map_or(true, |told| told.contains("State:\tZ"));
    until("it is gone", || is_gone().then_some(()));
}

/// The server is ended while a flush waits for the process that writes files, which stands still. That one's id.
#[cfg(target_os = "linux")]
fn ends_though_it_stands(server: &mut Server) -> String {
    track(server, 0);
    let pid = until("files are written", || writer(server));
    signal("-STOP", &pid);
    track(server, 1);
    // Long enough for a flush to be due, which waits for it.
    std::thread::sleep(Duration::from_secs(3));
    assert!(server.stop(), "ended well");
    pid
}

/// Both events that were sent are there.
#[cfg(target_os = "linux")]
fn must_have_two(folder: &std::path::Path) {
    let count = "SELECT count(DISTINCT id) AS ids FROM events WHERE type = 'order'";
    assert_eq!(said(folder, &["sql", count]), "ids\n2\n");
}

/// Such as one that the kernel holds, whatever it is told.
#[cfg(target_os = "linux")]
#[test]
fn a_process_that_no_signal_ends_does_not_keep_its_server_from_ending() {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    let library = library(folder.path()).display().to_string();
    std::fs::write(folder.path().join("faults"), "server kill 0 0").unwrap();
    let settings = [("KITH_EVENTS_FLUSH_SECONDS", "1"), ("LD_PRELOAD", library.as_str())];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut server = Server::start_in(folder.path(), &settings);
    let pid = ends_though_it_stands(&mut server);
    signal("-KILL", &pid);
    must_have_two(folder.path());
}

/// Such as one whose disk does not answer.
#[cfg(target_os = "linux")]
#[test]
fn a_process_that_stands_still_does_not_keep_its_server_from_ending() {
    let folder = TempDir::new().unwrap();
    let mut server = served(&folder);
    ends_though_it_stands(&mut server);
    must_have_two(folder.path());
}
