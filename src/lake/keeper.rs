//! The lake's own thread: flushes, merges, expires, sweeps; whatever is due.
//!
//! It weighs as much as others: now and then it writes to the database, and rounds wait for that.
//! What takes long runs on a thread that weighs less.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::compact::Eagerness;
use super::eraser::Eraser;
use super::turns::Turns;
use super::{Lake, LakeError};
use crate::committer::Committer;
use crate::hashing::Hashing;
use crate::registry::Registry;

/// How often it looks whether something is due.
const TICK: Duration = Duration::from_millis(500);
/// How long it waits after a failure: files would be written again and again for nothing.
const PAUSE: Duration = Duration::from_secs(5);
/// How often files are merged, retention is applied and replaced files are removed.
const CARE: Duration = Duration::from_secs(30);
/// How often a node says that it lives.
const SIGN: Duration = Duration::from_secs(5);
/// How often it looks for files that nobody knows.
const SWEEP: Duration = Duration::from_secs(3600);

/// The thread. Stopped, it ends after what it is doing.
#[derive(Debug)]
pub struct Keeper {
    lake: Arc<Lake>,
    wake: SyncSender<()>,
    thread: JoinHandle<()>,
    eraser: Eraser,
}

/// What it works with.
struct Work {
    lake: Arc<Lake>,
    registry: Arc<Registry>,
    committer: Committer,
    /// What this node may do, where there are several.
    turns: Turns,
    /// When it has last said that it lives.
    signed: Option<Duration>,
    /// When each was done last, by the monotonic clock.
    flushed: Duration,
    cared: Duration,
    swept: Duration,
    /// For which day, and which version of the sources, retention was applied: it counts in whole
    /// days, and looks into every old file.
    expired: Option<(i64, i64)>,
    /// Said once, not twice a second.
    complained: bool,
}

/// What a look at the tail has left there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// Nothing that cannot wait for the next look.
    Little,
    /// More than a portion: the next look is now.
    Much,
}

impl Keeper {
    /// Starts it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        lake: Arc<Lake>,
        committer: Committer,
        registry: Arc<Registry>,
        hashing: Hashing,
    ) -> Result<Self, LakeError> {
        let (wake, woken) = sync_channel(1);
        let now = lake.clock.elapsed();
        let (flushed, cared, swept) = (now, now, now);
        let turns = Turns::new(&lake);
        let (others, door) = (Arc::clone(&lake), committer.clone());
        let eraser = Eraser::start(others, door, hashing, turns.clone())?;
        let work = Work {
            lake: Arc::clone(&lake),
            registry,
            committer,
            turns,
            signed: None,
            flushed,
            cared,
            swept,
            expired: None,
            complained: false,
        };
        let builder = std::thread::Builder::new().name("kith-lake".to_owned());
        let thread = builder.spawn(move || work.run(&woken)).map_err(LakeError::disk)?;
        Ok(Self { lake, wake, thread, eraser })
    }

    /// Ends it.
    pub fn stop(self) {
        drop(self.wake);
        // Nobody waits for S3 then; what is not done is done after the next start.
        self.lake.files.close();
        if self.thread.join().is_err() {
            tracing::error!("the lake's thread had panicked");
        }
        self.eraser.stop();
    }
}

impl Work {
    fn run(mut self, woken: &Receiver<()>) {
        let mut wait = TICK;
        while matches!(woken.recv_timeout(wait), Ok(()) | Err(RecvTimeoutError::Timeout)) {
            let done = self.due();
            wait = match done {
                Ok(Left::Much) => Duration::ZERO,
                Ok(Left::Little) => TICK,
                Err(_) => PAUSE,
            };
            match done {
                Ok(_) => self.complained = false,
                Err(_) if self.complained => {}
                Err(error) => {
                    tracing::warn!(%error, "a job of the lake failed; it is tried again");
                    self.complained = true;
                }
            }
        }
        self.turns.end(&self.lake, &self.committer);
    }

    /// When one of them fails, the others are done all the same.
    fn due(&mut self) -> Result<Left, LakeError> {
        let now = self.lake.clock.elapsed();
        self.sign(now)?;
        let left = self.flush(now);
        let mut done = Ok(());
        if now.saturating_sub(self.cared) >= CARE {
            done = self.care().map(|()| self.cared = now);
        }
        if now.saturating_sub(self.swept) >= SWEEP {
            let swept = self.sweep().map(|()| self.swept = now);
            done = done.and(swept);
        }
        done.and(left)
    }

    /// Says that this node lives.
    fn sign(&mut self, now: Duration) -> Result<(), LakeError> {
        if self.signed.is_none_or(|signed| now.saturating_sub(signed) >= SIGN) {
            self.turns.keep_own(&self.lake, &self.committer)?;
            self.signed = Some(now);
        }
        Ok(())
    }

    fn sweep(&self) -> Result<(), LakeError> {
        if self.turns.may_care(&self.lake)? {
            self.lake.sweep_unknown()?;
        }
        Ok(())
    }

    fn flush(&mut self, now: Duration) -> Result<Left, LakeError> {
        let tail = self.lake.storage.tail_size()?;
        let config = &self.lake.config;
        let is_full = tail.events >= config.flush_events || tail.bytes >= config.flush_bytes;
        let waited = now.saturating_sub(self.flushed);
        let is_old = waited >= Duration::from_secs(config.flush_seconds);
        self.lake.telemetry.lake(tail.events, tail.files, tail.file_bytes);
        if tail.bytes == 0 || !(is_full || is_old) {
            return Ok(Left::Little);
        }
        let streams = self.turns.streams(&self.lake)?;
        let flushed = self.lake.flush_of(streams.as_deref())?;
        self.lake.telemetry.flushed(flushed.events, self.lake.clock.elapsed() - now);
        // What waits behind a full portion is as old.
        self.flushed = if flushed.more { self.flushed } else { now };
        Ok(if flushed.more { Left::Much } else { Left::Little })
    }

    fn care(&mut self) -> Result<(), LakeError> {
        self.lake.rest();
        if !self.turns.may_care(&self.lake)? {
            return self.lake.forget_copies();
        }
        let compacted = self.lake.compact(Eagerness::WhenWorthIt);
        let expired = self.expire();
        let swept = self.lake.sweep();
        let replaced = compacted.as_ref().map_or(0, |done| done.replaced);
        let (gone, removed) = (expired.as_ref().ok(), swept.as_ref().ok());
        let count = (gone.copied().unwrap_or(0), removed.copied().unwrap_or(0));
        self.lake.telemetry.cared(replaced, count.0, count.1);
        compacted.map(drop).and(expired.map(drop)).and(swept.map(drop))
    }

    /// How many events were too old.
    fn expire(&mut self) -> Result<u64, LakeError> {
        let known = self.registry.now();
        let due = (self.lake.now().day(), known.version());
        if self.expired == Some(due) {
            return Ok(0);
        }
        let expired = self.lake.expire(&known)?.events;
        self.expired = Some(due);
        Ok(expired)
    }
}
