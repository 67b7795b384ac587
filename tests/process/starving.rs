//! A process that may open no more files: what needs one fails and is tried again, and it goes on.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::server::{Server, said};
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

fn bound(server: &Server, descriptors: usize) {
    let pid = server.pid().to_string();
    let bound = format!("--nofile={descriptors}:");
    let set = Command::new("prlimit").args(["--pid", &pid, &bound]).status().unwrap();
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
    let name = format!("kith_job_runs_total{{job=\"flush\",outcome=\"{outcome}\"}}");
    metric(server, &name)
}

#[test]
fn without_descriptors_a_flush_fails_and_is_done_later() {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    let settings = [("KITH_EVENTS_FLUSH_SECONDS".to_owned(), "1".to_owned())];
    let mut server = Server::start_in(folder.path(), &settings);
    let mut stream = connect(&server);
    tracks(&mut stream);
    let free = first_free(&server);
    for bounded in [free, free + 2, free + 8] {
        bound(&server, bounded);
        tracks(&mut stream);
        // Long enough for a flush to be due, whatever becomes of it.
        std::thread::sleep(Duration::from_secs(3));
        tracks(&mut stream);
    }
    bound(&server, 1024);
    assert!(flushes(&server, "failed") > 0);
    for _ in 0..LOOKS {
        if metric(&server, "kith_tail_events") == 0 && metric(&server, "kith_lake_files") > 0 {
            assert!(server.stop(), "ended well");
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("what waits is never flushed");
}
