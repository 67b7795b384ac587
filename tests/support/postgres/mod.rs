//! A PostgreSQL of the tests' own: in a folder of its own, on a port of its own, gone with them.

pub(crate) mod door;
mod listening;
pub(crate) mod pgbouncer;
mod place;
mod server;

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use place::Place;
use server::{End, Server};
use tokio_postgres::SimpleQueryMessage;

/// Ports that are tried until one is free.
const PORTS_MAX: u16 = 20;

/// A running cluster. Dropped, it is stopped and its folder removed; and it ends when the test
/// process ends, however that ends.
pub(crate) struct Cluster {
    server: Server,
    databases: AtomicU64,
    /// Last: the folder goes when the server is gone.
    place: Place,
}

/// One for the whole test process, started when it is first asked for.
pub(crate) fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(Cluster::start)
}

/// A new, empty database for a test: of the server that the environment names, else of the tests' own. Its URL.
/// May be called from anywhere, also from a task.
pub(crate) fn create_database() -> String {
    let Some(door) = door::door() else { return shared().create_database() };
    std::thread::scope(|scope| scope.spawn(|| door.create()).join()).unwrap()
}

impl Cluster {
    /// Makes a cluster and starts it.
    pub(crate) fn start() -> Self {
        let place = Place::make();
        let try_port = |port| Server::start(&place, port);
        let mut tries = place::ports().take(usize::from(PORTS_MAX)).map(try_port);
        let server = tries.find_map(Result::ok);
        let server = server.unwrap_or_else(|| panic!("PostgreSQL did not start:\n{}", place.log()));
        Self { server, databases: AtomicU64::new(0), place }
    }

    /// Where clients find this database.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://{}@127.0.0.1:{}/{database}", place::USER, self.server.port)
    }

    /// A new, empty database; its URL. May be called from anywhere, also from a task.
    pub(crate) fn create_database(&self) -> String {
        let name = format!("kith_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let sql = format!("CREATE DATABASE {name} TEMPLATE template0");
        let url = self.url("postgres");
        let made = std::thread::scope(|scope| scope.spawn(|| ask(&url, &sql)).join());
        made.unwrap().unwrap();
        self.url(&name)
    }

    /// What `pg_ctl restart -m immediate` does: every connection breaks, and the next start
    /// recovers from the log, as after a crash.
    pub(crate) fn restart_immediately(&self) {
        self.server.end(End::Immediate);
        self.server.start_again();
    }

    /// Ends it in an orderly way; connections break.
    pub(crate) fn stop(&self) {
        self.server.end(End::Fast);
    }

    /// Starts it after [`Self::stop`], on the same port.
    pub(crate) fn start_again(&self) {
        self.server.start_again();
    }

    /// Where it lies.
    pub(crate) fn folder(&self) -> &Path {
        &self.place.folder
    }

    /// The port it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.server.port
    }

    /// The server's process, while there is one.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.server.pid()
    }
}

/// The rows that the database at `url` answers, as texts.
pub(crate) fn rows(url: &str, sql: &str) -> Vec<Vec<String>> {
    let row = |message| {
        let SimpleQueryMessage::Row(row) = message else { return None };
        let text = |at| row.get(at).unwrap_or("null").to_owned();
        Some((0..row.len()).map(text).collect())
    };
    ask(url, sql).unwrap().into_iter().filter_map(row).collect()
}

/// What the database at `url` answers.
pub(crate) fn ask(url: &str, sql: &str) -> Result<Vec<SimpleQueryMessage>, tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        let connection = tokio::task::spawn(connection);
        let answer = client.simple_query(sql).await;
        drop(client);
        drop(connection.await);
        answer
    })
}
