//! Whom an import of exported history leaves: the same people, with the same visits.

use std::path::Path;

use tempfile::TempDir;

use crate::support::server::said;

/// A folder with a page and a server.
fn shop() -> TempDir {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Page", "--id", "page"]);
    said(folder.path(), &["source", "add", "Back", "--id", "back", "--trust", "trusted"]);
    folder
}

/// Everybody by what is theirs, and their visits.
fn people(folder: &Path) -> String {
    let sql = "SELECT id, data->'pii'->>'firstname' AS first, data->'pii'->>'lastname' AS last, \
               data->'contact'->'email' AS email, visits \
               FROM profiles ORDER BY id";
    said(folder, &["sql", sql])
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
