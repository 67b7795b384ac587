//! Rules that are new: what history says of people for them, asked while collecting goes on.
//!
//! A rule counts what happens from the moment on at which it is stored, and is shown to nobody until everybody
//! has what history says of the time before: then it takes the place of what was before. What history says and
//! what was counted meanwhile may overlap, since tallies are sets.

mod seeds;
mod lists;
mod passes;
mod preview;
mod due;
mod events;

pub use due::look_at_due;
pub use events::{EventsSeen, events_of};
pub use lists::tell_listed;
pub use passes::{NotWarmed, is_needed, next};
pub use preview::{Preview, Sample, preview};
pub(crate) use seeds::seeds_of_few;

use std::sync::Arc;

use seeds::seeds;

use crate::app::App;
use crate::storage::{Storage, StorageError};

/// Asks the storage on a thread that may wait.
async fn read<T: Send + 'static>(
    app: &Arc<App>,
    ask: impl FnOnce(&dyn Storage) -> Result<T, StorageError> + Send + 'static,
) -> Result<T, StorageError> {
    let storage = Arc::clone(&app.storage);
    let answer = tokio::task::spawn_blocking(move || ask(storage.as_ref())).await;
    answer.map_err(|error| StorageError::Failed(error.to_string()))?
}
