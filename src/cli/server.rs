//! A running server: the app, its listener, and how both end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::app::App;
use crate::http;
use crate::jobs::Jobs;
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
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), String> {
        let router = http::router(&self.app);
        // Answers are small and complete: waiting to fill a packet would only delay them.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY was refused");
            }
        });
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let (stopping, stopped) = oneshot::channel();
        let stop = async move {
            stop.await;
            drop(stopping);
        };
        let serving = axum::serve(listener, service).with_graceful_shutdown(stop).into_future();
        tokio::select! {
            served = serving => served.map_err(|error| error.to_string()),
            () = too_long_after(stopped) => {
                tracing::warn!("clients that still send or read are not waited for");
                Ok(())
            }
        }
    }

    /// Ends what runs beside the connections, which must be gone by now: the committer ends when its
    /// last door is closed, with the app.
    pub fn end(self) {
        self.jobs.stop();
        drop(self.app);
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
