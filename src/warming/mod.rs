//! Rules that are new: what history says of people for them, asked while collecting goes on.
//!
//! A rule counts what happens from the moment on at which it is stored, and is shown to nobody until everybody
//! has what history says of the time before: then it takes the place of what was before. What history says and
//! what was counted meanwhile may overlap, since tallies are sets.

mod seeds;
mod lists;
mod passes;
mod giving;
mod gathered;
mod preview;
mod progress;
mod due;
mod events;

pub use due::look_at_due;
pub use events::{EventsSeen, events_of};
pub use gathered::Portions;
pub(crate) use lists::take_in;
pub use lists::tell_listed;
pub use passes::{NotWarmed, Warming, is_needed};
pub use preview::{Preview, Sample, preview};
pub use progress::{Done, Progress};
pub(crate) use seeds::seeds_of_few;

use std::sync::Arc;
use std::time::Duration;

use seeds::seeds;

use crate::app::App;
use crate::storage::{Storage, StorageError};

/// So many times as long as a commit took is rested after it.
const REST: u32 = 3;
/// Longest rest between two commits.
const REST_MAX: Duration = Duration::from_millis(500);
/// Where no tracker has sent anything to this node for so long, and no other node uses the database, nobody is rested for.
const QUIET: Duration = Duration::from_secs(10);

/// Does what changes people, and rests: most of the time trackers have the committer for themselves. On the thread of
/// a job, which may wait.
async fn and_rest<T>(app: &App, work: impl Future<Output = T>) -> T {
    let begun = app.clock.elapsed();
    let done = work.await;
    let took = app.clock.elapsed().saturating_sub(begun);
    if app.storage.is_shared() || app.committer.quiet() < QUIET {
        std::thread::sleep(took.saturating_mul(REST).min(REST_MAX));
    }
    done
}

/// Asks the storage on a thread that may wait.
async fn read<T: Send + 'static>(
    app: &Arc<App>,
    ask: impl FnOnce(&dyn Storage) -> Result<T, StorageError> + Send + 'static,
) -> Result<T, StorageError> {
    let storage = Arc::clone(&app.storage);
    let answer = tokio::task::spawn_blocking(move || ask(storage.as_ref())).await;
    answer.map_err(|error| StorageError::Failed(error.to_string()))?
}
