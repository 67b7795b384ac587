//! What Kith counts and measures about itself, shown at `/metrics`.

mod connections;
mod jobs;
mod seldom;
mod shared;
pub(crate) mod traces;

pub(crate) use connections::ConnectionMetrics;
pub(crate) use jobs::{Ended, JobMetrics};
pub(crate) use seldom::Line;
pub(crate) use shared::{CacheMetrics, DoubtMetrics, PoolMetrics};
pub(crate) use traces::Traces;

use std::io;
use std::thread::JoinHandle;
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Label};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use crate::clock::Clock;
use crate::config::TracesConfig;
use crate::ids::Ids;

/// Buckets for durations, in seconds: 100 µs to 10 s.
const SECONDS: [f64; 16] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0,
];
/// Buckets for the number of payloads in a round.
const PAYLOADS: [f64; 11] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// Buckets for runs of jobs, in seconds: a look takes less than a millisecond, a merger minutes.
const RUN_SECONDS: [f64; 7] = [0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0];

/// Why a payload that was let in may not be done; why an identifier waits; what comes of signing in, and of
/// calling a function.
const FAILED: [&str; 5] =
    ["overloaded", "storage_full", "storage_unavailable", "contended", "forgotten"];
const QUARANTINED: [&str; 3] = ["ids_max", "merges_a_day_max", "public"];
const SIGN_INS: [&str; 4] = ["let_in", "credentials_wrong", "totp_wrong", "login_attempts"];
const FUNCTION_CALLS: [&str; 3] = ["done", "dropped", "failed"];
const FLUSHES: [&str; 3] = ["done", "overtaken", "failed"];

/// The handles of all metrics, resolved once: looking one up by name costs more than counting.
pub struct Telemetry {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    accepted: Counter,
    kept: Counter,
    events: Counter,
    track_seconds: Histogram,
    round_payloads: Histogram,
    fold_seconds: Histogram,
    commit_seconds: Histogram,
    lost: Counter,
    queue: Gauge,
    held_back: Gauge,
    counted_ahead: Gauge,
    storage_up: Gauge,
    tail_events: Gauge,
    lake_files: Gauge,
    lake_bytes: Gauge,
    flush_seconds: Histogram,
    flushed: Counter,
    compacted: Counter,
    expired: Counter,
    swept: Counter,
    question_processes_ended: Counter,
    writing_processes_stood_still: Counter,
    damaged_files: Gauge,
    traces: Traces,
    lines: seldom::Lines,
}

impl std::fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Telemetry").finish_non_exhaustive()
    }
}

impl Telemetry {
    /// A registry of its own, so that servers in one process (tests) do not mix.
    #[must_use]
    pub fn new() -> Self {
        let recorder = builder().build_recorder();
        let counter = |name, help| register(&recorder, name, help, Vec::new());
        let telemetry = Self {
            accepted: counter("kith_payloads_total", "Payloads that arrived."),
            kept: outcome(&recorder, "kept", ""),
            events: counter("kith_events_kept_total", "Events kept, system events included."),
            track_seconds: histogram(&recorder, "kith_track_seconds"),
            round_payloads: histogram(&recorder, "kith_round_payloads"),
            fold_seconds: histogram(&recorder, "kith_round_fold_seconds"),
            commit_seconds: histogram(&recorder, "kith_round_commit_seconds"),
            lost: counter(
                "kith_payloads_folded_again_total",
                "Payloads folded again, since another node was faster.",
            ),
            queue: gauge(&recorder, "kith_queue_payloads"),
            held_back: gauge(&recorder, "kith_held_back_sessions"),
            counted_ahead: gauge(&recorder, "kith_held_back_profiles"),
            storage_up: gauge(&recorder, "kith_storage_up"),
            tail_events: gauge(&recorder, "kith_tail_events"),
            lake_files: gauge(&recorder, "kith_lake_files"),
            lake_bytes: gauge(&recorder, "kith_lake_bytes"),
            flush_seconds: histogram(&recorder, "kith_flush_seconds"),
            flushed: counter("kith_events_flushed_total", "Events moved from the tail into files."),
            compacted: counter(
                "kith_files_compacted_total",
                "Small files merged into larger ones.",
            ),
            expired: counter("kith_events_expired_total", "Events older than their source keeps."),
            swept: counter("kith_files_removed_total", "Replaced files that left the disk."),
            question_processes_ended: counter(
                "kith_question_processes_ended_total",
                "Processes that ended over a question, or were killed with it.",
            ),
            writing_processes_stood_still: counter(
                "kith_writing_processes_replaced_total",
                "Processes that write files that stood still, and were killed and replaced.",
            ),
            damaged_files: gauge(&recorder, "kith_lake_damaged_files"),
            handle: recorder.handle(),
            recorder,
            traces: Traces::default(),
            lines: seldom::Lines::default(),
        };
        telemetry.storage_up.set(1.0);
        telemetry.count_from_nothing();
        telemetry
    }

    /// The same with traces, as the settings say. Their thread ends after the last that has this.
    ///
    /// # Errors
    /// See [`Traces::start`].
    pub(crate) fn tracing(
        config: &TracesConfig,
        clock: &Clock,
        ids: &Ids,
    ) -> io::Result<(Self, Option<JoinHandle<()>>)> {
        let mut telemetry = Self::new();
        let (traces, thread) = Traces::start(config, clock, ids, &telemetry.recorder)?;
        telemetry.traces = traces;
        Ok((telemetry, thread))
    }

    /// Whether a line of the log that strangers can bring about is written at this moment (the clock's `elapsed`): how
    /// many others of the kind were not since the last one.
    pub(crate) fn passed_over(&self, line: Line, now: Duration) -> Option<u64> {
        self.lines.passed_over(line, now)
    }

    /// Where spans go.
    pub(crate) fn traces(&self) -> &Traces {
        &self.traces
    }

    /// Shows as 0 what alerts wait for: of a number that was not there before, the first rise is not seen.
    fn count_from_nothing(&self) {
        for reason in FAILED {
            outcome(&self.recorder, "failed", reason).increment(0);
        }
        QUARANTINED.into_iter().for_each(|reason| self.quarantine(reason).increment(0));
        FLUSHES.into_iter().for_each(|outcome| self.flushes(outcome).increment(0));
        SIGN_INS.into_iter().for_each(|outcome| self.sign_in(outcome).increment(0));
        FUNCTION_CALLS.into_iter().for_each(|outcome| self.function_call(outcome).increment(0));
    }

    /// Sorts measured values into their buckets. Until then each takes memory of its own, however
    /// long nobody asks for the metrics.
    pub fn condense(&self) {
        self.handle.run_upkeep();
    }

    /// Everything, in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.condense();
        self.handle.render()
    }

    /// A payload arrived.
    pub(crate) fn payload_accepted(&self) {
        self.accepted.increment(1);
    }

    /// A payload was kept. accepted = kept + refused + failed, once all are answered.
    pub(crate) fn payload_kept(&self) {
        self.kept.increment(1);
    }

    /// A payload was not let in.
    pub(crate) fn payload_refused(&self, code: &'static str) {
        outcome(&self.recorder, "refused", code).increment(1);
    }

    /// A payload was let in and not done.
    pub(crate) fn payload_failed(&self, code: &'static str) {
        outcome(&self.recorder, "failed", code).increment(1);
    }

    /// From the read request to the answer.
    pub(crate) fn tracked(&self, took: Duration) {
        self.track_seconds.record(took);
    }

    /// A round was folded.
    #[expect(clippy::cast_precision_loss, reason = "rounds are bounded far below 2^53")]
    pub(crate) fn folded(&self, payloads: usize, took: Duration) {
        self.round_payloads.record(payloads as f64);
        self.fold_seconds.record(took);
    }

    /// What waits: payloads in the queue, and what is held back of sessions and of people. Asked for when somebody
    /// looks: of a round that never ends, and after the last one, nothing would be told.
    #[expect(clippy::cast_precision_loss, reason = "queues are bounded far below 2^53")]
    pub(crate) fn waits(&self, [queue, sessions, people]: [usize; 3]) {
        self.queue.set(queue as f64);
        self.held_back.set(sessions as f64);
        self.counted_ahead.set(people as f64);
    }

    /// Payloads are folded again, since another node was faster.
    pub(crate) fn folded_again(&self, payloads: usize) {
        self.lost.increment(u64::try_from(payloads).unwrap_or(0));
    }

    /// A round is on disk.
    pub(crate) fn committed(&self, events: u64, took: Duration) {
        self.events.increment(events);
        self.commit_seconds.record(took);
    }

    /// Whether the storage takes rounds.
    pub(crate) fn storage_is_up(&self, up: bool) {
        self.storage_up.set(if up { 1.0 } else { 0.0 });
    }
}

impl Telemetry {
    /// How much waits in the tail, and how much is in files.
    #[expect(clippy::cast_precision_loss, reason = "2^53 bytes are 9 petabytes")]
    pub(crate) fn lake(&self, tail_events: u64, files: u64, bytes: u64) {
        self.tail_events.set(tail_events as f64);
        self.lake_files.set(files as f64);
        self.lake_bytes.set(bytes as f64);
    }

    /// Somebody tried to sign in, and this came of it.
    pub(crate) fn signed_in(&self, outcome: &'static str) {
        self.sign_in(outcome).increment(1);
    }

    fn sign_in(&self, outcome: &'static str) -> Counter {
        let labels = vec![Label::new("outcome", outcome)];
        let help = "Attempts to sign in, by what came of them.";
        register(&self.recorder, "kith_sign_ins_total", help, labels)
    }

    /// An identifier unites nobody until somebody has decided.
    pub(crate) fn quarantined(&self, reason: &'static str) {
        self.quarantine(reason).increment(1);
    }

    fn quarantine(&self, reason: &'static str) -> Counter {
        let labels = vec![Label::new("reason", reason)];
        let help = "Identifiers that were named and unite nobody until somebody has decided.";
        register(&self.recorder, "kith_identifiers_quarantined_total", help, labels)
    }

    /// A function was called with an event, and this came of it.
    pub(crate) fn function_called(&self, outcome: &'static str) {
        self.function_call(outcome).increment(1);
    }

    fn function_call(&self, outcome: &'static str) -> Counter {
        let labels = vec![Label::new("outcome", outcome)];
        let help = "Events that functions were called with, by what came of it.";
        register(&self.recorder, "kith_function_calls_total", help, labels)
    }

    /// Events moved into files.
    pub(crate) fn flushed(&self, events: u64, took: Duration) {
        self.flushed.increment(events);
        self.flush_seconds.record(took);
    }

    /// Files were looked after.
    pub(crate) fn cared(&self, compacted: usize, expired: u64, swept: usize) {
        self.compacted.increment(compacted as u64);
        self.expired.increment(expired);
        self.swept.increment(swept as u64);
    }

    /// A process that writes files stood still.
    pub(crate) fn writing_process_stood_still(&self) {
        self.writing_processes_stood_still.increment(1);
    }

    /// So many files of history were found that cannot be read.
    #[expect(clippy::cast_precision_loss, reason = "files are far below 2^53")]
    pub(crate) fn damaged_files(&self, many: usize) {
        self.damaged_files.set(many as f64);
    }

    /// A process that answers questions ended in the middle of one.
    pub(crate) fn question_process_ended(&self) {
        self.question_processes_ended.increment(1);
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self::new()
    }
}

fn builder() -> PrometheusBuilder {
    let builder = PrometheusBuilder::new();
    let payloads = Matcher::Full("kith_round_payloads".to_owned());
    let runs = Matcher::Full("kith_job_seconds".to_owned());
    let with = builder
        .set_buckets(&SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(payloads, &PAYLOADS))
        .and_then(|builder| builder.set_buckets_for_metric(runs, &RUN_SECONDS));
    with.unwrap_or_default()
}

const METADATA: metrics::Metadata<'static> =
    metrics::Metadata::new(module_path!(), metrics::Level::INFO, None);

fn register(
    recorder: &impl metrics::Recorder,
    name: &'static str,
    help: &'static str,
    labels: Vec<Label>,
) -> Counter {
    recorder.describe_counter(name.into(), None, help.into());
    recorder.register_counter(&metrics::Key::from_parts(name, labels), &METADATA)
}

fn outcome(
    recorder: &impl metrics::Recorder,
    outcome: &'static str,
    reason: &'static str,
) -> Counter {
    let labels = vec![Label::new("outcome", outcome), Label::new("reason", reason)];
    register(recorder, "kith_outcomes_total", "How payloads ended, by reason.", labels)
}

fn histogram(recorder: &impl metrics::Recorder, name: &'static str) -> Histogram {
    recorder.register_histogram(&metrics::Key::from_name(name), &METADATA)
}

fn gauge(recorder: &impl metrics::Recorder, name: &'static str) -> Gauge {
    recorder.register_gauge(&metrics::Key::from_name(name), &METADATA)
}
