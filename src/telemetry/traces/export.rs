//! The way to the receiver: a thread that nobody waits for.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use metrics::Counter;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use tokio::runtime::Runtime;

use super::otlp::{self, Resource};
use super::span::Ended;
use crate::clock::Clock;

/// Spans of one request.
const SPANS_MAX: usize = 512;
/// How long they gather.
const GATHERED: Duration = Duration::from_secs(1);
/// Longest time that the receiver may take, also at the end of the server.
const TIME_MAX: Duration = Duration::from_secs(2);

/// See the module.
pub(super) struct Exporter {
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) resource: Resource,
    pub(super) clock: Clock,
    pub(super) ended: Receiver<Ended>,
    pub(super) sent: Counter,
    pub(super) failed: Counter,
    pub(super) dropped: Counter,
}

impl Exporter {
    pub(super) fn start(self) -> io::Result<JoinHandle<()>> {
        // Somebody else in the process may have chosen a cryptography.
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // Headers may be secrets: they go where the settings say, and nowhere else.
        let client = Client::builder().timeout(TIME_MAX).redirect(Policy::none());
        let client = client.default_headers(headers).build().map_err(io::Error::other)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let run = move || self.run(&runtime, &client);
        std::thread::Builder::new().name("kith-traces".to_owned()).spawn(run)
    }

    fn run(self, runtime: &Runtime, client: &Client) {
        let mut is_well = true;
        while let Ok(first) = self.ended.recv() {
            let spans = self.gather(first);
            let many = spans.len() as u64;
            match runtime.block_on(self.send(client, &spans)) {
                Ok(()) => self.sent.increment(many),
                Err(error) => {
                    self.failed.increment(many);
                    // What has waited meanwhile would only make others wait, the end of the server too.
                    self.dropped.increment(self.ended.try_iter().count() as u64);
                    if is_well {
                        tracing::warn!(
                            error,
                            "the receiver of traces takes none; they are dropped"
                        );
                    }
                    is_well = false;
                    continue;
                }
            }
            if !is_well {
                tracing::info!("the receiver of traces does well again");
            }
            is_well = true;
        }
    }

    fn gather(&self, first: Ended) -> Vec<Ended> {
        let (until, mut spans) = (self.clock.elapsed() + GATHERED, vec![first]);
        while spans.len() < SPANS_MAX {
            match self.clock.wait(&self.ended, until) {
                Ok(span) => spans.push(span),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        spans
    }

    async fn send(&self, client: &Client, spans: &[Ended]) -> Result<(), String> {
        let body = otlp::body(&self.resource, spans);
        let answer = client.post(self.url.clone()).body(body).send().await;
        let status = answer.map_err(|error| error.without_url().to_string())?.status();
        if status.is_success() { Ok(()) } else { Err(format!("it answered {status}")) }
    }
}
