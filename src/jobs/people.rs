//! Jobs on people: deciding anew who is one person.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::job::{Done, Job, Next};
use super::lease::Leases;
use crate::app::App;
use crate::rebuild;

/// How often it is looked whether a rebuild is under way.
const LOOK: Duration = Duration::from_millis(500);
/// How long it waits after a failure.
const PAUSE: Duration = Duration::from_secs(5);
/// The lease for it, and how long it is left to a node that says nothing.
const LEASE: &str = "rebuild";
const LEASE_LENGTH: Duration = Duration::from_secs(60);

/// Goes on with the rebuild that is under way.
pub(super) fn rebuild(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    // Made for the first one and kept: those who answer questions are spoken to over it.
    let mut runtime: Option<Runtime> = None;
    let work = Box::new(move |leases: &Leases| -> Done {
        if app.storage.rebuild_under_way()?.is_none() || !leases.take(LEASE, LEASE_LENGTH)? {
            return Ok(Next::AsUsual);
        }
        if runtime.is_none() {
            runtime = Some(Builder::new_multi_thread().worker_threads(1).enable_all().build()?);
        }
        if let Some(runtime) = &runtime {
            runtime.block_on(rebuild::next(&app))?;
        }
        Ok(Next::AsUsual)
    });
    Job { name: "rebuild", every: LOOK, pause: PAUSE, work }
}
