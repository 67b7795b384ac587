//! The real binary in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

/// How often a server that stops is looked at, every ten milliseconds: a minute is far longer than an
/// orderly end may take.
const STOP_LOOKS: usize = 6_000;

/// A running `kith serve`. Dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    /// What it said until it listened.
    pub(crate) greeting: String,
    address: String,
    /// Kept, so that the server has somewhere to say goodbye.
    rest: BufReader<ChildStdout>,
}

/// A command of the binary, on this folder.
pub(crate) fn kith(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
    command.args(arguments).arg("--data-dir").arg(folder);
    command.env_clear();
    command
}

/// Runs a command to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    kith(folder, arguments).output().unwrap()
}

/// What a command that succeeded said.
#[track_caller]
pub(crate) fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

impl Server {
    /// Starts it on a port of its own and waits until it listens.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_in(folder, &[])
    }

    /// Starts it on a folder that gets an administrator; with her token.
    pub(crate) fn start_signed_in(folder: &Path) -> (Self, String) {
        Self::start_signed_in_with(folder, &[])
    }

    /// The same with these variables.
    pub(crate) fn start_signed_in_with(
        folder: &Path,
        environment: &[(String, String)],
    ) -> (Self, String) {
        let password = said(folder, &["user", "add", "ann@example.com"]);
        let password = password.split_whitespace().last().unwrap();
        let server = Self::start_in(folder, environment);
        let form = [("username", "ann@example.com"), ("password", password)];
        let mut answer = agent().post(server.url("/user/token")).send_form(form).unwrap();
        let token: Value = answer.body_mut().read_json().unwrap();
        let token = token["access_token"].as_str().unwrap().to_owned();
        (server, token)
    }

    /// Starts it with these variables.
    pub(crate) fn start_in(folder: &Path, environment: &[(String, String)]) -> Self {
        Self::start_as(Command::new(env!("CARGO_BIN_EXE_kith")), folder, environment)
    }

    /// The same, by this command, which runs the binary.
    pub(crate) fn start_as(
        mut command: Command,
        folder: &Path,
        environment: &[(String, String)],
    ) -> Self {
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder).env_clear();
        // Nobody here asks a balancer's question before the end.
        command.env("KITH_HTTP_DRAIN_SECONDS", "0").envs(environment.iter().cloned());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut rest = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains("\n  user") && !greeting.contains("\n  API") {
            assert_ne!(rest.read_line(&mut greeting).unwrap(), 0, "it ended: {greeting}");
        }
        let address = greeting.split_whitespace().find(|word| word.starts_with("http"));
        let address = address.unwrap().to_owned();
        Self { child, greeting, address, rest }
    }

    /// What it says next, up to and with the line that holds `end`.
    pub(crate) fn greeting_until(&mut self, end: &str) -> String {
        while !self.greeting.contains(end) {
            assert_ne!(self.rest.read_line(&mut self.greeting).unwrap(), 0, "{}", self.greeting);
        }
        self.greeting.clone()
    }

    /// Stops it; what it said from its first word to its last.
    pub(crate) fn all_it_says(&mut self) -> String {
        assert!(self.stop());
        self.rest.read_to_string(&mut self.greeting).unwrap();
        self.greeting.clone()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// The answer's status and body, or none when nobody answered.
    pub(crate) fn track(&self, agent: &ureq::Agent, payload: &Value) -> Option<(u16, Value)> {
        let mut response = agent.post(self.url("/track")).send_json(payload).ok()?;
        let body = response.body_mut().read_json().ok()?;
        Some((response.status().as_u16(), body))
    }

    /// SIGKILL: it gets no chance to do anything.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to end, and does not wait.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// SIGTERM, then until it has ended; whether it ended well. One that does not end fails.
    pub(crate) fn stop(&mut self) -> bool {
        self.terminate();
        for _ in 0..STOP_LOOKS {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A client that takes every status as an answer.
pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}
