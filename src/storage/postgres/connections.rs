//! Connections: bounded, prepared, and given up when they are silent for too long.

use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts,
};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::address::Address;
use super::tls;
use crate::config::StorageConfig;
use crate::storage::StorageError;

/// How long somebody may wait for a connection that others use.
const WAIT: Duration = Duration::from_secs(5);
/// How long a connection may be silent before the system asks whether anybody is there.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// Connections that only rounds use: one is loaded on while another is committed on.
pub(super) const OF_ROUNDS: usize = 2;

/// Begins a round. It waits for a lock that another round holds, which is a matter of milliseconds, and
/// not for one that somebody keeps: everybody in it would wait for them. Said in the transaction, since a
/// database that spreads hands on only what is said there.
pub(super) const BEGIN_ROUND: &str = "BEGIN; SET LOCAL lock_timeout = '400ms'";
/// What it takes for that to be handed on by Citus. Elsewhere it means nothing.
const HANDS_ON: &str = "SET citus.propagate_set_commands = 'local'";

/// What connections may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Full,
    /// The same, by rounds.
    Rounds,
    ToRead,
}

/// So many connections of one node.
pub(super) fn pool(
    address: &Address,
    config: &StorageConfig,
    access: Access,
    many: usize,
) -> Result<Pool, StorageError> {
    let connect = Duration::from_secs(config.connect_seconds_max);
    let mut settings = address.config.clone();
    settings.connect_timeout(connect).keepalives_idle(KEEPALIVE);
    settings.tcp_user_timeout(Duration::from_secs(config.statement_seconds_max));
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(settings, tls::connector(address)?, recycling);
    let mut sentences = sentences(config);
    match access {
        Access::Full => {}
        Access::Rounds => sentences.push(HANDS_ON.to_owned()),
        Access::ToRead => sentences.push("SET default_transaction_read_only = on".to_owned()),
    }
    let builder = Pool::builder(manager)
        .max_size(many)
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts { wait: Some(WAIT), create: Some(connect), recycle: Some(connect) })
        .post_create(Hook::async_fn(move |client, _| {
            let sentences = sentences.clone();
            Box::pin(async move { set(client, &sentences).await.map_err(HookError::Backend) })
        }));
    builder.build().map_err(|error| StorageError::Failed(error.to_string()))
}

/// What every connection is told. The server gives up before we do, and rolls back what a node
/// that is gone has left open.
fn sentences(config: &StorageConfig) -> Vec<String> {
    let longest = config.statement_seconds_max;
    vec![
        format!("SET statement_timeout = '{longest}s'"),
        format!("SET idle_in_transaction_session_timeout = '{longest}s'"),
        format!("SET lock_timeout = '{}s'", longest.div_ceil(2)),
        "SET default_transaction_isolation = 'read committed'".to_owned(),
    ]
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
