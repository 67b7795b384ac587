//! Somebody who collects traces: keeps what comes, and answers as it is told to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long what is to come may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// One request to it.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// The first line and the headers, in small letters.
    pub(crate) head: String,
    pub(crate) body: Value,
}

/// See the module. Listens as long as the tests run.
pub(crate) struct Receiver {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    received: Mutex<Vec<Received>>,
    /// Takes a connection and never says anything.
    is_silent: AtomicBool,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || serve(&client, &state));
            }
        });
        Self { port, state }
    }

    /// From now on it takes what comes and does not answer.
    pub(crate) fn fall_silent(&self) {
        self.state.is_silent.store(true, Ordering::SeqCst);
    }

    /// The settings that lead to it.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        let settings = [("ENDPOINT", endpoint.as_str()), ("RATIO", "1.0")];
        let named = |(name, value): (&str, &str)| {
            (format!("KITH_TELEMETRY_TRACES_{name}"), value.to_owned())
        };
        settings.map(named).into()
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    /// Every span that has come.
    pub(crate) fn spans(&self) -> Vec<Value> {
        let received = self.received();
        let scopes = received.iter().flat_map(|one| {
            let of = one.body["resourceSpans"].as_array().unwrap();
            of.iter().flat_map(|resource| resource["scopeSpans"].as_array().unwrap())
        });
        scopes.flat_map(|scope| scope["spans"].as_array().unwrap().clone()).collect()
    }

    /// All that have come, once one is among them for which `is_it`.
    pub(crate) fn until(&self, is_it: impl Fn(&Value) -> bool) -> Vec<Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            let spans = self.spans();
            if spans.iter().any(&is_it) {
                return spans;
            }
            assert!(Instant::now() < until, "it did not come: {spans:#?}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// One request after the other.
fn serve(client: &TcpStream, state: &State) {
    let mut reader = BufReader::new(client);
    while let Some(received) = read(&mut reader) {
        if state.is_silent.load(Ordering::SeqCst) {
            loop {
                thread::park();
            }
        }
        state.received.lock().unwrap().push(received);
        let answer =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
        if (&*client).write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Received> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    let mut body = vec![0; length.trim().parse().unwrap()];
    reader.read_exact(&mut body).ok()?;
    Some(Received { head, body: serde_json::from_slice(&body).unwrap() })
}
