//! The contract, fulfilled.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::{Sqlite, anew, checkpoint, commit, load, trim};
use crate::model::{Profile, Time};
use crate::storage::{
    Changes, Committed, Counted, Loaded, SessionRow, Storage, StorageError, StoredToken,
    StoredUser, TailRow, Wanted, sql,
};

impl Storage for Sqlite {
    fn claim(&self, stream: &str, now: Time) -> Result<(), StorageError> {
        self.write(|connection| {
            let transaction = connection.transaction()?;
            let owner = "INSERT INTO meta (key, value) VALUES ('owner', $1) \
                         ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            transaction.execute(owner, [stream])?;
            let begin = "INSERT INTO stream (id, started_at, written_through) VALUES ($1, $2, 0) \
                         ON CONFLICT (id) DO NOTHING";
            transaction.execute(begin, (stream, now.micros()))?;
            Ok(transaction.commit()?)
        })
    }

    fn reopen(&self) -> Result<(), StorageError> {
        anew::run(self)
    }

    fn load(&self, wanted: &Wanted) -> Result<Loaded, StorageError> {
        self.look(|database| load::load(database, wanted))
    }

    fn commit(&self, changes: &Changes) -> Result<Committed, StorageError> {
        self.change(|database| commit::commit(database, changes))?;
        Ok(Committed::Done)
    }

    fn is_shared(&self) -> bool {
        false
    }

    /// Other processes on the folder are few; they are noticed by asking.
    fn watch_config(&self, _: Arc<dyn Fn() + Send + Sync>) {}

    fn copy_log(&self) -> Result<bool, StorageError> {
        checkpoint::run(self)
    }

    fn tidy_up(&self, now: Time) -> Result<(), StorageError> {
        let day = now.day() - i64::try_from(self.config.duplicate_window_days).unwrap_or(i64::MAX);
        trim::forget_marks(self, day)?;
        trim::tail(self)
    }

    fn tail(&self, visit: &mut dyn FnMut(TailRow) -> ControlFlow<()>) -> Result<(), StorageError> {
        self.look(|database| sql::tail(database, visit))
    }

    fn unfolded(&self, visit: &mut dyn FnMut(TailRow)) -> Result<(), StorageError> {
        self.look(|database| trim::unfolded(database, visit))
    }

    fn profile(&self, id: &str) -> Result<Option<Profile>, StorageError> {
        self.look(|database| sql::profile(database, id))
    }

    fn session(&self, id: &str) -> Result<Option<SessionRow>, StorageError> {
        self.look(|database| sql::session(database, id))
    }

    fn count(&self, what: Counted) -> Result<u64, StorageError> {
        self.look(|database| sql::count(database, what))
    }

    fn config(&self, kind: &str) -> Result<Vec<(String, String)>, StorageError> {
        self.look(|database| sql::config(database, kind))
    }

    fn config_version(&self) -> Result<i64, StorageError> {
        self.look(sql::config_version)
    }

    fn user(&self, email: &str) -> Result<Option<StoredUser>, StorageError> {
        Ok(self.look(|database| sql::users(database, Some(email)))?.pop())
    }

    fn users(&self) -> Result<Vec<StoredUser>, StorageError> {
        self.look(|database| sql::users(database, None))
    }

    fn token(&self, hash: &str) -> Result<Option<StoredToken>, StorageError> {
        self.look(|database| sql::token(database, hash))
    }

    fn key(&self) -> [u8; 32] {
        self.key
    }

    fn check(&self) -> Result<Vec<String>, StorageError> {
        let mut problems = self.look(integrity)?;
        problems.extend(self.look(sql::check)?);
        Ok(problems)
    }
}

/// What SQLite says of its own file.
pub(super) fn integrity(database: &mut dyn sql::Sql) -> Result<Vec<String>, StorageError> {
    let verdict = database.text("PRAGMA integrity_check", &[])?.unwrap_or_default();
    let said = format!("SQLite's integrity check says: {verdict}");
    Ok(if verdict == "ok" { Vec::new() } else { vec![said] })
}
