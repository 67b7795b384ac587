//! What is said to the database seldom, and is met by no other test that runs on it.

use std::thread;
use std::time::{Duration, Instant};

use kith::model::{IdentifierKey, Namespace};
use kith::storage::{By, Moved, RebuildChange, RebuildState};
use serde_json::json;

use super::node;
use crate::support::postgres::Cluster;
use crate::support::{app, postgres};

/// More rebuilds than are remembered.
const REBUILDS: u64 = 102;
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn an_identifier_that_somebody_holds_is_told_of() {
    let url = postgres::create_database();
    let node = node(&url, 1);
    let properties = json!({"email": {"main": "ann@example.com"}});
    let event = json!({"type": "sign-in", "properties": properties});
    node.track(json!({"session": {"id": "ann"}, "events": [event]})).ok();
    let row = postgres::rows(&url, "SELECT namespace, hash FROM identifier").remove(0);
    let key = IdentifierKey { namespace: Namespace::new(row[0].as_str()), hash: row[1].clone() };
    let asked = Moved { identifiers: vec![key], ..Moved::default() };
    let locked = || node.app().storage.locked(&asked).unwrap();
    assert_eq!(locked(), Moved::default());
    let hold = "BEGIN; SELECT 1 FROM identifier FOR UPDATE; SELECT pg_sleep(1); COMMIT";
    thread::scope(|scope| {
        scope.spawn(|| postgres::rows(&url, hold));
        let begun = Instant::now();
        while locked() != asked {
            assert!(begun.elapsed() < PATIENCE, "it is held, and nobody says so");
        }
    });
}

#[test]
fn tokens_end_of_one_and_of_everybody() {
    let node = node(&postgres::create_database(), 1);
    let storage = &node.app().storage;
    let by = By { who: "command line", address: None, at: app::start() };
    assert_eq!(storage.end_tokens(Some("nobody@kith.local"), "one", by).unwrap(), 0);
    assert_eq!(storage.end_tokens(Some("admin@kith.local"), "two", by).unwrap(), 1);
    assert_eq!(node.get("/event-sources").status, 401);
    assert_eq!(storage.end_tokens(None, "three", by).unwrap(), 0);
    assert!(storage.users().unwrap().iter().all(|user| user.epoch == "three"));
}

/// A language puts small letters beside great ones, and looks past strokes.
#[test]
fn lists_are_sorted_as_everywhere_whatever_the_language_of_the_database() {
    let url = postgres::create_database();
    drop(node(&url, 1));
    for column in [
        "people_list ALTER COLUMN name",
        "\"user\" ALTER COLUMN email",
        "alias ALTER COLUMN profile_id",
    ] {
        let other = format!("ALTER TABLE {column} TYPE TEXT COLLATE \"und-x-icu\"");
        postgres::ask(&url, &other).unwrap();
    }
    let node = node(&url, 2);
    let names = ["ä", "b", "a-b", "B", "ab"];
    for name in names {
        node.post("/api/lists", &json!({"name": name})).ok();
    }
    let mut sorted = names;
    sorted.sort_unstable();
    let lists = node.get("/api/lists").ok().body["result"].as_array().unwrap().clone();
    assert_eq!(lists.iter().map(|one| &one["name"]).collect::<Vec<_>>(), sorted);
    for id in names {
        let put = format!(
            "INSERT INTO alias (id, profile_id) VALUES ('{id}', '{id}'); \
             INSERT INTO list_member (list, profile_id, added_at) VALUES ('l', '{id}', 0)"
        );
        postgres::ask(&url, &put).unwrap();
    }
    let (mut members, mut after) = (Vec::new(), String::new());
    while let Some(last) = {
        let page = node.app().storage.members("l", &after, 2).unwrap();
        members.extend(page.iter().map(|member| member.profile.to_string()));
        page.last().map(|member| member.profile.to_string())
    } {
        after = last;
    }
    assert_eq!(members, sorted, "page by page, too");
}

#[test]
fn the_oldest_rebuilds_are_forgotten() {
    let node = node(&postgres::create_database(), 1);
    let storage = &node.app().storage;
    for number in 0..REBUILDS {
        let (id, at) = (format!("r{number}"), app::start().plus(Duration::from_secs(number)));
        assert!(storage.begin_rebuild(&id, 1, at).unwrap());
        let (from, to) = (RebuildState::Folding, RebuildState::Discarded);
        let change = RebuildChange { id: &id, from, to, at, report: None, examples: &[] };
        assert!(storage.change_rebuild(&change).unwrap());
    }
    assert!(storage.rebuild("r0").unwrap().is_none());
    assert!(storage.rebuild(&format!("r{}", REBUILDS - 1)).unwrap().is_some());
}

/// A balancer is to know before the first payload comes.
#[test]
fn a_database_that_is_gone_is_noticed_while_nobody_sends() {
    let cluster = Cluster::start();
    let app = node(&cluster.create_database(), 1);
    assert_eq!(app.get("/health").status, 200);
    let until = |status: u16| {
        let begun = Instant::now();
        while app.get("/health").status != status {
            assert!(begun.elapsed() < 3 * PATIENCE, "health is not {status}");
            app.advance(5);
            thread::sleep(Duration::from_millis(100));
        }
    };
    cluster.stop();
    until(503);
    let health = app.get("/health");
    assert_eq!(health.body["reason"], "storage_unavailable");
    assert!(app.app().telemetry.render().contains("kith_storage_up 0"));
    cluster.start_again();
    until(200);
}
