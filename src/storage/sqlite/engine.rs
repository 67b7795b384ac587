//! The contract, fulfilled.

use std::sync::Arc;

use super::{Sqlite, anew, checkpoint, commit, load, trim, wipe};
use crate::model::Time;
use crate::storage::{
    Ask, Changes, Committed, Loaded, Moved, Reading, Sql, Storage, StorageError, Unwiped, Vitals,
    Wanted, Work, check,
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

    fn is_there(&self) -> Result<(), StorageError> {
        self.must_be_in_place()
    }

    fn reopen(&self) -> Result<(), StorageError> {
        let opened = anew::run(self);
        self.forget_waiting();
        opened
    }

    fn load(&self, wanted: &Wanted) -> Result<Loaded, StorageError> {
        let (kept, marks) = self.known_marks(&wanted.marks)?;
        let mut loaded = self.look(|database| load::load(database, wanted, &marks))?;
        loaded.seen.extend(kept);
        Ok(loaded)
    }

    fn remember_marks(&self) -> Result<(), StorageError> {
        self.filter_marks()
    }

    fn commit(&self, changes: &Changes) -> Result<Committed, StorageError> {
        let marks = self.marks_turn(changes)?;
        self.change(|database| commit::commit(database, changes, &marks))?;
        self.marks_turned(&marks, changes);
        Ok(Committed::Done)
    }

    /// Nobody else writes.
    fn locked(&self, _: &Moved) -> Result<Moved, StorageError> {
        Ok(Moved::default())
    }

    /// Always one moment: a read transaction is one lock instead of one a statement.
    fn read(&self, _: Reading, ask: &mut Ask<'_>) -> Result<(), StorageError> {
        self.look(|database| ask(database))
    }

    fn write(&self, work: &mut Work<'_>) -> Result<(), StorageError> {
        self.change_if(|database| Ok(((), work(database)?)))
    }

    fn is_shared(&self) -> bool {
        false
    }

    /// Other processes on the folder are few; they are noticed by asking.
    fn watch_config(&self, _: Arc<dyn Fn() + Send + Sync>) {}

    fn announcement(&self) -> Option<&'static str> {
        None
    }

    /// One process writes to it, by its own clock.
    fn asks_time(&self) -> Option<&'static str> {
        None
    }

    fn copy_log(&self) -> Result<bool, StorageError> {
        checkpoint::run(self)
    }

    fn tidy_up(&self, now: Time) -> Result<bool, StorageError> {
        let day = now.day() - i64::try_from(self.config.duplicate_window_days).unwrap_or(i64::MAX);
        let forgot = trim::forget_marks(self, day)?;
        Ok(trim::tail(self)? || forgot)
    }

    fn wipe(&self) -> Result<Vec<Unwiped>, StorageError> {
        wipe::run(self)?;
        Ok(Vec::new())
    }

    /// It is this process' own.
    fn vitals(&self) -> Vitals {
        Vitals::default()
    }

    fn key(&self) -> [u8; 32] {
        self.key
    }

    fn check(&self) -> Result<Vec<String>, StorageError> {
        let mut problems = self.look(integrity)?;
        problems.extend(self.look(check::check)?);
        Ok(problems)
    }
}

/// What SQLite says of its own file.
pub(super) fn integrity(database: &mut dyn Sql) -> Result<Vec<String>, StorageError> {
    let verdict = database.text("PRAGMA integrity_check", &[])?.unwrap_or_default();
    let said = format!("SQLite's integrity check says: {verdict}");
    Ok(if verdict == "ok" { Vec::new() } else { vec![said] })
}
