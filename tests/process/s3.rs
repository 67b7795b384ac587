//! The real binary with its history on S3, found by the variables that everybody's tools read.

use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::s3::S3;
use crate::support::server::{Server, agent, kith, said};

/// Longer than a pause of the lake's thread after a failure.
const PATIENCE: Duration = Duration::from_secs(30);

type Environment = Vec<(String, String)>;

fn environment(s3: &S3) -> Environment {
    let own = [("KITH_EVENTS_URL", s3.url()), ("KITH_EVENTS_FLUSH_SECONDS", "0".to_owned())];
    let mut environment = s3.environment();
    environment.extend(own.map(|(name, said)| (name.to_owned(), said)));
    environment
}

fn shop() -> TempDir {
    let folder = TempDir::new().unwrap();
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    folder
}

fn run(folder: &Path, environment: &Environment, arguments: &[&str]) -> Output {
    kith(folder, arguments).envs(environment.iter().cloned()).output().unwrap()
}

#[track_caller]
fn orders(folder: &Path, environment: &Environment) -> String {
    let sql = "SELECT count(*) AS n, count(DISTINCT id) AS ids FROM events WHERE type = 'order'";
    let output = run(folder, environment, &["sql", sql]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().last().unwrap().to_owned()
}

fn order(id: u64) -> Value {
    let event = json!({"id": format!("e{id}"), "type": "order"});
    json!({"source": {"id": "shop"}, "session": {"id": "s"}, "events": [event]})
}

#[track_caller]
fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Events that are in no file, as `/metrics` tells.
fn waiting(server: &Server) -> u64 {
    let told = agent().get(server.url("/metrics")).call().unwrap().body_mut().read_to_string();
    let line =
        told.unwrap().lines().find(|line| line.starts_with("kith_tail_events ")).map(String::from);
    line.and_then(|line| line.rsplit(' ').next().unwrap().parse().ok()).unwrap_or(0)
}

#[test]
fn a_server_goes_on_while_s3_is_away_and_catches_up() {
    let (s3, folder) = (S3::new(), shop());
    let environment = environment(&s3);
    let mut server = Server::start_in(folder.path(), &environment);
    let agent = agent();
    let send = |server: &Server, ids: std::ops::Range<u64>| {
        for id in ids {
            let begun = Instant::now();
            assert_eq!(server.track(&agent, &order(id)).unwrap().0, 200);
            assert!(begun.elapsed() < Duration::from_secs(2), "S3 must not hold it up");
        }
    };
    send(&server, 0..10);
    eventually("a file comes", || s3.objects().len() > 1);
    assert_eq!(orders(folder.path(), &environment), "10,10", "a command beside it");
    s3.proxy.refuse();
    send(&server, 10..20);
    assert_eq!(orders(folder.path(), &environment), "20,20", "the server's cache is borrowed");
    s3.proxy.accept();
    eventually("it catches up", || waiting(&server) == 0);
    assert_eq!(orders(folder.path(), &environment), "20,20");
    server.kill();
    let mut again = Server::start_in(folder.path(), &environment);
    assert_eq!(orders(folder.path(), &environment), "20,20");
    let told = run(folder.path(), &environment, &["check"]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("The data is whole."), "{told}");
    assert!(again.stop());
}

#[test]
fn a_command_leaves_no_copies_of_files() {
    let (s3, folder) = (S3::new(), shop());
    let environment = environment(&s3);
    let cache = folder.path().join("cache");
    let mut server = Server::start_in(folder.path(), &environment);
    assert_eq!(server.track(&agent(), &order(1)).unwrap().0, 200);
    eventually("a file comes", || waiting(&server) == 0);
    assert!(server.stop());
    std::fs::remove_dir_all(&cache).unwrap();
    assert_eq!(orders(folder.path(), &environment), "1,1");
    let compacted = run(folder.path(), &environment, &["events", "compact"]);
    assert!(compacted.status.success(), "{}", String::from_utf8_lossy(&compacted.stderr));
    assert!(!cache.exists(), "nobody would take them away when somebody is erased");
    let scratch = std::fs::read_dir(folder.path().join("scratch")).unwrap();
    assert_eq!(scratch.count(), 0);
}

#[test]
fn a_server_starts_while_s3_is_away() {
    let (s3, folder) = (S3::new(), shop());
    s3.proxy.refuse();
    let environment = environment(&s3);
    let mut server = Server::start_in(folder.path(), &environment);
    assert_eq!(server.track(&agent(), &order(1)).unwrap().0, 200);
    assert!(server.stop(), "and ends");
}

#[test]
fn a_bucket_that_is_not_there_is_named() {
    let (s3, folder) = (S3::new(), shop());
    let mut environment = environment(&s3);
    environment.push(("KITH_EVENTS_URL".to_owned(), "s3://nobodys-bucket/x".to_owned()));
    let output = run(folder.path(), &environment, &["serve", "--listen", "127.0.0.1:0"]);
    let wrong = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && wrong.contains("s3://nobodys-bucket/x/"), "{wrong}");
    assert!(wrong.contains("NoSuchBucket"), "{wrong}");
}
