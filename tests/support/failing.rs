//! A storage that fails when it is told to.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use kith::model::Time;
use kith::storage::{
    Ask, Changes, Committed, Loaded, Moved, Reading, Settled, Sql, Storage, StorageError, Unwiped,
    Value, Visit, Vitals, Wanted, Work,
};

/// What is to go wrong.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The commit with this number fails before it is done.
    pub(crate) before: AtomicU64,
    /// The commit with this number is done, and then reported as failed: what a failed fsync is.
    pub(crate) after: AtomicU64,
    /// The commit with this number panics: a defect of ours.
    pub(crate) panics: AtomicU64,
    /// The same while the round after so many commits is loaded.
    pub(crate) panics_in_load: AtomicU64,
    /// While set, commits and opening anew fail.
    pub(crate) down: AtomicBool,
    /// While set, commits wait.
    pub(crate) slow: AtomicBool,
    /// While set, loading fails.
    pub(crate) blind: AtomicBool,
    /// The commit with this number is not done, since another node was faster.
    pub(crate) moved: AtomicU64,
    /// What somebody else does before the next commit: where, and in SQL.
    pub(crate) meanwhile: Mutex<Option<(String, String)>>,
    /// Commits so far.
    pub(crate) commits: AtomicU64,
    /// The same three for the lake's changes.
    pub(crate) lake_before: AtomicU64,
    pub(crate) lake_after: AtomicU64,
    pub(crate) lake_commits: AtomicU64,
    /// A call of jobs, or the beginning of a statement, and what becomes of it as long as this is so.
    pub(crate) spoiled: Mutex<Option<(&'static str, Spoil)>>,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoil {
    Fails,
    Panics,
    /// Until it is no longer spoiled.
    Waits,
}

impl Plan {
    pub(crate) fn spoil(&self, what: Option<(&'static str, Spoil)>) {
        *self.spoiled.lock().unwrap() = what;
    }

    fn meet(&self, call: &str) -> Result<(), StorageError> {
        loop {
            let spoiled = *self.spoiled.lock().unwrap();
            match spoiled.filter(|(begins, _)| call.starts_with(begins)) {
                Some((_, Spoil::Fails)) => return Err(failed()),
                Some((_, Spoil::Panics)) => panic!("planned"),
                Some((_, Spoil::Waits)) => std::thread::yield_now(),
                None => return Ok(()),
            }
        }
    }
}

pub(crate) struct Failing {
    pub(crate) inner: Arc<dyn Storage>,
    pub(crate) plan: Arc<Plan>,
}

fn failed() -> StorageError {
    StorageError::Failed("planned".to_owned())
}

impl Storage for Failing {
    fn commit(&self, changes: &Changes) -> Result<Committed, StorageError> {
        while self.plan.slow.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        if let Some((url, sql)) = self.plan.meanwhile.lock().unwrap().take() {
            super::postgres::ask(&url, &sql).unwrap();
        }
        let number = self.plan.commits.fetch_add(1, Ordering::SeqCst) + 1;
        let is = |at: &AtomicU64| at.load(Ordering::SeqCst) == number;
        if self.plan.down.load(Ordering::SeqCst) || is(&self.plan.before) {
            return Err(failed());
        }
        assert!(!is(&self.plan.panics), "planned");
        if is(&self.plan.moved) {
            return Ok(Committed::Moved(Moved::default()));
        }
        let committed = self.inner.commit(changes)?;
        if is(&self.plan.after) { Err(failed()) } else { Ok(committed) }
    }

    fn is_there(&self) -> Result<(), StorageError> {
        if self.plan.blind.load(Ordering::SeqCst) { Err(failed()) } else { self.inner.is_there() }
    }

    fn reopen(&self) -> Result<(), StorageError> {
        if self.plan.down.load(Ordering::SeqCst) { Err(failed()) } else { self.inner.reopen() }
    }

    fn watch_config(&self, changed: Arc<dyn Fn() + Send + Sync>) {
        self.inner.watch_config(changed);
    }
    fn announcement(&self) -> Option<&'static str> {
        self.inner.announcement()
    }
    fn asks_time(&self) -> Option<&'static str> {
        self.inner.asks_time()
    }
    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }
    fn claim(&self, stream: &str, now: Time) -> Result<(), StorageError> {
        self.inner.claim(stream, now)
    }
    fn load(&self, wanted: &Wanted) -> Result<Loaded, StorageError> {
        let commits = self.plan.commits.load(Ordering::SeqCst);
        let panics = |at: &AtomicU64| {
            at.compare_exchange(commits, 0, Ordering::SeqCst, Ordering::SeqCst).is_ok()
        };
        assert!(commits == 0 || !panics(&self.plan.panics_in_load), "planned");
        if self.plan.blind.load(Ordering::SeqCst) { Err(failed()) } else { self.inner.load(wanted) }
    }
    fn locked(&self, rows: &Moved) -> Result<Moved, StorageError> {
        self.inner.locked(rows)
    }
    fn copy_log(&self) -> Result<bool, StorageError> {
        self.plan.meet("copy_log")?;
        self.inner.copy_log()
    }
    fn tidy_up(&self, now: Time) -> Result<bool, StorageError> {
        self.plan.meet("tidy_up")?;
        self.inner.tidy_up(now)
    }
    fn read(&self, moment: Reading, ask: &mut Ask<'_>) -> Result<(), StorageError> {
        self.inner.read(moment, &mut |database| {
            ask(&mut Spy { inner: database, plan: &self.plan, number: &mut None })
        })
    }
    fn write(&self, work: &mut Work<'_>) -> Result<(), StorageError> {
        let mut number = None;
        let written = self.inner.write(&mut |database| -> Result<Settled, StorageError> {
            work(&mut Spy { inner: database, plan: &self.plan, number: &mut number })
        });
        let fails = number.is_some_and(|one| self.plan.lake_after.load(Ordering::SeqCst) == one);
        written.and(if fails { Err(failed()) } else { Ok(()) })
    }
    fn wipe(&self) -> Result<Vec<Unwiped>, StorageError> {
        self.inner.wipe()
    }
    fn vitals(&self) -> Vitals {
        self.inner.vitals()
    }

    fn key(&self) -> [u8; 32] {
        self.inner.key()
    }
    fn check(&self) -> Result<Vec<String>, StorageError> {
        self.inner.check()
    }
}

/// A lake's change, known by the snapshot that it opens.
const OPENS_A_SNAPSHOT: &str = "INSERT INTO ducklake_snapshot ";

/// Listens to a transaction, and lets it fail where the plan says so.
struct Spy<'a> {
    inner: &'a mut dyn Sql,
    plan: &'a Plan,
    /// The number of the lake's change that this is, once it is known to be one.
    number: &'a mut Option<u64>,
}

impl Sql for Spy<'_> {
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StorageError> {
        self.plan.meet(sql)?;
        self.inner.execute(sql, values)
    }

    fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut Visit<'_>,
    ) -> Result<(), StorageError> {
        self.plan.meet(sql)?;
        if sql.starts_with(OPENS_A_SNAPSHOT) {
            let number = self.plan.lake_commits.fetch_add(1, Ordering::SeqCst) + 1;
            *self.number = Some(number);
            let is_planned = self.plan.lake_before.load(Ordering::SeqCst) == number;
            if is_planned || self.plan.down.load(Ordering::SeqCst) {
                return Err(failed());
            }
        }
        self.inner.each(sql, values, visit)
    }

    fn by_code_points(&self) -> &'static str {
        self.inner.by_code_points()
    }
}
