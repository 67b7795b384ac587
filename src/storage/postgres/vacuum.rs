//! Cleaning up after what was erased, and hearing what the database has left undone of it.
//!
//! Whoever may not clean a table is told so by a warning, beside an answer that all went well.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::poll_fn;
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::{AsyncMessage, Client};

use super::address::Pooler;
use super::{LONG, Postgres, connections, tls};
use crate::storage::{StorageError, Unwiped, tables};

/// What the database warns of beside its answers.
type Said = Arc<Mutex<Vec<String>>>;

/// Vacuums every table that may hold what was erased.
pub(super) fn run(engine: &Postgres) -> Result<Vec<Unwiped>, StorageError> {
    let (client, said) = match engine.wait(connect(engine)) {
        Ok(both) => both,
        // An erasure is not begun anew for this: it is told what is left.
        Err(why) => {
            let left = |table| Unwiped { table, why: why.to_string() };
            return Ok(tables::cleaned().map(left).collect());
        }
    };
    let mut left = Vec::new();
    for table in tables::cleaned() {
        if let Some(why) = clean(engine, &client, table, &said)? {
            left.push(Unwiped { table, why });
        }
    }
    Ok(left)
}

/// A connection of its own, on which somebody listens. A table may take as long as it does; only a lock that somebody
/// keeps is not waited for. A pooler's connection is used by others afterwards, so nothing is set there.
async fn connect(engine: &Postgres) -> Result<(Client, Said), StorageError> {
    let settings = connections::settings(&engine.address, &engine.config);
    let (client, mut connection) = settings.connect(tls::connector(&engine.address)?).await?;
    let said = Said::default();
    let hears = Arc::clone(&said);
    engine.runtime().spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            let AsyncMessage::Notice(notice) = message else { continue };
            if notice.parsed_severity() == Some(Severity::Warning) {
                let mut said = hears.lock().unwrap_or_else(PoisonError::into_inner);
                said.push(notice.message().to_owned());
            }
        }
    });
    if engine.address.pooler == Pooler::None {
        let longest = engine.config.statement_seconds_max;
        for patient in ["statement_timeout = 0", &format!("lock_timeout = '{longest}s'")] {
            // Whoever does not know one has it not.
            drop(client.batch_execute(&format!("SET {patient}")).await);
        }
    }
    Ok((client, said))
}

/// Why the table was not cleaned, if it was not. A database that does not know how cleans up by itself.
fn clean(
    engine: &Postgres,
    client: &Client,
    table: &str,
    said: &Said,
) -> Result<Option<String>, StorageError> {
    let clean = format!("VACUUM \"{table}\"");
    // What was said to whoever connects is of no table.
    said.lock().unwrap_or_else(PoisonError::into_inner).clear();
    let cleaned = engine.wait_for(LONG, async { Ok(client.batch_execute(&clean).await) })?;
    let warned = std::mem::take(&mut *said.lock().unwrap_or_else(PoisonError::into_inner));
    let unknown = [&SqlState::SYNTAX_ERROR, &SqlState::FEATURE_NOT_SUPPORTED];
    match cleaned {
        Ok(()) => Ok(warned.into_iter().next()),
        Err(error) if error.code().is_some_and(|code| unknown.contains(&code)) => Ok(None),
        Err(error) => Ok(Some(StorageError::from(error).to_string())),
    }
}
