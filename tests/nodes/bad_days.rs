//! Three real nodes on one PostgreSQL and one S3, while each part fails in turn.
//!
//! What was acknowledged is there, once, and service goes on by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::postgres::{self, Cluster};
use crate::support::s3::S3;
use crate::support::server::{self, Server, agent};

const NODES: usize = 3;
const CLIENTS: u64 = 8;
const SESSIONS: u64 = 60;
const PEOPLE: u64 = 25;
/// How long a client insists on one payload.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where nodes keep what they know, and the nodes.
pub(super) struct Topology {
    pub(super) cluster: Cluster,
    bucket: S3,
    /// The database, and where nodes find it.
    pub(super) url: String,
    nodes_url: String,
    pub(super) folders: Vec<TempDir>,
    /// None while it is dead.
    nodes: Vec<Mutex<Option<Server>>>,
}

impl Topology {
    fn start() -> Self {
        let cluster = Cluster::start();
        let url = cluster.create_database();
        Self::start_on(cluster, url.clone(), url)
    }

    /// On the database at `url`, which nodes find at `nodes_url`.
    pub(super) fn start_on(cluster: Cluster, url: String, nodes_url: String) -> Self {
        let bucket = S3::new();
        let folders = (0..NODES).map(|_| TempDir::new().unwrap()).collect();
        let mut all = Self { cluster, bucket, url, nodes_url, folders, nodes: Vec::new() };
        let mut first = server::kith(
            all.folders[0].path(),
            &["source", "add", "Shop", "--id", "shop", "--trust", "trusted"],
        );
        assert!(first.envs(all.environment()).status().unwrap().success());
        let start = |node: usize| Mutex::new(Some(all.start_node(node)));
        all.nodes = (0..NODES).map(start).collect();
        all
    }

    pub(super) fn environment(&self) -> Vec<(String, String)> {
        let own = [
            ("KITH_DATABASE_URL", self.nodes_url.clone()),
            ("KITH_EVENTS_URL", self.bucket.url()),
            // As often as it can.
            ("KITH_EVENTS_FLUSH_SECONDS", "0".to_owned()),
            ("KITH_EVENTS_FILES_PER_DAY_MAX", "4".to_owned()),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value));
        self.bucket.environment().into_iter().chain(own).collect()
    }

    fn start_node(&self, node: usize) -> Server {
        Server::start_in(self.folders[node].path(), &self.environment())
    }

    /// What a node says to the payload; nothing when it is dead or dies meanwhile.
    fn ask(&self, node: usize, agent: &ureq::Agent, payload: &Value) -> Option<(u16, Value)> {
        let address = self.nodes[node].lock().unwrap().as_ref()?.url("/track");
        let mut response = agent.post(address).send_json(payload).ok()?;
        let body = response.body_mut().read_json().ok()?;
        Some((response.status().as_u16(), body))
    }

    fn kill(&self, node: usize) {
        let mut dead = self.nodes[node].lock().unwrap().take().unwrap();
        dead.kill();
    }

    fn revive(&self, node: usize) {
        let alive = self.start_node(node);
        *self.nodes[node].lock().unwrap() = Some(alive);
    }

    pub(super) fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let mut command = server::kith(self.folders[0].path(), &["sql", sql, "--format", "csv"]);
        let output = command.envs(self.environment()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }
}

/// What the clients were told.
#[derive(Default)]
pub(super) struct Told {
    pub(super) events: BTreeSet<String>,
    /// By session, every profile id that was answered.
    profiles: BTreeMap<String, BTreeSet<String>>,
    pub(super) refused: u64,
}

/// A payload with an event of its own. Sessions are of people who say now and then who they are.
fn payload(random: &mut StdRng, id: &str) -> Value {
    let session = random.random_range(0..SESSIONS);
    let properties = json!({"interest": "sport", "value": 1});
    let mut events = vec![json!({"id": id, "type": "increase-interest", "properties": properties})];
    if random.random_range(0..6) == 0 {
        let email = format!("{}@example.com", session % PEOPLE);
        let properties = json!({"email": {"main": email}});
        events.push(json!({"id": format!("{id}-in"), "type": "sign-in", "properties": properties}));
    }
    let session = json!({"id": format!("s{session}")});
    json!({"source": {"id": "shop"}, "session": session, "events": events})
}

/// Sends, to whichever node, until everything is over; each payload until it is acknowledged.
fn client(all: &Topology, number: u64, is_over: &AtomicBool) -> Told {
    let (mut told, mut random) = (Told::default(), StdRng::seed_from_u64(number));
    let agent = agent();
    for at in 0.. {
        if is_over.load(Ordering::SeqCst) {
            return told;
        }
        let id = format!("c{number}-{at}");
        let payload = payload(&mut random, &id);
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < PATIENCE, "{id} was never taken");
            match all.ask(random.random_range(0..NODES), &agent, &payload) {
                Some((200, answer)) => {
                    let session = payload["session"]["id"].as_str().unwrap().to_owned();
                    let profile = answer["profile"]["id"].as_str().map(str::to_owned);
                    told.profiles.entry(session).or_default().extend(profile);
                    told.events.insert(id);
                    break;
                }
                Some((status, answer)) => {
                    assert_eq!(status, 503, "{answer}");
                    told.refused += 1;
                }
                None => {}
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    told
}

/// Ends those who work beside something with it, also when it panics: they would be waited for without end.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// What `work`, done by each client, comes to; it is over when `bad_days` are.
fn beside<T: Send>(work: impl Fn(u64, &AtomicBool) -> T + Sync, bad_days: impl FnOnce()) -> Vec<T> {
    let (is_over, work) = (AtomicBool::new(false), &work);
    std::thread::scope(|scope| {
        let is_over = &is_over;
        let start = |number| scope.spawn(move || work(number, is_over));
        let clients: Vec<_> = (0..CLIENTS).map(start).collect();
        let over = Over(is_over);
        bad_days();
        drop(over);
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    })
}

/// Runs `bad_days` while the clients send.
pub(super) fn under_load(all: &Topology, bad_days: impl FnOnce()) -> Told {
    let mut told = Told::default();
    for one in beside(|number, is_over| client(all, number, is_over), bad_days) {
        told.events.extend(one.events);
        told.refused += one.refused;
        for (session, ids) in one.profiles {
            told.profiles.entry(session).or_default().extend(ids);
        }
    }
    told
}

/// Everything acknowledged is there once, and every count is exact.
pub(super) fn check(all: &Topology, told: &Told) {
    let mut check = server::kith(all.folders[0].path(), &["check"]);
    let verdict = check.envs(all.environment()).output().unwrap();
    assert!(verdict.status.success(), "{}", String::from_utf8_lossy(&verdict.stdout));
    let sql = "SELECT id, count(*) FROM events WHERE type = 'increase-interest' GROUP BY id";
    let rows = all.rows(sql);
    let kept: BTreeMap<&str, &str> = rows.iter().map(|row| (&*row[0], &*row[1])).collect();
    let twice: Vec<_> = kept.iter().filter(|(_, times)| **times != "1").collect();
    assert!(twice.is_empty(), "kept twice: {twice:?}");
    let lost: Vec<_> = told.events.iter().filter(|id| !kept.contains_key(id.as_str())).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    // Each event was insisted upon, so none is there that was not acknowledged.
    assert_eq!(kept.len(), told.events.len());
    let bodies = postgres::rows(&all.url, "SELECT body FROM profile");
    let interest = |row: &Vec<String>| {
        let body: Value = serde_json::from_str(&row[0]).unwrap();
        body["interests"]["sport"].as_f64().unwrap_or(0.0)
    };
    let sum: f64 = bodies.iter().map(interest).sum();
    assert!((sum - told.events.len() as f64).abs() < 0.5, "{sum} of {}", told.events.len());
    for (session, ids) in &told.profiles {
        let sql = format!(
            "SELECT DISTINCT profile_id FROM alias WHERE id IN ('{}')",
            ids.iter().cloned().collect::<Vec<_>>().join("', '")
        );
        assert_eq!(postgres::rows(&all.url, &sql).len(), 1, "{session}: {ids:?}");
    }
}

pub(super) fn pause(seconds: f64) {
    std::thread::sleep(Duration::from_secs_f64(seconds));
}

#[test]
fn a_day_that_panics_is_told_of() {
    let wait = |_, is_over: &AtomicBool| {
        while !is_over.load(Ordering::SeqCst) {
            pause(0.001);
        }
    };
    let days = || beside(wait, || panic!("a bad day"));
    let panic = std::panic::catch_unwind(days).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"a bad day"));
}

#[test]
fn a_node_dies_and_comes_back() {
    let all = Topology::start();
    let told = under_load(&all, || {
        pause(1.5);
        all.kill(1);
        pause(2.0);
        all.revive(1);
        pause(0.5);
        all.kill(0);
        pause(1.0);
    });
    all.revive(0);
    check(&all, &told);
}

#[test]
fn postgresql_restarts_in_the_middle() {
    let all = Topology::start();
    let told = under_load(&all, || {
        for _ in 0..3 {
            pause(1.5);
            all.cluster.restart_immediately();
        }
        all.cluster.stop();
        pause(1.0);
        all.cluster.start_again();
        pause(2.0);
    });
    assert!(told.refused > 0, "clients were told to come back");
    check(&all, &told);
}

#[test]
fn s3_refuses_for_a_while() {
    let all = Topology::start();
    let told = under_load(&all, || {
        pause(2.0);
        all.bucket.proxy.refuse();
        pause(3.0);
        all.bucket.proxy.accept();
        pause(2.0);
    });
    assert_eq!(told.refused, 0, "nobody who sends has noticed");
    // What waited goes into files by itself.
    let until = Instant::now() + PATIENCE;
    let waiting = "SELECT CAST(sum(events) AS BIGINT) FROM stream";
    while postgres::rows(&all.url, waiting)[0][0] != "0" {
        assert!(Instant::now() < until, "the tail is not flushed");
        pause(0.2);
    }
    check(&all, &told);
}

#[test]
fn another_node_flushes_what_a_dead_one_has_left() {
    let all = Topology::start();
    all.bucket.proxy.refuse();
    let told = under_load(&all, || pause(1.0));
    all.kill(0);
    all.kill(1);
    all.bucket.proxy.accept();
    let waiting = "SELECT CAST(sum(events) AS BIGINT) FROM stream";
    let until = Instant::now() + PATIENCE;
    while postgres::rows(&all.url, waiting)[0][0] != "0" {
        assert!(Instant::now() < until, "nobody takes over");
        pause(0.2);
    }
    check(&all, &told);
}
