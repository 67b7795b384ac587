//! An independent referee: DuckDB's own ducklake extension and pyarrow read what Kith wrote.
//!
//! `scripts/referee.sh` (part of `make test`) prepares their Python and names it in `KITH_REFEREE`.

use std::process::Command;

use kith::lake::Eagerness;
use serde_json::{Value, json};

use super::erasing::erase_all;
use super::support::{DAY, lake, rows, view};
use crate::support::{TestApp, engine};

/// Both say the same.
#[track_caller]
pub(super) fn agrees(app: &TestApp, when: &str) {
    let mut told = referee(app);
    told.as_object_mut().unwrap().remove("widths");
    assert_eq!(told, kith(app), "{when}");
}

/// What the referee reads, in a process of its own.
pub(super) fn referee(app: &TestApp) -> Value {
    let python = std::env::var("KITH_REFEREE").expect("`make test` names the referee's Python");
    let output = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lake/referee.py"))
        .arg(engine::place(app.folder()))
        .arg(app.folder().join("events"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The same as Kith tells it.
fn kith(app: &TestApp) -> Value {
    let one = |sql: &str| rows(app, sql).remove(0);
    let list = |sql: &str| -> Vec<Value> {
        rows(app, sql).into_iter().map(|mut row| row.remove("v").unwrap()).collect()
    };
    let ids = list("SELECT id AS v FROM events ORDER BY id");
    let positions = rows(app, "SELECT position FROM events ORDER BY id");
    let positions: Vec<Value> =
        positions.into_iter().map(|row| row.get("position").cloned().unwrap_or_default()).collect();
    let types = rows(app, "SELECT type, count(*) AS n FROM events GROUP BY type");
    let types: serde_json::Map<String, Value> = types
        .into_iter()
        .map(|row| (row["type"].as_str().unwrap().into(), row["n"].clone()))
        .collect();
    let columns: Vec<&str> = kith::events::COLUMNS.iter().map(|column| column.name).collect();
    json!({
        "count": ids.len(),
        "ids": ids,
        "types": types,
        "price": one("SELECT sum((properties->>'price')::DOUBLE) AS v FROM events").remove("v"),
        "days": list("SELECT DISTINCT time::DATE AS v FROM events ORDER BY 1"),
        "of_one_day": one("SELECT count(*) AS v FROM events WHERE time < TIMESTAMPTZ '2026-01-06'")["v"],
        "of_one_id": one("SELECT count(*) AS v FROM events WHERE id = 'e3'")["v"],
        "files": app.app().storage.files().unwrap().len(),
        "files_on_disk_are_listed": true,
        "arrow_ids": ids,
        "columns": columns,
        "positions": positions,
        "without_position": one("SELECT count(*) AS v FROM events WHERE position IS NULL")["v"],
        "second": one("SELECT count(*) AS v FROM events WHERE position = 1")["v"],
        "arrow_columns": columns,
        "arrow_tags": one("SELECT sum(coalesce(len(tags), 0)) AS v FROM events")["v"],
    })
}

#[test]
fn others_read_what_kith_wrote_after_everything_it_does_to_files() {
    let app = TestApp::new();
    for number in 0..12 {
        app.track(view(&format!("e{number}"), &format!("s{}", number % 5))).ok();
        app.advance(DAY / 4);
        if number % 3 == 2 {
            lake(&app).flush().unwrap();
        }
    }
    agrees(&app, "after flushes");
    lake(&app).compact(Eagerness::Everything).unwrap();
    agrees(&app, "after compaction");
    app.delete("/event/e3").ok();
    agrees(&app, "after an event was removed");
    app.add_source("shop", |source| source.retention_days = 2);
    let expired = lake(&app).expire(&app.app().registry.now()).unwrap();
    assert!(expired.events > 0);
    agrees(&app, "after retention");
    let person = app.get("/session/s4").ok().body["profile"]["id"].as_str().unwrap().to_owned();
    assert!(kith(&app)["ids"].to_string().contains("\"e9\""), "they have done something");
    assert_eq!(app.delete(&format!("/api/profiles/{person}")).status, 202);
    erase_all(&app);
    assert!(!kith(&app)["ids"].to_string().contains("\"e9\""));
    agrees(&app, "after an erasure");
    app.advance(2000);
    lake(&app).sweep().unwrap();
    app.advance(2000);
    lake(&app).sweep().unwrap();
    agrees(&app, "after the sweep");
}
