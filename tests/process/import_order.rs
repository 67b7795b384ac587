//! An export is in the order in which events were received, and an import goes by the order of its file.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::import_people::{exported, shop, track};
use crate::support::server::{Server, said};

/// More than are read at one go, on a machine of a few cores.
const MANY: usize = 2_500;

fn town(folder: &Path) -> String {
    let sql = "SELECT data->'contact'->'address'->>'town' AS town FROM profiles";
    said(folder, &["sql", sql])
}

/// The ids of the events of this type, in the order of an export.
fn ids(folder: &TempDir, kind: &str) -> Vec<String> {
    let lines = std::fs::read_to_string(exported(folder, "jsonl")).unwrap();
    let rows = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let rows = rows.filter(|row| row["type"] == kind);
    rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_came_last_is_what_counts_whenever_it_happened() {
    let folder = shop();
    let mut server = Server::start(folder.path());
    for (day, town) in [(20, "A"), (10, "B"), (15, "C")] {
        let event = json!({"type": "profile-update", "time": {"insert": format!("2026-01-{day}")},
            "properties": {"contact": {"address": {"town": town}}}});
        track(&server, ["back", "visit"], None, &json!([event]));
    }
    assert!(server.stop());
    assert_eq!(town(folder.path()), "town\nC\n");
    for ending in ["jsonl", "csv", "parquet"] {
        let other = shop();
        said(other.path(), &["import", &exported(&folder, ending)]);
        assert_eq!(town(other.path()), "town\nC\n", "{ending}");
    }
}

/// Rows are read on all cores at one time, and some of them sooner than those that stand before them.
#[test]
fn an_export_of_an_import_is_in_the_order_of_its_file() {
    let folder = shop();
    let payloads = (0..MANY).map(|at| {
        let second = (at * 7919) % 3600;
        let time = format!("2026-01-01T10:{:02}:{:02}Z", second / 60, second % 60);
        let event = json!({"id": format!("e{at}"), "type": "seen", "time": {"insert": time}});
        format!(
            "{}\n",
            json!({"source": {"id": "page"}, "session": {"id": "s"}, "events": [event]})
        )
    });
    let file = folder.path().join("payloads.jsonl");
    std::fs::write(&file, payloads.collect::<String>()).unwrap();
    said(folder.path(), &["import", file.to_str().unwrap()]);
    let in_order: Vec<String> = (0..MANY).map(|at| format!("e{at}")).collect();
    assert!(ids(&folder, "seen") == in_order);
    let other = shop();
    said(other.path(), &["import", &exported(&folder, "jsonl")]);
    assert!(ids(&other, "seen") == in_order);
}
