//! An app without a server: for commands that do what a server would, and end.

use std::sync::Arc;
use std::thread::JoinHandle;

use super::folder::Folder;
use crate::apart::this_program;
use crate::app::{App, World};
use crate::config::Config;
use crate::lake::{S3Access, Who};

/// The threads of the committer, which end when nobody holds the app any more.
pub(super) struct Threads(Vec<JoinHandle<()>>);

impl Folder {
    /// Starts an app on it.
    pub(super) fn start(self, config: Config) -> Result<(Arc<App>, Threads), String> {
        let Self { storage, clock, ids } = self;
        let (s3, program) = (S3Access::from_env(), this_program());
        let who = Who::Command;
        let world = World { config, clock, ids, storage, s3, program, who };
        let (app, threads) = App::start(world).map_err(|error| error.to_string())?;
        Ok((app, Threads(threads)))
    }
}

impl Threads {
    /// Ends the app, and waits until all that it was given is on disk.
    pub(super) fn end(self, app: Arc<App>) -> Result<(), String> {
        drop(app);
        let panicked = |_| "a thread of the committer had panicked".to_owned();
        self.0.into_iter().try_for_each(|thread| thread.join().map_err(panicked))
    }
}
