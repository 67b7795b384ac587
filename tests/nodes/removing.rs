//! What is removed through one node is gone on all of them.

use serde_json::json;

use super::{node, nodes};
use crate::lake::erasing::erase_all;
use crate::lake::support::{ids, rows};
use crate::support::{TestApp, postgres};

fn sign_in(app: &TestApp, id: &str, session: &str) -> String {
    let properties = json!({"email": {"main": "ann@example.com"}});
    let event = json!({"id": id, "type": "sign-in", "properties": properties});
    app.track(json!({"session": {"id": session}, "events": [event]})).ok().profile()
}

#[test]
fn a_person_who_was_removed_elsewhere_is_erased_under_every_id() {
    let nodes = nodes(2);
    let person = sign_in(&nodes[0], "first", "one");
    nodes.iter().for_each(|node| node.advance(5));
    let visit = json!({"session": {"id": "two"}, "events": [{"id": "second", "type": "x"}]});
    let other = nodes[1].track(visit).ok().profile();
    nodes.iter().for_each(|node| node.advance(5));
    sign_in(&nodes[1], "third", "two");
    let whose = |node: &TestApp| rows(node, "SELECT id, profile_id FROM events ORDER BY ALL");
    assert!(whose(&nodes[0]).iter().all(|row| row["profile_id"] == *person));
    nodes[1].delete(&format!("/profile/{person}")).ok();
    assert_eq!(whose(&nodes[0]), whose(&nodes[1]));
    assert!(whose(&nodes[0]).iter().any(|row| row["profile_id"] == *other), "as it happened");
    assert_eq!(nodes[0].delete(&format!("/api/profiles/{other}")).status, 202);
    for node in &nodes {
        assert!(ids(node).is_empty(), "{:?}", ids(node));
    }
}

#[test]
fn an_event_that_was_removed_elsewhere_is_nowhere() {
    let nodes = nodes(2);
    let person = sign_in(&nodes[0], "first", "one");
    sign_in(&nodes[0], "second", "one");
    assert_eq!(ids(&nodes[1])["first"], 1, "it has seen it");
    nodes[0].delete("/event/first").ok();
    for node in &nodes {
        assert_eq!(node.get("/event/first").status, 404);
        let told = node.get(&format!("/api/profiles/{person}/export")).ok().text;
        assert!(told.contains("\"id\":\"second\"") && !told.contains("\"id\":\"first\""), "{told}");
        assert!(!ids(node).contains_key("first"));
    }
}

/// A role that a database's administrator has given the tables, and nothing else, may delete rows and not clean up.
#[test]
fn tables_that_the_database_did_not_vacuum_are_told_of() {
    let url = postgres::shared().create_database();
    let owner = node(&url, 1);
    assert_eq!(owner.app().storage.wipe().unwrap(), []);
    let role = format!("clears_{}", url.rsplit('/').next().unwrap());
    let grant = format!(
        "CREATE ROLE {role} LOGIN; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    );
    postgres::ask(&url, &grant).unwrap();
    let app = node(&url.replace("//kith@", &format!("//{role}@")), 2);
    let left = app.app().storage.wipe().unwrap();
    assert!(left.iter().any(|one| one.table == "profile") && left.len() > 5, "{left:?}");
    assert!(left.iter().all(|one| one.why.contains("vacuum")), "{left:?}");
    let person = sign_in(&app, "first", "one");
    let begun = app.delete(&format!("/api/profiles/{person}")).body;
    erase_all(&app);
    let told = app.get(&format!("/api/erasures/{}", begun["erasure"].as_str().unwrap())).ok().body;
    assert_eq!(told["report"]["tables_left"], left.len(), "{told}");
}
