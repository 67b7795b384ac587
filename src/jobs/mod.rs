//! What happens beside the payloads: one runner and one kind of lease for all of it.
//!
//! A job is a value: its name, how it waits, what it does. What it does is said where the knowledge
//! is; its thread, its pace, its panics, its complaints, its leases and its metrics are the runner's.

mod job;
mod runner;
mod running;
mod health;
mod lease;
mod configuration;
mod quick;
mod lake;
mod people;
mod places;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::app::App;
use crate::storage::StillHeld;
use job::Job;
use lease::Leases;
use runner::Thread;
use running::Tools;

/// The thread that looks at those who are due in an audience.
const ALARMS: &str = "kith-alarms";

/// How long what is being written may delay the end: one file of an ordinary flush takes less than a second. Whatever
/// takes longer is done after the next start.
const GRACE: Duration = Duration::from_secs(8);
/// How often it is looked whether all threads have ended, ten seconds long; and for each of them at least.
const LOOKS_MAX: usize = 2_000;
const LOOKS_MIN: usize = 100;

/// All of them, started and stopped in this one place. Dropped, they are stopped as well.
#[derive(Debug)]
pub struct Jobs {
    app: Arc<App>,
    leases: Leases,
    /// In the order they were started.
    threads: Vec<Thread>,
    is_over: bool,
}

impl Jobs {
    /// Starts those of `app`. `lock` is the folder's, kept until the end.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(app: &Arc<App>, lock: Option<StillHeld>) -> io::Result<Self> {
        Self::start_some(app, list(app, quick::log(app), lock))
    }

    /// The same, but for looking at those who are due in an audience: while history comes in, who is in what
    /// is not known yet. And the log is copied seldom, since nobody waits for a single round.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_for_history(app: &Arc<App>, lock: Option<StillHeld>) -> io::Result<Self> {
        let mut threads = list(app, quick::log_of_history(app), lock);
        threads.retain(|(name, _)| *name != ALARMS);
        Self::start_some(app, threads)
    }

    fn start_some(app: &Arc<App>, threads: Vec<(&'static str, Vec<Job>)>) -> io::Result<Self> {
        let leases = Leases::new(&app.storage, &app.clock, &app.ids);
        let own = Arc::clone(app);
        let mut jobs = Self { app: own, leases, threads: Vec::new(), is_over: false };
        for (name, some) in threads {
            let tools =
                Tools { clock: &app.clock, telemetry: &app.telemetry, leases: &jobs.leases };
            jobs.threads.push(Thread::start(name, some, &tools)?);
        }
        jobs.call_at_first();
        Ok(jobs)
    }

    /// Others may take this node's stream until its first sign, the configuration is renewed whenever the
    /// database tells of a change, and nodes tell each other what they let in when that is wanted.
    fn call_at_first(&self) {
        let bell = |name| self.threads.iter().find_map(|thread| thread.bell(name));
        if let Some(leases) = bell(quick::LEASES) {
            leases.ring();
        }
        if let Some(renew) = bell(configuration::NAME) {
            self.app.storage.watch_config(Arc::new(move || renew.ring()));
        }
        if let Some(tell) = bell(quick::ALLOWANCES) {
            self.app.rates.when_short(move || tell.ring());
        }
    }

    /// Ends what writes files when that takes longer than it may, unless the sender is dropped before: a process that
    /// stands still would keep the server for ever.
    fn hurry(&self) -> (SyncSender<()>, io::Result<JoinHandle<()>>) {
        let (over, waits) = sync_channel(1);
        let app = Arc::clone(&self.app);
        let hurry = move || {
            if waits.recv_timeout(GRACE) == Err(RecvTimeoutError::Timeout) {
                tracing::warn!(
                    "what is being written takes too long; it is done after the next start"
                );
                app.lake.end_writing();
            }
        };
        (over, std::thread::Builder::new().name("kith-hurry".to_owned()).spawn(hurry))
    }

    /// Ends all of them, each after the run that is under way.
    pub fn stop(self) {
        drop(self);
    }

    /// The same, for whoever must know whether they have: those that stand still, and have the app, are left after ten
    /// seconds.
    #[must_use]
    pub fn have_stopped(mut self) -> bool {
        self.end()
    }

    /// The quick ones last: until then the log is copied and the leases are kept.
    fn end(&mut self) -> bool {
        self.is_over = true;
        // Nobody waits for S3 then; what is not done is done after the next start.
        self.threads.iter().skip(1).for_each(Thread::tell_to_stop);
        self.app.lake.close();
        let (over, hurry) = self.hurry();
        let (mut looks, mut have_ended) = (LOOKS_MAX, true);
        while let Some(thread) = self.threads.pop() {
            thread.tell_to_stop();
            looks = looks.max(LOOKS_MIN);
            have_ended &= thread.join(&mut looks);
        }
        drop(over);
        if hurry.is_ok_and(|hurry| hurry.join().is_err()) {
            tracing::error!("whoever hurried what is written had panicked");
        }
        if let Err(error) = self.app.audit.flush(self.app.storage.as_ref()) {
            tracing::error!(%error, lost = self.app.audit.many(), "the audit log lacks entries");
        }
        self.leases.give_up();
        // Nobody renews the configuration here any more.
        self.app.registry.leave();
        have_ended
    }
}

/// The threads, and what each of them does, one after the other:
///
/// * The quick ones have one that never waits for a file. Rounds wait for the disk when the log is
///   not copied in time; a node that does not say that it lives loses its stream.
/// * Whatever writes files in the ordinary way has one, so that no two of them take memory at the same
///   time. The flush is first: the others wait for it when both are due.
/// * Erasing has one, since it may look into every file, and a flush must not wait for that.
/// * Deciding anew who is one person has one, since it looks at everybody.
/// * Whoever is due in an audience has one, since nobody may be in it for longer than is true; and asking
///   history for new rules has one, since it looks at everybody.
/// * Reading the operator's file of places has one, where there is such a file: it may be large.
/// * The audit log has one, since it may wait for others who write, and signs of life must not.
fn list(app: &Arc<App>, log: Job, lock: Option<StillHeld>) -> Vec<(&'static str, Vec<Job>)> {
    let mut quick = vec![log, configuration::job(app), quick::tidying(app, lock)];
    if app.storage.is_shared() {
        quick.push(quick::leases(app));
    }
    if app.storage.is_shared() && app.rates.is_limited() {
        quick.push(quick::allowances(app));
    }
    let places = app.geography.has_file().then(|| ("kith-places", vec![places::job(app)]));
    let mut threads = vec![
        ("kith-jobs", quick),
        ("kith-lake", vec![lake::flush(app), lake::care(app), lake::sweep(app)]),
        ("kith-lake-erase", vec![lake::erase(app)]),
        ("kith-audit", vec![quick::audit(app)]),
        ("kith-rebuild", vec![people::rebuild(app)]),
        (ALARMS, vec![people::alarms(app)]),
        ("kith-audiences", vec![people::audiences(app)]),
    ];
    threads.extend(places);
    threads
}

impl Drop for Jobs {
    fn drop(&mut self) {
        if !self.is_over {
            self.end();
        }
    }
}
