//! Users and keys from the command line, and what a restored backup lets in.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::server::{Server, agent, run, said};

fn status(server: &Server, bearer: &str) -> u16 {
    let request = agent().get(server.url("/event-sources"));
    let answer = request.header("authorization", format!("Bearer {bearer}")).call().unwrap();
    answer.status().as_u16()
}

/// The last word of what a command said.
fn drawn(folder: &Path, arguments: &[&str]) -> String {
    said(folder, arguments).split_whitespace().last().unwrap().to_owned()
}

fn try_password(server: &Server, password: &str) -> (u16, Value) {
    let form = [("username", "ann@example.com"), ("password", password)];
    let mut answer = agent().post(server.url("/user/token")).send_form(form).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

fn sign_in(server: &Server, password: &str) -> String {
    let (status, token) = try_password(server, password);
    assert_eq!(status, 200, "{token}");
    token["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn what_the_command_line_takes_away_is_over_on_the_server_that_runs() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(folder.path());
    let user = |arguments: &[&str]| {
        said(folder.path(), &[&["user"], arguments, &["ann@example.com"]].concat())
    };
    let password = drawn(folder.path(), &["user", "add", "ann@example.com"]);
    let token = sign_in(&server, &password);
    assert_eq!(status(&server, &token), 200);
    user(&["sign-out"]);
    assert_eq!(status(&server, &token), 401);
    let token = sign_in(&server, &password);
    user(&["disable"]);
    assert_eq!((status(&server, &token), try_password(&server, &password).0), (401, 400));
    assert!(said(folder.path(), &["user", "list"]).contains("(disabled)"));
    let password = drawn(folder.path(), &["user", "add", "ann@example.com"]);
    assert_eq!(
        try_password(&server, &password).0,
        400,
        "a password lets nobody in who is disabled"
    );
    user(&["enable"]);
    assert_eq!(status(&server, &token), 401);
    let token = sign_in(&server, &password);
    let password = drawn(folder.path(), &["user", "add", "ann@example.com"]);
    assert_eq!(status(&server, &token), 401, "a new password");
    let token = sign_in(&server, &password);
    said(folder.path(), &["user", "roles", "ann@example.com", "marketer"]);
    assert_eq!(status(&server, &token), 401, "a role less");
    assert_eq!(status(&server, &sign_in(&server, &password)), 403);
    user(&["remove"]);
    assert_eq!(try_password(&server, &password).0, 400);
    let last = run(folder.path(), &["user", "remove", "admin@kith.local"]);
    let why = String::from_utf8(last.stderr).unwrap();
    assert!(!last.status.success() && why.contains("nobody would be left"), "{why}");
    assert!(!run(folder.path(), &["user", "disable", "nobody@example.com"]).status.success());
}

#[test]
fn keys_of_the_command_line_open_doors_until_they_are_removed() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(folder.path());
    let add = ["key", "add", "nightly", "--scope", "configure", "--days", "7"];
    let key = drawn(folder.path(), &add);
    assert_eq!(status(&server, &key), 200);
    let list = said(folder.path(), &["key", "list"]);
    assert!(list.contains("configure  by command line  last used 2") && !list.contains(&key));
    let id = list.split_whitespace().next().unwrap();
    said(folder.path(), &["key", "remove", id]);
    assert_eq!(status(&server, &key), 401);
    for wrong in [["key", "remove", id].as_slice(), &["key", "add", "x", "--scope", "king"]] {
        assert!(!run(folder.path(), wrong).status.success());
    }
}

#[test]
fn a_restored_backup_knows_keys_and_no_tokens() {
    let (folder, home) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let [backup, new] = ["backup", "new"].map(|name| home.path().join(name));
    let server = Server::start(folder.path());
    let password = drawn(folder.path(), &["user", "add", "ann@example.com"]);
    let token = sign_in(&server, &password);
    let key = drawn(folder.path(), &["key", "add", "nightly", "--role", "admin"]);
    said(folder.path(), &["backup", backup.to_str().unwrap()]);
    drop(server);
    assert!(said(&new, &["restore", backup.to_str().unwrap()]).contains("Nobody is signed in"));
    let server = Server::start(&new);
    assert_eq!((status(&server, &token), status(&server, &key)), (401, 200));
    sign_in(&server, &password);
}
