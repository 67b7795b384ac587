//! One loop for every job: waits for the next time or a call, runs what is due, ends when told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::job::Job;
use super::running::{Running, Tools};
use crate::clock::Clock;

/// How often it is looked whether a thread has ended.
pub(super) const LOOK: Duration = Duration::from_millis(5);

/// A thread that runs jobs one after the other, in the order they were given. Stopped, it ends after
/// the run that is under way.
#[derive(Debug)]
pub(super) struct Thread {
    name: &'static str,
    stopping: Arc<AtomicBool>,
    bells: Vec<(&'static str, Bell)>,
    handle: JoinHandle<()>,
}

/// Calls a job: it is due now.
#[derive(Clone, Debug)]
pub(super) struct Bell {
    is_rung: Arc<AtomicBool>,
    wake: SyncSender<()>,
}

impl Bell {
    pub(super) fn ring(&self) {
        self.is_rung.store(true, Ordering::Release);
        self.wake();
    }

    fn wake(&self) {
        if self.wake.try_send(()).is_err() {
            tracing::trace!("the thread wakes already, or has ended");
        }
    }
}

impl Thread {
    /// Starts it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(
        name: &'static str,
        jobs: Vec<Job>,
        tools: &Tools<'_>,
    ) -> std::io::Result<Self> {
        let (wake, woken) = sync_channel(1);
        let running: Vec<Running> = jobs.into_iter().map(|job| Running::new(job, tools)).collect();
        let bell = |job: &Running| {
            (job.name(), Bell { is_rung: Arc::clone(&job.is_called), wake: wake.clone() })
        };
        let bells = running.iter().map(bell).collect();
        let stopping = Arc::new(AtomicBool::new(false));
        let line = Line { jobs: running, woken, stopping: Arc::clone(&stopping) };
        let clock = tools.clock.clone();
        let builder = std::thread::Builder::new().name(name.to_owned());
        let handle = builder.spawn(move || line.run(&clock))?;
        Ok(Self { name, stopping, bells, handle })
    }

    /// What calls the job of this name, if it is one of this thread's.
    pub(super) fn bell(&self, job: &str) -> Option<Bell> {
        self.bells.iter().find(|(name, _)| *name == job).map(|(_, bell)| bell.clone())
    }

    /// It is to end after the run that is under way.
    pub(super) fn tell_to_stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.bells.iter().for_each(|(_, bell)| bell.wake());
    }

    /// Until it has ended, or `looks` are over, of which it takes one each [`LOOK`]. Whether it has: one that the kernel
    /// holds, such as over a disk that does not answer, may never do.
    pub(super) fn join(self, looks: &mut usize) -> bool {
        while !self.handle.is_finished() {
            let Some(left) = looks.checked_sub(1) else {
                tracing::error!(thread = self.name, "a thread of jobs stands still; it is left");
                return false;
            };
            *looks = left;
            std::thread::sleep(LOOK);
        }
        if self.handle.join().is_err() {
            tracing::error!(thread = self.name, "a thread of jobs had panicked");
        }
        true
    }
}

/// The jobs of a thread, in the order they run when several are due.
struct Line {
    jobs: Vec<Running>,
    woken: Receiver<()>,
    stopping: Arc<AtomicBool>,
}

impl Line {
    fn run(mut self, clock: &Clock) {
        loop {
            let due = self.jobs.iter().map(|job| job.due).min().unwrap_or(Duration::MAX);
            if clock.wait(&self.woken, due) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
            let now = clock.elapsed();
            for job in &mut self.jobs {
                if self.stopping.load(Ordering::Acquire) {
                    return;
                }
                if job.is_due(now) {
                    job.run(clock);
                }
            }
        }
    }
}
