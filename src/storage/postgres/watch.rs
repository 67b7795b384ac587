//! Hearing from the database that another node has changed the configuration.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::poll_fn;
use tokio_postgres::AsyncMessage;

use super::address::Pooler;
use super::{Postgres, tls};
use crate::storage::StorageError;

/// The word that is listened for.
const CHANNEL: &str = "kith_config";
/// What a node that changes the configuration says, in the same transaction.
pub(super) const TELL: &str = "SELECT pg_notify('kith_config', '')";
/// How long until a lost connection is made again; meanwhile the database is asked (see
/// `jobs::configuration`).
const PAUSE: Duration = Duration::from_secs(2);

/// Whether the database can tell: PostgreSQL can, most of those that spread cannot. Nobody can be told
/// through a pooler, but from behind one others can, who have a connection of their own.
pub(super) fn is_possible(engine: &Postgres) -> bool {
    let try_it = || -> Result<(), StorageError> {
        let client = engine.connection()?;
        if engine.address.pooler == Pooler::None {
            let listen = format!("LISTEN {CHANNEL}; UNLISTEN {CHANNEL}");
            engine.wait(async { Ok(client.batch_execute(&listen).await?) })?;
        }
        engine.wait(async { Ok(client.batch_execute(TELL).await?) })
    };
    try_it().is_ok()
}

/// Calls `changed` whenever a node says that it has changed the configuration, until the engine is
/// gone.
pub(super) fn start(engine: &Postgres, changed: Arc<dyn Fn() + Send + Sync>) {
    let can_listen = engine.address.pooler == Pooler::None;
    if !can_listen || !engine.tells.load(Ordering::Relaxed) {
        return;
    }
    let address = engine.address.clone();
    engine.runtime().spawn(async move {
        loop {
            let heard = async {
                let connector = tls::connector(&address)?;
                let (client, mut connection) = address.config.connect(connector).await?;
                let listen = async { client.batch_execute(&format!("LISTEN {CHANNEL}")).await };
                let hear = poll_fn(|context| {
                    while let std::task::Poll::Ready(message) = connection.poll_message(context) {
                        match message {
                            Some(Ok(AsyncMessage::Notification(_))) => changed(),
                            Some(Ok(_)) => {}
                            Some(Err(_)) | None => return std::task::Poll::Ready(()),
                        }
                    }
                    std::task::Poll::Pending
                });
                // What changed while nobody listened is noticed by whoever asks.
                let (listening, ()) = futures_util::join!(listen, hear);
                Ok::<_, StorageError>(listening?)
            };
            if let Err(error) = heard.await {
                tracing::debug!(%error, "nobody tells of changes of the configuration");
            }
            pause(PAUSE).await;
        }
    });
}

#[expect(clippy::disallowed_methods, reason = "a network is away in real time")]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
