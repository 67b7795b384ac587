//! Mergers that are taken back beside those who send.

use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::payloads::TRUSTED;
use crate::questions;
use crate::server::Server;

/// What comes under both ids between a merger and its undoing.
const EVENTS_SINCE: usize = 500;
/// Between one undoing and the next.
const PAUSE: Duration = Duration::from_secs(1);

/// Mergers that hold.
pub(crate) struct United {
    url: String,
    bearer: String,
    merges: Vec<String>,
}

impl United {
    /// Two people are united so many times, and live on.
    pub(crate) fn at(server: &Server, times: usize) -> Self {
        let url = format!("http://{}", server.address());
        let bearer = questions::sign_in(&url);
        let merges = (0..times).map(|_| unite(&url, &bearer)).collect();
        Self { url, bearer, merges }
    }
}

/// One who takes them back, one after the other, until stopped.
pub(crate) struct Undoing {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Duration>>,
}

impl Undoing {
    pub(crate) fn start(united: United) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let United { url, bearer, merges } = united;
            let undo = |merge: String| {
                let begun = Instant::now();
                post(&format!("{url}/api/merges/{merge}/undo"), &bearer, &json!({}));
                let took = begun.elapsed();
                std::thread::sleep(PAUSE);
                took
            };
            let rest = merges.into_iter().take_while(|_| !stopped.load(Ordering::SeqCst));
            rest.map(undo).collect()
        });
        Self { stop, thread }
    }

    /// How long each took, the shortest first.
    pub(crate) fn stop(self) -> Vec<Duration> {
        self.stop.store(true, Ordering::SeqCst);
        let mut took = self.thread.join().unwrap();
        took.sort();
        took
    }
}

/// The merger of two people who were united, and of whom more has come since.
fn unite(url: &str, bearer: &str) -> String {
    let time = rand::random::<u64>();
    let [phone, laptop] = ["phone", "laptop"].map(|device| format!("{device} {time}"));
    let says = json!({"type": "sign-in", "properties": {"pk": format!("person {time}")}});
    let view = json!({"type": "page-view"});
    let person = track(url, &phone, slice::from_ref(&says));
    track(url, &laptop, slice::from_ref(&view));
    track(url, &laptop, &[says]);
    let views = vec![view; 10];
    for number in 0..EVENTS_SINCE / views.len() {
        track(url, if number % 2 == 0 { &phone } else { &laptop }, &views);
    }
    let identity = format!("{url}/api/profiles/{person}/identity");
    let identity = ureq::get(identity).header("Authorization", bearer).call().unwrap();
    let identity: Value = identity.into_body().read_json().unwrap();
    identity["merges"][0]["id"].as_str().unwrap().to_owned()
}

/// Whose it is.
fn track(url: &str, session: &str, events: &[Value]) -> String {
    let payload = json!({"source": {"id": TRUSTED}, "session": {"id": session}, "events": events});
    let answer = post(&format!("{url}/track"), "", &payload);
    answer["profile"]["id"].as_str().unwrap().to_owned()
}

fn post(address: &str, bearer: &str, body: &Value) -> Value {
    let ask = ureq::post(address).header("Authorization", bearer).send_json(body);
    ask.unwrap().into_body().read_json().unwrap()
}
