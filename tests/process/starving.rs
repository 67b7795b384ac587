//! A process that gets no more files, or no more memory: what needs some fails and is tried again.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::support::server::{Server, agent, said};
use crate::support::wire::{connect, head, metric};

/// Looks at what is waited for, ten in a second, before it counts as never.
const LOOKS: usize = 600;

/// The first descriptor that is free: with it as the bound, none is.
fn first_free(server: &Server) -> usize {
    let folder = format!("/proc/{}/fd", server.pid());
    let taken: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    (0..).find(|number: &usize| !taken.contains(&number.to_string())).unwrap()
}

fn bound(server: &Server, bound: &str) {
    let pid = server.pid().to_string();
    let set = Command::new("prlimit").args(["--pid", &pid, bound]).status().unwrap();
    assert!(set.success());
}

/// A payload on a connection that is there already.
#[track_caller]
fn tracks(stream: &mut TcpStream) {
    let body = r#"{"source":{"id":"shop"},"events":[{"type":"x"}]}"#;
    stream.write_all(format!("{}{body}", head(body.len())).as_bytes()).unwrap();
    let mut answer = [0; 4096];
    let read = stream.read(&mut answer).unwrap();
    assert!(answer[..read].starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}

fn flushes(server: &Server, outcome: &str) -> u64 {
    let name = format!("kith_job_runs_total{{task=\"flush\",outcome=\"{outcome}\"}}");
    metric(server, &name)
}

/// Until everything that waits is in files, and then a good end.
#[track_caller]
fn ends_flushed(mut server: Server) {
    for _ in 0..LOOKS {
        if metric(&server, "kith_tail_events") == 0 && metric(&server, "kith_lake_files") > 0 {
            assert!(server.stop(), "ended well");
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("what waits is never flushed");
}

/// A server that flushes as soon as it can, and a connection to it that has been used.
fn server(folder: &TempDir) -> (Server, TcpStream) {
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    let settings = [("KITH_EVENTS_FLUSH_SECONDS".to_owned(), "1".to_owned())];
    let server = Server::start_in(folder.path(), &settings);
    let mut stream = connect(&server);
    tracks(&mut stream);
    (server, stream)
}

#[test]
fn without_descriptors_a_flush_fails_and_is_done_later() {
    let folder = TempDir::new().unwrap();
    let (server, mut stream) = server(&folder);
    let free = first_free(&server);
    for bounded in [free, free + 2, free + 40] {
        bound(&server, &format!("--nofile={bounded}:"));
        tracks(&mut stream);
        // Long enough for a flush to be due, whatever becomes of it.
        std::thread::sleep(Duration::from_secs(3));
        tracks(&mut stream);
    }
    bound(&server, "--nofile=1024:");
    assert!(flushes(&server, "failed") > 0);
    ends_flushed(server);
}

#[test]
fn too_few_descriptors_are_a_sentence_at_the_start() {
    let folder = TempDir::new().unwrap();
    let limited = Command::new("prlimit")
        .args(["--nofile=64:64", env!("CARGO_BIN_EXE_kith"), "serve", "--listen", "127.0.0.1:0"])
        .arg("--data-dir")
        .arg(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&limited.stderr);
    assert!(said.contains("64 files open at one time, and Kith needs 128"), "{said}");
    assert_eq!(limited.status.code(), Some(1));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn without_memory_a_flush_fails_and_is_done_later() {
    let folder = TempDir::new().unwrap();
    let (server, mut stream) = server(&folder);
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    let size: u64 = size.split_whitespace().next().unwrap().parse().unwrap();
    bound(&server, &format!("--as={}:", size * 1024));
    for _ in 0..LOOKS {
        tracks(&mut stream);
        if flushes(&server, "failed") > 0 {
            bound(&server, "--as=unlimited:");
            tracks(&mut stream);
            return ends_flushed(server);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("no flush fails");
}

/// What does not become much smaller when it is compressed.
fn noise(seed: usize) -> String {
    let mut number = seed as u64 + 1;
    let mut next = || {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("{number:x}")
    };
    (0..4000).map(|_| next()).collect()
}

/// By itself the system ends a process of which a file becomes larger than it may.
#[test]
fn a_file_that_may_not_grow_is_a_disk_that_fails() {
    let folder = TempDir::new().unwrap();
    let (mut server, _) = server(&folder);
    let send = |server: &Server, number: usize| {
        let events = json!([{"type": "x", "properties": {"noise": noise(number)}}]);
        let payload = json!({"source": {"id": "shop"}, "events": events});
        server.track(&agent(), &payload).map(|(status, _)| status)
    };
    let bytes = |name: &str| folder.path().join(name).metadata().unwrap().len();
    let most = bytes("kith.db").max(bytes("kith.db-wal")) + (200 << 10);
    bound(&server, &format!("--fsize={most}:"));
    let refused = (0..200).map(|number| send(&server, number)).find(|said| *said != Some(200));
    assert_eq!(refused, Some(Some(503)), "it is there, and says so");
    bound(&server, "--fsize=unlimited:");
    let goes_on = (0..LOOKS).any(|number| {
        std::thread::sleep(Duration::from_millis(100));
        send(&server, number) == Some(200)
    });
    assert!(goes_on && server.stop());
}
