//! A job that runs: one run after the other, whatever comes of each.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::health::Health;
use super::job::{Job, Next};
use super::lease::Leases;
use crate::clock::Clock;
use crate::telemetry::{Ended, JobMetrics, Telemetry};

/// Jobs that are due so soon run with those that are due: one waking instead of two.
const SOON: Duration = Duration::from_millis(2);

/// What all jobs are given.
pub(super) struct Tools<'a> {
    pub(super) clock: &'a Clock,
    pub(super) telemetry: &'a Telemetry,
    pub(super) leases: &'a Leases,
}

/// A job, and how it goes.
pub(super) struct Running {
    job: Job,
    /// Set by whoever wants it to run now.
    pub(super) is_called: Arc<AtomicBool>,
    /// By the monotonic clock.
    pub(super) due: Duration,
    health: Health,
    leases: Leases,
    metrics: JobMetrics,
}

impl Running {
    pub(super) fn new(job: Job, tools: &Tools<'_>) -> Self {
        Self {
            is_called: Arc::default(),
            due: tools.clock.elapsed() + job.every,
            health: Health::default(),
            leases: tools.leases.of(job.name),
            metrics: tools.telemetry.job(job.name),
            job,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.job.name
    }

    /// Whether it is to run now. A call counts once.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.is_called.swap(false, Ordering::AcqRel) || self.due <= now + SOON
    }

    /// One run.
    ///
    /// A panic leaves the other jobs going, and this one too: what it works with is left as after
    /// any failure, since all of it is changed by transactions or by putting something whole into
    /// its place.
    pub(super) fn run(&mut self, clock: &Clock) {
        let begun = clock.elapsed();
        self.metrics.begins(clock.now());
        let done = catch_unwind(AssertUnwindSafe(|| (self.job.work)(&self.leases)));
        self.leases.rest();
        let (ended, wait) = match done {
            Ok(Ok(next)) => (Ended::Done, self.went_well(next)),
            Ok(Err(fault)) => (Ended::Failed, self.failed(&fault.to_string())),
            Err(panic) => (Ended::Panicked, self.failed(&format!("panic: {}", said(&*panic)))),
        };
        let now = clock.elapsed();
        self.metrics.ran(ended, now.saturating_sub(begun), clock.now(), self.leases.count());
        self.due = now + wait;
    }

    fn went_well(&mut self, next: Next) -> Duration {
        if self.health.is_well() {
            tracing::info!(job = self.job.name, "the job does well again");
        }
        match next {
            Next::AsUsual => self.job.every,
            Next::After(wait) => wait,
        }
    }

    fn failed(&mut self, why: &str) -> Duration {
        if self.health.fails(why) {
            tracing::warn!(job = self.job.name, error = why, "a job failed; it is tried again");
        }
        self.health.pause(self.job.pause)
    }
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no word of why")
}
