//! Commands that only look, and those beside a server: what they leave as it is, and what they print.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use crate::committer::recovery::copy_folder;
use crate::support::postgres::shared;
use crate::support::server::{Server, agent, kith, run, said};

/// A data folder of an older format.
const OLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/lake-of-0.1");
/// Somebody who owns nothing.
const NOBODY: u32 = 65_534;

fn wrong(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn format(folder: &Path) -> i64 {
    let database = Connection::open(folder.join("kith.db")).unwrap();
    database.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_command_that_lacks_the_servers_setting_takes_no_file_for_lost() {
    let (folder, place) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    let payloads = folder.path().join("payloads.jsonl");
    let payload = json!({"source": {"id": "shop"}, "events": [{"type": "order"}]});
    std::fs::write(&payloads, payload.to_string()).unwrap();
    let (url, backup) = (format!("file://{}", place.path().display()), place.path().join("backup"));
    let [payloads, all, backup] = [payloads, folder.path().join("all.csv"), backup]
        .map(|path| path.to_str().unwrap().to_owned());
    let with = |arguments: &[&str]| {
        kith(folder.path(), arguments).env("KITH_EVENTS_URL", &url).output().unwrap()
    };
    assert!(with(&["import", &payloads]).status.success());
    assert!(with(&["events", "compact"]).status.success());
    let commands = [&["check"][..], &["sql", "SELECT 1"], &["export", &all], &["backup", &backup]];
    for arguments in commands {
        let done = run(folder.path(), arguments);
        let told = wrong(&done);
        assert!(!done.status.success() && done.stdout.is_empty(), "{arguments:?}");
        assert!(told.contains("by its catalogue") && told.contains("set it as"), "{told}");
    }
    assert!(!Path::new(&all).exists() && !Path::new(&backup).exists());
    assert!(String::from_utf8(with(&["check"]).stdout).unwrap().contains("The data is whole."));
}

/// A server of the version before may be running, and could not go on.
#[test]
fn whoever_has_not_the_folder_for_itself_leaves_its_format_as_it_is() {
    let folder = TempDir::new().unwrap();
    copy_folder(Path::new(OLD), folder.path());
    let (before, export) = (format(folder.path()), folder.path().join("all.csv"));
    for arguments in [
        &["check"][..],
        &["user", "list"],
        &["user", "add", "ann@example.com"],
        &["user", "sign-out"],
        &["source", "list"],
        &["source", "add", "Shop"],
        &["key", "list"],
        &["key", "add", "Night", "--scope", "sql"],
        &["merge", "show", "x"],
        &["sql", "SELECT 1"],
        &["export", export.to_str().unwrap()],
        &["events", "compact"],
        &["events", "expire"],
    ] {
        let done = run(folder.path(), arguments);
        let said = wrong(&done);
        assert!(!done.status.success(), "{arguments:?}");
        assert!(said.contains("is of format 3") && said.contains("`kith serve`"), "{said}");
        assert_eq!(format(folder.path()), before, "{arguments:?}");
    }
    assert!(Server::start(folder.path()).stop());
    assert!(format(folder.path()) > before);
    assert!(said(folder.path(), &["check"]).ends_with("The data is whole.\n"));
}

/// A setting that names another database than was meant leaves that one as it is.
#[test]
fn a_command_begins_nowhere_what_it_needs_to_be_there() {
    let (place, url) = (TempDir::new().unwrap(), shared().create_database());
    let folder = place.path().join("data");
    let export = place.path().join("all.csv");
    let by = |arguments: &[&str]| {
        kith(&folder, arguments).env("KITH_DATABASE_URL", &url).output().unwrap()
    };
    for arguments in [
        &["check"][..],
        &["user", "list"],
        &["user", "sign-out"],
        &["source", "remove", "x"],
        &["key", "remove", "x"],
        &["merge", "show", "x"],
        &["rebuild", "profiles"],
        &["sql", "SELECT 1"],
        &["export", export.to_str().unwrap()],
        &["import", export.to_str().unwrap()],
        &["events", "compact"],
        &["events", "expire"],
        &["events", "forget-lost"],
    ] {
        let done = by(arguments);
        let said = wrong(&done);
        assert!(!done.status.success() && said.contains("no data in the database"), "{said}");
        assert!(done.stdout.is_empty() && !folder.exists(), "{arguments:?}");
    }
    let begun = by(&["source", "add", "Shop", "--id", "shop"]);
    assert!(begun.status.success() && wrong(&begun).ends_with("it begins here\n"));
    let more = by(&["source", "add", "Other"]);
    assert!(more.status.success() && more.stderr.is_empty(), "{}", wrong(&more));
    assert!(by(&["events", "compact"]).status.success());
    assert!(by(&["check"]).status.success());
}

#[test]
fn a_folder_in_which_data_begins_is_named() {
    let place = TempDir::new().unwrap();
    std::fs::write(place.path().join("kith.db"), "").unwrap();
    for arguments in [&["user", "list"][..], &["sql", "SELECT 1"], &["check"]] {
        let said = wrong(&run(place.path(), arguments));
        assert!(said.contains("there is no data in"), "{said}");
    }
    let said = wrong(&run(place.path(), &["user", "add", "ann@example.com"]));
    assert!(said.starts_with("kith: there was no data in"), "{said}");
    assert_eq!(wrong(&run(place.path(), &["user", "add", "ben@example.com"])), "");
}

fn modes(folder: &Path, (of_folders, of_files): (u32, u32)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            modes(&path, (of_folders, of_files));
        } else {
            set_permissions(path, Permissions::from_mode(of_files)).unwrap();
        }
    }
    set_permissions(folder, Permissions::from_mode(of_folders)).unwrap();
}

fn names(folder: &Path) -> Vec<std::ffi::OsString> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

/// The program where everybody may run it.
fn program_for_all(place: &Path) -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_kith"));
    let (program, library) = (place.join("kith"), "libduckdb.so");
    std::fs::copy(built, &program).unwrap();
    std::fs::copy(built.with_file_name(library), place.join(library)).unwrap();
    program
}

/// By somebody who may write nothing there, also where whoever runs the tests may write everywhere.
fn by_nobody(program: &Path, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(kith(folder, arguments).get_args()).env_clear();
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY);
    }
    command.output().unwrap()
}

#[test]
fn what_only_looks_works_where_nothing_can_be_written() {
    let above = TempDir::new().unwrap();
    set_permissions(above.path(), Permissions::from_mode(0o755)).unwrap();
    let folder = above.path().join("data");
    said(&folder, &["source", "add", "Shop", "--id", "shop"]);
    let mut server = Server::start(&folder);
    let event = json!({"source": {"id": "shop"}, "events": [{"type": "x"}]});
    assert_eq!(server.track(&agent(), &event).unwrap().0, 200);
    assert!(server.stop());
    said(&folder, &["events", "compact"]);
    modes(&folder, (0o555, 0o444));
    let before = names(&folder);
    let program = program_for_all(above.path());
    for arguments in [&["check"][..], &["source", "list"], &["user", "list"], &["key", "list"]] {
        let done = by_nobody(&program, &folder, arguments);
        assert!(done.status.success(), "{arguments:?}: {}", wrong(&done));
    }
    let done = by_nobody(&program, &folder, &["sql", "SELECT 1"]);
    assert!(!done.status.success(), "what is asked stands in the audit log");
    assert_eq!(names(&folder), before);
    modes(&folder, (0o755, 0o644));
}

/// A script takes what is there for all of it.
#[test]
fn what_could_not_be_printed_is_no_success() {
    let (folder, place) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let backup = place.path().join("backup");
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

#[test]
fn a_command_that_knows_another_place_puts_no_history_there() {
    let (folder, place) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let url = format!("file://{}", place.path().display());
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    let mut server =
        Server::start_in(folder.path(), &[("KITH_EVENTS_URL".to_owned(), url.clone())]);
    let event = json!({"source": {"id": "shop"}, "events": [{"type": "x"}]});
    assert_eq!(server.track(&agent(), &event).unwrap().0, 200);
    for _ in 0..2 {
        let forgotten = wrong(&run(folder.path(), &["events", "compact"]));
        assert!(forgotten.contains("history lies in"), "{forgotten}");
        assert!(forgotten.contains(place.path().to_str().unwrap()), "{forgotten}");
        let mut compact = kith(folder.path(), &["events", "compact"]);
        assert!(compact.env("KITH_EVENTS_URL", &url).status().unwrap().success());
    }
    assert!(server.stop());
    let forgotten = wrong(&run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]));
    assert!(forgotten.contains("history lies in"), "{forgotten}");
    assert_eq!(names(&folder.path().join("events")), Vec::<std::ffi::OsString>::new());
}
