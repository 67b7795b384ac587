//! `kith serve`: from the settings to a running server, and its orderly end.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustix::process::{Resource, Signal, getrlimit};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use super::folder::{Folder, Having};
use super::privacy::{self, make_private};
use super::server::Server;
use super::{first_start, logging, say};
use crate::apart::this_program;
use crate::app::{App, World};
use crate::config::Config;
use crate::lake::{Loading, S3Access, Who};
use crate::server::{self, Certificates};
use crate::storage::{StillHeld, StorageError};

/// How long the questions of clients that have gone may delay the end.
const GRACE: Duration = Duration::from_secs(10);
/// How often a server that lost its data looks up.
const LOOK: Duration = Duration::from_millis(500);

/// What to do where another process has the data.
const HELD: &str = "Stop it first, or give --data-dir another folder.";

/// Runs until a signal comes. `settings` is the file that they come from.
pub(super) fn run(config: &Config, settings: Option<&Path>) -> Result<ExitCode, String> {
    logging::begin(config)?;
    server::check_descriptors()?;
    let program = this_program();
    let duckdb = Loading::begin(&program)?;
    refuse_huge_pages();
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(async { outlive_bounds_of_files() })?;
    let until_it_serves = end_when_told(&runtime).map_err(|error| error.to_string())?;
    make_private(&config.data_dir)?;
    privacy::warn(config, settings);
    warn_of_unused(config);
    let certificates = Certificates::open(&config.tls)?;
    let lock = StillHeld::take(&config.data_dir, HELD)?;
    let Folder { storage, clock, ids } = opened(config)?;
    let (s3, who) = (S3Access::from_env(), Who::Server);
    let world = World { config: config.clone(), clock, ids, storage, s3, program, who };
    let (app, threads) = App::start(world).map_err(|error| error.to_string())?;
    let server = Server::new(Arc::clone(&app), threads, Some(lock))?;
    let listener = runtime.block_on(async { server::listen(config.listen) });
    let listener =
        listener.map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    duckdb.end()?;
    // Only now that nothing can keep it from being told: a password is shown once.
    let welcome = first_start::prepare(&app)?;
    let served = runtime.block_on(async {
        // Before anybody hears that it runs: a signal that comes at once must find its handler.
        let stopped = until_stopped(app).map_err(|error| error.to_string())?;
        until_it_serves.abort();
        first_start::greet(config, address, welcome.as_ref());
        server.serve(listener, certificates, stopped).await
    });
    // With it go the connections that are left, and their doors to the committer.
    runtime.shutdown_timeout(GRACE);
    server.end();
    served?;
    say("Kith has stopped; everything it answered is on disk.");
    Ok(ExitCode::SUCCESS)
}

/// Waits for a database that is not there yet: what starts together comes up in any order. What is wrong
/// with the settings ends it at once.
fn opened(config: &Config) -> Result<Folder, String> {
    let mut has_said = false;
    loop {
        match Folder::try_open(config, Having::Alone)? {
            Ok(folder) => return Ok(folder),
            Err(StorageError::Away(why)) => {
                if !has_said {
                    tracing::warn!(why, "the database does not answer; waiting for it");
                }
                has_said = true;
                std::thread::sleep(LOOK);
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// SIGTERM and some time after it, SIGINT, or the data taken over by another process. Handles the
/// signals from now on.
fn until_stopped(app: Arc<App>) -> std::io::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let drained = Duration::from_secs(app.config.http.drain_seconds);
    let serves = Arc::clone(&app);
    let lost = async move {
        let mut hangs = false;
        while !matches!(app.committer.down(), Some(StorageError::Lost)) {
            hangs = tell_whether_it_hangs(&app, hangs);
            pause(LOOK).await;
        }
        tracing::error!("another process has taken over the data folder; this one ends");
    };
    Ok(async move {
        let is_asked = tokio::select! {
            _ = terminate.recv() => true,
            _ = interrupt.recv() => false,
            () = lost => false,
        };
        serves.stopping.store(true, Ordering::Relaxed);
        if is_asked {
            tokio::select! {
                () = pause(drained) => {}
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
    })
}

/// Says once that the storage does not come back, and once that it did: nothing has failed meanwhile of which
/// anybody else could tell.
fn tell_whether_it_hangs(app: &App, before: bool) -> bool {
    let hangs = app.committer.hangs();
    match hangs {
        Some(waited) if !before => {
            let seconds = waited.as_secs();
            tracing::error!(
                seconds,
                "the storage does not answer; nothing is accepted until it does"
            );
        }
        None if before => tracing::info!("the storage answers again"),
        Some(_) | None => {}
    }
    hangs.is_some()
}

/// What a folder holds that nobody uses: somebody may have meant to bring it along.
fn warn_of_unused(config: &Config) {
    if !config.database_url.is_empty() && config.data_dir.join("kith.db").is_file() {
        let hint = "`kith move` brings it into a database in which nothing is yet";
        let folder = config.data_dir.display();
        tracing::warn!(%folder, hint, "the data folder has a database that is not used: database_url names another");
    }
}

/// Until it serves, a signal ends it at once, as it ends any process by itself. But for the first of a container, which
/// is told of no signal that it does not ask for: one that waits for its database could not be stopped.
fn end_when_told(runtime: &Runtime) -> std::io::Result<JoinHandle<()>> {
    let _inside = runtime.enter();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(runtime.spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        say("Kith was told to end before it served.");
        std::process::exit(0);
    }))
}

/// A file that may grow no more is a disk that fails: by itself the system ends the process, without a word.
fn outlive_bounds_of_files() -> Result<(), String> {
    if let Some(bytes) = getrlimit(Resource::Fsize).current {
        let hint = "see ulimit -f, or LimitFSIZE";
        tracing::warn!(bytes, hint, "the system lets no file become larger; the database will");
    }
    // Handled once, it is for as long as the process lives.
    let kind = SignalKind::from_raw(Signal::XFSZ.as_raw());
    signal(kind).map(drop).map_err(|error| error.to_string())
}

/// The kernel clears a huge page, 2 MiB, at its first touch: milliseconds in which a round stands
/// still, and memory that a small heap never uses.
fn refuse_huge_pages() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "the kernel keeps its huge pages");
    }
}

#[expect(clippy::disallowed_methods, reason = "looks at the real world, not at a test's")]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
