//! What PostgreSQL's errors mean for the caller.

use std::error::Error as _;
use std::io::ErrorKind;

use tokio_postgres::error::{DbError, SqlState};

use crate::storage::StorageError;

/// The message and its code; never the detail, which holds values.
impl From<tokio_postgres::Error> for StorageError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(said) = error.as_db_error() else {
            let text = format!("the connection to PostgreSQL: {}", chain(&error));
            return if may_come(&error) { Self::Away(text) } else { Self::Failed(text) };
        };
        let text = format!("{} ({})", said.message(), said.code().code());
        if is_full(said.code()) {
            Self::Full(text)
        } else if may_be_repeated(said.code()) {
            Self::Again(text)
        } else if is_away(said.code()) || is_poolers(said) {
            Self::Away(text)
        } else {
            Self::Failed(text)
        }
    }
}

impl From<deadpool_postgres::PoolError> for StorageError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        if let deadpool_postgres::PoolError::Backend(error) = error {
            return error.into();
        }
        Self::Away(format!("no connection to PostgreSQL: {error}"))
    }
}

/// Whether a connection that failed may succeed later, with the same settings.
fn may_come(error: &tokio_postgres::Error) -> bool {
    let mut cause = error.source();
    while let Some(one) = cause {
        if let Some(io) = one.downcast_ref::<std::io::Error>() {
            // What a handshake that came to nothing looks like.
            return !matches!(io.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput);
        }
        cause = one.source();
    }
    error.is_closed() || error.to_string().starts_with("timeout")
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn is_full(code: &SqlState) -> bool {
    [&SqlState::DISK_FULL, &SqlState::OUT_OF_MEMORY].contains(&code)
}

/// It starts, or ends, or has as many clients as it takes.
fn is_away(code: &SqlState) -> bool {
    [
        &SqlState::CANNOT_CONNECT_NOW,
        &SqlState::ADMIN_SHUTDOWN,
        &SqlState::CRASH_SHUTDOWN,
        &SqlState::TOO_MANY_CONNECTIONS,
    ]
    .contains(&code)
}

/// A pooler lost the server, or could not reach it in time, or ends itself (`PgBouncer` says 08P01 of all).
/// What is wrong with the settings stays wrong.
fn is_poolers(said: &DbError) -> bool {
    let of_settings =
        ["no such", "not allowed", "unsupported", "required", "authentication failed"];
    is_of_connection(said.code()) && !of_settings.iter().any(|of| said.message().contains(of))
}

/// Class 08: what happened to the connection, and not in the database.
fn is_of_connection(code: &SqlState) -> bool {
    code.code().starts_with("08")
}

/// The transaction was rolled back because of others: 40001 is what databases that spread answer
/// when two of them met.
fn may_be_repeated(code: &SqlState) -> bool {
    [
        &SqlState::T_R_SERIALIZATION_FAILURE,
        &SqlState::T_R_DEADLOCK_DETECTED,
        &SqlState::LOCK_NOT_AVAILABLE,
    ]
    .contains(&code)
}

/// Whether nobody knows what became of a commit that ended like this.
pub(super) fn is_unclear(error: &tokio_postgres::Error) -> bool {
    let code = error.code();
    let unknown = [
        &SqlState::TRANSACTION_RESOLUTION_UNKNOWN,
        &SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN,
        &SqlState::ADMIN_SHUTDOWN,
        &SqlState::CRASH_SHUTDOWN,
    ];
    code.is_none_or(|code| unknown.contains(&code) || is_of_connection(code))
}
