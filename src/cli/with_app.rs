//! Commands that do what a server does, without one.

use std::sync::Arc;

use super::folder::Folder;
use crate::app::{App, World};
use crate::config::Config;
use crate::lake::S3Access;
use crate::questions::this_program;
use crate::storage::StillHeld;

/// Does something as a server would, without one. `instead` is how a server that runs is asked.
pub(super) fn with_app(
    config: &Config,
    instead: &str,
    work: impl AsyncFnOnce(&Arc<App>) -> Result<(), String>,
) -> Result<(), String> {
    let lock = config.database_url.is_empty().then(|| StillHeld::take(&config.data_dir));
    let lock = lock.transpose();
    let lock = lock.map_err(|why| format!("{why}: ask the server that runs, by {instead}"))?;
    let Folder { storage, clock, ids } = Folder::existing(config)?;
    let (s3, program) = (S3Access::from_env(), this_program());
    let world = World { config: config.clone(), clock, ids, storage, s3, program };
    let (app, threads) = App::start(world).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let done = runtime.block_on(work(&app));
    drop(app);
    drop(runtime);
    for thread in threads {
        thread.join().map_err(|_| "a thread of the committer had panicked".to_owned())?;
    }
    drop(lock);
    done
}
