//! Traces: what one request or job went through, span by span, for whoever collects them.
//!
//! Off unless the settings name a receiver. Whoever works hands over a span that has ended and never
//! waits: the queue has a bound, and what does not fit is counted and forgotten.

mod export;
mod otlp;
mod parent;
mod request;
mod span;

pub(crate) use request::{Request, RoundTimes, current, within};

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use metrics::{Counter, Label};
use metrics_exporter_prometheus::PrometheusRecorder;

use super::register;
use crate::clock::Clock;
use crate::config::TracesConfig;
use crate::ids::Ids;
use parent::Parent;
use span::{Ended, Span};

pub(crate) use span::{Kind, Value};

/// Spans that wait for their way: some hundred bytes each.
const WAITING_MAX: usize = 4096;

/// Where spans go; nowhere by default.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traces(Option<Arc<Tracer>>);

/// Makes spans, and hands them over.
struct Tracer {
    /// Requests are traced whose draw is below this.
    below: u64,
    clock: Clock,
    ids: Ids,
    out: SyncSender<Ended>,
    dropped: Counter,
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer").field("below", &self.below).finish_non_exhaustive()
    }
}

impl Traces {
    /// As the settings say. The thread ends when the last of those who make spans is gone.
    ///
    /// # Errors
    /// When the system gives no thread, or no TLS.
    pub(super) fn start(
        config: &TracesConfig,
        clock: &Clock,
        ids: &Ids,
        recorder: &PrometheusRecorder,
    ) -> io::Result<(Self, Option<JoinHandle<()>>)> {
        let count = |outcome| {
            let help = "Spans of traces, by what became of them.";
            let labels = vec![Label::new("outcome", outcome)];
            let counter = register(recorder, "kith_trace_spans_total", help, labels);
            counter.increment(0);
            counter
        };
        let [sent, failed, dropped] = ["sent", "failed", "dropped"].map(count);
        let Some(url) = config.url() else { return Ok((Self::default(), None)) };
        let (out, ended) = sync_channel(WAITING_MAX);
        let exporter = export::Exporter {
            url,
            headers: config.headers().map_err(io::Error::other)?,
            resource: otlp::Resource::new(&config.service_name, &ids.bytes()),
            clock: clock.clone(),
            ended,
            sent,
            failed,
            dropped: dropped.clone(),
        };
        let thread = exporter.start()?;
        // Exact enough for a share of requests; 1 is all of them.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "between 0 and 1, and a cast that is too large is the largest number"
        )]
        let below = (config.ratio * u64::MAX as f64) as u64;
        let tracer = Tracer { below, clock: clock.clone(), ids: ids.clone(), out, dropped };
        Ok((Self(Some(Arc::new(tracer))), Some(thread)))
    }

    /// Whether anything is traced.
    pub(crate) fn are_on(&self) -> bool {
        self.0.is_some()
    }

    /// A request that is traced: its caller has decided that, or else chance.
    pub(crate) fn request(&self, traceparent: Option<&str>) -> Option<Arc<Request>> {
        let tracer = self.0.as_ref()?;
        let span = match traceparent.and_then(Parent::read) {
            Some(parent) if parent.is_sampled => Span::under(tracer, &parent),
            Some(_) => return None,
            None => {
                let draw = u64::from_le_bytes(tracer.ids.bytes());
                (draw <= tracer.below && tracer.below > 0).then(|| Span::root(tracer))?
            }
        };
        Some(Arc::new(Request::new(span)))
    }

    /// A job that has done something since `begun`, by the clock's `elapsed`. There are few, so all
    /// are traced.
    pub(crate) fn job(
        &self,
        name: &'static str,
        begun: Duration,
        is_failed: bool,
        attributes: Vec<(&'static str, Value)>,
    ) {
        let Some(tracer) = &self.0 else { return };
        let span = Span::root(tracer);
        let (to, kind) = (tracer.clock.elapsed(), Kind::Internal);
        span.end(span::What { name: name.into(), kind, times: [begun, to], is_failed, attributes });
    }
}

impl Tracer {
    fn hand_over(&self, span: Ended) {
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.out.try_send(span)
        {
            self.dropped.increment(1);
        }
    }
}
