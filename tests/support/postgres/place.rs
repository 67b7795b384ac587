//! Where a cluster lies, who it belongs to, and which programs run it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Who may do everything in it.
pub(super) const USER: &str = "kith";
/// Whom the server runs as when the tests run as root: it refuses to be root.
const OWNER: &str = "postgres";
/// What the folders' names begin with; the process's number follows.
const PREFIX: &str = "kith-postgres-";
/// Below the ports that the system gives to connections, which could take one while a server
/// restarts.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// For tests: nothing needs to outlive a power cut, and much is opened at once.
const SETTINGS: &str = "\
listen_addresses = '127.0.0.1'
fsync = off
full_page_writes = off
max_connections = 200
shared_buffers = 64MB
min_wal_size = 32MB
max_wal_size = 256MB
autovacuum_naptime = 5s
";

static MADE: AtomicU64 = AtomicU64::new(0);

/// A cluster's folder. Dropped, it is removed.
pub(super) struct Place {
    pub(super) folder: PathBuf,
    bin: PathBuf,
    is_root: bool,
}

impl Place {
    /// Makes a cluster that does not run yet, and removes what processes that are no more have left.
    pub(super) fn make() -> Self {
        let place = Self::empty();
        place.fill();
        place
    }

    /// The same without a cluster in it.
    pub(super) fn empty() -> Self {
        remove_leftovers(&std::env::temp_dir());
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}-{number}", std::process::id());
        let id = Command::new("id").arg("-u").output().unwrap();
        let is_root = id.stdout.trim_ascii() == b"0";
        let place = Self { folder: std::env::temp_dir().join(name), bin: programs(), is_root };
        let mut make = Command::new("install");
        make.args(["-d", "-m", "700"]);
        if is_root {
            make.args(["-o", OWNER, "-g", OWNER]);
        }
        succeed(&make.arg(&place.folder).output().unwrap());
        place
    }

    fn fill(&self) {
        let mut initdb = self.program("initdb");
        initdb.args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]);
        succeed(&initdb.args(["-U", USER, "-D"]).arg(self.data()).output().unwrap());
        let settings = self.data().join("postgresql.conf");
        let written = std::fs::read_to_string(&settings).unwrap();
        std::fs::write(settings, written + SETTINGS).unwrap();
    }

    /// One of PostgreSQL's programs, which gets SIGQUIT when the thread that starts it ends.
    pub(super) fn program(&self, name: &str) -> Command {
        self.as_owner(&self.bin.join(name))
    }

    /// Any other program, likewise.
    pub(super) fn as_owner(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig=QUIT");
        if self.is_root {
            command.arg(format!("--reuid={OWNER}"));
            command.args([&format!("--regid={OWNER}"), "--init-groups"]);
        }
        // Its owner may not be allowed where the tests run.
        command.arg("--").arg(program).current_dir("/");
        command
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What the server has said.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What stays is removed by the next process.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn succeed(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The folder of PostgreSQL's programs: the one named, or the newest of Debian's.
fn programs() -> PathBuf {
    if let Some(named) = std::env::var_os("KITH_POSTGRES_BIN").filter(|named| !named.is_empty()) {
        return PathBuf::from(named);
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let versions = versions.map(|entry| entry.path());
    let found = versions.filter(|path| path.join("bin/initdb").is_file());
    let newest = found.max_by_key(|path| number(path));
    newest.expect("there is no PostgreSQL for the tests; `make test` prepares one").join("bin")
}

/// Free ports, another beginning for each process. None is given twice: whoever asks while another has not yet
/// begun to listen, or is being restarted, would find that one at its port and take it for its own.
pub(super) fn ports() -> impl Iterator<Item = u16> {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let many = u32::from(PORTS.end - PORTS.start);
    let begin = std::process::id().wrapping_mul(97) % many;
    let next = move || begin + GIVEN.fetch_add(1, Ordering::Relaxed);
    let all = std::iter::repeat_with(next).map(move |at| PORTS.start + (at % many) as u16);
    all.filter(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
}

fn remove_leftovers(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            // Somebody else may be removing it too.
            drop(std::fs::remove_dir_all(entry.path()));
        }
    }
}
