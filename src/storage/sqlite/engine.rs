//! The contract, fulfilled.

use std::ops::ControlFlow;

use super::{Sqlite, catalogue, check, checkpoint, commit, load, lock, open, read, rows};
use crate::model::{Profile, Time};
use crate::storage::{
    Changes, Counted, Loaded, SessionRow, Storage, StorageError, StoredToken, StoredUser, TailRow,
    Wanted,
};

/// Duplicate marks forgotten in one go; more wait for the next.
const FORGOTTEN_MAX: i64 = 10_000;
/// Rounds that leave the tail in one go: rounds to come wait for no longer than that takes.
const TRIMMED_MAX: i64 = 200;

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
        lock(&self.readers).clear();
        *lock(&self.keeper) = None;
        let mut writer = lock(&self.writer);
        // Closed first: the new connection must read the log from disk, not from shared memory.
        *writer = None;
        *writer = Some(open::writer(&self.path, &self.config)?);
        Ok(())
    }

    fn load(&self, wanted: &Wanted) -> Result<Loaded, StorageError> {
        self.read(|connection| load::load(connection, wanted))
    }

    fn commit(&self, changes: &Changes) -> Result<(), StorageError> {
        self.write(|connection| commit::commit(connection, changes))
    }

    fn copy_log(&self) -> Result<(), StorageError> {
        checkpoint::run(self)
    }

    fn tidy_up(&self, now: Time) -> Result<(), StorageError> {
        let day = now.day() - i64::try_from(self.config.duplicate_window_days).unwrap_or(i64::MAX);
        let forget =
            "DELETE FROM seen WHERE hash IN (SELECT hash FROM seen WHERE day < $1 LIMIT $2)";
        let old = "SELECT hash FROM seen WHERE day < $1 LIMIT 1";
        if self.read(|connection| rows::one(connection, old, [day], |_| Ok(())))?.is_some() {
            self.write(|connection| Ok(connection.execute(forget, [day, FORGOTTEN_MAX])?))?;
        }
        self.write(|connection| catalogue::trim(connection, TRIMMED_MAX))
    }

    fn tail(&self, visit: &mut dyn FnMut(TailRow) -> ControlFlow<()>) -> Result<(), StorageError> {
        self.read(|connection| read::tail(connection, visit))
    }

    fn unfolded(&self, visit: &mut dyn FnMut(TailRow)) -> Result<(), StorageError> {
        self.read(|connection| read::unfolded(connection, visit))
    }

    fn profile(&self, id: &str) -> Result<Option<Profile>, StorageError> {
        self.read(|connection| read::profile(connection, id))
    }

    fn session(&self, id: &str) -> Result<Option<SessionRow>, StorageError> {
        self.read(|connection| read::session(connection, id))
    }

    fn count(&self, what: Counted) -> Result<u64, StorageError> {
        self.read(|connection| read::count(connection, what))
    }

    fn config(&self, kind: &str) -> Result<Vec<(String, String)>, StorageError> {
        self.read(|connection| read::config(connection, kind))
    }

    fn config_version(&self) -> Result<i64, StorageError> {
        self.read(read::config_version)
    }

    fn user(&self, email: &str) -> Result<Option<StoredUser>, StorageError> {
        self.read(|connection| Ok(read::users(connection, Some(email))?.pop()))
    }

    fn users(&self) -> Result<Vec<StoredUser>, StorageError> {
        self.read(|connection| read::users(connection, None))
    }

    fn token(&self, hash: &str) -> Result<Option<StoredToken>, StorageError> {
        self.read(|connection| read::token(connection, hash))
    }

    fn key(&self) -> [u8; 32] {
        self.key
    }

    fn check(&self) -> Result<Vec<String>, StorageError> {
        self.read(check::check)
    }
}
