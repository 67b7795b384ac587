//! Out of a folder, into a database that nodes share: everybody and everything is there as it was.

use std::path::Path;
use std::process::Output;

use serde_json::json;
use tempfile::TempDir;

use crate::support::postgres;
use crate::support::server::{Server, agent, kith, said};

/// What a command on the folder says, and whether it did well.
fn run(folder: &Path, arguments: &[&str], environment: &[(String, String)]) -> (bool, String) {
    let mut command = kith(folder, arguments);
    let Output { status, stdout, stderr } =
        command.envs(environment.iter().cloned()).output().unwrap();
    let text = [stdout, stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    (status.success(), text)
}

/// Somebody sends an event with an id, and is named. Who it is.
fn sends(server: &Server, session: &str, event: &str, email: Option<&str>) -> String {
    let properties = email.map_or(json!({}), |email| json!({"email": {"main": email}}));
    let events = json!([{"type": "sign-in", "id": event, "properties": properties}]);
    let payload = json!({"source": {"id": "shop"}, "session": {"id": session}, "events": events});
    let (status, body) = server.track(&agent(), &payload).unwrap();
    assert_eq!(status, 200, "{body}");
    body["profile"]["id"].as_str().unwrap().to_owned()
}

/// A folder with people, one of them merged, whose events are in a file and in the tail, and the ids of two people.
fn folder() -> (TempDir, [String; 2]) {
    let folder = TempDir::new().unwrap();
    let source = ["source", "add", "Shop", "--id", "shop", "--trust", "trusted"];
    said(folder.path(), &source);
    let mut server = Server::start(folder.path());
    sends(&server, "ann's phone", "e1", None);
    let ben = sends(&server, "ben's", "e2", Some("ben@example.com"));
    said(folder.path(), &["events", "compact"]);
    sends(&server, "ann's laptop", "e3", Some("ann@example.com"));
    // From here on she is one person, and what she does is counted of her.
    let ann = sends(&server, "ann's phone", "e4", Some("ann@example.com"));
    assert!(server.stop());
    (folder, [ann, ben])
}

fn environment(url: &str, events: &Path) -> Vec<(String, String)> {
    let named = |name: &str, value: String| (name.to_owned(), value);
    let place = format!("file://{}", events.display());
    vec![named("KITH_DATABASE_URL", url.to_owned()), named("KITH_EVENTS_URL", place)]
}

/// What is asked of events that must be the same before and after.
const HISTORY: [&str; 4] = [
    "sql",
    "--format",
    "csv",
    "SELECT id, type, profile_id, session_id, time FROM events ORDER BY time, id",
];

#[test]
fn whoever_was_known_in_the_folder_is_known_to_the_nodes() {
    let ((folder, [ann, ben]), new) = (folder(), TempDir::new().unwrap());
    let before = said(folder.path(), &HISTORY);
    assert!(before.lines().count() > 4, "{before}");
    let url = postgres::create_database();
    let shared = environment(&url, &folder.path().join("events"));
    let (is_done, text) = run(folder.path(), &["move"], &shared);
    assert!(is_done && text.contains("sessions and"), "{text}");
    assert_eq!(run(folder.path(), &HISTORY, &[]), (true, before.clone()), "it is as it was");

    assert_eq!(run(new.path(), &HISTORY, &shared), (true, before));
    let (is_whole, text) = run(new.path(), &["check"], &shared);
    assert!(is_whole, "{text}");
    let mut node = Server::start_in(new.path(), &shared);
    let users = said(folder.path(), &["user", "list"]);
    assert_eq!(run(new.path(), &["user", "list"], &shared), (true, users), "and nobody else");
    // By a session, by an address, and by an event that was sent before: in a file, and since.
    for (session, event, email, person) in [
        ("ann's phone", "e1", None, &ann),
        ("a new one", "e5", Some("ben@example.com"), &ben),
        ("ann's laptop", "e3", Some("ann@example.com"), &ann),
    ] {
        assert_eq!(sends(&node, session, event, email), *person, "{session}");
    }
    let count = "SELECT count(*) FILTER (WHERE id IN ('e1', 'e3')), count(*) FILTER (WHERE id = 'e5') FROM events";
    let (_, text) = run(new.path(), &["sql", "--format", "csv", count], &shared);
    assert_eq!(text.lines().last(), Some("2,1"), "{text}");
    assert!(node.stop());
    let (is_done, text) = run(folder.path(), &["move"], &shared);
    assert!(!is_done && text.contains("has data already"), "{text}");
}

#[test]
fn what_a_killed_server_had_not_written_is_not_left_behind() {
    let (folder, _) = folder();
    let mut server = Server::start(folder.path());
    sends(&server, "ann's phone", "e6", None);
    let shared = environment(&postgres::create_database(), &folder.path().join("events"));
    let (is_done, text) = run(folder.path(), &["move"], &shared);
    assert!(!is_done && text.contains("Stop it first"), "{text}");
    server.kill();
    let (is_done, text) = run(folder.path(), &["move"], &shared);
    assert!(!is_done && text.contains("did not end in order"), "{text}");
    assert!(Server::start(folder.path()).stop());
    let (is_done, text) = run(folder.path(), &["move"], &shared);
    assert!(is_done, "{text}");
}

#[test]
fn nothing_is_moved_where_nobody_says_where_to() {
    let folder = TempDir::new().unwrap();
    let (is_done, text) = run(folder.path(), &["move"], &[]);
    assert!(!is_done && text.contains("database_url"), "{text}");
    let shared = environment(&postgres::create_database(), folder.path());
    let (is_done, text) = run(folder.path(), &["move"], &shared);
    assert!(!is_done && text.contains("there is no data"), "{text}");
}
