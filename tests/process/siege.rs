//! A siege: several processes attack at the same time, and honest people notice nothing of it.
//!
//! A few seconds of it, or as many as `KITH_SIEGE_SECONDS` says (`make siege`), against the binary that
//! `KITH` names. It prints what everybody has noticed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::server::{Server, kith, said};
use crate::support::wire::said_to;

/// The attacks: kind, how many connections of a thousand, and the addresses `127.0.0.x` they come from.
/// Each is a process of `tests/siege/attack.py`, which says what each kind does. Those who ask in SQL
/// have a token.
const ATTACKS: [(&str, usize, [u8; 2]); 10] = [
    ("heads", 250, [2, 2]),
    ("silent", 150, [3, 6]),
    ("idle", 150, [1, 1]),
    ("bodies", 150, [7, 8]),
    ("trickles", 100, [9, 60]),
    ("large-heads", 150, [2, 2]),
    ("deaf", 50, [9, 9]),
    ("sql-deep", 2, [5, 5]),
    ("sql-large", 2, [5, 5]),
    ("sql-endless", 2, [5, 5]),
];
/// What memory may grow by, in kilobytes.
const GROWTH_KB_MAX: u64 = 300 * 1024;
/// The time that all but one of a hundred honest requests may take. `make siege` holds them to a
/// second; a test among others only knows a hang.
const P99_MAX: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(20)];
const ADMINISTRATOR: &str = "siege@kith.example";
const PASSWORD: &str = "a long password";

/// What honest people have noticed of one kind of request: statuses, and how long it took.
#[derive(Default)]
struct Noticed {
    statuses: BTreeMap<String, usize>,
    took: Vec<Duration>,
}

impl Noticed {
    /// One request on a connection of its own.
    fn ask(&mut self, server: &Server, request: &str) -> String {
        let begun = Instant::now();
        let answer = said_to(server, request);
        self.took.push(begun.elapsed());
        let status = answer.split(' ').nth(1).unwrap_or("none").to_owned();
        *self.statuses.entry(status).or_default() += 1;
        answer
    }

    fn at(&self, share: f64) -> Duration {
        let mut took = self.took.clone();
        took.sort();
        took[((took.len() - 1) as f64 * share) as usize]
    }

    fn row(&self, name: &str) -> String {
        let milliseconds = |share| self.at(share).as_secs_f64() * 1000.0;
        let (p50, p99, most) = (milliseconds(0.5), milliseconds(0.99), milliseconds(1.0));
        let (count, statuses) = (self.took.len(), &self.statuses);
        format!("{name:<12} {count:>8} {p50:>9.1} {p99:>9.1} {most:>9.1}   {statuses:?}")
    }
}

fn request(head: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{head} HTTP/1.1\r\nHost: kith\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

fn track(number: usize) -> String {
    let session = json!({"id": format!("s{}", number % 100)});
    let events = json!([{"type": "page-view", "properties": {"number": number}}]);
    let payload = json!({"source": {"id": "shop"}, "session": session, "events": events});
    request("POST /track", &payload.to_string())
}

fn token(server: &Server) -> String {
    let form = format!("username={ADMINISTRATOR}&password={}", PASSWORD.replace(' ', "+"));
    let kind = "POST /user/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";
    let answer = said_to(
        server,
        &request("POST /user/token", &form).replacen("POST /user/token HTTP/1.1", kind, 1),
    );
    let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

fn memory_kb(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid()));
    let status = status.expect("the server runs");
    let size = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    size.split_whitespace().next().unwrap().parse().unwrap()
}

/// A server with so many descriptors, somebody who may read, and history to read.
fn server(folder: &Path, descriptors: u64) -> Server {
    said(folder, &["source", "add", "Shop", "--id", "shop"]);
    let mut add = kith(folder, &["user", "add", ADMINISTRATOR, "--password-stdin"]);
    let mut add = add.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(&mut add.stdin.take().unwrap(), PASSWORD.as_bytes()).unwrap();
    assert!(add.wait().unwrap().success());
    let binary = std::env::var("KITH").unwrap_or(env!("CARGO_BIN_EXE_kith").to_owned());
    let mut bounded = Command::new("prlimit");
    bounded.arg(format!("--nofile={descriptors}:{descriptors}")).arg(binary);
    let settings = [("KITH_EVENTS_FLUSH_SECONDS".to_owned(), "2".to_owned())];
    Server::start_as(bounded, folder, &settings)
}

fn attack(server: &Server, connections: usize, seconds: u64, token: &str) -> Vec<Child> {
    let port = server.url("").rsplit(':').next().unwrap().to_owned();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/siege/attack.py");
    let begin = |(kind, share, [first, last]): (&str, usize, [u8; 2])| {
        let count = connections * share / 1000;
        let numbers = [count as u64, seconds, u64::from(first), u64::from(last)];
        // Their processor is not the server's.
        let mut python = Command::new("nice");
        python
            .args(["-n", "19", "python3"])
            .arg(&script)
            .arg(kind)
            .arg(&port)
            .env("KITH_TOKEN", token);
        python.args(numbers.map(|number| number.to_string())).stdout(Stdio::piped());
        python.spawn().unwrap()
    };
    ATTACKS.into_iter().map(begin).collect()
}

/// Honest people, until the attack is over: four who send and one who reads, each time on a new
/// connection. And the most memory that the server has had.
fn live(server: &Server, seconds: u64, token: &str) -> ([Noticed; 2], u64) {
    let (over, end) = (AtomicBool::new(false), Duration::from_secs(seconds));
    let question = "GET /api/events?limit=10&type=page-view";
    let question = request(question, "").replacen(
        "Host",
        &format!("Authorization: Bearer {token}\r\nHost"),
        1,
    );
    let go_on = || !over.load(Ordering::SeqCst);
    let sender = |from: usize| {
        let mut noticed = Noticed::default();
        for number in (from..).step_by(4).take_while(|_| go_on()) {
            noticed.ask(server, &track(number));
            std::thread::sleep(Duration::from_millis(20));
        }
        noticed
    };
    let reader = || {
        let mut noticed = Noticed::default();
        while go_on() {
            noticed.ask(server, &question);
            std::thread::sleep(Duration::from_millis(200));
        }
        noticed
    };
    std::thread::scope(|scope| {
        let sender = &sender;
        let senders: Vec<_> = (0..4).map(|from| scope.spawn(move || sender(from))).collect();
        let reader = scope.spawn(reader);
        let begun = Instant::now();
        let mut most = 0;
        while begun.elapsed() < end {
            most = memory_kb(server).max(most);
            std::thread::sleep(Duration::from_millis(100));
        }
        over.store(true, Ordering::SeqCst);
        let mut tracked = Noticed::default();
        for sender in senders {
            let one = sender.join().unwrap();
            tracked.took.extend(one.took);
            for (status, count) in one.statuses {
                *tracked.statuses.entry(status).or_default() += count;
            }
        }
        ([tracked, reader.join().unwrap()], most)
    })
}

/// So many hostile connections on a server with so many descriptors.
#[expect(clippy::print_stdout, reason = "the table is what `make siege` is for")]
fn siege(connections: usize, descriptors: u64) {
    let seconds = std::env::var("KITH_SIEGE_SECONDS").ok().map(|text| text.parse().unwrap());
    let (seconds, p99_max) = (seconds.unwrap_or(8), P99_MAX[usize::from(seconds.is_none())]);
    let folder = TempDir::new().unwrap();
    let mut server = server(folder.path(), descriptors);
    let token = token(&server);
    // What a server takes that has worked is not the attack's.
    let (_, idle) = live(&server, 3, &token);
    let attackers = attack(&server, connections, seconds, &token);
    let (noticed, most) = live(&server, seconds, &token);
    let metrics = said_to(&server, &request("GET /metrics", ""));
    let attacked: Vec<String> = attackers
        .into_iter()
        .map(|attacker| String::from_utf8(attacker.wait_with_output().unwrap().stdout).unwrap())
        .collect();
    println!("\n{connections} hostile connections, {descriptors} descriptors, {seconds} s");
    println!("honest       requests   p50 ms    p99 ms    max ms   statuses");
    let names = ["POST /track", "GET /api"];
    names.iter().zip(&noticed).for_each(|(name, noticed)| println!("{}", noticed.row(name)));
    println!("attack       opened, closed by Kith, still there\n{}", attacked.concat());
    println!("memory       {} MB idle, {} MB at most", idle / 1024, most / 1024);
    let connections = metrics.lines().filter(|line| line.starts_with("kith_connections"));
    connections.for_each(|line| println!("{line}"));
    assert!(server.stop(), "ended well");
    for noticed in &noticed {
        assert_eq!(noticed.statuses.keys().collect::<Vec<_>>(), ["200"], "{:?}", noticed.statuses);
        assert!(noticed.at(0.99) < p99_max, "honest people wait: {:?}", noticed.at(0.99));
    }
    assert!(most < idle + GROWTH_KB_MAX, "{idle} kB has become {most} kB");
}

#[test]
fn honest_people_notice_nothing() {
    siege(5_000, 20_000);
}

#[test]
fn honest_people_notice_nothing_where_descriptors_are_few() {
    siege(1_500, 1_024);
}
