//! Commands that do what a server does, without one.

use std::sync::Arc;

use super::folder::{Folder, Having};
use super::history;
use crate::app::App;
use crate::config::Config;

/// Does something as a server would, without one. `instead` is how a server that runs is asked; `deed` is what the
/// audit log says of it, how it calls it and what was asked.
pub(super) fn with_app(
    config: &Config,
    instead: &str,
    deed: ((&'static str, &'static str), &str),
    work: impl AsyncFnOnce(&Arc<App>) -> Result<(), String>,
) -> Result<(), String> {
    // Where there is no data there is no folder to hold either.
    Folder::must_exist(config)?;
    let instead = format!("Ask the server that runs, by {instead}; or stop it first.");
    let lock = config.database_url.is_empty().then(|| Folder::hold(config, &instead));
    let lock = lock.transpose()?;
    let folder = Folder::open(config, Having::of(config))?;
    history::note(&folder, deed.0, deed.1)?;
    let (app, threads) = folder.start(config.clone())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let done = runtime.block_on(work(&app));
    drop(runtime);
    threads.end(app)?;
    drop(lock);
    done
}
