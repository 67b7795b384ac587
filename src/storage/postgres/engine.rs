//! The contract, fulfilled.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{AT_ONE_MOMENT, Postgres, commit, load, watch};
use crate::model::{Profile, Time};
use crate::storage::sql::values;
use crate::storage::{
    Changes, Committed, Counted, Loaded, SessionRow, Storage, StorageError, StoredToken,
    StoredUser, TailRow, Wanted, sql,
};

/// Duplicate marks forgotten in one go; more wait for the next.
const FORGOTTEN_MAX: u64 = 10_000;

impl Storage for Postgres {
    fn claim(&self, stream: &str, now: Time) -> Result<(), StorageError> {
        let begin = "INSERT INTO stream (id, started_at, written_through) VALUES ($1, $2, 0) \
                     ON CONFLICT (id) DO NOTHING";
        self.change(|database| database.execute(begin, values![stream, now.micros()]))?;
        Ok(())
    }

    /// Whether there can be new connections: those that are left may lead nowhere.
    fn reopen(&self) -> Result<(), StorageError> {
        self.let_go();
        self.pool.retain(|_, _| false);
        self.rounds.retain(|_, _| false);
        self.ask(|database| database.number("SELECT format FROM kith_format WHERE id = 1", &[]))?;
        Ok(())
    }

    fn load(&self, wanted: &Wanted) -> Result<Loaded, StorageError> {
        load::load(self, wanted)
    }

    fn commit(&self, changes: &Changes) -> Result<Committed, StorageError> {
        commit::commit(self, changes)
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn watch_config(&self, changed: Arc<dyn Fn() + Send + Sync>) {
        watch::start(self, changed);
    }

    /// The database does that itself.
    fn copy_log(&self) -> Result<bool, StorageError> {
        Ok(false)
    }

    fn tidy_up(&self, now: Time) -> Result<(), StorageError> {
        let day = now.day() - i64::try_from(self.config.duplicate_window_days).unwrap_or(i64::MAX);
        if self.forgotten.load(Ordering::Relaxed) >= day {
            return Ok(());
        }
        let forget =
            "DELETE FROM seen WHERE hash IN (SELECT hash FROM seen WHERE day < $1 LIMIT $2)";
        let gone = self.change(|database| database.execute(forget, values![day, FORGOTTEN_MAX]))?;
        if gone < FORGOTTEN_MAX {
            self.forgotten.store(day, Ordering::Relaxed);
        }
        Ok(())
    }

    fn tail(&self, visit: &mut dyn FnMut(TailRow) -> ControlFlow<()>) -> Result<(), StorageError> {
        self.look(|database| sql::tail(database, visit))
    }

    /// Nothing is held back where others write too.
    fn unfolded(&self, _: &mut dyn FnMut(TailRow)) -> Result<(), StorageError> {
        Ok(())
    }

    fn profile(&self, id: &str) -> Result<Option<Profile>, StorageError> {
        self.look(|database| sql::profile(database, id))
    }

    fn session(&self, id: &str) -> Result<Option<SessionRow>, StorageError> {
        self.ask(|database| sql::session(database, id))
    }

    fn count(&self, what: Counted) -> Result<u64, StorageError> {
        self.ask(|database| sql::count(database, what))
    }

    fn config(&self, kind: &str) -> Result<Vec<(String, String)>, StorageError> {
        self.ask(|database| sql::config(database, kind))
    }

    fn config_version(&self) -> Result<i64, StorageError> {
        self.ask(sql::config_version)
    }

    fn user(&self, email: &str) -> Result<Option<StoredUser>, StorageError> {
        Ok(self.ask(|database| sql::users(database, Some(email)))?.pop())
    }

    fn users(&self) -> Result<Vec<StoredUser>, StorageError> {
        self.ask(|database| sql::users(database, None))
    }

    fn token(&self, hash: &str) -> Result<Option<StoredToken>, StorageError> {
        self.ask(|database| sql::token(database, hash))
    }

    fn key(&self) -> [u8; 32] {
        self.key
    }

    fn check(&self) -> Result<Vec<String>, StorageError> {
        self.patiently(AT_ONE_MOMENT, sql::check)
    }
}
