//! Workers that call functions, and what becomes of them with their server.

use std::process::Command;
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::support::server::{Server, agent, said};

/// Large integers never ask whether they may go on.
const ENDLESS: &str = "function transform(event) { const n = 2n ** 400000n; for (;;) n * n }";
/// How often a process is looked for, every ten milliseconds: a minute is far longer than it may stay.
const LOOKS: usize = 6_000;

/// A server with a source and a function.
fn served(folder: &TempDir, code: &str) -> Server {
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    let (server, token) = Server::start_signed_in(folder.path());
    let function = json!({"id": "f", "name": "F", "enabled": true, "code": code});
    let request = agent()
        .post(server.url("/api/functions"))
        .header("authorization", format!("Bearer {token}"));
    assert_eq!(request.send_json(&function).unwrap().status(), 200);
    server
}

/// Sends an event, and is not told what becomes of it where the server is killed.
fn sent(server: &Server) -> JoinHandle<()> {
    let url = server.url("/track");
    let payload = json!({"source": {"id": "shop"}, "events": [{"type": "order"}]});
    std::thread::spawn(move || drop(agent().post(url).send_json(&payload)))
}

/// What the system tells of a process's state and its bounds; none when it is gone, or a corpse.
fn told(pid: u32) -> Option<(String, String)> {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).ok();
    let (status, limits) = (read("status")?, read("limits")?);
    (!status.contains("State:\tZ")).then_some((status, limits))
}

/// The worker of a server, once it is called.
fn worker(server: &Server) -> u32 {
    let parent = server.pid().to_string();
    for _ in 0..LOOKS {
        let found = Command::new("pgrep").args(["-P", &parent, "-f", "call-functions"]).output();
        let found = String::from_utf8(found.unwrap().stdout).unwrap();
        let pids = found.split_whitespace().filter_map(|pid| pid.parse().ok());
        let is_called = |pid: &u32| {
            let limits = told(*pid).map(|(_, limits)| limits).unwrap_or_default();
            let bound = limits.lines().find_map(|line| line.strip_prefix("Max cpu time"));
            bound.is_some_and(|bound| !bound.trim().starts_with("unlimited"))
        };
        if let Some(pid) = pids.into_iter().find(is_called) {
            return pid;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("no worker is called with a bound on its time");
}

#[test]
#[cfg(target_os = "linux")]
fn a_worker_has_a_bound_on_its_time_and_ends_with_its_server_whatever_it_is_in_the_middle_of() {
    let folder = TempDir::new().unwrap();
    let mut server = served(&folder, ENDLESS);
    let sent = sent(&server);
    let pid = worker(&server);
    server.kill();
    sent.join().unwrap();
    for _ in 0..LOOKS {
        if told(pid).is_none() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the worker goes on without its server");
}
