//! History from the command line, on the real binary.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::server::{Server, agent, kith, run, said};

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
    let none = said(folder.path(), &["sql", "SELECT 1 AS one WHERE false", "--format", "table"]);
    assert!(none.contains("| one |"), "{none}");
    let long = "170141183460469231731687303715884105727";
    let asked = format!(
        "SELECT time, [time] AS \"a \"\"b\"\"\", {long} AS long FROM events WHERE type = 'order'"
    );
    let table = said(folder.path(), &["sql", &asked, "--format", "table"]);
    assert!(table.contains("T10:00:00.000000Z |") && table.contains(long), "{table}");
    assert!(
        table.contains("| a \"b\" ") && table.contains("['2026-01-01 10:00:00+00']"),
        "{table}"
    );
    for ending in ["parquet", "csv", "jsonl"] {
        let file = folder.path().join(format!("out.{ending}"));
        let told = said(folder.path(), &["export", file.to_str().unwrap()]);
        assert!(told.contains(" rows in "), "{told}");
        assert!(std::fs::metadata(file).unwrap().len() > 100);
    }
    let orders = "SELECT count(*) AS n FROM events WHERE type = 'order'";
    let of_day = |from: &str| said(folder.path(), &["sql", orders, "--from", from]);
    assert_eq!([of_day("2026-01-01"), of_day("2026-01-02")], ["n\n20\n", "n\n0\n"]);
    let file = folder.path().join("day.jsonl");
    let file = file.to_str().unwrap();
    let export = ["export", file, "--query", "SELECT id FROM events WHERE type = 'order'"];
    let exported = |more: &[&str]| said(folder.path(), &[&export[..], more].concat());
    assert_eq!(exported(&["--to", "2026-01-02", "--tz", "UTC"]), format!("20 rows in {file}\n"));
    assert_eq!(exported(&["--received-to", "2026-01-02"]), format!("0 rows in {file}\n"));
    for wrong in [["--from", "soon"], ["--tz", "Nowhere"]] {
        assert!(!run(folder.path(), &[&["export", file], &wrong[..]].concat()).status.success());
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
    assert_eq!(said(folder.path(), &["import", &file]), "301 kept, 0 repeated, 0 refused\n");
    assert_eq!(orders(folder.path()), "n,ids\n301,301\n");
    said(folder.path(), &["events", "compact"]);
    let told = said(folder.path(), &["import", &file]);
    assert_eq!(told, "0 kept, 301 repeated, 0 refused\n");
    assert_eq!(orders(folder.path()), "n,ids\n301,301\n", "nothing counts twice");
    lines.push("{\"source\": {\"id\": \"nobody\"}, \"events\": [{\"type\": \"x\"}]}".to_owned());
    lines.push("no json".to_owned());
    lines.push(payload("last", 9).to_string());
    std::fs::write(&file, lines.join("\n")).unwrap();
    let told = run(folder.path(), &["import", &file]);
    assert!(!told.status.success());
    assert_eq!(String::from_utf8(told.stdout).unwrap(), "1 kept, 301 repeated, 2 refused\n");
    let problems = String::from_utf8(told.stderr).unwrap();
    assert!(
        problems.contains("source_unknown") && problems.contains("payload_invalid"),
        "{problems}"
    );
    let server = Server::start(folder.path());
    let told = run(folder.path(), &["import", &file]);
    assert!(String::from_utf8(told.stderr).unwrap().contains(&server.pid().to_string()));
}

#[test]
fn what_waits_in_the_tail_is_not_kept_longer_than_what_lies_in_files() {
    let folder = shop();
    std::fs::write(folder.path().join("kith.toml"), "[events]\nretention_days = 30\n").unwrap();
    let file = folder.path().join("payloads.jsonl");
    std::fs::write(&file, payload("old", 1).to_string()).unwrap();
    said(folder.path(), &["import", file.to_str().unwrap()]);
    assert_eq!(orders(folder.path()), "n,ids\n1,1\n");
    let told = said(folder.path(), &["events", "expire"]);
    assert!(told.contains(" moved into ") && told.contains(" events removed from "), "{told}");
    assert!(!told.contains("wait in the tail"), "{told}");
    assert_eq!(orders(folder.path()), "n,ids\n0,0\n");
}

#[test]
fn files_that_are_lost_are_given_up_by_whoever_says_how_many() {
    let folder = shop();
    let file = folder.path().join("payloads.jsonl");
    let lines = [payload("one", 1).to_string(), payload("two", 2).to_string()];
    std::fs::write(&file, lines.join("\n")).unwrap();
    said(folder.path(), &["import", file.to_str().unwrap()]);
    said(folder.path(), &["events", "compact"]);
    assert!(said(folder.path(), &["events", "forget-lost"]).starts_with("0 of "));
    std::fs::remove_dir_all(folder.path().join("events/2026-01-01")).unwrap();
    let forget = |more: &[&str]| run(folder.path(), &[&["events", "forget-lost"], more].concat());
    for more in [&[][..], &["--files", "2"]] {
        let refused = forget(more);
        let (told, why) = (String::from_utf8(refused.stdout), String::from_utf8(refused.stderr));
        let (told, why) = (told.unwrap(), why.unwrap());
        assert!(told.contains("the file 2026-01-01/") && told.contains("1 of "), "{told}");
        assert!(!refused.status.success() && why.contains("say --files 1"), "{why}");
    }
    let elsewhere = kith(folder.path(), &["events", "forget-lost", "--files", "2"])
        .env("KITH_EVENTS_URL", format!("file://{}/nowhere", folder.path().display()))
        .output()
        .unwrap();
    let why = String::from_utf8(elsewhere.stderr).unwrap();
    assert!(!elsewhere.status.success() && why.contains("by the catalogue they lie in"), "{why}");
    assert!(!run(folder.path(), &["check"]).status.success());
    assert!(forget(&["--files", "1"]).status.success());
    assert!(said(folder.path(), &["check"]).contains("The data is whole."));
    assert_eq!(orders(folder.path()), "n,ids\n1,1\n");
}

/// A disk may change what is in a file, and not how long it is.
#[test]
fn a_file_that_is_damaged_is_named_and_no_fault_of_a_question() {
    let folder = shop();
    let lines = folder.path().join("payloads.jsonl");
    std::fs::write(&lines, payload("one", 1).to_string()).unwrap();
    said(folder.path(), &["import", lines.to_str().unwrap()]);
    said(folder.path(), &["events", "compact"]);
    assert!(said(folder.path(), &["check"]).ends_with("The data is whole.\n"));
    let day = std::fs::read_dir(folder.path().join("events/2026-01-01")).unwrap();
    let file = day.map(|entry| entry.unwrap().path()).next().unwrap();
    let good = std::fs::read(&file).unwrap();
    std::fs::write(&lines, payload("two", 1).to_string()).unwrap();
    said(folder.path(), &["import", lines.to_str().unwrap()]);
    let (middle, end) = (good.len() / 3, good.len() - 200);
    for damaged in [4..middle, end..good.len() - 8, good.len() - 4..good.len()] {
        let mut bytes = good.clone();
        bytes[damaged.clone()].fill(0);
        std::fs::write(&file, bytes).unwrap();
        let checked = run(folder.path(), &["check"]);
        let told = String::from_utf8(checked.stdout).unwrap();
        assert!(!checked.status.success() && told.contains("cannot be read: "), "{told}");
        let merged = run(folder.path(), &["events", "compact"]);
        let told = String::from_utf8(merged.stderr).unwrap();
        assert!(!merged.status.success() && told.contains("1 files cannot be read"), "{told}");
        let (server, token) = Server::start_signed_in(folder.path());
        let asked = agent().get(server.url("/api/events"));
        let mut reply = asked.header("authorization", format!("Bearer {token}")).call().unwrap();
        let body = reply.body_mut().read_to_string().unwrap();
        assert_eq!(reply.status(), 503, "{damaged:?}: {body}");
        assert!(body.contains("lake_unavailable") && !body.contains(".parquet"), "{body}");
    }
    // Nor is a question's fault that of a file.
    std::fs::write(&file, good).unwrap();
    let (server, token) = Server::start_signed_in(folder.path());
    for said in ["No magic bytes found", "Failed to read file x"] {
        let asked = agent().post(server.url("/sql"));
        let asked = asked.header("authorization", format!("Bearer {token}"));
        let mut reply = asked.send(format!("SELECT error('{said}') FROM events")).unwrap();
        let body = reply.body_mut().read_to_string().unwrap();
        assert_eq!(reply.status(), 422, "{body}");
        assert!(body.contains("question_invalid") && body.contains(said), "{body}");
    }
    drop(server);
    assert!(said(folder.path(), &["check"]).ends_with("The data is whole.\n"));
}

/// Nobody knows when it was sent, so that no clock can be compared with ours.
#[test]
fn what_was_recorded_is_of_the_times_that_it_says() {
    let folder = shop();
    let file = folder.path().join("recorded.jsonl");
    let line = |id: &str, more: Value| {
        let mut line = payload(id, 2);
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line
    };
    let context = json!({"time": {"local": "2026-01-03T11:00:00Z", "tz": "Europe/Warsaw"}});
    let mut untimed = line("untimed", json!({"sentAt": "2026-01-04T12:00:00Z"}));
    untimed["events"][0].as_object_mut().unwrap().remove("time");
    let mut shown = line("shown", json!({"context": context}));
    shown["events"][0].as_object_mut().unwrap().remove("time");
    let sent = line("sent", json!({"sentAt": "2026-01-02T10:00:01Z"}));
    let history = json!({"id": "kept", "type": "order", "time": "2026-01-02T10:00:00Z", "source_id": "shop",
        "session_id": "s", "profile_id": null, "context": context});
    let lines = [line("told", json!({"context": context})), sent, history, untimed, shown];
    let lines = lines.map(|line| line.to_string()).join("\n");
    std::fs::write(&file, lines).unwrap();
    let told = said(folder.path(), &["import", file.to_str().unwrap()]);
    assert_eq!(told, "5 kept, 0 repeated, 0 refused\n");
    let sql = "SELECT id, strftime(date_trunc('second', time AT TIME ZONE 'UTC'), '%d %H:%M:%S') AS at, \
               client_time IS NULL AS own, warnings IS NULL AS unwarned FROM events WHERE type = 'order' ORDER BY id";
    assert_eq!(
        said(folder.path(), &["sql", sql]),
        "id,at,own,unwarned\nkept,02 10:00:00,true,true\nsent,02 10:00:00,true,true\n\
         shown,03 11:00:00,true,true\ntold,02 10:00:00,true,true\nuntimed,04 12:00:00,true,true\n"
    );
}

/// Lines that are remembered one by one would be slow; the place is remembered every 5,000.
#[test]
fn an_import_that_was_killed_goes_on_where_it_was() {
    const LINES: u64 = 20_000;
    let folder = shop();
    let file = folder.path().join("history.jsonl");
    let line = |number: u64| {
        let mut line = payload(&format!("e{number}"), 1 + number % 9);
        if number.is_multiple_of(2) {
            // Its id follows from the line.
            line["events"][0]["id"].take();
        }
        line.to_string()
    };
    // The last one comes again, long after it is on disk.
    let lines: Vec<_> = (0..LINES).chain([1]).map(line).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let file = file.to_str().unwrap();
    let mut import = kith(folder.path(), &["import", file]).spawn().unwrap();
    let is_remembered = || {
        let mut names =
            std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name());
        names.any(|name| name.to_string_lossy().starts_with("import-"))
    };
    while !is_remembered() {
        assert!(import.try_wait().unwrap().is_none(), "it ended before it was killed");
        std::thread::sleep(Duration::from_millis(1));
    }
    import.kill().unwrap();
    import.wait().unwrap();
    let told = said(folder.path(), &["import", file]);
    let counts: Vec<u64> = told.split(' ').filter_map(|word| word.parse().ok()).collect();
    let again = counts[0] + counts[1];
    assert!(again <= LINES + 1 - 5_000, "{told}");
    assert_eq!(orders(folder.path()), format!("n,ids\n{LINES},{LINES}\n"));
    assert!(!is_remembered(), "it is through");
}

#[test]
fn a_question_ends_when_whoever_asked_has_gone() {
    let folder = shop();
    std::fs::write(folder.path().join("kith.toml"), "[query]\nsql_running_max = 1\n").unwrap();
    let (server, token) = Server::start_signed_in(folder.path());
    let (agent, bearer) = (agent(), format!("Bearer {token}"));
    let ask = |sql: &str| {
        let request = agent.post(server.url("/sql")).header("authorization", &bearer);
        request.send(sql).unwrap().status().as_u16()
    };
    // Far longer than this test waits.
    let endless = "SELECT count(*) FROM range(1000000) AS a, range(1000000) AS b WHERE a.range = b.range * 7 + 1 OR a.range + b.range = 3";
    let address = server.url("").trim_start_matches("http://").to_owned();
    let mut line = std::net::TcpStream::connect(&address).unwrap();
    let head = format!(
        "POST /sql HTTP/1.1\r\nhost: {address}\r\nauthorization: {bearer}\r\ncontent-length: {}\r\n\r\n",
        endless.len()
    );
    line.write_all(format!("{head}{endless}").as_bytes()).unwrap();
    let mut tries = 0;
    while ask("SELECT 1") != 503 {
        tries += 1;
        assert!(tries < 100, "the first question never took the only place");
    }
    drop(line);
    let answered = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        ask("SELECT 1") == 200
    });
    assert!(answered, "its place is free again");
}
