//! The audit log of the command line, and of a server that is stopped.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use rusqlite::Connection;
use tempfile::TempDir;

use crate::support::server::{Server, agent, kith, said};

/// Action, kind, who and what of all entries but changes of the configuration, the oldest first.
fn entries(folder: &Path) -> Vec<[String; 4]> {
    let database = Connection::open(folder.join("kith.db")).unwrap();
    let ask = "SELECT action, kind, who, coalesce(detail, '') FROM audit \
               WHERE version = 0 AND kind <> 'key' ORDER BY id";
    let mut statement = database.prepare(ask).unwrap();
    let texts = |row: &rusqlite::Row<'_>| -> rusqlite::Result<[String; 4]> {
        Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
    };
    statement.query_map([], texts).unwrap().map(Result::unwrap).collect()
}

#[test]
fn what_is_asked_and_exported_on_the_command_line_is_remembered() {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop"]);
    said(folder.path(), &["sql", "SELECT 41 + 1"]);
    let to = folder.path().join("all.csv");
    said(folder.path(), &["export", to.to_str().unwrap(), "--query", "SELECT id FROM events"]);
    let exported = format!("{}\nSELECT id FROM events", to.display());
    let wrong = ["export", to.to_str().unwrap(), "--query", "SELECT nothing"];
    assert!(!kith(folder.path(), &wrong).output().unwrap().status.success());
    let not_exported = format!("{}\nSELECT nothing", to.display());
    assert!(!kith(folder.path(), &["merge", "show", "ann"]).output().unwrap().status.success());
    said(folder.path(), &["merge", "undo-all", "email", "a@b.example"]);
    said(folder.path(), &["rebuild", "profiles"]);
    let wanted = [
        ["ask", "sql", "command line", "SELECT 41 + 1"],
        ["export", "sql", "command line", &exported],
        ["export", "sql", "command line", &not_exported],
        ["look", "profile", "command line", "merge show ann"],
        ["undo", "merge", "command line", "merge undo-all email a@b.example"],
        ["rebuild", "profile", "command line", "rebuild profiles"],
    ];
    assert_eq!(entries(folder.path()), wanted);
}

#[test]
fn whose_tokens_are_ended_on_the_command_line_is_remembered() {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["user", "add", "ann@example.com"]);
    said(folder.path(), &["user", "sign-out", "ann@example.com"]);
    said(folder.path(), &["user", "sign-out"]);
    let database = Connection::open(folder.path().join("kith.db")).unwrap();
    let ask = "SELECT group_concat(subject || ' by ' || who, '; ') FROM \
               (SELECT * FROM audit WHERE action = 'sign-out' AND kind = 'user' ORDER BY id)";
    let ended: String = database.query_row(ask, [], |row| row.get(0)).unwrap();
    assert_eq!(ended, "ann@example.com by command line;  by command line");
}

#[test]
fn a_server_that_is_stopped_has_written_what_was_looked_at_last() {
    let folder = TempDir::new().unwrap();
    let mut add = kith(folder.path(), &["user", "add", "ann@example.com", "--password-stdin"]);
    let mut add = add.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    add.stdin.take().unwrap().write_all(b"a-long-enough-password\n").unwrap();
    assert!(add.wait().unwrap().success());
    let mut server = Server::start(folder.path());
    let form = [("username", "ann@example.com"), ("password", "a-long-enough-password")];
    let mut token = agent().post(server.url("/user/token")).send_form(form).unwrap();
    let token: serde_json::Value = token.body_mut().read_json().unwrap();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    for number in 0..20 {
        let address = server.url(&format!("/session/{number}"));
        drop(agent().get(address).header("authorization", &bearer).call());
    }
    assert!(server.stop());
    let entries = entries(folder.path());
    let looks = entries.iter().filter(|[action, ..]| action == "look");
    let looks: Vec<&str> = looks.map(|[.., detail]| detail.as_str()).collect();
    assert_eq!(looks, (0..20).map(|number| format!("GET /session/{number}")).collect::<Vec<_>>());
    assert!(entries.iter().any(|[action, .., who, _]| action == "sign-in" && who.contains("ann@")));
}
