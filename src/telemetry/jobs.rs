//! What is counted of jobs, by their names.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Label};

use super::{METADATA, Telemetry, register};
use crate::model::Time;

/// What is counted of one job.
pub(crate) struct JobMetrics {
    done: Counter,
    failed: Counter,
    panicked: Counter,
    seconds: Histogram,
    begun: Gauge,
    succeeded: Gauge,
    leases: Gauge,
}

/// How a run of a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Well.
    Done,
    /// With an error.
    Failed,
    /// With a defect of ours.
    Panicked,
}

impl Telemetry {
    /// The handles of the job of this name.
    pub(crate) fn job(&self, name: &'static str) -> JobMetrics {
        // Not `job`: that is the label of whoever scrapes.
        let job = || Label::new("task", name);
        let gauge = |metric: &'static str| {
            let key = metrics::Key::from_parts(metric, vec![job()]);
            metrics::Recorder::register_gauge(&self.recorder, &key, &METADATA)
        };
        let runs = |outcome| {
            let labels = vec![job(), Label::new("outcome", outcome)];
            let help = "Runs of jobs, by how they ended.";
            register(&self.recorder, "kith_job_runs_total", help, labels)
        };
        let seconds = metrics::Key::from_parts("kith_job_seconds", vec![job()]);
        JobMetrics {
            done: runs("done"),
            failed: runs("failed"),
            panicked: runs("panicked"),
            seconds: metrics::Recorder::register_histogram(&self.recorder, &seconds, &METADATA),
            begun: gauge("kith_job_begun_timestamp_seconds"),
            succeeded: gauge("kith_job_last_success_timestamp_seconds"),
            leases: gauge("kith_job_leases"),
        }
    }
}

impl JobMetrics {
    /// A run begins at `now`: one that stands still is seen by that.
    pub(crate) fn begins(&self, now: Time) {
        self.begun.set(seconds(now));
    }

    /// A run has ended at `now`, and the job holds so many leases.
    #[expect(clippy::cast_precision_loss, reason = "leases are far below 2^53")]
    pub(crate) fn ran(&self, ended: Ended, took: Duration, now: Time, leases: usize) {
        self.begun.set(0.0);
        match ended {
            Ended::Done => {
                self.done.increment(1);
                self.succeeded.set(seconds(now));
            }
            Ended::Failed => self.failed.increment(1),
            Ended::Panicked => self.panicked.increment(1),
        }
        self.seconds.record(took);
        self.leases.set(leases as f64);
    }
}

/// Whole ones since 1970.
#[expect(clippy::cast_precision_loss, reason = "seconds are far below 2^53")]
fn seconds(time: Time) -> f64 {
    (time.micros() / 1_000_000) as f64
}
