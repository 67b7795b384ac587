//! Whether somebody gives our connection to others between two transactions, and whether that goes well.
//!
//! A pooler says nothing of itself to its clients, so it is found by what it does. Looked for before
//! anything is set on a connection: what is set there would be set for whoever has it next.

use tokio::runtime::Handle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::address::{Address, Pooler};
use super::tls;
use crate::storage::StorageError;

/// What tells connections of the server apart, also of two servers behind one address.
const WHO: &str = "SELECT pg_backend_pid()::text || ' ' || pg_postmaster_start_time()::text";
/// By which of two clients it is asked in turn. Uneven, since a pooler may go round its connections.
const TURNS: [usize; 8] = [0, 0, 1, 1, 0, 1, 1, 0];
/// What is prepared, to see what becomes of it, and the question.
const PREPARED: &str = "SELECT 'kith' AS prepared";
const ITS_NAME: &str =
    "SELECT name FROM pg_prepared_statements WHERE statement = 'SELECT ''kith'' AS prepared'";

/// Whether what the URL says of a pooler is so, as far as that can be told.
pub(super) async fn look(address: &Address) -> Result<(), StorageError> {
    let clients = [connect(address).await?, connect(address).await?];
    match (address.pooler, are_shared(&clients).await?) {
        (Pooler::None, false) => Ok(()),
        (Pooler::None, true) => Err(StorageError::Failed(UNDECLARED.to_owned())),
        (Pooler::Transaction, is_shared) => {
            // Where connections stay their clients', whatever is prepared does too.
            if is_shared && !keeps_what_is_prepared(&clients[0]).await? {
                return Err(StorageError::Failed(TOO_OLD.to_owned()));
            }
            is_durable(&clients[0]).await
        }
    }
}

const UNDECLARED: &str = "between Kith and PostgreSQL is a pooler that gives a connection to each \
    transaction anew (such as PgBouncer's pool_mode = transaction): say so with pooler=transaction in \
    database_url, or lead Kith past it or through one in session mode";
const TOO_OLD: &str = "the pooler between Kith and PostgreSQL does not keep prepared statements from one \
    transaction to the next: PgBouncer does from version 1.21 on, with max_prepared_statements = 200";

async fn connect(address: &Address) -> Result<Client, StorageError> {
    let (client, connection) = address.config.connect(tls::connector(address)?).await?;
    drop(Handle::current().spawn(connection));
    Ok(client)
}

/// Whether two clients have one connection of the server, or one client has several.
async fn are_shared(clients: &[Client; 2]) -> Result<bool, StorageError> {
    let mut seen: [Option<String>; 2] = [None, None];
    for turn in TURNS {
        let who = match first(&clients[turn], WHO).await {
            // Whoever does not know the question is no PostgreSQL, and not behind its poolers.
            Err(error) if error.code().is_some_and(is_unknown) => return Ok(false),
            answer => answer?,
        };
        if seen[1 - turn] == who || seen[turn].as_ref().is_some_and(|was| Some(was) != who.as_ref())
        {
            return Ok(true);
        }
        seen[turn] = who;
    }
    Ok(false)
}

/// Undefined, or not supported.
fn is_unknown(code: &SqlState) -> bool {
    ["42", "0A"].iter().any(|class| code.code().starts_with(class))
}

/// A pooler that keeps what its clients prepare gives it names of its own, which hold on every
/// connection. Done in one transaction, so that nothing stays on a connection of others.
async fn keeps_what_is_prepared(client: &Client) -> Result<bool, StorageError> {
    client.batch_execute("BEGIN READ ONLY").await?;
    let prepared = client.prepare(PREPARED).await?;
    let name = first(client, ITS_NAME).await?;
    drop(prepared);
    client.batch_execute("COMMIT").await?;
    let is_ours = |name: &str| {
        name.strip_prefix('s').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    Ok(name.is_some_and(|name| !is_ours(&name)))
}

/// An answer must mean that it is on disk, and no transaction can say so without undoing what an
/// administrator may have asked for beyond that.
async fn is_durable(client: &Client) -> Result<(), StorageError> {
    let durable = first(client, "SHOW synchronous_commit").await?;
    if durable.as_deref() != Some("off") {
        return Ok(());
    }
    let role = first(client, "SELECT quote_ident(current_user)").await?.unwrap_or_default();
    Err(StorageError::Failed(format!(
        "synchronous_commit is off, and through a pooler Kith cannot set it for itself. Run\n  \
         ALTER ROLE {role} SET synchronous_commit = on;\nand RECONNECT on the pooler's console"
    )))
}

/// The first column of the first row.
async fn first(client: &Client, sql: &str) -> Result<Option<String>, tokio_postgres::Error> {
    let messages = client.simple_query(sql).await?;
    let row = messages.iter().find_map(|message| {
        let SimpleQueryMessage::Row(row) = message else { return None };
        row.get(0).map(str::to_owned)
    });
    Ok(row)
}
