//! The job that takes over what was changed in the configuration, here or elsewhere.

use std::sync::Arc;
use std::time::Duration;

use super::job::{Done, Job, Next};
use super::lease::Leases;
use crate::app::App;

pub(super) const NAME: &str = "configuration";

/// How often the version is looked at in the folder: whoever changes something on the command line
/// waits for it to hold. A look is one row.
const EVERY: Duration = Duration::from_millis(200);
/// The same where a network is between. The database tells, too, if it can.
const EVERY_SHARED: Duration = Duration::from_millis(250);
/// Doubled three times, it is still below the second within which a change holds everywhere.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) fn job(app: &Arc<App>) -> Job {
    let every = if app.storage.is_shared() { EVERY_SHARED } else { EVERY };
    let app = Arc::clone(app);
    let work = Box::new(move |_: &Leases| -> Done {
        app.registry.renew()?;
        Ok(Next::AsUsual)
    });
    Job { name: NAME, every, pause: PAUSE, work }
}
