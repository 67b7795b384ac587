//! Jobs that take a moment: copying the log, tidying up, saying that this node lives.

use std::sync::Arc;
use std::time::Duration;

use super::job::{Done, Job, Next};
use super::lease::{Leases, STREAM_LENGTH};
use crate::admission::LetIn;
use crate::app::App;
use crate::storage::{StillHeld, Taken};

/// How soon the log is looked at after a step of it was copied: under load the next is due then, and
/// seldom and much at a time would make rounds wait for the disk.
const TICK_MIN: Duration = Duration::from_millis(5);
/// How often it is looked at when it does not grow, half as often each time until then: what a server that nobody
/// sends anything takes of the processor is how often its jobs wake.
const TICK_MAX: Duration = Duration::from_millis(400);
/// How often it is copied while history comes in, under which no round waits for the disk: pages that change in
/// every round are copied once for many.
const TICK_OF_HISTORY: Duration = Duration::from_millis(400);
/// How often things are tidied up while there is something to tidy.
const ROUND: Duration = Duration::from_millis(250);
/// The same when there is nothing.
const ROUND_AT_REST: Duration = Duration::from_secs(1);
/// How often the audit log is written.
const AUDIT: Duration = Duration::from_millis(500);
/// How often a node says that it lives.
const SIGN: Duration = Duration::from_secs(5);

/// How often nodes tell each other what they have let in; a source that needs it makes it sooner.
const TELL: Duration = Duration::from_millis(250);

/// The name of the job of [`log`].
const LOG: &str = "log";
/// The name of the job of [`allowances`].
pub(super) const ALLOWANCES: &str = "allowances";
/// The name of the job of [`leases`].
pub(super) const LEASES: &str = "leases";

/// Copies the log of the last rounds to where it lasts. A disk that fails is seldom asked:
/// each time all of the log may have to be read again.
pub(super) fn log(app: &Arc<App>) -> Job {
    let storage = Arc::clone(&app.storage);
    let mut tick = TICK_MAX;
    let work = Box::new(move |_: &Leases| -> Done {
        let has_copied = storage.copy_log()?;
        tick = if has_copied { TICK_MIN } else { TICK_MAX.min(tick * 2) };
        Ok(Next::After(tick))
    });
    Job { name: LOG, every: TICK_MAX, pause: ROUND, work }
}

/// The same, seldom and much at a time.
pub(super) fn log_of_history(app: &Arc<App>) -> Job {
    let storage = Arc::clone(&app.storage);
    let work = Box::new(move |_: &Leases| -> Done {
        storage.copy_log()?;
        Ok(Next::AsUsual)
    });
    Job { name: LOG, every: TICK_OF_HISTORY, pause: ROUND, work }
}

/// Sorts what was measured, looks whether the folder's lock is there, and forgets old marks, old
/// entries of the audit log, and what was kept apart for long enough. `lock` is kept until the job is gone.
pub(super) fn tidying(app: &Arc<App>, mut lock: Option<StillHeld>) -> Job {
    let app = Arc::clone(app);
    let work = Box::new(move |_: &Leases| -> Done {
        app.telemetry.condense();
        watch(&mut lock);
        app.registry.forget_audit(app.config.accounts.audit_days_max)?;
        let forgot = app.storage.forget_old_held_events(app.clock.now())?;
        let was_some = app.storage.tidy_up(app.clock.now())? || forgot;
        Ok(Next::After(if was_some { ROUND } else { ROUND_AT_REST }))
    });
    Job { name: "tidying", every: ROUND, pause: ROUND, work }
}

/// A removed lock file would let a second process in. The database's owner mark keeps the data safe
/// then; this only says it early.
fn watch(lock: &mut Option<StillHeld>) {
    if lock.as_ref().is_some_and(|lock| !lock.is_in_place()) {
        tracing::error!("somebody removed kith.lock; do not start a second Kith on this folder");
        *lock = None;
    }
}

/// Writes what has gathered for the audit log.
pub(super) fn audit(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    let work = Box::new(move |_: &Leases| -> Done {
        app.audit.flush(app.storage.as_ref())?;
        Ok(Next::AsUsual)
    });
    Job { name: "audit", every: AUDIT, pause: AUDIT, work }
}

/// Says that this node lives, so that nobody takes its stream and whoever changes the configuration
/// waits for it, and keeps what its jobs are using. Before that it looks at the clock by which all of them go.
pub(super) fn leases(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    let work = Box::new(move |leases: &Leases| -> Done {
        app.storage.set_clock(&app.clock)?;
        leases.take(&app.committer.stream(), STREAM_LENGTH)?;
        leases.keep()?;
        app.registry.sign()?;
        app.rates.set_nodes(app.storage.nodes_alive(app.clock.now())?);
        Ok(Next::AsUsual)
    });
    Job { name: LEASES, every: SIGN, pause: SIGN, work }
}

/// Tells other nodes what this one has let in of each source, and hears what all of them have.
pub(super) fn allowances(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    let work = Box::new(move |_: &Leases| -> Done {
        let told = app.rates.let_in();
        if told.is_empty() {
            return Ok(Next::AsUsual);
        }
        let names: Vec<_> = told.iter().map(|one| format!("source:{}", one.source)).collect();
        let taken = |(name, one): (_, &LetIn)| Taken { name, since: one.since, cost: one.cost };
        let taken: Vec<_> = names.iter().map(String::as_str).zip(&told).map(taken).collect();
        match app.storage.take_allowances(&taken) {
            Ok(untils) => app.rates.learn(&told, &untils),
            Err(error) => {
                app.rates.give_back(told);
                return Err(error.into());
            }
        }
        Ok(Next::AsUsual)
    });
    Job { name: ALLOWANCES, every: TELL, pause: TELL, work }
}
