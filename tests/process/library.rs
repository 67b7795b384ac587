//! DuckDB's library: in no server's memory, and missed when a server begins.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::server::{Server, agent, said};

/// How often a file of history is looked for, every ten milliseconds.
const LOOKS: usize = 3_000;

/// Waits for a first file of history.
fn wait_for_a_file(files: &Path) {
    let has_one = || fs::read_dir(files).is_ok_and(|mut all| all.next().is_some());
    for _ in 0..LOOKS {
        if has_one() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("nothing was written into {}", files.display());
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_that_has_written_and_was_asked_has_no_duckdb_in_its_memory() {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    let often = [("KITH_EVENTS_FLUSH_EVENTS".to_owned(), "1".to_owned())];
    let (server, token) = Server::start_signed_in_with(folder.path(), &often);
    let order = json!({"source": {"id": "shop"}, "events": [{"type": "order"}]});
    assert_eq!(server.track(&agent(), &order).unwrap().0, 200);
    wait_for_a_file(&folder.path().join("events"));
    let bearer = format!("Bearer {token}");
    let asked = agent().post(server.url("/sql")).header("authorization", &bearer);
    let answer: Value = asked
        .send("SELECT count(*) AS orders FROM events WHERE type = 'order'")
        .unwrap()
        .body_mut()
        .read_json()
        .unwrap();
    assert_eq!(answer, json!([{"orders": 1}]));
    let mapped = fs::read_to_string(format!("/proc/{}/maps", server.pid())).unwrap();
    assert!(mapped.contains("libc") && !mapped.contains("duckdb"), "{mapped}");
}

#[test]
fn a_server_does_not_begin_without_its_library_and_what_needs_none_works() {
    let (folder, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let alone = elsewhere.path().join("kith");
    fs::copy(env!("CARGO_BIN_EXE_kith"), &alone).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&alone);
        command.args(arguments).arg("--data-dir").arg(folder.path()).env_clear().output().unwrap()
    };
    assert!(run(&["source", "add", "Shop", "--id", "shop"]).status.success());
    let served = run(&["serve", "--listen", "127.0.0.1:0"]);
    let why = String::from_utf8(served.stderr).unwrap();
    assert!(!served.status.success() && served.stdout.is_empty(), "{why}");
    assert!(
        why.contains("libduckdb.so: cannot open") && why.contains("beside the program"),
        "{why}"
    );
}
