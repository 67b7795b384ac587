//! Whatever file a job on history cannot open or write, it fails in words.
//!
//! DuckDB does this work in a process apart, and Kith keeps the files that it has written. A library that is loaded
//! before the C library fails one call of the one or the other after the other.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use crate::support::server::{kith, said};

/// More calls than the job makes.
const CALLS_MAX: usize = 200;
/// Whose calls, which, with what error (too many open files, no space left on the device), and how many are made at
/// least.
const FAULTS: [(&str, &str, i32, usize); 4] = [
    ("writer", "open", 24, 10),
    ("writer", "write", 28, 6),
    ("server", "open", 24, 6),
    ("server", "write", 28, 6),
];
/// All on one day, so that their files can be merged.
const TIME: &str = "2026-01-05T10:00:00Z";

/// The library, compiled for this machine.
pub(super) fn library(folder: &Path) -> PathBuf {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/process/faults.c");
    let library = folder.join("faults.so");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .args([source, "-ldl"])
        .status()
        .unwrap();
    assert!(compiled.success());
    library
}

/// A folder with events in a file and others that wait, of two people on one day.
fn history() -> TempDir {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    said(path, &["source", "add", "Shop", "--id", "shop"]);
    for part in ["first", "second"] {
        let event = |person: &str| {
            let (id, session) = (format!("{part}-{person}"), json!({ "id": person }));
            let event = json!({"type": "x", "id": id, "time": {"create": TIME}});
            json!({"source": {"id": "shop"}, "session": session, "events": [event]}).to_string()
        };
        let lines = path.join("events.jsonl");
        std::fs::write(&lines, [event("ann"), event("ben")].join("\n")).unwrap();
        said(path, &["import", &lines.to_string_lossy()]);
        if part == "first" {
            said(path, &["events", "compact"]);
        }
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}

fn count(folder: &Path) -> String {
    said(folder, &["sql", "SELECT count(*) FROM events WHERE type = 'x'", "--format", "csv"])
}

#[test]
fn whatever_file_cannot_be_opened_or_written_a_job_ends_in_words_and_loses_nothing() {
    let (history, bench) = (history(), TempDir::new().unwrap());
    let library = library(bench.path());
    for (whose, calls, error, least) in FAULTS {
        let mut from = 0;
        loop {
            let folder = bench.path().join(format!("{whose}-{calls}-{from}"));
            copy(history.path(), &folder);
            let settings = format!("{whose} {calls} {from} {error}");
            std::fs::write(bench.path().join("faults"), &settings).unwrap();
            let mut command = kith(&folder, &["events", "compact"]);
            let ended = command.env("LD_PRELOAD", &library).output().unwrap();
            let words = String::from_utf8_lossy(&ended.stderr);
            assert!(ended.status.code().is_some(), "{settings}: {}: {words}", ended.status);
            assert_eq!(count(&folder), "count_star()\n4\n", "{settings}: {words}");
            std::fs::remove_dir_all(&folder).unwrap();
            if ended.status.success() {
                break;
            }
            from += 1;
            assert!(from < CALLS_MAX, "it never succeeds: {words}");
        }
        assert!(from >= least, "{whose} {calls}: only {from} failed");
    }
}
