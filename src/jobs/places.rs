//! The job that reads the operator's file of places again when it has changed.

use std::sync::Arc;
use std::time::Duration;

use super::job::{Done, Job, Next};
use super::lease::Leases;
use crate::app::App;

/// How often the file is looked at: whoever replaces it sees it used within that time.
const LOOK: Duration = Duration::from_secs(5);
/// How long a broken one is left alone: it is read as a whole each time.
const PAUSE: Duration = Duration::from_secs(10);

/// See the module.
pub(super) fn job(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    let work = Box::new(move |_: &Leases| -> Done {
        if app.geography.renew()? {
            tracing::info!("the file of places was read again");
        }
        Ok(Next::AsUsual)
    });
    Job { name: "places", every: LOOK, pause: PAUSE, work }
}
