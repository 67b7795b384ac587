//! A running server: the app, its listener, and how both end.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::app::App;
use crate::http;
use crate::jobs::Jobs;
use crate::memory;
use crate::server::{self, Bounds, Certificates, Doors};
use crate::storage::StillHeld;

/// How long clients that are in the middle of something may delay the end.
const GRACE: Duration = Duration::from_secs(10);

/// Everything that must be stopped in order.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    threads: Vec<JoinHandle<()>>,
    jobs: Jobs,
}

impl Server {
    /// Takes over a started app.
    ///
    /// # Errors
    /// A sentence for people.
    pub fn new(
        app: Arc<App>,
        threads: Vec<JoinHandle<()>>,
        lock: Option<StillHeld>,
    ) -> Result<Self, String> {
        let jobs = Jobs::start(&app, lock).map_err(|error| error.to_string())?;
        Ok(Self { app, threads, jobs })
    }

    /// Serves until `stop` is done, and then answers what was accepted. Whoever sends or reads too
    /// slowly for that is not waited for.
    ///
    /// # Errors
    /// A sentence for people.
    pub async fn serve(
        &self,
        listener: TcpListener,
        certificates: Option<Arc<Certificates>>,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), String> {
        // The documents of a few hundred addresses, made and merged: 16 MB that are free afterwards.
        let router = memory::apart(|| http::router(&self.app));
        let doors = self.doors(certificates);
        let (stopping, stopped) = oneshot::channel();
        let live = Arc::clone(&self.app.live);
        let stop = async move {
            stop.await;
            live.end();
            drop(stopping);
        };
        tokio::select! {
            served = server::serve(doors, listener, router, stop) => served,
            () = too_long_after(stopped) => {
                tracing::warn!("clients that still send or read are not waited for");
                Ok(())
            }
        }
    }

    fn doors(&self, certificates: Option<Arc<Certificates>>) -> Doors {
        let config = &self.app.config;
        let has_proxy = !config.admission.trusted_forwarded_header.is_empty();
        Doors {
            bounds: Bounds::new(&config.limits, has_proxy, server::raise_descriptors()),
            bodies: Arc::clone(&self.app.bodies),
            certificates,
            telemetry: Arc::clone(&self.app.telemetry),
        }
    }

    /// Ends what runs beside the connections, which must be gone by now: the committer ends when its
    /// last door is closed, with the app. Where something stands still that has the app, nobody waits for it: what was
    /// answered is on disk, and what is held back is counted again after the next start.
    pub fn end(self) {
        let have_stopped = self.jobs.have_stopped();
        drop(self.app);
        if !have_stopped {
            tracing::error!("the server ends in the middle of something that stands still");
            return;
        }
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the committer had panicked");
            }
        }
    }
}

/// Over when the clients' time is, counted from the stop.
#[expect(clippy::disallowed_methods, reason = "looks at the real world, not at a test's")]
async fn too_long_after(stopped: oneshot::Receiver<()>) {
    // Nothing is ever sent: it is dropped.
    drop(stopped.await);
    tokio::time::sleep(GRACE).await;
}
