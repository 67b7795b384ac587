//! History from the command line, on the real binary.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::server::{Server, agent, run, said};

fn shop() -> TempDir {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    folder
}

fn payload(id: &str, day: u64) -> Value {
    let time = json!({"insert": format!("2026-01-{day:02}T10:00:00Z")});
    let event = json!({"id": id, "type": "order", "time": time, "properties": {"sum": 2.5}});
    json!({"source": {"id": "shop"}, "session": {"id": format!("s-{id}")}, "events": [event]})
}

fn orders(folder: &Path) -> String {
    let sql = "SELECT count(*) AS n, count(DISTINCT id) AS ids FROM events WHERE type = 'order'";
    said(folder, &["sql", sql])
}

#[test]
fn history_is_asked_and_written_while_the_server_runs() {
    let folder = shop();
    std::fs::write(folder.path().join("kith.toml"), "[events]\nflush_seconds = 0\n").unwrap();
    let server = Server::start(folder.path());
    let agent = agent();
    for number in 0..20 {
        let (status, answer) = server.track(&agent, &payload(&format!("e{number}"), 1)).unwrap();
        assert_eq!(status, 200, "{answer}");
    }
    assert_eq!(orders(folder.path()), "n,ids\n20,20\n", "what was answered is there");
    let files =
        || std::fs::read_dir(folder.path().join("events/2026-01-01")).map_or(0, Iterator::count);
    let flushed = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        files() > 0
    });
    assert!(flushed, "the lake's own thread has written a file");
    assert_eq!(orders(folder.path()), "n,ids\n20,20\n");
    let told = said(folder.path(), &["events", "compact"]);
    assert!(told.contains("files merged into"), "{told}");
    assert_eq!(orders(folder.path()), "n,ids\n20,20\n");
    let table = said(folder.path(), &["sql", "SELECT 1 AS one", "--format", "table"]);
    assert!(table.contains("| one |"), "{table}");
    for ending in ["parquet", "csv", "jsonl"] {
        let file = folder.path().join(format!("out.{ending}"));
        let told = said(folder.path(), &["export", file.to_str().unwrap()]);
        assert!(told.contains(" rows in "), "{told}");
        assert!(std::fs::metadata(file).unwrap().len() > 100);
    }
    let wrong = run(folder.path(), &["sql", "DROP TABLE kith.tail"]);
    assert!(!wrong.status.success());
    assert!(String::from_utf8(wrong.stderr).unwrap().starts_with("kith: "));
}

#[test]
fn an_import_may_be_repeated_and_says_what_it_refused() {
    let folder = shop();
    let file = folder.path().join("history.jsonl");
    let mut lines: Vec<String> =
        (0..300).map(|number| payload(&format!("e{number}"), 1 + number % 9).to_string()).collect();
    let mut nameless = payload("", 3);
    nameless["session"]["id"] = json!("nameless");
    lines.push(nameless.to_string());
    std::fs::write(&file, lines.join("\n")).unwrap();
    let file = file.to_str().unwrap().to_owned();
    assert_eq!(said(folder.path(), &["import", &file]), "301 payloads kept, 0 refused\n");
    assert_eq!(orders(folder.path()), "n,ids\n301,301\n");
    said(folder.path(), &["events", "compact"]);
    said(folder.path(), &["import", &file]);
    assert_eq!(orders(folder.path()), "n,ids\n301,301\n", "nothing counts twice");
    lines.push("{\"source\": {\"id\": \"nobody\"}, \"events\": [{\"type\": \"x\"}]}".to_owned());
    lines.push("no json".to_owned());
    lines.push(payload("last", 9).to_string());
    std::fs::write(&file, lines.join("\n")).unwrap();
    let told = run(folder.path(), &["import", &file]);
    assert!(!told.status.success());
    assert_eq!(String::from_utf8(told.stdout).unwrap(), "302 payloads kept, 2 refused\n");
    let problems = String::from_utf8(told.stderr).unwrap();
    assert!(
        problems.contains("source_unknown") && problems.contains("payload_invalid"),
        "{problems}"
    );
    let server = Server::start(folder.path());
    let told = run(folder.path(), &["import", &file]);
    assert!(String::from_utf8(told.stderr).unwrap().contains(&server.pid().to_string()));
}
