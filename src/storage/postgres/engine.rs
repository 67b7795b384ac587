//! The contract, fulfilled.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Postgres, commit, load, locked, vacuum, watch};
use crate::model::Time;
use crate::storage::sql::values;
use crate::storage::{
    Ask, Changes, Committed, Loaded, Moved, Reading, Storage, StorageError, Unwiped, Vitals,
    Wanted, Work, check,
};

/// Duplicate marks forgotten in one go; more wait for the next.
const FORGOTTEN_MAX: u64 = 10_000;
/// How long what was taken of allowances is remembered: somebody who has signed in is known for less.
const ALLOWANCES: Duration = Duration::from_secs(32 * 86_400);

/// What its clock shows at that moment, not at the beginning of the transaction.
const TIME: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

impl Storage for Postgres {
    fn claim(&self, stream: &str, now: Time) -> Result<(), StorageError> {
        let begin = "INSERT INTO stream (id, started_at, written_through) VALUES ($1, $2, 0) \
                     ON CONFLICT (id) DO NOTHING";
        self.change(|database| database.execute(begin, values![stream, now.micros()]))?;
        Ok(())
    }

    /// Asks what a round would ask, over a connection of the rounds.
    fn is_there(&self) -> Result<(), StorageError> {
        self.load(&Wanted::default()).map(drop)
    }

    /// Whether there can be new connections: those that are left may lead nowhere.
    fn reopen(&self) -> Result<(), StorageError> {
        self.let_go();
        self.pool.pool.retain(|_, _| false);
        self.rounds.pool.retain(|_, _| false);
        self.ask(|database| database.number("SELECT format FROM kith_format WHERE id = 1", &[]))?;
        Ok(())
    }

    fn load(&self, wanted: &Wanted) -> Result<Loaded, StorageError> {
        load::load(self, wanted)
    }

    fn commit(&self, changes: &Changes) -> Result<Committed, StorageError> {
        commit::commit(self, changes)
    }

    fn locked(&self, rows: &Moved) -> Result<Moved, StorageError> {
        locked::locked(self, rows)
    }

    fn read(&self, moment: Reading, ask: &mut Ask<'_>) -> Result<(), StorageError> {
        match moment {
            Reading::Each => self.ask(|database| ask(database)),
            Reading::AtOneMoment => self.look(|database| ask(database)),
        }
    }

    fn write(&self, work: &mut Work<'_>) -> Result<(), StorageError> {
        self.change_if(|database| Ok(((), work(database)?)))
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn watch_config(&self, changed: Arc<dyn Fn() + Send + Sync>) {
        watch::start(self, changed);
    }

    fn announcement(&self) -> Option<&'static str> {
        self.tells.load(Ordering::Relaxed).then_some(watch::TELL)
    }

    fn asks_time(&self) -> Option<&'static str> {
        Some(TIME)
    }

    /// The database does that itself.
    fn copy_log(&self) -> Result<bool, StorageError> {
        Ok(false)
    }

    fn tidy_up(&self, now: Time) -> Result<bool, StorageError> {
        let day = now.day() - i64::try_from(self.config.duplicate_window_days).unwrap_or(i64::MAX);
        if self.forgotten.load(Ordering::Relaxed) >= day {
            return Ok(false);
        }
        let forget =
            "DELETE FROM seen WHERE hash IN (SELECT hash FROM seen WHERE day < $1 LIMIT $2)";
        let gone = self.change(|database| database.execute(forget, values![day, FORGOTTEN_MAX]))?;
        if gone < FORGOTTEN_MAX {
            (self as &dyn Storage).forget_allowances(now.minus(ALLOWANCES))?;
            self.forgotten.store(day, Ordering::Relaxed);
        }
        Ok(true)
    }

    /// The server gives the room of deleted rows to new ones. When it is written over is the
    /// server's business (see `docs/operations.md`).
    fn wipe(&self) -> Result<Vec<Unwiped>, StorageError> {
        vacuum::run(self)
    }

    fn vitals(&self) -> Vitals {
        let (rounds, others) = (self.rounds.usage(), self.pool.usage());
        Vitals { rounds, others, doubts: self.doubted.all() }
    }

    fn key(&self) -> [u8; 32] {
        self.key
    }

    fn check(&self) -> Result<Vec<String>, StorageError> {
        self.patiently(&self.begins.look, check::check)
    }
}
