//! Somebody who asks a heavy question of history, again and again, beside those who send.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crate::server::Server;

/// Reads every property of every event, on all the threads that questions may have.
const HEAVY: &str = "SELECT type, properties->>'price' AS price, count(*) AS events, \
                     count(DISTINCT profile_id) AS people, max(length(context::VARCHAR)) AS longest \
                     FROM events GROUP BY ALL ORDER BY events DESC LIMIT 100";

const EMAIL: &str = "bench@kith.local";
const PASSWORD: &str = "a password for the benchmark";

/// Makes the user who asks. Before the server starts, or while it runs.
pub(crate) fn add_user(kith: &str, folder: &Path) {
    let arguments = ["user", "add", EMAIL, "--password-stdin", "--data-dir"];
    let mut command = Command::new(kith);
    command.args(arguments).arg(folder).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(child.wait().unwrap().success());
}

/// What the user shows with each request.
pub(crate) fn sign_in(url: &str) -> String {
    let form = [("username", EMAIL), ("password", PASSWORD)];
    let answer = ureq::post(format!("{url}/user/token")).send_form(form).unwrap();
    let answer: serde_json::Value = answer.into_body().read_json().unwrap();
    format!("Bearer {}", answer["access_token"].as_str().unwrap())
}

/// The one who asks, until stopped.
pub(crate) struct Asking {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<usize>,
}

impl Asking {
    pub(crate) fn start(server: &Server) -> Self {
        let url = format!("http://{}", server.address());
        let bearer = sign_in(&url);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut answers = 0;
            while !stopped.load(Ordering::SeqCst) {
                let ask = ureq::post(format!("{url}/sql")).header("Authorization", &bearer);
                ask.send(HEAVY).unwrap().into_body().read_to_string().unwrap();
                answers += 1;
            }
            answers
        });
        Self { stop, thread }
    }

    /// How many answers there were.
    pub(crate) fn stop(self) -> usize {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}
