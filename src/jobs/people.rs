//! Jobs on people: deciding anew who is one person, and who is in which audience.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::job::{Done, Job, Next};
use super::lease::{Leases, STREAM_LENGTH};
use crate::app::App;
use crate::rebuild;
use crate::warming::{self, Warming};

/// How often it is looked whether a rebuild is under way.
const LOOK: Duration = Duration::from_millis(500);
/// How long it waits after a failure.
const PAUSE: Duration = Duration::from_secs(5);
/// The lease for it. It is left to a node that says nothing for as long as that one's stream: somebody waits for
/// what comes of it, and a server that was killed and is there again is another node.
const LEASE: &str = "rebuild";

/// Goes on with the rebuild that is under way.
pub(super) fn rebuild(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    // Made for the first one and kept: those who answer questions are spoken to over it.
    let mut runtime: Option<Runtime> = None;
    let work = Box::new(move |leases: &Leases| -> Done {
        if app.storage.rebuild_under_way()?.is_none() || !leases.take(LEASE, STREAM_LENGTH)? {
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

/// How often it is looked who is due: whoever leaves an audience since time goes by leaves within this.
const DUE: Duration = Duration::from_millis(500);
/// The lease for it. Short, since nobody leaves in time while a node that is no more holds it.
const DUE_LEASE: &str = "alarms";
const DUE_LEASE_LENGTH: Duration = Duration::from_secs(3);

/// Looks at people again for whom something changes with time alone.
pub(super) fn alarms(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    let work = Box::new(move |leases: &Leases| -> Done {
        if !leases.take(DUE_LEASE, DUE_LEASE_LENGTH)? {
            return Ok(Next::AsUsual);
        }
        Ok(if warming::look_at_due(&app)? { Next::AT_ONCE } else { Next::AsUsual })
    });
    Job { name: "alarms", every: DUE, pause: DUE, work }
}

/// The lease for asking history for new rules; as long as that of [`rebuild`], for the same reason.
const WARMING: &str = "audiences";

/// Goes on with what new rules of audiences and computed traits need.
pub(super) fn audiences(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    let mut warming = Warming::new(&app);
    let mut runtime: Option<Runtime> = None;
    let work = Box::new(move |leases: &Leases| -> Done {
        if !warming::is_needed(&app)? || !leases.take(WARMING, STREAM_LENGTH)? {
            return Ok(Next::AsUsual);
        }
        if runtime.is_none() {
            runtime = Some(Builder::new_multi_thread().worker_threads(1).enable_all().build()?);
        }
        let is_more = match &runtime {
            Some(runtime) => runtime.block_on(warming.next())?,
            None => false,
        };
        Ok(if is_more { Next::AT_ONCE } else { Next::AsUsual })
    });
    Job { name: "audiences", every: LOOK, pause: PAUSE, work }
}
