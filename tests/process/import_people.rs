//! Whom an import of exported history leaves: the same people, and nobody with more power over them.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::server::{Server, agent, said};

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 \
                     (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";

/// A folder with a page and a server.
pub(super) fn shop() -> TempDir {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Page", "--id", "page"]);
    said(folder.path(), &["source", "add", "Back", "--id", "back", "--trust", "trusted"]);
    folder
}

pub(super) fn track(
    server: &Server,
    whose: [&str; 2],
    profile: Option<&str>,
    events: &Value,
) -> String {
    let [source, session] = whose;
    let mut payload =
        json!({"source": {"id": source}, "session": {"id": session}, "events": events});
    if let Some(id) = profile {
        payload["profile"] = json!({"id": id});
    }
    send(server, &payload)
}

/// Sends a payload; whose it was found to be.
pub(super) fn send(server: &Server, payload: &Value) -> String {
    let sent = agent().post(server.url("/track")).header("user-agent", PHONE);
    let sent = sent.header("accept-language", "pl-PL,pl;q=0.9");
    let answer: Value = sent.send_json(payload).unwrap().body_mut().read_json().unwrap();
    answer["profile"]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

pub(super) fn named(email: &str) -> Value {
    json!({"type": "identification", "properties": {"email": {"main": email}}})
}

pub(super) fn says(key: &str, value: &str) -> Value {
    json!({"type": "profile-update", "properties": {"pii": {key: value}}})
}

/// Everybody by what is theirs, and their visits.
pub(super) fn people(folder: &Path) -> String {
    let sql = "SELECT id, data->'pii'->>'firstname' AS first, data->'pii'->>'lastname' AS last, \
               data->'contact'->'email' AS email, data->'pii'->'language' AS language, visits \
               FROM profiles ORDER BY id";
    said(folder, &["sql", sql])
}

fn visits(folder: &Path) -> String {
    let sql = "SELECT id, profile_id, device_type, device_brand, os_name, app_name, app_language \
               FROM sessions ORDER BY id";
    said(folder, &["sql", sql])
}

fn events(folder: &Path) -> String {
    let sql = "SELECT id, profile_id, session_id, position, device_type, device_brand, device_model, \
               os_name, os_version, app_name, app_version, app_language FROM events ORDER BY id";
    said(folder, &["sql", sql])
}

/// Ann, whom a page has only named, in four ways; and Bob, who comes to the page by himself, twice.
fn live(folder: &Path) -> String {
    let mut server = Server::start(folder);
    let evil = says("firstname", "EVIL");
    let ann = track(&server, ["back", "ann"], None, &json!([named("ann@example.com")]));
    track(&server, ["page", "evil-1"], None, &json!([{"type": "page-view"}]));
    let both = json!([evil, named("ann@example.com"), named("evil@example.com")]);
    track(&server, ["page", "evil-1"], None, &both);
    let other = track(&server, ["page", "evil-2"], None, &json!([named("ann@example.com"), evil]));
    assert_ne!(other, ann, "a pseudonym");
    track(&server, ["page", "evil-3"], Some(&other), &json!([evil]));
    // The visit goes over to somebody else, who was only named either.
    track(&server, ["back", "carol"], None, &json!([named("carol@example.com")]));
    track(&server, ["page", "evil-4"], None, &json!([named("ann@example.com"), evil]));
    track(&server, ["page", "evil-4"], None, &json!([named("carol@example.com")]));
    let bob = json!([named("bob@example.com"), says("firstname", "Bob")]);
    let bob = track(&server, ["page", "bob-1"], None, &bob);
    track(&server, ["page", "bob-2"], Some(&bob), &json!([says("lastname", "Kos")]));
    assert!(server.stop());
    ann
}

#[test]
fn an_import_gives_nobody_more_power_than_there_was() {
    let folder = shop();
    let ann = live(folder.path());
    let before = people(folder.path());
    assert!(before.contains(",Bob,Kos,") && !before.contains("EVIL"), "{before}");
    for ending in ["jsonl", "csv", "parquet"] {
        let file = folder.path().join(format!("all.{ending}"));
        let file = file.to_str().unwrap();
        said(folder.path(), &["export", file]);
        let other = shop();
        said(other.path(), &["import", file]);
        assert_eq!(people(other.path()), before, "{ending}");
        assert_eq!(visits(other.path()), visits(folder.path()), "{ending}");
        assert_eq!(events(other.path()), events(folder.path()), "{ending}");
        let mut server = Server::start(other.path());
        for session in ["evil-1", "evil-2", "evil-3"] {
            track(&server, ["page", session], None, &json!([says("firstname", "EVIL")]));
        }
        let named = json!([named("evil@example.com")]);
        assert_ne!(track(&server, ["back", "new"], None, &named), ann, "no address of hers");
        assert!(server.stop());
        let after = people(other.path());
        assert!(!after.contains("EVIL"), "{after}");
    }
}

#[test]
fn a_question_for_events_keeps_its_order_and_tells_who_was_only_named() {
    let folder = shop();
    live(folder.path());
    let file = folder.path().join("some.csv");
    let query = "SELECT type, id, source_id, session_id, profile_id FROM events \
                 WHERE type = 'profile-update' ORDER BY session_id DESC";
    said(folder.path(), &["export", file.to_str().unwrap(), "--query", query]);
    let table = std::fs::read_to_string(&file).unwrap();
    let mut lines = table.lines();
    assert_eq!(
        lines.next().unwrap(),
        "type,id,source_id,session_id,profile_id,only_named,in_doubt"
    );
    let told: Vec<[&str; 3]> = lines
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|cells| [cells[3], cells[5], cells[6]])
        .collect();
    // The last visit has gone over to somebody else: it may have been hers.
    let evil = [["evil-4", "true", "true"], ["evil-3", "true", "false"]];
    let evil = [evil, [["evil-2", "true", "false"], ["evil-1", "true", "false"]]].concat();
    let own = [["bob-2", "false", "false"], ["bob-1", "false", "false"]];
    assert_eq!(told, [&evil[..], &own].concat());
}

#[test]
fn where_a_file_does_not_tell_what_is_of_another_than_who_visits_changes_nothing() {
    let folder = shop();
    live(folder.path());
    let file = folder.path().join("old.jsonl");
    let file = file.to_str().unwrap();
    said(folder.path(), &["export", file]);
    let text = std::fs::read_to_string(file).unwrap().replace("only_named", "other");
    let is_known = |line: &&str| !["evil-2", "evil-3", "evil-4"].iter().any(|of| line.contains(of));
    let kept = text.lines().filter(is_known);
    std::fs::write(file, kept.collect::<Vec<_>>().join("\n")).unwrap();
    let other = shop();
    said(other.path(), &["import", file]);
    let after = people(other.path());
    assert!(after.contains(",Bob,Kos,") && !after.contains("EVIL"), "{after}");
}

#[test]
fn visits_are_those_that_history_tells() {
    let folder = shop();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mapping = "source = \"back\"\n[[events]]\ntype = \"identification\"\nid = \"no\"\n\
                   [events.properties]\n\"email.main\" = \"mail\"\n";
    std::fs::write(path("m.toml"), mapping).unwrap();
    std::fs::write(path("t.csv"), "no,mail\n1,a@example.com\n2,b@example.com\n3,a@example.com\n")
        .unwrap();
    said(folder.path(), &["import", &path("t.csv"), "--mapping", &path("m.toml")]);
    let before = people(folder.path());
    assert_eq!(before.lines().filter(|line| line.ends_with(",1")).count(), 2, "{before}");
    said(folder.path(), &["export", &path("all.jsonl")]);
    let other = shop();
    said(other.path(), &["import", &path("all.jsonl")]);
    assert_eq!(people(other.path()), before);
}

/// A part of history may tell of who was named before it tells who that is.
#[test]
fn whose_visit_it_was_is_known_where_the_named_come_later() {
    let folder = shop();
    let mut server = Server::start(folder.path());
    track(&server, ["back", "ann"], None, &json!([named("ann@example.com")]));
    track(&server, ["page", "visit"], None, &json!([{"type": "page-view"}]));
    track(&server, ["page", "visit"], None, &json!([named("ann@example.com")]));
    assert!(server.stop());
    let file = folder.path().join("all.jsonl");
    said(folder.path(), &["export", file.to_str().unwrap()]);
    let all = std::fs::read_to_string(&file).unwrap();
    let of_visit: Vec<&str> = all.lines().filter(|line| !line.contains("\"back\"")).collect();
    assert!(of_visit.len() < all.lines().count(), "{all}");
    std::fs::write(&file, of_visit.join("\n")).unwrap();

    let other = shop();
    said(other.path(), &["import", file.to_str().unwrap()]);
    let before = people(other.path());
    let mut server = Server::start(other.path());
    track(&server, ["back", "visit"], None, &json!([named("me@example.com")]));
    assert!(server.stop());
    let after = people(other.path());
    assert_eq!(after.lines().count(), before.lines().count(), "{before}{after}");
    assert!(after.contains("me@example.com"), "the visitor's: {after}");
}

/// Says who somebody is, by what a person has one of.
pub(super) fn by(key: &str) -> Value {
    json!({"type": "sign-in", "properties": {"pk": key}})
}

pub(super) fn exported(folder: &TempDir, ending: &str) -> String {
    let file = folder.path().join(format!("all.{ending}")).to_str().unwrap().to_owned();
    said(folder.path(), &["export", &file]);
    file
}

/// A family of one address. Events come in one by one, in the order in which they happened: who somebody is may
/// be told after what others have named, too.
#[test]
fn two_whom_an_export_has_as_two_stay_two() {
    let folder = shop();
    let mut server = Server::start(folder.path());
    let family = || named("family@example.com");
    track(&server, ["back", "ann"], None, &json!([by("ann"), family()]));
    track(&server, ["back", "bob"], None, &json!([family(), by("bob")]));
    track(&server, ["back", "eve"], None, &json!([by("eve")]));
    let mut early = family();
    early["time"] = json!({"insert": "2026-01-01T00:00:00Z"});
    track(&server, ["back", "eve"], None, &json!([early]));
    assert!(server.stop());
    let before = people(folder.path());
    assert_eq!(before.lines().count(), 4, "{before}");
    for ending in ["jsonl", "csv", "parquet"] {
        let file = exported(&folder, ending);
        let other = shop();
        said(other.path(), &["import", &file]);
        assert_eq!(people(other.path()), before, "{ending}");
        assert_eq!(events(other.path()), events(folder.path()), "{ending}");
        let rebuilt = said(other.path(), &["rebuild", "profiles"]);
        assert!(rebuilt.contains("0 people come apart"), "{rebuilt}");
    }
}

#[test]
fn an_identifier_unites_whoever_comes_in_with_whoever_was_there() {
    let folder = shop();
    let mut server = Server::start(folder.path());
    let family = || named("family@example.com");
    track(&server, ["back", "ann"], None, &json!([by("ann"), family()]));
    track(&server, ["back", "bob"], None, &json!([family(), by("bob")]));
    assert!(server.stop());
    let file = exported(&folder, "jsonl");

    let other = shop();
    let mut server = Server::start(other.path());
    let ann = track(&server, ["back", "here"], None, &json!([family()]));
    assert!(server.stop());
    said(other.path(), &["import", &file]);
    let whose = "SELECT DISTINCT profile_id FROM events WHERE session_id = 'ann'";
    assert_eq!(said(other.path(), &["sql", whose]), format!("profile_id\n{ann}\n"));
    assert_eq!(people(other.path()).lines().count(), 3);
}

#[test]
fn history_that_does_not_say_whose_it_was_found_to_be_is_united_by_what_it_names() {
    let folder = shop();
    let row = |id: &str, profile: &str| {
        json!({"id": id, "type": "identification", "time": "2026-01-01 10:00:00+00",
            "source_id": "back", "session_id": id, "profile_id": profile,
            "properties": {"email": {"main": "ann@example.com"}}})
    };
    let file = folder.path().join("theirs.jsonl");
    std::fs::write(&file, format!("{}\n{}\n", row("1", "phone"), row("2", "laptop"))).unwrap();
    said(folder.path(), &["import", file.to_str().unwrap()]);
    let people = people(folder.path());
    assert_eq!(people.lines().count(), 2, "{people}");
    assert!(people.contains("\nphone,"), "{people}");
}
