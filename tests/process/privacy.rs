//! Nobody but the owner reads what Kith keeps, wherever it lies.

use std::fs::{Permissions, set_permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use crate::support::server::{Server, agent, kith, run, said};

/// What others can read, of all that is in a folder and the folder itself.
fn open_to_others(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(path) = waiting.pop() {
        let there = path.symlink_metadata().unwrap();
        if there.permissions().mode() & 0o077 != 0 {
            found.push(path.clone());
        }
        if there.is_dir() {
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    found
}

fn open(folder: &Path) {
    for path in [folder.to_owned(), folder.join("events"), folder.join("kith.db")] {
        let mode = if path.is_dir() { 0o755 } else { 0o644 };
        set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
}

/// A folder with an event in a file of history.
fn filled(folder: &Path) {
    said(folder, &["source", "add", "Shop", "--id", "shop"]);
    let mut server = Server::start(folder);
    let event = json!({"source": {"id": "shop"}, "events": [{"type": "x"}]});
    assert_eq!(server.track(&agent(), &event).unwrap().0, 200);
    assert_eq!(open_to_others(folder), Vec::<PathBuf>::new(), "while it runs");
    assert!(server.stop());
    said(folder, &["events", "compact"]);
}

#[test]
fn the_folder_is_the_owners_alone_also_one_that_was_open() {
    let above = TempDir::new().unwrap();
    let folder = above.path().join("data");
    std::fs::create_dir(&folder).unwrap();
    set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    filled(&folder);
    assert!(folder.join("events").is_dir());
    open(&folder);
    std::fs::write(folder.join("somebodys"), "not ours").unwrap();
    said(&folder, &["check"]);
    assert_eq!(open_to_others(&folder), [folder.join("somebodys")]);
}

#[test]
fn exports_and_backups_are_the_owners_alone() {
    let folder = TempDir::new().unwrap();
    filled(folder.path());
    let (to, backup) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    std::fs::write(to.path().join("old.csv"), "readable").unwrap();
    for name in ["new.parquet", "old.csv"] {
        said(folder.path(), &["export", to.path().join(name).to_str().unwrap()]);
    }
    let exports = ["new.parquet", "old.csv"].map(|name| open_to_others(&to.path().join(name)));
    assert_eq!(exports, [const { Vec::<PathBuf>::new() }; 2]);
    let copy = backup.path().join("copy");
    said(folder.path(), &["backup", copy.to_str().unwrap()]);
    assert_eq!(open_to_others(&copy), Vec::<PathBuf>::new());
    let restored = backup.path().join("restored");
    said(&restored, &["restore", copy.to_str().unwrap()]);
    assert_eq!(open_to_others(&restored), Vec::<PathBuf>::new());
}

#[test]
fn what_kith_does_not_close_it_names_at_the_start() {
    let above = TempDir::new().unwrap();
    let (folder, elsewhere) = (above.path().join("data"), above.path().join("history"));
    std::fs::create_dir(&elsewhere).unwrap();
    set_permissions(&elsewhere, Permissions::from_mode(0o755)).unwrap();
    set_permissions(above.path(), Permissions::from_mode(0o777)).unwrap();
    let settings = above.path().join("kith.toml");
    std::fs::write(&settings, format!("events_url = \"file://{}\"\n", elsewhere.display()))
        .unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let warnings = || {
        let mut command = kith(&folder, &["serve", "--listen", &address]);
        let output = command.env("KITH_CONFIG", &settings).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let said = warnings();
    for what in ["read the settings", "read the files of history", "rename the data folder"] {
        assert!(said.contains(what), "{what}: {said}");
    }
    for path in [&settings, &elsewhere, &above.path().to_owned()] {
        let mode = if path.is_dir() { 0o700 } else { 0o600 };
        set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let said = warnings();
    assert!(!said.contains("others can"), "{said}");
    assert!(run(&folder, &["check"]).status.success());
}
