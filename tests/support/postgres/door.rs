//! A server of somebody's own, in place of the tests' own: each test has a schema there.

use std::error::Error as _;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use url::Url;

use super::{ask, listening, rows};

/// A PostgreSQL, or what behaves as one.
pub(crate) const PLAIN: &str = "KITH_POSTGRES_URL";
/// One with Citus, over whose nodes the tables are spread.
pub(crate) const CITUS: &str = "KITH_CITUS_URL";
/// The file to which every statement is written that is run there.
pub(crate) const STATEMENTS: &str = "KITH_STATEMENTS";
/// What the schemas' names begin with. They are removed at the end of `make postgres` and `make citus`.
const PREFIX: &str = "kith_test_";
/// Each table of each test is made of so many, and is empty.
const SHARDS: &str = "SET citus.shard_count = 4";

/// The server, and a database of it.
pub(crate) struct Door {
    url: Url,
    pub(crate) spreads: bool,
    schemas: AtomicU64,
}

/// The server that the environment names, if it names one.
pub(crate) fn door() -> Option<&'static Door> {
    static DOOR: OnceLock<Option<Door>> = OnceLock::new();
    DOOR.get_or_init(Door::find).as_ref()
}

fn named(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Door {
    fn find() -> Option<Self> {
        let (name, text) = match (named(PLAIN), named(CITUS)) {
            (None, None) => return None,
            (Some(url), None) => (PLAIN, url),
            (None, Some(url)) => (CITUS, url),
            (Some(_), Some(_)) => panic!("{PLAIN} and {CITUS} both name a server: one at a time"),
        };
        let mut url = Url::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        // What is said through TLS nobody could listen to.
        url.query_pairs_mut().append_pair("sslmode", "disable");
        if let Some(file) = named(STATEMENTS) {
            let host = url.host_str().unwrap_or("localhost").to_owned();
            let port = listening::start((host, url.port().unwrap_or(5432)), PathBuf::from(file));
            url.set_host(Some("127.0.0.1")).unwrap();
            url.set_port(Some(port)).unwrap();
        }
        let door = Self { url, spreads: name == CITUS, schemas: AtomicU64::new(0) };
        door.check(name);
        Some(door)
    }

    /// Ends with a sentence where the server is none that can be used.
    fn check(&self, name: &str) {
        if let Err(error) = ask(self.url.as_str(), "SELECT 1") {
            panic!("{name} names no server that can be used without TLS: {}", cause(&error));
        }
        let citus = "CREATE EXTENSION IF NOT EXISTS citus";
        let made = self.spreads.then(|| ask(self.url.as_str(), citus)).transpose();
        if let Err(error) = made {
            panic!("{name} names a server without Citus: {citus}: {}", cause(&error));
        }
    }

    /// A new schema, as a URL of which only that is seen. Spread, where the server spreads, as the manual
    /// says: by what `kith schema --citus` prints.
    pub(super) fn create(&self) -> String {
        let number = self.schemas.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}_{number}", std::process::id());
        ask(self.url.as_str(), &format!("CREATE SCHEMA {name}")).unwrap();
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("options", &format!("--search_path={name}"));
        if self.spreads {
            run(url.as_str(), &kith::storage::schema());
            spread(url.as_str());
        }
        url.into()
    }

    /// Removes what this and other runs have made, also those that were broken off.
    pub(crate) fn clean(&self) {
        let all = format!(
            "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, '{PREFIX}') ORDER BY 1"
        );
        for row in rows(self.url.as_str(), &all) {
            ask(self.url.as_str(), &format!("DROP SCHEMA {} CASCADE", row[0])).unwrap();
        }
    }
}

/// What the server says is not in the error's own words.
fn cause(error: &tokio_postgres::Error) -> String {
    let said = error.as_db_error().map(|error| error.message().to_owned());
    said.or_else(|| error.source().map(ToString::to_string)).unwrap_or_else(|| error.to_string())
}

/// As the manual says it, on the database at `url`.
pub(crate) fn spread(url: &str) {
    run(url, &format!("{SHARDS};\n{}", kith::storage::citus()));
}

/// One after the other, on one connection, each for itself.
fn run(url: &str, statements: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::task::spawn(connection);
        for statement in statements.split(";\n") {
            if let Err(error) = client.batch_execute(statement).await {
                panic!("{error:?}: {statement}");
            }
        }
        drop(client);
        drop(connection.await);
    });
}
