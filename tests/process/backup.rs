//! Backups of a running server under load, and what becomes of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::crash;
use crate::support::server::{Server, agent, run, said};

const CLIENTS: u64 = 4;
const SESSIONS: u64 = 30;
/// Replaced files leave the disk as soon as they can.
const SETTINGS: &str = "[events]\nflush_seconds = 0\nfiles_per_day_max = 2\ngrace_seconds = 0\n";

/// Who talks to the server, and what they were told.
#[derive(Default)]
struct Load {
    ends: AtomicBool,
    sent: Mutex<BTreeSet<String>>,
    /// Acknowledged events.
    kept: Mutex<BTreeSet<String>>,
    /// Whom each session belongs to.
    people: Mutex<BTreeMap<String, String>>,
}

impl Load {
    fn client(&self, server: &Server, client: u64) {
        let agent = agent();
        for number in 0.. {
            if self.ends.load(Ordering::SeqCst) {
                return;
            }
            let session = number % SESSIONS;
            let (id, payload) = crash::payload(client, number, session, 0);
            self.sent.lock().unwrap().insert(id.clone());
            let (status, answer) = server.track(&agent, &payload).unwrap();
            assert_eq!(status, 200, "{answer}");
            self.kept.lock().unwrap().insert(id);
            let profile = answer["profile"]["id"].as_str().unwrap().to_owned();
            self.people.lock().unwrap().insert(format!("s{session}"), profile);
        }
    }

    /// Merges files and removes those that were merged, as often as it can.
    fn churn(&self, folder: &Path) {
        while !self.ends.load(Ordering::SeqCst) {
            said(folder, &["events", "compact"]);
            said(folder, &["events", "expire"]);
        }
    }

    fn acknowledged(&self) -> BTreeSet<String> {
        self.kept.lock().unwrap().clone()
    }
}

/// Ends the load also when a test fails, so that its threads can be joined.
struct Ends<'a>(&'a Load);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.ends.store(true, Ordering::SeqCst);
    }
}

fn shop(settings: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    std::fs::write(folder.path().join("kith.toml"), settings).unwrap();
    folder
}

/// The Parquet files below `folder`. What a command works in may go while this looks.
fn parquet(folder: &Path) -> Vec<PathBuf> {
    let days = std::fs::read_dir(folder.join("events")).unwrap();
    let files = days.filter_map(|day| std::fs::read_dir(day.unwrap().path()).ok()).flatten();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Restores a backup elsewhere and holds it against what was acknowledged when it began.
fn check_restored(backup: &Path, before: &BTreeSet<String>, load: &Load) -> TempDir {
    let home = TempDir::new().unwrap();
    let told = said(&home.path().join("new"), &["restore", &text(backup)]);
    assert!(told.contains("Start it with: kith serve --data-dir "), "{told}");
    let folder = home.path().join("new");
    assert!(said(&folder, &["check"]).contains("The data is whole."));
    let (kept, interests) = crash::kept(&folder);
    assert!(kept.values().all(|times| *times == 1), "{kept:?}");
    let lost: Vec<_> = before.iter().filter(|id| !kept.contains_key(*id)).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    let sent = load.sent.lock().unwrap();
    assert!(kept.keys().all(|id| sent.contains(id)), "never sent");
    assert!((interests - kept.len() as f64).abs() < 0.5, "one moment: {interests}");
    assert_eq!(parquet(&folder).len(), parquet(backup).len());
    home
}

#[test]
fn a_backup_under_load_is_one_moment() {
    let folder = shop(SETTINGS);
    let server = Server::start(folder.path());
    let backups = TempDir::new().unwrap();
    let load = Load::default();
    let mut begun = Vec::new();
    std::thread::scope(|scope| {
        let _ends = Ends(&load);
        for client in 0..CLIENTS {
            let (load, server) = (&load, &server);
            scope.spawn(move || load.client(server, client));
        }
        scope.spawn(|| load.churn(folder.path()));
        while parquet(folder.path()).is_empty() || load.acknowledged().len() < 500 {
            std::thread::sleep(Duration::from_millis(20));
        }
        for number in 0..4 {
            let before = load.acknowledged();
            let place = backups.path().join(number.to_string());
            let told = said(folder.path(), &["backup", &text(&place)]);
            assert!(told.contains(" events, as of 20"), "{told}");
            assert!(load.acknowledged().len() > before.len(), "the server went on");
            begun.push((place, before));
        }
    });
    for (place, before) in &begun {
        check_restored(place, before, &load);
    }
    let (place, before) = begun.pop().unwrap();
    let restored = check_restored(&place, &before, &load);
    serves(&restored.path().join("new"), &load);
}

/// Every session still belongs to whom it belonged, and every id leads to its person.
fn serves(folder: &Path, load: &Load) {
    assert_eq!(std::fs::read_to_string(folder.join("kith.toml")).unwrap(), SETTINGS);
    let server = Server::start(folder);
    let agent = agent();
    let ask = |payload: &Value| {
        let (status, answer) = server.track(&agent, payload).unwrap();
        assert_eq!(status, 200, "{answer}");
        answer["profile"]["id"].as_str().unwrap().to_owned()
    };
    let source = json!({"id": "shop"});
    for (session, person) in load.people.lock().unwrap().iter() {
        let events = json!([{"type": "x"}]);
        let known = json!({"source": source, "session": {"id": session}, "events": events});
        assert_eq!(&ask(&known), person, "{session}");
        let new = format!("{session}-again");
        let named = json!({"source": source, "session": {"id": new}, "profile": {"id": person},
            "events": events});
        assert_eq!(&ask(&named), person, "{session}");
    }
}

/// A folder with some events in two files and some in the tail, and nobody who serves it.
fn quiet() -> TempDir {
    let folder = shop("[events]\nflush_seconds = 600\n");
    let mut server = Server::start(folder.path());
    for part in 0..3 {
        for number in 0..5 {
            let (_, payload) = crash::payload(part, number, number, 0);
            assert_eq!(server.track(&agent(), &payload).unwrap().0, 200);
        }
        if part < 2 {
            said(folder.path(), &["events", "compact"]);
        }
        std::fs::write(folder.path().join("kith.toml"), "[events]\nfile_bytes_min = 0\n").unwrap();
    }
    assert!(server.stop());
    assert_eq!(parquet(folder.path()).len(), 2);
    folder
}

/// What a command that failed said.
#[track_caller]
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn events(folder: &Path) -> String {
    said(folder, &["sql", "SELECT count(*) AS n FROM events WHERE type = 'increase-interest'"])
}

#[test]
fn what_was_killed_and_what_was_stopped_are_backed_up_as_well() {
    let folder = quiet();
    let (home, before) = (TempDir::new().unwrap(), names(folder.path()));
    let [stopped, killed] = ["stopped", "killed"].map(|name| home.path().join(name));
    said(folder.path(), &["backup", &text(&stopped)]);
    let left: Vec<_> = names(folder.path()).difference(&before).cloned().collect();
    assert!(left.iter().all(|name| name.starts_with("kith.db-")), "{left:?}");
    assert_eq!(names(&stopped).len(), 4, "{:?}", names(&stopped));
    let mut server = Server::start(folder.path());
    let (_, payload) = crash::payload(9, 0, 99, 0);
    let person = server.track(&agent(), &payload).unwrap().1["profile"]["id"].clone();
    server.kill();
    said(folder.path(), &["backup", &text(&killed)]);
    for (backup, count) in [(&stopped, 15), (&killed, 16)] {
        let restored = home.path().join(format!("restored-{count}"));
        said(&restored, &["restore", &text(backup)]);
        assert_eq!(events(&restored), format!("n\n{count}\n"));
    }
    // What was handed out after a backup is unknown to it, and nobody may choose an id.
    let server = Server::start(&home.path().join("restored-15"));
    let payload = json!({"source": {"id": "shop"}, "profile": {"id": person},
        "events": [{"type": "x"}]});
    assert_ne!(server.track(&agent(), &payload).unwrap().1["profile"]["id"], person);
}

#[test]
fn a_backup_since_another_takes_the_room_of_what_is_new() {
    use std::os::unix::fs::MetadataExt as _;
    let folder = quiet();
    let home = TempDir::new().unwrap();
    let [one, two, restored] = ["one", "two", "restored"].map(|name| home.path().join(name));
    said(folder.path(), &["backup", &text(&one)]);
    said(folder.path(), &["events", "compact"]);
    said(folder.path(), &["backup", &text(&two), "--since", &text(&one)]);
    let inode = |path: &PathBuf| std::fs::metadata(path).unwrap().ino();
    let [old, new] = [&one, &two].map(|backup| parquet(backup).iter().map(inode).collect());
    let (old, new): (BTreeSet<u64>, BTreeSet<u64>) = (old, new);
    assert!(old.is_subset(&new) && new.len() == old.len() + 1, "{old:?} {new:?}");
    assert!(!parquet(folder.path()).iter().map(inode).any(|file| new.contains(&file)), "copies");
    std::fs::remove_dir_all(&one).unwrap();
    said(&restored, &["restore", &text(&two)]);
    assert_eq!(events(&restored), "n\n15\n");
}

#[test]
fn nothing_is_overwritten() {
    let folder = quiet();
    let home = TempDir::new().unwrap();
    let [backup, empty, half] = ["backup", "empty", "half"].map(|name| home.path().join(name));
    said(folder.path(), &["backup", &text(&backup)]);
    std::fs::create_dir(&empty).unwrap();
    std::fs::create_dir(home.path().join("half.unfinished")).unwrap();
    let inside = folder.path().join("events/backup");
    let cases = [
        (&backup, "is there already"),
        (&empty, "is there already"),
        (&half, "was cut off; remove it"),
        (&inside, "inside the data folder"),
        (&home.path().join("nowhere/backup"), "nowhere"),
    ];
    for (place, hint) in cases {
        let said = refused(folder.path(), &["backup", &text(place)]);
        assert!(said.contains(hint), "{said}");
    }
    let said = refused(home.path(), &["backup", &text(&home.path().join("new"))]);
    assert!(said.contains("there is no data in"), "{said}");
    let before = names(folder.path());
    let said = refused(folder.path(), &["restore", &text(&backup)]);
    assert!(said.contains("is not empty"), "{said}");
    assert_eq!(names(folder.path()), before);
    for (key, value) in [("KITH_DATABASE_URL", "postgres://x"), ("KITH_EVENTS_URL", "s3://x/y")] {
        for command in ["backup", "restore"] {
            let mut command = crate::support::server::kith(&empty, &[command, &text(&backup)]);
            let output = command.env(key, value).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(said.contains("is set") && !output.status.success(), "{said}");
        }
    }
}

#[test]
fn nobody_begins_anew_where_a_restore_was_cut_off_or_the_database_is_gone() {
    let folder = quiet();
    let home = TempDir::new().unwrap();
    let [backup, half] = ["backup", "half"].map(|name| home.path().join(name));
    said(folder.path(), &["backup", &text(&backup)]);
    // As it is before anything but the name of the database is there.
    std::fs::create_dir(&half).unwrap();
    std::fs::write(half.join("kith.db.unfinished"), "").unwrap();
    for command in [&["serve"][..], &["source", "add", "Shop"], &["restore", &text(&backup)]] {
        let said = refused(&half, command);
        assert!(said.contains("was cut off; remove it, and restore again"), "{said}");
    }
    assert!(!names(&half).contains("kith.db"), "nothing was made");

    for name in ["kith.db", "kith.db-wal", "kith.db-shm"] {
        drop(std::fs::remove_file(folder.path().join(name)));
    }
    let before = names(folder.path());
    let said = refused(folder.path(), &["serve"]);
    assert!(said.contains("has history in events, and no kith.db"), "{said}");
    assert_eq!(names(folder.path()), before);
}

/// A way to spoil a backup, and a part of what is said then.
type Damage = (fn(&Path), &'static str);

fn change_manifest(backup: &Path, change: impl FnOnce(&mut Value)) {
    let path = backup.join("manifest.json");
    let mut manifest = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    std::fs::write(path, manifest.to_string()).unwrap();
}

const DAMAGES: [Damage; 9] = [
    (|backup| std::fs::remove_file(backup.join("manifest.json")).unwrap(), "not a whole backup"),
    (|backup| std::fs::write(backup.join("manifest.json"), "{\"kith\":").unwrap(), "is damaged"),
    (|backup| change_manifest(backup, |all| all["format"] = json!(2)), "use that version"),
    (
        |backup| change_manifest(backup, |all| all["files"][0]["path"] = json!("../kith.db")),
        "../kith.db is no path in a backup",
    ),
    (
        |backup| {
            let file = std::fs::File::options().write(true).open(&parquet(backup)[0]).unwrap();
            file.set_len(100).unwrap();
        },
        "has 100 bytes, not ",
    ),
    (|backup| std::fs::remove_file(backup.join("kith.toml")).unwrap(), "kith.toml is missing"),
    (|backup| std::fs::remove_file(&parquet(backup)[1]).unwrap(), ".parquet is missing"),
    (
        |backup| {
            let file = &parquet(backup)[0];
            let mut bytes = std::fs::read(file).unwrap();
            bytes[50] ^= 1;
            std::fs::write(file, bytes).unwrap();
        },
        "is not what was written there",
    ),
    (
        |backup| {
            let mut bytes = std::fs::read(backup.join("kith.db")).unwrap();
            bytes.truncate(8192);
            std::fs::write(backup.join("kith.db"), bytes).unwrap();
        },
        "kith.db has 8192 bytes",
    ),
];

#[test]
fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let folder = quiet();
    let home = TempDir::new().unwrap();
    let new = home.path().join("new");
    for (number, (damage, hint)) in DAMAGES.into_iter().enumerate() {
        let backup = home.path().join(number.to_string());
        said(folder.path(), &["backup", &text(&backup)]);
        damage(&backup);
        let said = refused(&new, &["restore", &text(&backup)]);
        assert!(said.contains(hint), "{hint}: {said}");
        assert!(!new.exists() || names(&new).is_empty(), "{hint}: {:?}", names(&new));
    }
    let whole = home.path().join("whole");
    said(folder.path(), &["backup", &text(&whole)]);
    said(&new, &["restore", &text(&whole)]);
}

#[test]
fn damaged_data_makes_no_backup() {
    let home = TempDir::new().unwrap();
    let backup = home.path().join("backup");
    let damages: [Damage; 3] = [
        (|folder| std::fs::remove_file(&parquet(folder)[0]).unwrap(), ".parquet is missing"),
        (|folder| std::fs::write(&parquet(folder)[1], "PAR1").unwrap(), "has 4 bytes, not "),
        (
            |folder| {
                let database = rusqlite::Connection::open(folder.join("kith.db")).unwrap();
                database.execute("INSERT INTO alias VALUES ('x', 'nobody')", []).unwrap();
            },
            "1 ids lead to no living profile",
        ),
    ];
    for (damage, hint) in damages {
        let folder = quiet();
        damage(folder.path());
        let said = refused(folder.path(), &["backup", &text(&backup)]);
        assert!(said.contains(hint) && said.contains("kith check"), "{hint}: {said}");
        assert!(names(home.path()).is_empty(), "{:?}", names(home.path()));
    }
}
