//! `POST /sql`: every question, and nothing but questions.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::support::{lake, view};
use crate::support::{Reply, Setup, TestApp};

fn ask_as(app: &TestApp, sql: &str, format: &str) -> Reply {
    let request = Request::post(format!("/sql?format={format}"));
    let request = request.header("authorization", "Bearer token-of-the-tests");
    app.send(request.body(Body::from(sql.to_owned())).unwrap())
}

fn ask(app: &TestApp, sql: &str) -> Reply {
    ask_as(app, sql, "json")
}

/// Two people with a visit each; half in a file, half in the tail.
fn shop() -> TestApp {
    let app = TestApp::new();
    app.track(view("e1", "one")).ok();
    lake(&app).flush().unwrap();
    app.advance(60);
    app.track(view("e2", "one")).ok();
    app.track(view("e3", "two")).ok();
    app
}

#[test]
fn the_three_tables_can_be_asked() {
    let app = shop();
    let by_type = "SELECT type, count(*) AS n FROM events WHERE type = 'page-view' GROUP BY type";
    assert_eq!(ask(&app, by_type).ok().body, json!([{"type": "page-view", "n": 3}]));
    let price = "SELECT sum((properties->>'price')::DOUBLE) AS sum FROM events; -- of all";
    assert_eq!(ask(&app, price).ok().body, json!([{"sum": 28.5}]));
    let people = "SELECT count(*) AS n, sum(visits) AS visits FROM profiles";
    assert_eq!(ask(&app, people).ok().body, json!([{"n": 2, "visits": 2}]));
    let sessions = "SELECT s.id, s.duration, s.events, p.visits FROM sessions s \
                    JOIN profiles p ON p.id = s.profile_id ORDER BY s.id";
    let told = json!([
        {"id": "one", "duration": 60.0, "events": 5, "visits": 1},
        {"id": "two", "duration": 0.0, "events": 4, "visits": 1},
    ]);
    assert_eq!(ask(&app, sessions).ok().body, told, "touches held back count");
}

#[test]
fn what_is_not_looked_at_is_told_in_words() {
    let app = shop();
    let deep = format!("SELECT {}1 AS x", "1 + ".repeat(300));
    for (sql, said) in [
        ("SELECT CAST(1e400 AS DOUBLE) AS x", "A number that stands there is past all"),
        (deep.as_str(), "It nests too deep to be looked at"),
        ("SELECT current_query()", "the function current_query may not stand in a question"),
    ] {
        let reply = ask(&app, sql);
        assert_eq!(reply.code(), "question_invalid", "{}", reply.text);
        assert!(reply.text.contains(said), "{}", reply.text);
    }
}

#[test]
fn answers_come_as_they_are_wanted() {
    let app = shop();
    let sql = "SELECT id, properties FROM events WHERE id IN ('e1', 'e3') ORDER BY id";
    let csv = ask_as(&app, sql, "csv").ok();
    assert_eq!(csv.header("content-type"), "text/csv");
    assert!(csv.text.starts_with("id,properties\ne1,\"{\"\"list\"\":[1,"), "{}", csv.text);
    let lines = ask_as(&app, sql, "jsonl").ok().text;
    let parsed: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(parsed.len(), 2);
    assert_eq!(parsed[1]["properties"]["list"], json!([1, "a"]));
    assert_eq!(
        ask_as(&app, sql, "arrow").ok().header("content-type"),
        "application/vnd.apache.arrow.stream"
    );
    assert!(ask_as(&app, sql, "parquet").ok().text.starts_with("PAR1"));
    assert_eq!(ask_as(&app, sql, "xml").code(), "question_invalid");
    let request = Request::post("/sql").header("authorization", "Bearer token-of-the-tests");
    let body = json!({"query": "SELECT 1 AS one"}).to_string();
    let reply = app.send(request.body(Body::from(body)).unwrap());
    assert_eq!(reply.ok().body, json!([{"one": 1}]));
    // The server's part, and that of whoever answers.
    let parts: Vec<_> = std::fs::read_dir(app.folder().join("scratch")).unwrap().collect();
    assert_eq!(parts.len(), 2);
    for part in parts {
        let left = std::fs::read_dir(part.unwrap().path()).unwrap().count();
        assert_eq!(left, 0, "nothing is left behind");
    }
}

#[test]
fn only_those_who_signed_in_may_ask() {
    let app = TestApp::new();
    let request = Request::post("/sql").body(Body::from("SELECT 1")).unwrap();
    assert_eq!(app.send(request).status, 401);
}

#[test]
fn nothing_can_be_changed_and_nothing_else_reached() {
    let app = shop();
    let folder = app.folder().to_owned();
    let secret = folder.join("secret.csv");
    std::fs::write(&secret, "a\n42\n").unwrap();
    let (secret, outside) = (secret.display(), folder.join("written.csv"));
    let own = folder.join("events/own.parquet");
    let attempts = [
        format!("SELECT * FROM read_csv('{secret}')"),
        format!("SELECT * FROM read_text('{secret}')"),
        format!("SELECT * FROM '{secret}'"),
        format!("FROM glob('{}/*')", folder.display()),
        "SELECT * FROM read_text('/etc/passwd')".to_owned(),
        "SELECT * FROM read_csv('https://example.com/x.csv')".to_owned(),
        format!("COPY events TO '{}'", outside.display()),
        format!("COPY (SELECT 1) TO '{}'", own.display()),
        format!("ATTACH '{}' AS other", folder.join("kith.db").display()),
        format!("ATTACH '{}' AS other", folder.join("new.duckdb").display()),
        "INSTALL httpfs".to_owned(),
        "LOAD httpfs".to_owned(),
        "SET enable_external_access = true".to_owned(),
        "SET lock_configuration = false".to_owned(),
        "RESET enable_external_access".to_owned(),
        "PRAGMA memory_limit = '20GB'".to_owned(),
        "DELETE FROM kith.tail".to_owned(),
        "DROP TABLE kith.tail".to_owned(),
        "CREATE TABLE mine AS SELECT 1".to_owned(),
        "INSERT INTO kith.merged VALUES ('a', 'b')".to_owned(),
        "SELECT 1; DELETE FROM kith.tail".to_owned(),
        "SELECT 1) TO '/tmp/x'; DELETE FROM kith.tail; COPY (SELECT 1".to_owned(),
        "COMMIT".to_owned(),
        format!("EXPORT DATABASE '{}'", folder.display()),
        "SELECT * FROM query('DELETE FROM kith.tail')".to_owned(),
        "SELECT * FROM enable_logging(storage = 'file', storage_path = '/tmp/kith-log')".to_owned(),
        String::new(),
        "   ; ".to_owned(),
        "SELEC 1".to_owned(),
        "SELECT nothing FROM events".to_owned(),
        "SELECT error('made up')".to_owned(),
    ];
    for sql in &attempts {
        let reply = ask(&app, sql);
        assert!(
            [422, 503].contains(&reply.status.as_u16()),
            "{sql}: {} {}",
            reply.status,
            reply.text
        );
        assert!(!reply.text.contains("42\n"), "{sql}: {}", reply.text);
    }
    assert!(!outside.exists() && !own.exists() && !folder.join("new.duckdb").exists());
    let count = "SELECT count(*) AS n FROM events WHERE type = 'page-view'";
    assert_eq!(ask(&app, count).ok().body, json!([{"n": 3}]));
}

#[test]
fn a_question_that_takes_too_long_is_stopped_and_the_rest_goes_on() {
    let configure = |config: &mut kith::config::Config| {
        config.query.seconds_max = 1;
        config.query.sql_running_max = 1;
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    app.track(view("e1", "one")).ok();
    let endless = "SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5";
    let reply = ask(&app, endless);
    assert_eq!((reply.status.as_u16(), reply.code()), (408, "question_too_slow"));
    let busy = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        ask(&app, "SELECT count(*) AS n FROM events").status == 200
    });
    assert!(busy, "its place is free again");
    app.track(view("e2", "one")).ok();
}

#[test]
fn more_memory_than_there_is_may_not_be_taken() {
    let configure = |config: &mut kith::config::Config| {
        config.query.memory_bytes_max = 64 << 20;
        config.query.scratch_bytes_max = 1 << 20;
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let hungry = "SELECT list(repeat(x::VARCHAR, 50)) FROM range(20000000) t(x)";
    let reply = ask(&app, hungry);
    assert_eq!(
        (reply.status.as_u16(), reply.code()),
        (422, "question_too_large"),
        "{}",
        reply.text
    );
    ask(&app, "SELECT 1").ok();
}

#[test]
fn long_answers_are_cut_off_and_say_so() {
    let configure = |config: &mut kith::config::Config| config.query.rows_max = 3;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let reply = ask(&app, "FROM range(10)").ok();
    assert_eq!(
        (reply.body.as_array().unwrap().len(), reply.header("x-kith-rows-cut-off")),
        (3, "true")
    );
    assert_eq!(ask(&app, "FROM range(2)").ok().header("x-kith-rows-cut-off"), "");
}

#[test]
fn moments_are_written_as_documents_have_them_and_local_times_as_they_are() {
    let app = TestApp::new();
    let sql = "SELECT TIMESTAMPTZ '2026-01-05 10:00:00.5+00' AS \"the \"\"moment\", \
               TIMESTAMPTZ '2026-01-05 10:00:00+00' AT TIME ZONE 'Europe/Warsaw' AS local, \
               NULL::TIMESTAMPTZ AS never ORDER BY 1";
    let written = |format: &str| {
        let reply = app.post(&format!("/sql?format={format}"), &json!({"query": sql})).ok();
        reply.text.trim().to_owned()
    };
    let row = "{\"the \\\"moment\":\"2026-01-05T10:00:00.500000Z\",\
               \"local\":\"2026-01-05 11:00:00\",\"never\":null}";
    assert_eq!(written("jsonl"), row);
    let table = written("csv");
    assert!(table.ends_with("2026-01-05T10:00:00.500000Z,2026-01-05 11:00:00,"), "{table}");
    assert!(written("json").contains("2026-01-05T10:00:00.500000Z"));
}

#[test]
fn ways_into_json_need_no_parentheses() {
    let app = shop();
    let rows = |sql: &str| ask(&app, sql).ok().body;
    let sql = "SELECT count(*) AS n FROM events WHERE type = 'page-view' AND properties->>'price' = '9.5'";
    assert_eq!(rows(sql), json!([{"n": 3}]));
    let sql = "SELECT max(properties->>'price'::DOUBLE) AS n FROM events e WHERE NOT e.properties->'list'->>1 = 'b'";
    assert_eq!(rows(sql), json!([{"n": 9.5}]));
    let sql = "SELECT list_transform([1], x -> x + 1) AS n FROM events LIMIT 1";
    assert_eq!(rows(sql), json!([{"n": [2]}]), "functions are written with the same arrow");
}

#[test]
fn whoever_compares_json_with_a_text_is_told_how() {
    let app = shop();
    let reply = ask(&app, "SELECT count(*) FROM events WHERE properties.plan = 'pro'");
    assert_eq!(reply.code(), "question_invalid");
    let detail = reply.body["detail"].to_string();
    assert!(detail.contains("properties->>'plan' = 'pro'"), "{detail}");
}

#[test]
fn a_table_for_people_holds_no_formulas() {
    let app = TestApp::new();
    let sql = "SELECT * FROM (VALUES ('=1+1', -1, '-1.5'), ('@x', 2, 'plain'), (NULL, 3, '+a')) AS t(a, b, c)";
    let csv = ask_as(&app, sql, "csv").ok().text;
    assert_eq!(csv, "a,b,c\n'=1+1,-1,-1.5\n'@x,2,plain\n,3,'+a\n");
    assert!(ask_as(&app, sql, "csv&raw=true").ok().text.contains("\n=1+1,-1,"));
    assert!(ask_as(&app, sql, "jsonl").ok().text.contains("\"=1+1\""));
    let same = "SELECT 1 AS a, '=2' AS a, profiles.id, sessions.id FROM profiles, sessions";
    assert_eq!(ask_as(&app, same, "csv").ok().text.lines().count(), 1, "names may come twice");
}

#[test]
fn the_time_of_an_address_bounds_what_a_question_sees() {
    let app = shop();
    let ask = |time: &str, body: &Value| app.post(&format!("/sql?{time}"), body);
    let ids = "SELECT id FROM events WHERE type = 'page-view' ORDER BY id";
    let first = json!([{"id": "e1"}]);
    let until = "2026-01-05T10:00:30Z";
    let plain = json!({"query": ids});
    assert_eq!(ask(&format!("to={until}"), &plain).ok().body, first);
    assert_eq!(ask(&format!("received_to={until}"), &plain).ok().body, first);
    let scoped = json!({"query": ids, "scope": {"to": until}});
    assert_eq!(ask("from=2026-01-05", &scoped).ok().body, first, "and with a scope");
    assert_eq!(ask("to=2026-01-06", &scoped).ok().body, first, "the narrower one holds");
    assert_eq!(ask("from=2026-01-06", &scoped).ok().body, json!([]));
    let there = "to=2026-01-05T11:00:30&tz=Europe/Warsaw";
    assert_eq!(ask(there, &plain).ok().body, first, "by a clock of theirs");
}

#[test]
fn a_time_that_is_none_is_refused() {
    let app = shop();
    let ask = |time: &str| app.post(&format!("/sql?{time}"), &json!({"query": "SELECT 1"}));
    for (time, said) in [
        ("from=yesterday", "from is no time"),
        ("received_to=x", "received_to is no time"),
        ("from=2026-01-06&to=2026-01-05", "to is before from"),
        ("received_from=2026-01-06&received_to=2026-01-05", "received_to is before received_from"),
        ("tz=Europe/Warszawa", "did you mean"),
        ("fron=2026-01-06", "did you mean from"),
    ] {
        let reply = ask(time);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "question_invalid"), "{time}");
        assert!(reply.text.contains(said), "{time}: {}", reply.text);
    }
    assert_eq!(ask("from=2026-01-05&to=2026-01-05").status, 200, "nothing is no mistake");
}

#[test]
fn a_fault_is_told_with_the_line_on_which_it_was_written() {
    let app = shop();
    for (sql, line) in [
        ("SELECT nothing FROM events", 1),
        ("SELECT getenv('HOME')", 1),
        ("-- first\nSELECT id,\n  nothing\nFROM events", 3),
    ] {
        let reply = ask(&app, sql);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "question_invalid"), "{sql}");
        assert!(reply.text.contains(&format!("LINE {line}:")), "{sql}: {}", reply.text);
    }
}

#[test]
fn a_null_character_can_be_asked_for_wherever_it_was_kept() {
    let app = TestApp::new();
    let event = |key: &str, value: &str| json!({"type": "x", "properties": {key: value}});
    let events = [event("k", "\0'z"), event("k", "z"), event("a\0b", "5")];
    app.track(json!({"session": {"id": "s"}, "events": events})).ok();
    let top = app.get("/api/events/top?field=properties.k").ok().body;
    let mut groups = top["result"].as_array().unwrap().iter();
    let group = groups.find(|row| row["value"] == "\0'z").unwrap();
    let question = json!({"series": [{"where": "type = x"}], "interval": "all",
        "by": {"field": "properties.k"}});
    let of = json!({"question": question, "series": "A", "group": group["value"]});
    let people = app.post("/api/people/behind", &json!({"of": {"trends": of}})).ok().body;
    assert_eq!(people["total"], 1, "{people}");
    let ways = json!({"point": "properties.k", "leave_out": ["\0'z"],
        "replace": [{"pattern": "z", "with": "\0"}]});
    let ways = app.post("/api/questions/paths", &ways).ok().body;
    assert_eq!(ways["result"]["paths"][0]["path"], json!(["\0'\0", "\0"]), "{ways}");
    let asked = app.post("/sql", &json!({"query": ways["sql"]})).ok().body;
    assert_eq!(asked[0]["path"], ways["result"]["paths"][0]["path"]);
    for address in ["/api/events?session=%00", "/api/events?source=a%00", "/api/events?type=%00"] {
        assert_eq!(app.get(address).ok().body["result"], json!([]), "{address}");
    }
    for address in ["/api/events?profile=%00", "/api/profiles?id=%00", "/api/profiles?email=%00"] {
        assert_eq!(app.get(address).ok().body["result"], json!([]), "{address}");
    }
    for address in ["/event/%00", "/session/%00", "/profile/%00"] {
        assert_eq!(app.get(address).status, 404, "{address}");
    }
    let reply = ask(&app, "SELECT '\0'");
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "question_invalid"));
    assert!(reply.text.contains("chr(0) is one"), "{}", reply.text);
    let reply = ask(&app, "SELECT chr(0) AS is");
    assert_eq!(reply.ok().body, json!([{"is": "\0"}]));
}

#[test]
fn what_json_cannot_write_is_null_however_deep_it_stands() {
    let app = TestApp::new();
    let sql = "SELECT 'nan'::DOUBLE AS a, 1/0 AS b, {'x': [-1/0, 1.5], 'nan': 'NaN'} AS c, \
               'inf'::FLOAT AS d, MAP {'k': 'nan'::DOUBLE} AS e, '[NaN]'::JSON AS f, 2 AS g";
    let told = json!({
        "a": null, "b": null, "c": {"x": [null, 1.5], "nan": "NaN"}, "d": null,
        "e": {"k": null}, "f": [null], "g": 2,
    });
    assert_eq!(ask(&app, sql).ok().body, json!([told]));
    let lines = ask_as(&app, sql, "jsonl").ok().text;
    assert_eq!(serde_json::from_str::<Value>(&lines).unwrap(), told);
    assert!(ask_as(&app, sql, "csv").ok().text.contains("nan"), "a table is no JSON");
}

#[test]
fn names_of_columns_and_lines_that_break_are_no_formulas_either() {
    let app = TestApp::new();
    let sql = "SELECT 1 AS \"=HYPERLINK(1)\", 2 AS \"-1\", chr(10) || '=1' AS b";
    let csv = ask_as(&app, sql, "csv").ok().text;
    assert_eq!(csv, "'=HYPERLINK(1),-1,b\n1,2,\"'\n=1\"\n");
    assert!(ask_as(&app, sql, "csv&raw=true").ok().text.starts_with("=HYPERLINK(1),"));
}
