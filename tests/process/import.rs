//! What `kith import` takes: what was exported, and tables of one's own as the manual shows.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::server::{Server, agent, run, said};

const MANUAL: &str = include_str!("../../docs/operations.md");

fn shop() -> TempDir {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    folder
}

/// Imports, and what was said: on standard output, on standard error.
fn import(folder: &Path, arguments: &[&str]) -> (String, String) {
    let done = run(folder, &[&["import"], arguments].concat());
    let [out, wrong] = [done.stdout, done.stderr].map(|said| String::from_utf8(said).unwrap());
    assert_eq!(done.status.success(), out.contains(" 0 refused"), "{out}{wrong}");
    (out.trim().to_owned(), wrong)
}

/// Two visits of one person, with what else events may have.
fn live(folder: &Path) {
    let server = Server::start(folder);
    let agent = agent();
    let track = |session: &str, event: Value| {
        let context = json!({"page": {"url": "https://shop.example/a?utm_source=x"}});
        let payload = json!({"source": {"id": "shop"}, "session": {"id": session},
            "context": context, "events": [event]});
        let (status, answer) = server.track(&agent, &payload).unwrap();
        assert_eq!(status, 200, "{answer}");
    };
    let ann = json!({"email": {"main": "ann@example.com"}, "firstname": "Ann"});
    track("one", json!({"type": "identification", "properties": ann}));
    track(
        "one",
        json!({"type": "page-view", "tags": ["a", "b, c", "d'e"], "properties":
        {"text": "a \"quoted\", and\nbroken line", "deep": {"list": [1, 2.5, null]}}}),
    );
    track("two", json!({"type": "identification", "properties": ann}));
    track(
        "two",
        json!({"type": "search", "options": {"debugger": true},
        "time": {"insert": "2026-01-02T03:04:05.678901Z"}}),
    );
    // Of somebody, but of no visit.
    let mail = json!({"source": {"id": "shop"}, "session": {"id": "two"}, "options": {"saveSession": false},
        "events": [{"type": "mail-opened"}]});
    assert_eq!(server.track(&agent, &mail).unwrap().0, 200);
    let payload = json!({"source": {"id": "shop"}, "events": [{"type": "nobody"}]});
    let request = agent.post(server.url("/track?profile_less=true"));
    assert_eq!(request.send_json(&payload).unwrap().status(), 200);
}

fn events(folder: &Path) -> String {
    let columns = "id, type, time, source_id, session_id, profile_id, page_url, utm_source, tags, \
                   properties, context, config";
    said(folder, &["sql", &format!("SELECT {columns} FROM events ORDER BY id"), "--format", "csv"])
}

fn visits(folder: &Path) -> String {
    said(folder, &["sql", "SELECT id FROM sessions ORDER BY id"])
}

fn people(folder: &Path) -> String {
    let sql = "SELECT id, data->'contact'->'email'->>'main' AS email FROM profiles ORDER BY id";
    said(folder, &["sql", sql])
}

#[test]
fn what_was_exported_is_imported_again() {
    let folder = shop();
    live(folder.path());
    let (before, who) = (events(folder.path()), people(folder.path()));
    let visits_before = visits(folder.path());
    // Of whoever was nobody, too; but of no mail.
    assert_eq!(visits_before.lines().count(), 1 + 3, "{visits_before}");
    let number = before.matches(",shop,").count();
    assert!(number >= 10 && before.contains("session-opened"), "{before}");
    for ending in ["jsonl", "json", "csv", "parquet"] {
        let file = folder.path().join(format!("all.{ending}"));
        let file = file.to_str().unwrap();
        said(folder.path(), &["export", file]);
        let other = shop();
        let told = import(other.path(), &[file]);
        assert_eq!(told, (format!("{number} kept, 0 repeated, 0 refused"), String::new()));
        assert_eq!(events(other.path()), before, "{ending}");
        assert_eq!(people(other.path()), who, "{ending}");
        assert_eq!(visits(other.path()), visits_before, "{ending}");
        let again = import(other.path(), &[file]).0;
        assert_eq!(again, format!("0 kept, {number} repeated, 0 refused"), "{ending}");
        let (again, _) = import(folder.path(), &[file]);
        assert_eq!(again, format!("0 kept, {number} repeated, 0 refused"), "where it came from");
    }
    assert_eq!(events(folder.path()), before);
}

/// What events and visits had of the moment.
fn of_the_moment(folder: &Path) -> String {
    let asked = [
        "SELECT id, name, client_time, device_type, os_name, app_name, app_version, app_language, bot, \
         country, city, utm_source, utm_medium, utm_campaign, referrer_kind, referrer_name \
         FROM events ORDER BY id",
        "SELECT id, utm_source, country, city, app_name FROM sessions ORDER BY id",
    ];
    asked.map(|sql| said(folder, &["sql", sql, "--format", "csv"])).concat()
}

#[test]
fn what_an_event_had_of_its_visit_and_its_moment_is_kept_as_the_columns_say() {
    let folder = shop();
    let mut server = Server::start(folder.path());
    let track = |session: &str, context: &Value, events: Value| {
        let payload = json!({"source": {"id": "shop"}, "session": {"id": session},
            "context": context, "events": events});
        let (status, answer) = server.track(&agent(), &payload).unwrap();
        assert_eq!(status, 200, "{answer}");
    };
    let place = |city: &str, name: &str, code: &str| json!({"city": city, "country": {"name": name, "code": code}});
    let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";
    // An event that says of itself what counts only of a payload.
    let own = json!({"utm": {"source": "fb", "medium": "social"}, "location": place("Gdynia", "Poland", "PL"),
        "page": {"url": "https://shop.example/a", "referer": {"host": "www.google.com"}},
        "browser": {"local": {"browser": {"userAgent": phone, "language": "de-AT"}}}});
    track(
        "one",
        &json!({}),
        json!([{"type": "a"}, {"type": "b", "context": own}, {"type": "Check Out"}]),
    );
    // A visit that was here and there; its first campaign stays.
    let first = json!({"utm": {"source": "mail", "campaign": "May"}, "location": place("Lyon", "France", "FR")});
    track("two", &json!({}), json!([{"type": "a", "time": {"insert": "2031-01-01T00:00:00Z"}}]));
    track("two", &first, json!([{"type": "b", "time": {"insert": "2026-01-01T00:00:00Z"}}]));
    track("two", &own, json!([{"type": "page-view"}]));
    track("two", &json!({}), json!([{"type": "cart"}]));
    assert!(server.stop());

    let before = of_the_moment(folder.path());
    for said in ["Check out", "2031-01-01", ",mail,,May,", "search,Google"] {
        assert!(before.contains(said), "{said}: {before}");
    }
    assert!(!before.contains("Gdynia") && !before.contains("iPhone"), "{before}");
    for ending in ["jsonl", "csv", "parquet"] {
        let file = folder.path().join(format!("all.{ending}"));
        let file = file.to_str().unwrap();
        said(folder.path(), &["export", file]);
        let other = shop();
        assert!(import(other.path(), &[file]).0.ends_with("0 repeated, 0 refused"));
        assert_eq!(of_the_moment(other.path()), before, "{ending}");
    }
}

/// What the manual shows between a line that names a file and the end of its block.
fn shown() -> BTreeMap<String, String> {
    let section = MANUAL.split("\n### Importing").nth(1).unwrap().split("\n## ").next().unwrap();
    let blocks = section.split("\n```").skip(1).step_by(2);
    let named = blocks.filter_map(|block| {
        let (first, text) = block.split_once('\n')?;
        let (_, name) = first.split_once(' ')?;
        Some((name.to_owned(), format!("{text}\n")))
    });
    named.collect()
}

#[test]
fn customers_and_orders_come_from_tables_as_the_manual_shows() {
    let folder = shop();
    let files = shown();
    assert_eq!(files.len(), 4, "{files:?}");
    for (name, text) in &files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let take = |table: &str, more: &[&str]| {
        let (file, mapping) = (path(&format!("{table}.csv")), path(&format!("{table}.toml")));
        import(folder.path(), &[&[&file, "--mapping", &mapping], more].concat())
    };
    let nothing = "2 would be taken, 0 are there already, 0 refused; nothing was kept";
    assert_eq!(take("customers", &["--dry-run"]), (nothing.to_owned(), String::new()));
    assert_eq!(people(folder.path()), "id,email\n");
    for (table, rows) in [("customers", 2), ("orders", 3)] {
        assert_eq!(take(table, &[]).0, format!("{rows} kept, 0 repeated, 0 refused"), "{table}");
        assert_eq!(take(table, &[]).0, format!("0 kept, {rows} repeated, 0 refused"), "{table}");
    }
    let sql = "SELECT data->'pii'->>'firstname' AS name, data->'contact'->'address'->>'town' AS town, \
               (SELECT count(*) FROM events WHERE type = 'order-completed' AND \
               profile_id = profiles.id) AS orders, data->'metrics'->>'ltv' AS ltv \
               FROM profiles ORDER BY name";
    assert_eq!(
        said(folder.path(), &["sql", sql]),
        "name,town,orders,ltv\nAnn,Kraków,2,144.9\nBen,Gdynia,1,1250\n"
    );
    let sql = "SELECT time, properties->>'value' AS value FROM events \
               WHERE type = 'order-completed' ORDER BY time LIMIT 1";
    let first = said(folder.path(), &["sql", sql]);
    assert!(first.contains("2025-12-01") && first.contains("129.9"), "{first}");
}

#[test]
fn what_is_refused_is_named_by_its_line_and_written_aside_as_it_came() {
    let folder = shop();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mapping = "source = \"shop\"\n[[events]]\ntype = \"x\"\nid = \"no\"\n\
                   [events.properties]\nn = { column = \"n\", as = \"number\" }\n";
    std::fs::write(path("m.toml"), mapping).unwrap();
    std::fs::write(path("t.csv"), "no,n\n1,5\n2,\"a lot,\nreally\"\n\n3,7\n,8\n4\n").unwrap();
    let (file, m) = (path("t.csv"), path("m.toml"));
    let arguments = [&*file, "--mapping", &m];
    let asides = [path("first.csv"), path("refused.csv")];
    for (dry, aside) in [&["--dry-run"][..], &[]].into_iter().zip(&asides) {
        let aside = ["--refused", aside];
        let (told, wrong) = import(folder.path(), &[&arguments[..], &aside, dry].concat());
        assert!(told.starts_with("2 ") && told.contains("3 refused"), "{told}");
        let lines: Vec<&str> = wrong.lines().collect();
        assert!(lines[0].starts_with("kith: line 3: column n: `a lot,"), "{wrong}");
        assert!(wrong.contains("kith: line 7: column no is empty"), "{wrong}");
        assert!(wrong.contains("kith: line 8: it has 1 cells, not 2"), "{wrong}");
    }
    for aside in &asides {
        let written = std::fs::read_to_string(aside).unwrap();
        assert_eq!(written, "no,n\n2,\"a lot,\nreally\"\n,8\n4\n");
    }
    let lines = "\u{feff}{\"source\": {\"id\": \"shop\"}, \"events\": [{\"type\": \"x\"}]}\n\n\
                 {\"source\": {\"id\": \"shop\"}, \"events\": [{\"type\": 5}]}\n\
                 {\"source\": {\"id\": \"nobody\"}, \"events\": [{\"type\": \"x\"}]}";
    std::fs::write(path("p.jsonl"), lines).unwrap();
    let (told, wrong) = import(folder.path(), &[&path("p.jsonl")]);
    assert_eq!(told, "1 kept, 0 repeated, 2 refused");
    assert!(wrong.contains("line 3: payload_invalid: events.0.type: "), "{wrong}");
    assert!(wrong.contains("line 4: source_unknown: "), "{wrong}");
    std::fs::write(path("m.toml"), mapping.replace("\"no\"", "\"nos\"")).unwrap();
    let (_, wrong) = import(folder.path(), &arguments);
    assert!(wrong.contains("the table has no column `nos`; did you mean `no`?"), "{wrong}");
    let (_, wrong) = import(folder.path(), &[&file]);
    assert!(wrong.contains("needs a --mapping"), "{wrong}");
}

#[test]
fn what_is_refused_is_told_of_in_the_order_of_the_file() {
    let folder = shop();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mapping =
        "source = \"shop\"\ntime = \"when\"\nsession = \"visit\"\n[[events]]\ntype = \"x\"\n";
    std::fs::write(path("m.toml"), mapping).unwrap();
    // The second line is refused where payloads are, the third already where its time is read.
    let long = "v".repeat(10_000);
    std::fs::write(path("t.csv"), format!("visit,when\n{long},2026-01-01\na,soon\n")).unwrap();
    let (file, m, aside) = (path("t.csv"), path("m.toml"), path("refused.csv"));
    let (told, wrong) = import(folder.path(), &[&file, "--mapping", &m, "--refused", &aside]);
    assert!(told.contains("2 refused"), "{told}");
    let lines: Vec<&str> = wrong.lines().collect();
    assert!(lines[0].starts_with("kith: line 2: "), "{wrong}");
    assert_eq!(lines[1], "kith: line 3: column when: `soon` is no time");
    let written = std::fs::read_to_string(&aside).unwrap();
    assert_eq!(written, format!("visit,when\n{long},2026-01-01\na,soon\n"));
}

#[test]
fn a_source_that_pages_alone_may_use_is_imported_all_the_same() {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Hook", "--id", "hook", "--type", "webhook"]);
    let file = folder.path().join("p.jsonl");
    std::fs::write(&file, r#"{"source": {"id": "hook"}, "events": [{"type": "x"}]}"#).unwrap();
    let told = import(folder.path(), &[file.to_str().unwrap()]).0;
    assert_eq!(told, "1 kept, 0 repeated, 0 refused");
    let nowhere = TempDir::new().unwrap();
    let (_, wrong) = import(nowhere.path(), &[file.to_str().unwrap()]);
    assert!(wrong.contains("there is no data in"), "{wrong}");
}

#[test]
fn a_mapping_is_for_tables() {
    let folder = shop();
    let mapping = folder.path().join("m.toml");
    std::fs::write(&mapping, "source = \"shop\"\n[[events]]\ntype = \"x\"\n").unwrap();
    for name in ["p.jsonl", "p.json", "P.PARQUET"] {
        let file = folder.path().join(name).display().to_string();
        let (_, wrong) = import(folder.path(), &[&file, "--mapping", mapping.to_str().unwrap()]);
        assert!(wrong.ends_with(&format!("{file} is none\n")), "{wrong}");
        let done = run(folder.path(), &["import", &file, "--at", "2026-01-05T10:00:00Z"]);
        assert_eq!(done.status.code(), Some(2), "rows of a table have a time to be given");
    }
}

#[test]
fn a_dry_run_knows_which_payloads_are_there() {
    let folder = shop();
    let file = folder.path().join("p.jsonl");
    let line = |events: Value| json!({"source": {"id": "shop"}, "events": events}).to_string();
    let all = [
        line(json!([{"type": "x", "id": "a"}, {"type": "x", "id": "b"}])),
        line(json!([{"type": "x"}])),
    ];
    std::fs::write(&file, all.join("\n")).unwrap();
    let import =
        |more: &[&str]| import(folder.path(), &[&[file.to_str().unwrap()], more].concat()).0;
    let dry = |new: u64, there: u64| {
        let told = format!("{new} would be taken, {there} are there already, 0 refused");
        assert_eq!(import(&["--dry-run"]), format!("{told}; nothing was kept"));
    };
    dry(2, 0);
    assert_eq!(import(&[]), "2 kept, 0 repeated, 0 refused");
    dry(0, 2);
    let more = line(json!([{"type": "x", "id": "a"}, {"type": "x", "id": "c"}]));
    std::fs::write(&file, format!("{}\n{more}", all.join("\n"))).unwrap();
    dry(1, 2);
    assert_eq!(import(&[]), "1 kept, 2 repeated, 0 refused");
}

#[test]
fn what_is_refused_is_written_over_no_file_that_is_there() {
    let folder = shop();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let text = "{\"source\": {\"id\": \"nobody\"}, \"events\": [{\"type\": \"x\"}]}\n";
    for name in ["p.jsonl", "mine.txt"] {
        std::fs::write(path(name), text).unwrap();
    }
    for there in ["p.jsonl", "mine.txt"] {
        let (told, wrong) = import(folder.path(), &[&path("p.jsonl"), "--refused", &path(there)]);
        assert!(told.is_empty() && wrong.contains("is there already"), "{told}{wrong}");
        assert_eq!(std::fs::read_to_string(path(there)).unwrap(), text);
    }
}

#[test]
fn lines_without_ids_are_known_by_what_they_say_wherever_they_stand() {
    let folder = shop();
    let file = folder.path().join("p.jsonl");
    let line = |at: u32| {
        format!(
            "{{\"source\": {{\"id\": \"shop\"}}, \"events\": [{{\"type\": \"x\", \"tags\": [\"{at}\"]}}]}}\n"
        )
    };
    for (lines, told) in [
        ([1, 2, 3, 2].as_slice(), "4 kept, 0 repeated, 0 refused"),
        (&[2, 3, 2], "0 kept, 3 repeated, 0 refused"),
        (&[7, 3, 2, 2, 2], "2 kept, 3 repeated, 0 refused"),
    ] {
        std::fs::write(&file, lines.iter().map(|at| line(*at)).collect::<String>()).unwrap();
        assert_eq!(import(folder.path(), &[file.to_str().unwrap()]).0, told, "{lines:?}");
    }
}
