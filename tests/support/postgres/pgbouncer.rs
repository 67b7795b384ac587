//! A `PgBouncer` of the tests' own in front of a cluster, in transaction mode.

use std::fs::File;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::place::{self, Place};
use super::{Cluster, PORTS_MAX};

/// How many connections of the server all clients of a database share.
pub(crate) const SHARED: usize = 6;
/// Keeps what clients prepare.
pub(crate) const KEEPS: &str = "max_prepared_statements = 200";
/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(10);

/// A running one. Dropped, it is stopped. It ends with the thread that started it.
pub(crate) struct PgBouncer {
    port: u16,
    child: Mutex<Child>,
    /// Last: the folder goes when the process is gone.
    place: Place,
}

/// The program that `scripts/pgbouncer.sh` (part of `make test`) has found or built. Where it could do
/// neither, tests with it are left out.
fn program() -> Option<PathBuf> {
    let named = std::env::var_os("KITH_PGBOUNCER").filter(|named| !named.is_empty());
    if named.is_none() {
        // Not by a macro, whose text would only be shown where a test fails.
        let line = "skipped: KITH_PGBOUNCER names no PgBouncer (see scripts/pgbouncer.sh)\n";
        drop(std::io::stderr().write_all(line.as_bytes()));
    }
    named.map(PathBuf::from)
}

impl PgBouncer {
    /// In front of `cluster`, with this setting too; none where there is no program.
    pub(crate) fn start(cluster: &Cluster, setting: &str) -> Option<Self> {
        let program = program()?;
        let place = Place::empty();
        // Whoever runs it may not be allowed where it lies.
        let mut copy = Command::new("install");
        copy.arg("-m755").arg(program).arg(place.folder.join("pgbouncer"));
        assert!(copy.status().unwrap().success());
        let try_port = |port| {
            settings(&place, cluster.port(), port, setting);
            Some((port, run(&place, port)?))
        };
        let started = place::ports().take(usize::from(PORTS_MAX)).find_map(try_port);
        let (port, child) = started.unwrap_or_else(|| panic!("no PgBouncer:\n{}", place.log()));
        Some(Self { port, child: Mutex::new(child), place })
    }

    /// Where clients find the database at `url` through it.
    pub(crate) fn url(&self, url: &str) -> String {
        let database = url.rsplit('/').next().unwrap();
        format!("postgres://{}@127.0.0.1:{}/{database}", place::USER, self.port)
    }

    /// Ends it as it stands, whatever is on its way, and starts it again.
    pub(crate) fn restart_immediately(&self) {
        let mut child = self.child.lock().unwrap();
        end(&mut child);
        *child = run(&self.place, self.port).unwrap();
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        end(&mut self.child.lock().unwrap());
    }
}

/// Until it listens; nothing where it ends instead.
fn run(place: &Place, port: u16) -> Option<Child> {
    let log = File::options().create(true).append(true).open(place.folder.join("log")).unwrap();
    let mut command = place.as_owner(&place.folder.join("pgbouncer"));
    command.arg(place.folder.join("pgbouncer.ini")).stdin(Stdio::null());
    let mut child = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    let until = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if child.try_wait().unwrap().is_some() {
            return None;
        }
        assert!(Instant::now() < until, "PgBouncer does not listen:\n{}", place.log());
        std::thread::sleep(LOOK);
    }
    Some(child)
}

fn end(child: &mut Child) {
    // It may have ended already.
    drop(child.kill());
    drop(child.wait());
}

fn settings(place: &Place, server: u16, port: u16, setting: &str) {
    let user = place::USER;
    let users = place.folder.join("users");
    std::fs::write(&users, format!("\"{user}\" \"\"\n")).unwrap();
    let text = format!(
        "[databases]\n* = host=127.0.0.1 port={server}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = trust\nauth_file = {users}\nadmin_users = {user}\n\
         pool_mode = transaction\ndefault_pool_size = {SHARED}\nmax_client_conn = 500\n{setting}\n",
        users = users.display(),
    );
    std::fs::write(place.folder.join("pgbouncer.ini"), text).unwrap();
}
