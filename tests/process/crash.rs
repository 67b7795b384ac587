//! `kill -9` at any moment, again and again on one folder: what was acknowledged is there, once.
//!
//! Ten rounds, or as many as `KITH_CRASH_ROUNDS` says. A killed process keeps its page cache, so
//! this does not test the sync itself; failing storage does (`committer/failures.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::engine::rows;
use crate::support::server::{Server, agent, said};

const CLIENTS: u64 = 6;
const SESSIONS: u64 = 40;
/// How long a flush may take.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(50);

/// What one client was told.
#[derive(Default)]
struct Told {
    /// Acknowledged event ids.
    events: BTreeSet<String>,
    /// Sent, and nobody answered: may be kept or not, but not twice.
    unknown: BTreeSet<String>,
    /// Every profile id that a session was given.
    profiles: BTreeMap<String, BTreeSet<String>>,
}

impl Told {
    fn add(&mut self, other: Self) {
        self.events.extend(other.events);
        self.unknown.extend(other.unknown);
        for (session, ids) in other.profiles {
            self.profiles.entry(session).or_default().extend(ids);
        }
    }
}

pub(super) fn payload(client: u64, number: u64, session: u64, round: u64) -> (String, Value) {
    let id = format!("r{round}-c{client}-n{number}");
    let properties = json!({"interest": "sport", "value": 1});
    let events = json!([{"id": id, "type": "increase-interest", "properties": properties}]);
    let session = json!({"id": format!("s{session}")});
    (id, json!({"source": {"id": "shop"}, "session": session, "events": events}))
}

/// Sends until nobody answers.
fn client(server: &Server, client: u64, round: u64) -> Told {
    let (agent, mut told) = (agent(), Told::default());
    let mut random = rand::rngs::StdRng::seed_from_u64(round * CLIENTS + client);
    for number in 0.. {
        let session = random.random_range(0..SESSIONS);
        let (id, payload) = payload(client, number, session, round);
        let Some((status, answer)) = server.track(&agent, &payload) else {
            told.unknown.insert(id);
            return told;
        };
        assert_eq!(status, 200, "{answer}");
        let profile = answer["profile"]["id"].as_str().unwrap().to_owned();
        told.profiles.entry(format!("s{session}")).or_default().insert(profile);
        told.events.insert(id);
    }
    told
}

/// One life: load from several clients, a kill at a random moment.
fn life(folder: &std::path::Path, round: u64, lasts: Duration) -> Told {
    let mut server = Server::start(folder);
    let (sender, receiver) = channel();
    let pid = server.pid();
    std::thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (sender, server) = (sender.clone(), &server);
            scope.spawn(move || sender.send(client(server, number, round)).unwrap());
        }
        std::thread::sleep(lasts);
        let pid = pid.to_string();
        assert!(
            std::process::Command::new("kill").args(["-KILL", &pid]).status().unwrap().success()
        );
    });
    drop(sender);
    server.kill();
    let mut told = Told::default();
    receiver.into_iter().for_each(|one| told.add(one));
    told
}

/// Every event of the folder with how often it is there, in the tail or in files, and the sum of all
/// interests.
pub(super) fn kept(folder: &std::path::Path) -> (BTreeMap<String, u64>, f64) {
    let sql = "SELECT id, count(*) AS n FROM events WHERE type = 'increase-interest' GROUP BY id";
    let told = said(folder, &["sql", sql, "--format", "csv"]);
    let row = |line: &str| {
        let (id, times) = line.split_once(',').unwrap();
        (id.to_owned(), times.parse().unwrap())
    };
    let events: BTreeMap<String, u64> = told.lines().skip(1).map(row).collect();
    let database = rusqlite::Connection::open(folder.join("kith.db")).unwrap();
    let mut read = database.prepare("SELECT body FROM profile").unwrap();
    let bodies = read.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let sport = |body: String| {
        let body: Value = serde_json::from_str(&body).unwrap();
        body["interests"]["sport"].as_f64().unwrap_or(0.0)
    };
    let sum = bodies.map(|body| sport(body.unwrap())).sum();
    (events, sum)
}

#[test]
fn what_was_acknowledged_is_there_once() {
    let rounds = std::env::var("KITH_CRASH_ROUNDS").map_or(10, |rounds| rounds.parse().unwrap());
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    // As often as it can: kills meet flushes and compactions too.
    let settings = "[events]\nflush_seconds = 0\nfiles_per_day_max = 2\ngrace_seconds = 1\n";
    std::fs::write(folder.path().join("kith.toml"), settings).unwrap();
    let mut random = rand::rngs::StdRng::seed_from_u64(11);
    let mut told = Told::default();
    for round in 0..rounds {
        let longest = if round % 2 == 0 { 400 } else { 2000 };
        let lasts = Duration::from_millis(random.random_range(20..longest));
        told.add(life(folder.path(), round, lasts));
        check(folder.path(), &told);
    }
    assert!(told.events.len() as u64 > rounds, "clients were served");
    // Where a machine is so busy that no life was long enough for a flush, the last one is.
    let mut server = Server::start(folder.path());
    let until = Instant::now() + PATIENCE;
    while in_tail(folder.path()) >= told.events.len() as u64 {
        assert!(Instant::now() < until, "some are flushed");
        std::thread::sleep(LOOK);
    }
    server.kill();
    check(folder.path(), &told);
}

fn in_tail(folder: &std::path::Path) -> u64 {
    let found = rows(folder, "SELECT coalesce(sum(events), 0) FROM tail");
    found[0][0].parse().unwrap()
}

fn check(folder: &std::path::Path, told: &Told) {
    said(folder, &["check"]);
    let (kept, interests) = kept(folder);
    let twice: Vec<_> = kept.iter().filter(|(_, times)| **times != 1).collect();
    assert!(twice.is_empty(), "kept twice: {twice:?}");
    let lost: Vec<_> = told.events.iter().filter(|id| !kept.contains_key(*id)).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    let strange: Vec<_> = kept
        .keys()
        .filter(|id| !told.events.contains(*id) && !told.unknown.contains(*id))
        .collect();
    assert!(strange.is_empty(), "never sent: {strange:?}");
    for (session, ids) in &told.profiles {
        assert_eq!(ids.len(), 1, "{session} had more than one profile: {ids:?}");
    }
    assert!((interests - kept.len() as f64).abs() < 0.5, "{interests} for {}", kept.len());
}
