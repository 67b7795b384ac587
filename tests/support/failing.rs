//! A storage that fails when it is told to.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kith::model::{Profile, Time};
use kith::storage::{
    Changes, Committed, Counted, DataFile, ErasureReport, ErasureRow, LakeChange, LakeStorage,
    LakeView, Landed, Loaded, Moved, PeopleKind, PeopleRow, Portion, SessionRow, Storage,
    StorageError, StoredToken, StoredUser, TailRow, TailSeen, TailSize, Waiting, Wanted,
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

    fn reopen(&self) -> Result<(), StorageError> {
        if self.plan.down.load(Ordering::SeqCst) { Err(failed()) } else { self.inner.reopen() }
    }

    fn watch_config(&self, changed: Arc<dyn Fn() + Send + Sync>) {
        self.inner.watch_config(changed);
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
    fn copy_log(&self) -> Result<bool, StorageError> {
        self.inner.copy_log()
    }
    fn tidy_up(&self, now: Time) -> Result<(), StorageError> {
        self.inner.tidy_up(now)
    }
    fn tail(&self, visit: &mut dyn FnMut(TailRow) -> ControlFlow<()>) -> Result<(), StorageError> {
        self.inner.tail(visit)
    }
    fn unfolded(&self, visit: &mut dyn FnMut(TailRow)) -> Result<(), StorageError> {
        self.inner.unfolded(visit)
    }
    fn profile(&self, id: &str) -> Result<Option<Profile>, StorageError> {
        self.inner.profile(id)
    }
    fn session(&self, id: &str) -> Result<Option<SessionRow>, StorageError> {
        self.inner.session(id)
    }
    fn count(&self, what: Counted) -> Result<u64, StorageError> {
        self.inner.count(what)
    }
    fn config(&self, kind: &str) -> Result<Vec<(String, String)>, StorageError> {
        self.inner.config(kind)
    }
    fn config_version(&self) -> Result<i64, StorageError> {
        self.inner.config_version()
    }
    fn user(&self, email: &str) -> Result<Option<StoredUser>, StorageError> {
        self.inner.user(email)
    }
    fn users(&self) -> Result<Vec<StoredUser>, StorageError> {
        self.inner.users()
    }
    fn token(&self, hash: &str) -> Result<Option<StoredToken>, StorageError> {
        self.inner.token(hash)
    }
    fn key(&self) -> [u8; 32] {
        self.inner.key()
    }
    fn check(&self) -> Result<Vec<String>, StorageError> {
        self.inner.check()
    }
}

impl LakeStorage for Failing {
    fn commit_lake(&self, change: &LakeChange) -> Result<Landed, StorageError> {
        let number = self.plan.lake_commits.fetch_add(1, Ordering::SeqCst) + 1;
        let is = |at: &AtomicU64| at.load(Ordering::SeqCst) == number;
        if self.plan.down.load(Ordering::SeqCst) || is(&self.plan.lake_before) {
            return Err(failed());
        }
        let landed = self.inner.commit_lake(change)?;
        if is(&self.plan.lake_after) { Err(failed()) } else { Ok(landed) }
    }

    fn waiting(
        &self,
        portion: Portion,
        streams: Option<&[Arc<str>]>,
    ) -> Result<Waiting, StorageError> {
        self.inner.waiting(portion, streams)
    }
    fn lease(
        &self,
        name: &str,
        holder: &str,
        now: Time,
        length: Duration,
    ) -> Result<bool, StorageError> {
        self.inner.lease(name, holder, now, length)
    }
    fn streams_waiting(&self) -> Result<Vec<Arc<str>>, StorageError> {
        self.inner.streams_waiting()
    }
    fn lake(&self, seen: &TailSeen) -> Result<LakeView, StorageError> {
        self.inner.lake(seen)
    }
    fn files(&self) -> Result<Vec<DataFile>, StorageError> {
        self.inner.files()
    }
    fn locate(&self, folder: &str) -> Result<(), StorageError> {
        self.inner.locate(folder)
    }
    fn expire_snapshots(&self, now: Time, grace: Duration) -> Result<Vec<String>, StorageError> {
        self.inner.expire_snapshots(now, grace)
    }
    fn forget_files(&self, paths: &[String]) -> Result<(), StorageError> {
        self.inner.forget_files(paths)
    }
    fn known_paths(&self) -> Result<Vec<String>, StorageError> {
        self.inner.known_paths()
    }
    fn tail_size(&self) -> Result<TailSize, StorageError> {
        self.inner.tail_size()
    }
    fn people(
        &self,
        kind: PeopleKind,
        after: &str,
        limit: usize,
    ) -> Result<Vec<PeopleRow>, StorageError> {
        self.inner.people(kind, after, limit)
    }
    fn erasures(&self) -> Result<Vec<ErasureRow>, StorageError> {
        self.inner.erasures()
    }
    fn erasure(&self, id: &str) -> Result<Option<ErasureReport>, StorageError> {
        self.inner.erasure(id)
    }
    fn wipe(&self) -> Result<(), StorageError> {
        self.inner.wipe()
    }
}
