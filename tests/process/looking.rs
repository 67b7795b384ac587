//! Commands that only look, and those beside a server: what they leave as it is, and what they print.

use std::process::{Output, Stdio};

use tempfile::TempDir;

use crate::support::server::{kith, said};

fn wrong(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A script takes what is there for all of it.
#[test]
fn what_could_not_be_printed_is_no_success() {
    let folder = TempDir::new().unwrap();
    let backup = folder.path().join("backup");
    said(folder.path(), &["source", "add", "Shop"]);
    for arguments in [
        &["version"][..],
        &["schema"],
        &["openapi"],
        &["source", "list"],
        &["user", "add", "ann@example.com"],
        &["key", "add", "Night", "--scope", "sql"],
        &["check"],
        &["sql", "SELECT 1"],
        &["sql", "SELECT 1", "--format", "json"],
        &["sql", "SELECT 1", "--format", "table"],
        &["backup", backup.to_str().unwrap()],
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = kith(folder.path(), arguments);
        let done = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
        let said = wrong(&done);
        assert_eq!(done.status.code(), Some(1), "{arguments:?}");
        assert!(said.contains("could not be printed: "), "{arguments:?}: {said}");
    }
}
