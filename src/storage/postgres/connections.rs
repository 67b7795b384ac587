//! Connections: bounded, prepared, and given up when they are silent for too long.

use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts,
};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::address::{Address, Pooler};
use super::begins::{HANDS_ON, limits};
use super::tls;
use crate::config::StorageConfig;
use crate::storage::StorageError;

/// How long somebody may wait for a connection that others use.
const WAIT: Duration = Duration::from_secs(5);
/// How long a connection may be silent before the system asks whether anybody is there.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// Connections that only rounds use: one is loaded on while another is committed on.
pub(super) const OF_ROUNDS: usize = 2;

/// What connections may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Full,
    /// The same, by rounds.
    Rounds,
    ToRead,
}

/// How each connection is made, and when it is given up.
pub(super) fn settings(address: &Address, config: &StorageConfig) -> tokio_postgres::Config {
    let mut settings = address.config.clone();
    settings.connect_timeout(Duration::from_secs(config.connect_seconds_max));
    settings.keepalives_idle(KEEPALIVE);
    settings.tcp_user_timeout(Duration::from_secs(config.statement_seconds_max));
    settings
}

/// So many connections of one node.
pub(super) fn pool(
    address: &Address,
    config: &StorageConfig,
    access: Access,
    many: usize,
) -> Result<Pool, StorageError> {
    let connect = Duration::from_secs(config.connect_seconds_max);
    let settings = settings(address, config);
    let sentences = sentences(config, access, address.pooler);
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(settings, tls::connector(address)?, recycling);
    let pooler = address.pooler;
    let builder = Pool::builder(manager)
        .max_size(many)
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts { wait: Some(WAIT), create: Some(connect), recycle: Some(connect) })
        .post_create(Hook::async_fn(move |client, _| {
            let sentences = sentences.clone();
            Box::pin(async move {
                match pooler {
                    Pooler::None => set(client, &sentences).await.map_err(HookError::Backend),
                    Pooler::Transaction => Ok(()),
                }
            })
        }));
    builder.build().map_err(|error| StorageError::Failed(error.to_string()))
}

/// What every connection is told. Through a pooler nothing: it would be said to whoever has the
/// connection next, and each transaction says it for itself (see [`super::begins`]).
fn sentences(config: &StorageConfig, access: Access, pooler: Pooler) -> Vec<String> {
    if pooler == Pooler::Transaction {
        return Vec::new();
    }
    let mut settings: Vec<String> = limits(config).into();
    settings.push("default_transaction_isolation = 'read committed'".to_owned());
    match access {
        Access::Full => {}
        Access::Rounds => settings.push(HANDS_ON.to_owned()),
        Access::ToRead => settings.push("default_transaction_read_only = on".to_owned()),
    }
    settings.into_iter().map(|setting| format!("SET {setting}")).collect()
}

/// Not every server that speaks the wire knows every setting: those are left out. But an answer
/// must mean that it is on disk, whatever the server's default is.
async fn set(client: &Client, sentences: &[String]) -> Result<(), tokio_postgres::Error> {
    for sentence in sentences {
        if let Err(error) = client.batch_execute(sentence).await {
            if error.as_db_error().is_none() {
                return Err(error);
            }
            tracing::debug!(sentence, "the database does not know this setting");
        }
    }
    let durable = client.simple_query("SHOW synchronous_commit").await;
    let says_off = |message: &SimpleQueryMessage| matches!(message, SimpleQueryMessage::Row(row) if row.get(0) == Some("off"));
    let is_off = durable.is_ok_and(|messages| messages.iter().any(says_off));
    if is_off { client.batch_execute("SET synchronous_commit = on").await } else { Ok(()) }
}

/// What `work` gives within `longest`, or nothing.
#[expect(clippy::disallowed_methods, reason = "a network is silent in real time")]
pub(super) async fn within<T>(longest: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(longest, work).await.ok()
}
