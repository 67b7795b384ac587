//! The PostgreSQL that tests start: it works, and never outlives them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, Error, NoTls};

use crate::support::postgres::{Cluster, shared};

/// Set for a process of this test's own, which is to be killed.
const VICTIM: &str = "KITH_TEST_POSTGRES_VICTIM";

fn with<T>(url: &str, work: impl AsyncFnOnce(&Client) -> Result<T, Error>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        let connection = tokio::task::spawn(connection);
        let done = work(&client).await;
        drop(client);
        drop(connection.await);
        done
    })
}

fn put(url: &str, word: &str) {
    let sql = format!("CREATE TABLE word (text TEXT); INSERT INTO word VALUES ('{word}')");
    with(url, async |client| client.batch_execute(&sql).await).unwrap();
}

fn word(url: &str) -> Result<String, Error> {
    let row = with(url, async |client| client.query_one("SELECT text FROM word", &[]).await)?;
    Ok(row.get(0))
}

fn is_alive(pid: &str) -> bool {
    Path::new("/proc").join(pid).exists()
}

#[test]
fn a_cluster_keeps_what_it_was_given_and_goes_when_it_is_dropped() {
    let cluster = Cluster::start();
    let (one, other) = (cluster.create_database(), cluster.create_database());
    put(&one, "one");
    put(&other, "other");
    let before = cluster.pid();
    cluster.restart_immediately();
    assert_ne!(cluster.pid(), before);
    assert_eq!((word(&one).unwrap(), word(&other).unwrap()), ("one".into(), "other".into()));
    cluster.stop();
    assert!(word(&one).is_err() && cluster.pid().is_none());
    cluster.start_again();
    assert_eq!(word(&one).unwrap(), "one");
    let (pid, folder) = (cluster.pid().unwrap().to_string(), cluster.folder().to_owned());
    assert!(is_alive(&pid) && folder.exists());
    drop(cluster);
    assert!(word(&one).is_err() && !is_alive(&pid) && !folder.exists());
}

#[test]
fn the_shared_cluster_outlives_the_thread_that_asked_first() {
    let first = std::thread::spawn(|| shared().create_database()).join().unwrap();
    put(&first, "there");
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(word(&first).unwrap(), "there");
    assert_ne!(shared().create_database(), first);
}

/// What the victim does until it is killed.
fn wait_with_a_cluster() {
    let cluster = Cluster::start();
    let line = format!("{VICTIM} {} {}\n", cluster.pid().unwrap(), cluster.folder().display());
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_secs(600));
}

#[test]
fn a_killed_process_leaves_no_server_and_the_next_one_removes_its_folder() {
    if std::env::var_os(VICTIM).is_some() {
        return wait_with_a_cluster();
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    let name = std::thread::current().name().unwrap().to_owned();
    command.args(["--exact", &name, "--nocapture"]).env(VICTIM, "1");
    let mut victim = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(victim.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.starts_with(VICTIM)).unwrap();
    let [_, pid, folder] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
    assert!(is_alive(pid) && Path::new(folder).exists());
    victim.kill().unwrap();
    victim.wait().unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while is_alive(pid) {
        assert!(Instant::now() < until, "process {pid} lives on");
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(Cluster::start());
    assert!(!Path::new(folder).exists());
}
