//! The server's process: started, stopped by its number, and never left behind.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::place::Place;

/// How long a start or an end may take.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(10);

/// How to end it.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// Connections break, and everything is written.
    Fast,
    /// Everything breaks.
    Immediate,
}

/// A server on its port.
pub(super) struct Server {
    pub(super) port: u16,
    command: Mutex<Command>,
    notes: PathBuf,
    child: Mutex<Option<Child>>,
    /// The thread that starts it, and lives as long as this: the kernel ends the server when the
    /// thread that started it ends, and a test's own thread ends long before the tests do.
    thread: rayon::ThreadPool,
}

impl Server {
    /// Fails with what it says when it ends instead of listening.
    pub(super) fn start(place: &Place, port: u16) -> Result<Self, ()> {
        let mut command = place.program("postgres");
        command.arg("-D").arg(place.data());
        command.arg("-k").arg(&place.folder).args(["-p", &port.to_string()]);
        let log = File::options().create(true).append(true).open(place.folder.join("log")).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let notes = place.data().join("postmaster.pid");
        let (command, child) = (Mutex::new(command), Mutex::default());
        let thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let server = Self { port, command, notes, child, thread };
        server.run().map(|()| server)
    }

    pub(super) fn start_again(&self) {
        assert!(self.run().is_ok(), "PostgreSQL did not start again");
    }

    /// Until it listens.
    fn run(&self) -> Result<(), ()> {
        let mut slot = self.child.lock().unwrap();
        assert!(slot.is_none(), "it runs already");
        let mut child = self.thread.install(|| self.command.lock().unwrap().spawn().unwrap());
        let until = Instant::now() + PATIENCE;
        while !self.listens(child.id()) {
            if child.try_wait().unwrap().is_some() {
                return Err(());
            }
            assert!(Instant::now() < until, "PostgreSQL does not listen");
            std::thread::sleep(LOOK);
        }
        *slot = Some(child);
        Ok(())
    }

    /// What it notes for those who wait: its number first, and in the last line how far it is.
    fn listens(&self, pid: u32) -> bool {
        let notes = std::fs::read_to_string(&self.notes).unwrap_or_default();
        let mut lines = notes.lines();
        lines.next() == Some(&pid.to_string()) && lines.last().is_some_and(|l| l.trim() == "ready")
    }

    /// Until it has ended; nothing when it has already.
    pub(super) fn end(&self, how: End) {
        let Some(mut child) = self.child.lock().unwrap().take() else { return };
        let signal = match how {
            End::Fast => "-INT",
            End::Immediate => "-QUIT",
        };
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let until = Instant::now() + PATIENCE;
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > until {
                child.kill().unwrap();
            }
            std::thread::sleep(LOOK);
        }
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.child.lock().unwrap().as_ref().map(Child::id)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end(End::Immediate);
    }
}
