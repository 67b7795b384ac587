//! What PostgreSQL's errors mean for the caller.

use tokio_postgres::error::SqlState;

use crate::storage::StorageError;

/// The message and its code; never the detail, which holds values.
impl From<tokio_postgres::Error> for StorageError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(said) = error.as_db_error() else {
            return Self::Failed(format!("the connection to PostgreSQL: {}", chain(&error)));
        };
        let text = format!("{} ({})", said.message(), said.code().code());
        if is_full(said.code()) {
            Self::Full(text)
        } else if may_be_repeated(said.code()) {
            Self::Again(text)
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
        Self::Failed(format!("no connection to PostgreSQL: {error}"))
    }
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
    code.is_none_or(|code| unknown.contains(&code))
}
