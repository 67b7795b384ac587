//! Jobs on history: flushing, caring for its files, erasing people.

use std::sync::Arc;
use std::time::Duration;

use super::job::{Done, Job, Next};
use super::lease::{FILES, FILES_LENGTH, Leases, STREAM_LENGTH};
use crate::app::App;
use crate::lake::{Erased, Retained};
use crate::memory::give_back;
use crate::storage::StorageError;

/// How often it is looked whether the tail is full or old, and whether somebody is to be erased.
const LOOK: Duration = Duration::from_millis(500);
/// How often files are merged, retention is applied and replaced files are removed.
const CARE: Duration = Duration::from_secs(30);
/// How often files are looked for that nobody knows.
const SWEEP: Duration = Duration::from_secs(3600);
/// How long a job waits after a failure: files would be written again and again for nothing.
const PAUSE: Duration = Duration::from_secs(5);

/// Moves the tail into files, a portion in each run, when it is full or old.
pub(super) fn flush(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    let mut last = app.clock.elapsed();
    let work = Box::new(move |leases: &Leases| -> Done {
        let now = app.clock.elapsed();
        if !app.lake.is_flush_due(now.saturating_sub(last))? {
            return Ok(Next::AsUsual);
        }
        let streams = streams(&app, leases)?;
        if app.lake.flush_portion(streams.as_deref())?.more {
            // What waits behind a full portion is as old.
            return Ok(Next::AT_ONCE);
        }
        last = now;
        Ok(Next::AsUsual)
    });
    Job { name: "flush", every: LOOK, pause: PAUSE, work }
}

/// The streams that this node may flush now, its own and those of nodes that died; none means all.
fn streams(app: &App, leases: &Leases) -> Result<Option<Vec<Arc<str>>>, StorageError> {
    if !app.storage.is_shared() {
        return Ok(None);
    }
    let mut ours = Vec::new();
    for stream in app.storage.streams_waiting()? {
        if leases.take(&stream, STREAM_LENGTH)? {
            ours.push(stream);
        }
    }
    Ok(Some(ours))
}

/// Merges small files, removes what is too old, files that were replaced, and rows of lives that are over.
pub(super) fn care(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    let mut retained = Retained::default();
    let work = Box::new(move |leases: &Leases| -> Done {
        app.questions.rest();
        app.lake.rest();
        give_back();
        if leases.take(FILES, FILES_LENGTH)? {
            let cared = app.lake.care(&app.registry.now(), &mut retained);
            let left = app.storage.bury(&app.committer.stream(), app.clock.now())?;
            if left > 0 {
                tracing::debug!(left, "lives of committers that are over have left");
            }
            cared?;
        } else {
            app.lake.forget_copies()?;
        }
        Ok(Next::AsUsual)
    });
    Job { name: "care", every: CARE, pause: PAUSE, work }
}

/// Removes files that the catalogue does not know.
pub(super) fn sweep(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    let work = Box::new(move |leases: &Leases| -> Done {
        if leases.take(FILES, FILES_LENGTH)? {
            app.lake.sweep_unknown()?;
        }
        Ok(Next::AsUsual)
    });
    Job { name: "sweep", every: SWEEP, pause: PAUSE, work }
}

/// Erases whoever is to be erased, one person in each run.
pub(super) fn erase(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    let work = Box::new(move |leases: &Leases| erase_next(&app, leases));
    Job { name: "erase", every: LOOK, pause: PAUSE, work }
}

fn erase_next(app: &App, leases: &Leases) -> Done {
    let Some(erasure) = app.lake.next_erasure()? else { return Ok(Next::AsUsual) };
    if !leases.take(FILES, FILES_LENGTH)? {
        return Ok(Next::AsUsual);
    }
    // What is about to be written would name the person again.
    app.audit.flush(app.storage.as_ref())?;
    let erased = app.lake.erase(&erasure, &app.committer, &app.hashing)?;
    let Erased {
        sessions,
        tail_rounds,
        events_in_files,
        files,
        files_removed,
        event_ids,
        tables_left,
        named_in,
    } = erased;
    tracing::info!(
        erasure.id,
        sessions,
        tail_rounds,
        events_in_files,
        files,
        files_removed,
        event_ids,
        tables_left,
        named_in = named_in.len(),
        "a person was erased"
    );
    Ok(Next::AT_ONCE)
}
