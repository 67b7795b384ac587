//! The servers, each a process of its own, on a port of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::payloads::{SOURCE, TRUSTED};
use crate::{machine, questions};

/// Whether a server finds a source already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing is there.
    New,
    /// Another node has been there.
    Shared,
}

/// A running server. Dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    folder: Option<TempDir>,
}

impl Server {
    /// Kith as people run it, with a folder of its own.
    pub(crate) fn kith() -> Self {
        Self::kith_with(&[], Place::New)
    }

    /// The same with these settings from the environment.
    pub(crate) fn kith_with(settings: &[(&str, &str)], place: Place) -> Self {
        let folder = TempDir::new_in(std::env::temp_dir()).unwrap();
        let kith = env!("CARGO_BIN_EXE_kith");
        let settings = settings.iter().copied();
        if place == Place::New {
            for (id, trust) in [(SOURCE, "public"), (TRUSTED, "trusted")] {
                let arguments = ["source", "add", id, "--id", id, "--trust", trust, "--data-dir"];
                let mut add = Command::new(kith);
                let added = add.args(arguments).arg(folder.path()).envs(settings.clone()).output();
                let added = added.unwrap();
                assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
            }
            questions::add_user(kith, folder.path());
        }
        Self::serve(settings, folder)
    }

    /// The same over a folder that is there.
    pub(crate) fn kith_in(folder: TempDir) -> Self {
        Self::serve(std::iter::empty(), folder)
    }

    fn serve<'a>(settings: impl Iterator<Item = (&'a str, &'a str)>, folder: TempDir) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
        command.envs(settings);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path());
        let mut server = Self::start(command);
        server.folder = Some(folder);
        server
    }

    /// Lets it end in peace, and hands on its folder.
    pub(crate) fn stop(mut self) -> TempDir {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap();
        self.folder.take().expect("Kith has a folder")
    }

    /// The server that only parses and answers.
    pub(crate) fn reference() -> Self {
        let built: PathBuf = PathBuf::from(env!("CARGO_BIN_EXE_kith"));
        let reference = built.parent().unwrap().join("examples/reference");
        assert!(reference.exists(), "cargo build --release --example reference");
        Self::start(Command::new(reference))
    }

    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut said = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        while !said.contains("listens on http://") {
            assert_ne!(output.read_line(&mut said).unwrap(), 0, "it ended: {said}");
        }
        let address = said.rsplit("http://").next().unwrap().trim().parse().unwrap();
        // What else it says is read and thrown away, so that it never waits for us.
        std::thread::spawn(move || output.lines().for_each(drop));
        Self { child, address, folder: None }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until it and its workers take less than that of a core, for a second: what they do for whoever was
    /// there before is not measured with whoever comes next.
    pub(crate) fn wait_until_at_rest(&self, share: f64) {
        let second = std::time::Duration::from_secs(1);
        loop {
            let before = self.processor_seconds();
            std::thread::sleep(second);
            if self.processor_seconds() - before < share {
                return;
            }
        }
    }

    pub(crate) fn processor_seconds(&self) -> f64 {
        machine::threads(self.pid()).values().sum()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The folder's size by the number of events in it.
    pub(crate) fn bytes_per_event(&self) -> f64 {
        let folder = self.folder.as_ref().expect("Kith has a folder").path();
        let file = |name: &str| std::fs::metadata(folder.join(name)).map_or(0, |file| file.len());
        let bytes = file("kith.db") + file("kith.db-wal");
        let database = rusqlite::Connection::open(folder.join("kith.db")).unwrap();
        let files = "SELECT file_size_bytes FROM ducklake_table_stats";
        let files: u64 = database.query_row(files, [], |row| row.get(0)).unwrap();
        (bytes + files) as f64 / self.events() as f64
    }

    /// How many events it has kept.
    pub(crate) fn events(&self) -> u64 {
        let folder = self.folder.as_ref().expect("Kith has a folder").path();
        let database = rusqlite::Connection::open(folder.join("kith.db")).unwrap();
        let count =
            "SELECT (SELECT record_count FROM ducklake_table_stats) + sum(events) FROM stream";
        database.query_row(count, [], |row| row.get(0)).unwrap()
    }
}

impl Server {
    /// The bodies of all profiles by their number.
    pub(crate) fn bytes_per_profile(&self) -> f64 {
        let folder = self.folder.as_ref().expect("Kith has a folder").path();
        let database = rusqlite::Connection::open(folder.join("kith.db")).unwrap();
        let average = "SELECT avg(length(CAST(body AS BLOB))) FROM profile";
        database.query_row(average, [], |row| row.get(0)).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What all that this process has started and that has ended has taken of the processor, in seconds (proc(5): user and
/// system time, in hundredths).
pub(crate) fn processor_seconds_of_ended() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split(' ').collect();
    let ticks = [14, 15].map(|at| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok()));
    ticks.into_iter().flatten().sum::<f64>() / 100.0
}
